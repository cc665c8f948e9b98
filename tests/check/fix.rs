//! `Checker::fix`: what a finding's fix does to the text, and that nothing else happens to it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use pushgate::check::{Checked, Checker, rules};
use pushgate::document::Kind;
use pushgate::finding::Finding;

use crate::rendering::{kind_of, render};

/// One for all cases: a schema is compiled when it is first needed.
fn checker() -> &'static Checker {
    static CHECKER: LazyLock<Checker> = LazyLock::new(crate::rendering::checker);
    &CHECKER
}

fn bad_fixtures() -> Vec<(&'static str, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files = Vec::new();
    for rule in rules::all() {
        let Ok(entries) = std::fs::read_dir(root.join(rule.id)) else {
            continue;
        };
        let mut own: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        own.retain(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with("bad") && path.is_file()
        });
        own.sort();
        files.extend(own.into_iter().map(|path| (rule.id, path)));
    }
    files
}

fn family(rule: &str) -> Kind {
    kind_of(rule.split('/').next().unwrap())
}

/// What a person compares: the lines that went and those that came.
fn difference(before: &str, after: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old[same..]
        .iter()
        .rev()
        .zip(new[same..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut shown = String::new();
    for line in &old[same..old.len() - rest] {
        let _ = writeln!(shown, "-{}", line.escape_debug());
    }
    for line in &new[same..new.len() - rest] {
        let _ = writeln!(shown, "+{}", line.escape_debug());
    }
    shown
}

fn words(findings: &[Finding]) -> Vec<(&str, &str)> {
    let mut words: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule.as_str(), finding.message.as_str()))
        .collect();
    words.sort_unstable();
    words
}

/// What always holds; gives the text afterwards.
fn fix(kind: &Kind, bytes: &[u8]) -> (Vec<u8>, Checked) {
    let before = checker().check(kind, "a.yaml", bytes);
    let fixed = checker().fix(kind, "a.yaml", bytes);
    let after = fixed.bytes.unwrap_or_else(|| bytes.to_vec());
    if fixed.checked.fixed == 0 {
        assert_eq!(after, bytes);
    }
    let (was, is) = (words(&before.findings), words(&fixed.checked.findings));
    // Only what could not be read before may come to light.
    let is_uncovered = !before.stream.is_complete() && fixed.checked.stream.is_complete();
    if !is_uncovered {
        assert_eq!(was.len(), is.len() + fixed.checked.fixed);
        let mut left = was;
        for finding in is {
            let at = left.iter().position(|other| *other == finding);
            assert!(at.is_some(), "{finding:?} is new");
            left.remove(at.unwrap());
        }
    }
    let again = checker().fix(kind, "a.yaml", &after);
    assert!(again.bytes.is_none(), "a second run changes the text again");
    (after, fixed.checked)
}

fn fixed(kind: &Kind, text: &str) -> String {
    String::from_utf8(fix(kind, text.as_bytes()).0).unwrap()
}

#[test]
fn what_becomes_of_the_fixtures() {
    let mut shown = String::new();
    let mut offering = BTreeSet::new();
    for (rule, path) in bad_fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let before = checker().check(&family(rule), "a.yaml", &bytes);
        if before.findings.iter().all(|finding| finding.fix.is_none()) {
            continue;
        }
        offering.insert(rule);
        let (after, checked) = fix(&family(rule), &bytes);
        let name = path.file_name().unwrap().to_string_lossy();
        let _ = writeln!(shown, "{rule} {name}: {} fixed", checked.fixed);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        shown.push_str(&difference(&text(&bytes), &text(&after)));
        shown.push_str(&render(&checked));
        shown.push('\n');
    }
    let _ = writeln!(shown, "rules with fixes: {offering:#?}");
    insta::assert_snapshot!(shown);
}

#[test]
fn only_what_is_wrong_changes() {
    let text = "\u{feff}# head\r\nidentifier:   1.10   # as it is\r\ntitel: \"A  B\"\r\nblueprint: b\r\n\r\nproperties:\r\n  language: go\r\n  # who\r\n  relations:\r\n    owner: x # me\r\n\r\n  tier:   1";
    let after = fixed(&Kind::Port, text);
    assert_eq!(
        after,
        "# head\r\nidentifier:   \"1.10\"   # as it is\r\ntitle: \"A  B\"\r\nblueprint: b\r\n\r\nproperties:\r\n  language: go\r\n\r\n  tier:   1\r\n# who\r\nrelations:\r\n  owner: x # me"
    );
}

#[test]
fn relations_leave_the_properties_with_all_that_is_below_them() {
    let entity = |rest: &str| format!("- identifier: a\n  title: A\n  blueprint: b\n{rest}");
    for (before, after) in [
        (
            "  properties:\n    a: 1\n    relations:\n      x: |\n        text\n\n        # more\n      # note\n      y: z\n    b: 2\n  team: t\n",
            None,
        ),
        (
            "  properties:\n    a: 1\n    relations:\n      # note\n      y: z\n\n    b: 2\n  team: t\n",
            Some(
                "  properties:\n    a: 1\n\n    b: 2\n  relations:\n    # note\n    y: z\n  team: t\n",
            ),
        ),
        (
            "  properties:\n    relations:\n      y: z\n",
            Some("  relations:\n    y: z\n"),
        ),
        ("  properties: # of it\n    relations:\n      y: z\n", None),
        (
            "  properties:\n    a: 1\n    relations: { y: z } # flow\n- identifier: c\n  title: C\n  blueprint: b\n",
            Some(
                "  properties:\n    a: 1\n  relations: { y: z } # flow\n- identifier: c\n  title: C\n  blueprint: b\n",
            ),
        ),
        ("  properties: { a: 1, relations: { y: z } }\n", None),
        (
            "  properties:\n    a: 1\n    relations:\n      y: z\n  relations:\n    y: other\n",
            None,
        ),
        // What comes to light below `relations` is another finding.
        (
            "  properties:\n    a: 1\n    relations:\n      y: a b\n",
            None,
        ),
        (
            "  properties:\n    properties:\n        a: 1 # one\n        b: [x,\n          y]\n    c: 2\n",
            Some("  properties:\n    a: 1 # one\n    b: [x,\n      y]\n    c: 2\n"),
        ),
        (
            "  properties:\n    properties:\n      a: 1\n    a: 2\n",
            None,
        ),
    ] {
        let before = entity(before);
        let wanted = after.map_or_else(|| before.clone(), entity);
        assert_eq!(fixed(&Kind::Port, &before), wanted);
    }
}

#[test]
fn what_is_not_certain_is_left_alone() {
    for text in [
        // Two keys that may be meant as one.
        "identifier: a\ntitel: A\ntilte: B\nblueprint: b\n",
        // The right key is there already.
        "identifier: a\ntitle: A\ntitel: B\nblueprint: b\n",
        // The anchor may have other uses.
        "- identifier: &v 12\n  title: A\n  blueprint: b\n",
        "- identifier: !!int 12\n  title: A\n  blueprint: b\n",
    ] {
        let (after, checked) = fix(&Kind::Port, text.as_bytes());
        assert_eq!(
            String::from_utf8(after).unwrap(),
            text,
            "{}",
            render(&checked)
        );
    }
}

#[test]
fn quotes_and_flow_stay() {
    let text = "{\"identifer\": \"7\", 'titel': A, blueprint: b}";
    assert_eq!(
        fixed(&Kind::Port, text),
        "{\"identifier\": \"7\", 'title': A, blueprint: b}"
    );
    let text = "app: a\nenv: b\nnamespace: c\nmanifests: |\n  x\ndeploy:\n  event: \"Push\"\n  branch: !main\n";
    assert_eq!(
        fixed(&Kind::Gimlet, text),
        "app: a\nenv: b\nnamespace: c\nmanifests: |\n  x\ndeploy:\n  event: \"push\"\n  branch: \"!main\"\n"
    );
}

/// A manifest with these lines below its `values`.
fn manifest(values: &str) -> String {
    format!("app: a\nenv: b\nnamespace: c\nchart:\n  name: web\nvalues:\n{values}")
}

#[test]
fn every_template_gets_its_quotes_whatever_comes_to_light() {
    for (values, wanted, findings) in [
        (
            "  tag: {{ .SHA }}\n  host: {{ .APP }}.example.com # here\n  list: [{{ .APP }}, {{ .SHA }}]\n",
            "  tag: \"{{ .SHA }}\"\n  host: \"{{ .APP }}.example.com\" # here\n  list: [\"{{ .APP }}\", \"{{ .SHA }}\"]\n",
            vec![],
        ),
        (
            "  web: {{ .REPO }}:{{ .TAG }}\n  ports: [{{ .PORT }}:80, {{ .PORT }}-tls]\n  list: [\n    {{ .APP }},\n  ]\n  {{ .APP }}-web: 1\n",
            "  web: \"{{ .REPO }}:{{ .TAG }}\"\n  ports: [\"{{ .PORT }}:80\", \"{{ .PORT }}-tls\"]\n  list: [\n    \"{{ .APP }}\",\n  ]\n  \"{{ .APP }}-web\": 1\n",
            vec!["gimlet/template-variable"],
        ),
        // What stands behind it is told, and mended where it can be.
        (
            "  tag: {{ .GIT_SHA }}\ndeploy:\n  event: Push\n  branch: main\n",
            "  tag: \"{{ .GIT_SHA }}\"\ndeploy:\n  event: push\n  branch: main\n",
            vec!["gimlet/template-variable"],
        ),
    ] {
        let text = manifest(values);
        for text in [
            text.clone(),
            format!("\u{feff}{}", text.replace('\n', "\r\n")),
        ] {
            let (after, checked) = fix(&Kind::Gimlet, text.as_bytes());
            let after = String::from_utf8(after).unwrap();
            let is_windows = text.contains('\r');
            assert_eq!(is_windows, after.contains("\r\n"));
            assert_eq!(after.replace("\r\n", "\n"), manifest(wanted));
            let mut rules: Vec<_> = checked.findings.iter().map(|f| f.rule.as_str()).collect();
            rules.sort_unstable();
            assert_eq!(rules, findings);
        }
    }
}

#[test]
fn a_template_that_is_no_value_is_left_alone() {
    for values in [
        // Lines that the template puts in or leaves out.
        "  {{ if eq .BRANCH \"main\" }}\n  replicas: 2\n  {{ end }}\n",
        "  {{ .VALUES }}\n",
        // What ends the reading behind it may come of the quotes.
        "  tag: {{ .SHA }}\n  host: {{ .APP }}.example.com\n\tport: 80\n",
    ] {
        let text = manifest(values);
        assert_eq!(fixed(&Kind::Gimlet, &text), text);
    }
}

#[test]
fn a_line_that_is_put_in_ends_like_the_others() {
    let text = "pipelines:\n  default:\n    - step:\n        script: npm test\n";
    let mended = "pipelines:\n  default:\n    - step:\n        script:\n          - npm test\n";
    for line_end in ["\n", "\r\n"] {
        let (text, mended) = (text.replace('\n', line_end), mended.replace('\n', line_end));
        assert_eq!(fixed(&Kind::Pipelines, &text), mended);
    }
}

#[test]
fn one_fix_that_helps_nothing_keeps_no_other_from_its_place() {
    let good =
        "- identifier: 1\n  title: A\n  blueprint: b\n  properties:\n    relations:\n      y: z\n";
    let mut text = good.replace("1", "0") + &good.replace("y: z", "y: a b");
    for number in 2..40 {
        text.push_str(&good.replace('1', &number.to_string()));
    }
    let (after, checked) = fix(&Kind::Port, text.as_bytes());
    let after = String::from_utf8(after).unwrap();
    assert_eq!(checked.fixed, 40 + 39, "{}", render(&checked));
    assert_eq!(after.matches("    relations:").count(), 1);
}

/// A document of valid parts with mistakes put in.
fn document() -> impl Strategy<Value = String> {
    let line = |choices: &[&'static str]| prop::sample::select(choices.to_vec());
    let entity = (
        line(&[
            "identifier: a",
            "identifier: 12",
            "identifer: a",
            "Identifier: 1.10  # x",
            "\"identifier\": true",
            "identifier: 'a b'",
        ]),
        line(&[
            "title: A",
            "titel: \"A\"",
            "title: 0x1F",
            "tilte: yes\n  titel: no",
            "title:",
        ]),
        line(&[
            "blueprint: b",
            "bluprint: b",
            "blueprint: 3 # number",
            "blueprint: !b",
        ]),
        line(&[
            "",
            "team: 12",
            "team: [1, \"2\", true]",
            "team: { combinator: AND, rules: [] }",
            "icon: 1e3",
            "extra: 1",
        ]),
        line(&[
            "",
            "properties:\n    a: 1\n    relations:\n      x: y\n    b: |\n      # text\n",
            "properties:\n    # all\n    relations:\n      x: 12\n\n",
            "properties:\n    properties:\n      relations:\n        x: y",
            "properties:\n    relations: { x: y } # here\n    c: !tag\n  relations:\n    z: 1",
            "relatons:\n    x: 7",
        ]),
        any::<bool>(),
    )
        .prop_map(|(identifier, title, blueprint, more, block, blank)| {
            let mut lines = vec![identifier, title, blueprint, more, block];
            lines.retain(|line| !line.is_empty());
            let end = if blank { "\n\n  # end\n" } else { "\n" };
            format!("- {}{end}", lines.join("\n  "))
        });
    (
        prop::collection::vec(entity, 1..5),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(entities, mark, carriage, ends)| {
            let mut text = entities.concat();
            if !ends {
                text.truncate(text.trim_end().len());
            }
            if carriage {
                text = text.replace('\n', "\r\n");
            }
            if mark {
                format!("\u{feff}{text}")
            } else {
                text
            }
        })
}

/// The words of a text, as comments and values have them: whatever a fix does, they stay.
fn content(text: &str) -> Vec<String> {
    let quiet: String = text
        .chars()
        .filter(|c| !"\"'\u{feff}".contains(*c))
        .collect();
    let mut words: Vec<String> = quiet
        .split(|c: char| c.is_whitespace())
        .filter(|word| !word.is_empty() && !word.contains(':'))
        .map(str::to_lowercase)
        .collect();
    words.sort();
    words
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mending_loses_nothing_and_comes_to_an_end(text in document()) {
        let (after, _) = fix(&Kind::Port, text.as_bytes());
        let after = String::from_utf8(after).unwrap();
        prop_assert_eq!(content(&text), content(&after));
        prop_assert_eq!(text.contains('\r'), after.contains('\r'));
        prop_assert_eq!(text.ends_with('\n'), after.ends_with('\n'));
        let lone = after.replace("\r\n", "").contains('\r');
        prop_assert!(!lone);
    }

    #[test]
    fn mutated_fixtures_come_to_an_end(
        bytes in prop::sample::select(bad_fixtures().iter().map(|(rule, path)| (family(rule), std::fs::read(path).unwrap())).collect::<Vec<_>>()),
        changes in prop::collection::vec(crate::properties::change(), 0..3),
    ) {
        let (kind, bytes) = bytes;
        fix(&kind, &crate::properties::changed(bytes, &changes));
    }
}
