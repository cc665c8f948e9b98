//! The mistakes that real `port.yaml` files have, and those that Port's documentation and script
//! leave open: each is one finding, at the text to change, whose help is the change.

use pushgate::check::{Checker, Settings};
use pushgate::document::{Kind, OperatorKind};

use crate::rendering::{checker, render};

/// A file with one mistake: what it is, the text, the rule, line and column, and a part of the help.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    (usize, usize),
    &'static str,
);

/// An entity, and what is wrong below it.
macro_rules! entity {
    ($rest:literal) => {
        concat!(
            "identifier: web-shop\ntitle: Web shop\nblueprint: service\n",
            $rest
        )
    };
}

#[rustfmt::skip]
const MISTAKES: &[Case] = &[
    // What cannot be read.
    ("bad indentation", "identifier: web-shop\ntitle: Web shop\n blueprint: service\n",
        "yaml/syntax", (3, 2), "begin `blueprint` at the margin"),
    ("a key deeper than its neighbours", entity!("properties:\n  language: go\n   tier: gold\n"),
        "yaml/syntax", (6, 4), "indent `tier` with 2 spaces"),
    ("list and mapping mixed", entity!("team:\n  - core\n  lead: ann\n"),
        "yaml/syntax", (6, 3), "write `- lead: ann`"),
    ("a list item among the keys", entity!("- identifier: bakery\n"),
        "yaml/syntax", (4, 1), "give the list a key of its own"),
    ("quotes inside of quotes", entity!("properties:\n  motto: \"the \"best\" shop\"\n"),
        "yaml/syntax", (5, 16), "'the \"best\" shop'"),
    ("an apostrophe in single quotes", entity!("properties:\n  motto: 'it's fast'\n"),
        "yaml/syntax", (5, 14), "'it''s fast'"),
    ("a quote that is not closed", "identifier: web-shop\ntitle: \"Web shop\nblueprint: service\n",
        "yaml/syntax", (2, 8), "close it: `\"Web shop\"`"),
    ("a bracket that is not closed", entity!("team: [core, shop\n"),
        "yaml/syntax", (4, 7), "end the list with `]`"),
    ("a second colon", "identifier: web-shop\ntitle: Web: shop\nblueprint: service\n",
        "yaml/syntax", (2, 8), "`title: \"Web: shop\"`"),
    ("no space after the colon", "identifier: web-shop\ntitle:Web shop\nblueprint: service\n",
        "yaml/syntax", (2, 1), "write `title: Web shop`"),
    ("no space after the dash", entity!("team:\n  - core\n  -shop\n"),
        "yaml/syntax", (6, 3), "- "),
    ("a tab", entity!("properties:\n\tlanguage: go\n"),
        "yaml/tab", (5, 1), "replace the tab with spaces"),
    ("a merge conflict", "identifier: a\n<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> b\nblueprint: service\n",
        "yaml/conflict-marker", (2, 1), "keep the lines you want"),
    ("a diff", "@@ -1,2 +1,2 @@\n identifier: a\n-title: A\n+title: B\n blueprint: service\n",
        "yaml/diff", (1, 1), "commit the file itself"),
    ("a template without quotes", entity!("properties:\n  version: {{ .SHA }}\n"),
        "yaml/unquoted-template", (5, 12), "write the value itself in place of `{{ .SHA }}`"),
    ("the same key twice", entity!("title: Shop\n"),
        "yaml/duplicate-key", (4, 1), "keep one of the two"),
    ("several documents", entity!("---\nidentifier: b\ntitle: B\nblueprint: service\n"),
        "yaml/several-documents", (4, 1), "write the entities as one list"),
    // What is read otherwise than it was meant.
    ("an unquoted date", entity!("properties:\n  since: 2026-03-31\n"),
        "yaml/ambiguous-scalar", (5, 10), "write `since: \"2026-03-31\"`"),
    ("an old truth value", entity!("properties:\n  public: yes\n"),
        "yaml/ambiguous-scalar", (5, 11), "or `public: true`"),
    ("a date as the title", "identifier: a\ntitle: 2026-03-31\nblueprint: service\n",
        "yaml/ambiguous-scalar", (2, 8), "write `title: \"2026-03-31\"`"),
    ("an old truth value as the team", entity!("team: no\n"),
        "yaml/ambiguous-scalar", (4, 7), "write `team: \"no\"`"),
    ("a version that is a number", entity!("properties:\n  version: 1.10\n"),
        "yaml/number-text", (5, 12), "write `version: \"1.10\"`"),
    ("a commit that is a number", entity!("properties:\n  commit: 12345e7\n"),
        "yaml/number-text", (5, 11), "write `commit: \"12345e7\"`"),
    ("curly quotes", "identifier: a\ntitle: “A”\nblueprint: service\n",
        "yaml/smart-quotes", (2, 8), "write `title: \"A\"`"),
    ("curly quotes in an identifier", "identifier: “a”\ntitle: A\nblueprint: service\n",
        "port/identifier", (1, 13), "write `identifier: a`"),
    // Keys.
    ("no title", "identifier: web-shop\nblueprint: service\n",
        "port/missing-title", (1, 1), "add the line `title: Web shop`"),
    ("no blueprint", "identifier: web-shop\ntitle: Web shop\n",
        "port/missing-blueprint", (1, 1), "add the line `blueprint: service`"),
    ("no identifier", "title: Web shop\nblueprint: service\n",
        "port/missing-identifier", (1, 1), "add the line `identifier: my-service`"),
    ("a misspelt key", "identifier: web-shop\ntitel: Web shop\nblueprint: service\n",
        "port/missing-title", (2, 1), "rename the key to `title`"),
    ("an unknown key", entity!("apiVersion: v0.1\n"),
        "port/unknown-key", (4, 1), "remove the key"),
    ("relations below properties, with a sibling", entity!("properties:\n  language: go\n  relations:\n  owner: core\n"),
        "port/misplaced-key", (6, 3), "\n  properties:\n    language: go\n  relations:\n    owner: core"),
    ("relations below properties", entity!("properties:\n  relations:\n    owner: core\n"),
        "port/misplaced-key", (5, 3), "indent `relations:` like `properties:`"),
    ("team as a property", entity!("properties:\n  $team: core\n"),
        "port/meta-property", (5, 3), "write `team: core`"),
    ("a meta-property that can only be read", entity!("properties:\n  $createdAt: \"2026-03-31\"\n"),
        "port/meta-property", (5, 3), "remove the line"),
    ("a key with a dot", entity!("properties:\n  app.tier: gold\n"),
        "port/key", (5, 3), "write the key that the blueprint has"),
    ("the same entity twice", "- {identifier: a, title: A, blueprint: b}\n- {identifier: a, title: B, blueprint: b}\n",
        "port/duplicate-entity", (2, 16), "give one another identifier"),
    // Values.
    ("a number as the identifier", "identifier: 123\ntitle: A\nblueprint: service\n",
        "port/type", (1, 13), "write `identifier: \"123\"`"),
    ("a version as the title", "identifier: a\ntitle: 1.10\nblueprint: service\n",
        "port/type", (2, 8), "write `title: \"1.10\"`"),
    ("a number as the team", entity!("team: 007\n"),
        "port/type", (4, 7), "write `team: \"007\"`"),
    ("a blank in the identifier", "identifier: web shop\ntitle: A\nblueprint: service\n",
        "port/identifier", (1, 13), "web-shop"),
    ("two dots as the identifier", "identifier: ..\ntitle: A\nblueprint: service\n",
        "port/identifier", (1, 13), "such as `identifier: my-service`"),
    ("an equals sign in the blueprint", "identifier: a\ntitle: A\nblueprint: a=b\n",
        "port/blueprint", (3, 12), "write the blueprint's identifier"),
    ("a blank in a relation's target", entity!("relations:\n  owner: Ann Smith\n"),
        "port/identifier", (5, 10), "write the identifier of the entity"),
    ("properties in a list", entity!("properties:\n  - language: go\n"),
        "port/type", (5, 3), "without `-` in front"),
    ("properties without a space", entity!("properties:\n  language:go\n"),
        "port/type", (5, 3), "write `language: go`"),
    ("a search with an unknown operator", entity!("relations:\n  owner:\n    combinator: and\n    rules:\n      - {property: $title, operator: \"==\", value: A}\n"),
        "port/search-query", (8, 38), "="),
    ("a search with an unquoted operator", entity!("relations:\n  owner:\n    combinator: and\n    rules:\n      - {property: $title, operator: =, value: A}\n"),
        "yaml/ambiguous-scalar", (8, 38), "write `operator: \"=\"`"),
    ("Port's example", "identifier: some_identifier\ntitle: Some Title\nblueprint: service\nproperties:\n  url: https://example.com\n  readme: string\nrelations:\n  owner: related_entity_identifier\n",
        "port/placeholder", (1, 13), "write the real values"),
    ("a placeholder", entity!("relations:\n  owner: PLACEHOLDER_TEAM\n"),
        "port/placeholder", (5, 10), "write the real value"),
    ("jq", entity!("properties:\n  readme: .readme\n"),
        "port/expression", (5, 11), "write the value itself"),
    ("a longer jq", entity!("properties:\n  name: .metadata.name\n"),
        "port/expression", (5, 9), "write the value itself"),
    ("a template in quotes", entity!("properties:\n  version: \"{{ .SHA }}\"\n"),
        "port/expression", (5, 12), "write the value itself"),
    ("a template as the identifier", "identifier: \"{{ .NAME }}\"\ntitle: A\nblueprint: service\n",
        "port/identifier", (1, 13), "write the name itself in place of the template"),
    ("null in quotes", entity!("properties:\n  tier: \"null\"\n"),
        "port/null-text", (5, 9), "write `tier: null`"),
    ("null in quotes as a relation", entity!("relations:\n  owner: 'null'\n"),
        "port/null-text", (5, 10), "write `owner: null`"),
    // What is no entity at all.
    ("an empty file", "# nothing yet\n", "port/empty", (1, 1), "write an entity"),
    ("a text", "just a text\n", "port/entity", (1, 1), "write `identifier`"),
    ("one text for want of spaces", "identifier:web-shop\ntitle:Web shop\n",
        "port/entity", (1, 1), "write `identifier: web-shop`"),
    ("a wrapper", "entities:\n  - {identifier: a, title: A, blueprint: b}\n",
        "port/entity", (1, 1), "remove the key `entities`"),
    ("Ansible's tasks", "- name: Install\n  become: true\n- name: Start\n  become: true\n",
        "port/entity", (1, 1), "rename the file"),
    ("a pipeline of Concourse", "resources: []\njobs: []\n",
        "port/entity", (1, 1), "rename the file"),
    ("a manifest of Kubernetes", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
        "port/entity", (1, 1), "rename the file"),
    ("an item that is no entity", "- {identifier: a, title: A, blueprint: b}\n- {name: B}\n",
        "port/entity", (2, 4), "write `identifier`, `title` and `blueprint`"),
];

#[test]
fn each_mistake_is_one_finding_with_the_change_that_mends_it() {
    let mut wrong = String::new();
    for (name, text, rule, (line, column), help) in MISTAKES {
        let checked = checker().check(&Kind::Port, "port.yaml", text.as_bytes());
        let is_right = matches!(checked.findings.as_slice(), [only]
            if only.rule.as_str() == *rule
                && (only.location.start.line, only.location.start.column) == (*line, *column)
                && only.help.as_ref().is_some_and(|said| said.contains(help)));
        if !is_right {
            wrong.push_str(&format!(
                "{name}: wanted {rule} at {line}:{column}, {help}\n{}\n",
                render(&checked)
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_port_takes_gives_nothing() {
    let mut wrong = String::new();
    for text in [
        entity!("properties:\nrelations:\n"),
        entity!("team: core\nicon: Microservice\n"),
        entity!("team: [core, shop]\nrelations:\n  owner: null\n  parts: [a, b]\n"),
        entity!("properties:\n  readme: file://./README.md\n  stars: 12\n  spec: {type: string}\n"),
        entity!("properties:\n  ratio: 0.5\n  weight: 1.0\n  mask: 0xFF\n  none: ~\n  key: y\n"),
        "{\"identifier\": \"a\", \"title\": \"A\", \"blueprint\": \"b\"}\n",
    ] {
        let checked = checker().check(&Kind::Port, "port.yaml", text.as_bytes());
        if !checked.findings.is_empty() {
            wrong.push_str(&format!("{text}{}\n", render(&checked)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The rules of a text's values, for another consumer than Port.
fn about_values(checker: &Checker, kind: &Kind, path: &str, text: &str) -> Vec<String> {
    let checked = checker.check(kind, path, text.as_bytes());
    let findings = checked.findings.iter();
    findings
        .filter(|finding| finding.rule.as_str().starts_with("yaml/"))
        .map(|finding| format!("{} {}", finding.rule, finding.message))
        .collect()
}

#[test]
fn gimlet_reads_numbers_and_dates_as_the_old_version_does() {
    let said = |value: &str| {
        let text = format!(
            "app: a\nenv: b\nnamespace: c\nchart: {{name: onechart, version: 1.2.3, repository: 'https://c.example'}}\nvalues:\n  x:\n    {value}\n"
        );
        about_values(&checker(), &Kind::Gimlet, ".gimlet.yaml", &text)
    };
    for quiet in ["on: yes", "at: 12:30", "defaultMode: 0644", "size: 1.10"] {
        assert_eq!(said(quiet), Vec::<String>::new(), "{quiet}");
    }
    assert_eq!(
        said("build: 0777"),
        [
            "yaml/ambiguous-scalar `0777` is the number 511 to Gimlet, and the number 777 to readers of YAML 1.2"
        ]
    );
    assert_eq!(
        said("since: 2026-03-31"),
        ["yaml/ambiguous-scalar `2026-03-31` is a date to Gimlet, and text to readers of YAML 1.2"]
    );
}

#[test]
fn of_an_operators_document_only_what_is_certain_is_told() {
    let kind: Kind = Kind::Operator("slo".into());
    let schema = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(schema.path(), "{}").unwrap();
    let own = OperatorKind {
        name: "slo".into(),
        files: vec!["slo/*.yaml".into()],
        schema: schema.path().to_owned(),
    };
    let checker = Checker::new(Settings {
        operator: vec![own],
        ..Settings::default()
    })
    .unwrap();
    let said = |value: &str| about_values(&checker, &kind, "slo/a.yaml", &format!("a: {value}\n"));
    for quiet in ["no", "2026-03-31", "0x10", "99.90", "1.5e-3"] {
        assert_eq!(said(quiet), Vec::<String>::new(), "{quiet}");
    }
    assert_eq!(
        said("12345e7"),
        ["yaml/number-text `12345e7` is read as a number and becomes `123450000000`"]
    );
    assert_eq!(
        said("&a 1"),
        ["yaml/unused-anchor nothing refers to the anchor `&a`"]
    );
}

#[test]
fn a_fix_leaves_nothing_of_its_finding() {
    let mut fixes = 0;
    for (name, text, rule, ..) in MISTAKES {
        let check = |text: &str| checker().check(&Kind::Port, "port.yaml", text.as_bytes());
        let Some(fix) = check(text).findings[0].fix.clone() else {
            continue;
        };
        fixes += 1;
        let mut mended = (*text).to_owned();
        for edit in fix.edits.iter().rev() {
            mended.replace_range(edit.span.start..edit.span.end, &edit.text);
        }
        let checked = check(&mended);
        assert!(
            checked.findings.is_empty(),
            "{name}, {rule}\n{mended}{}",
            render(&checked)
        );
    }
    assert!(fixes > 4, "only {fixes} fixes");
}
