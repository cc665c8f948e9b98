//! What Gimlet accepts in silence, mistake by mistake: one finding each, at the text to change, with
//! the change in its help. Where there is a fix, it leaves nothing behind.

use pushgate::document::Kind;
use pushgate::finding::{Finding, Fix};

use crate::rendering::{checker, render};

/// A manifest without a mistake, with more lines behind it.
fn manifest(more: &str) -> String {
    format!("app: web\nenv: staging\nnamespace: shop\nchart: {{ name: onechart }}\n{more}")
}

/// A release of the other format, with more lines at its end.
fn release(more: &str) -> String {
    format!("envs:\n  staging:\n    - name: web\n      namespace: shop\n      image: r/web\n{more}")
}

/// A document, and its one finding: line, column, rule, and words of the help.
struct Case(String, usize, usize, &'static str, &'static str);

fn wrong(cases: Vec<Case>) -> String {
    let mut wrong = String::new();
    for Case(text, line, column, rule, help) in cases {
        let checked = checker().check(&Kind::Gimlet, ".gimlet/web.yaml", text.as_bytes());
        let fits = |finding: &Finding| {
            let start = finding.location.start;
            (start.line, start.column) == (line, column)
                && finding.rule.as_str() == rule
                && finding.help.as_deref().unwrap_or_default().contains(help)
        };
        if !matches!(checked.findings.as_slice(), [one] if fits(one)) {
            wrong.push_str(&format!(
                "{text}\nwanted {line}:{column} {rule} {help}, got\n{}\n",
                render(&checked)
            ));
        }
        for fix in checked
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
        {
            let mended = applied(&text, fix);
            let again = checker().check(&Kind::Gimlet, ".gimlet/web.yaml", mended.as_bytes());
            if !again.findings.is_empty() {
                wrong.push_str(&format!("{mended}\nis not mended\n{}\n", render(&again)));
            }
        }
    }
    wrong
}

fn applied(text: &str, fix: &Fix) -> String {
    let mut mended = text.to_owned();
    for edit in fix.edits.iter().rev() {
        mended.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    mended
}

#[test]
#[rustfmt::skip]
fn manifests_that_say_something_else_than_they_do() {
    let named = |from: &str, to: &str| manifest("").replace(from, to);
    let deploy = |more: &str| manifest(&format!("deploy:\n{more}"));
    let cleanup = |branch: &str| {
        manifest(&format!(
            "cleanup:\n  app: web\n  event: branchDeleted\n{branch}"
        ))
    };
    let value = |more: &str| manifest(&format!("values:\n{more}"));
    let push = "  event: push\n  branch: ";
    let dependency = |more: &str| manifest(&format!("dependencies:\n  - {more}"));
    let wrong = wrong(vec![
        // What Go's YAML reader makes of it.
        Case(deploy(&format!("{push}!main\n")), 7, 11, "yaml/unknown-tag", "`branch: \"!main\"`"),
        Case(deploy(&format!("{push}!{{main,master}}\n")), 7, 11, "yaml/syntax", "`branch: \"!{main,master}\"`"),
        Case(deploy(&format!("{push}*\n")), 7, 11, "yaml/syntax", "`branch: \"*\"`"),
        Case(deploy("  event: taq\n"), 6, 10, "gimlet/value", "`event: tag`"),
        Case(deploy("  event: TAG\n"), 6, 10, "gimlet/value", "`event: tag`"),
        Case(deploy("  event: [push, tag]\n"), 6, 10, "gimlet/value", "`event: push`"),
        Case(manifest("deploy: {on: push}\n"), 5, 10, "gimlet/unknown-key", "`event`"),
        Case(manifest("deploy: {on: push, branch: main}\n"), 5, 10, "gimlet/unknown-key", "`event`"),
        Case(named("namespace", "namspace"), 3, 1, "gimlet/missing-namespace", "`namespace`"),
        Case(manifest("deply:\n  event: pr\n"), 5, 1, "gimlet/unknown-key", "`deploy`"),
        Case(value("  image:\n    tag: {{ .SHA }}\n"), 7, 10, "yaml/unquoted-template", "`tag: \"{{ .SHA }}\"`"),
        Case(named("app: web", "app: {{ .APP }}"), 1, 6, "yaml/unquoted-template", "`app: \"{{ .APP }}\"`"),
        Case(manifest("env: production\n"), 5, 1, "yaml/duplicate-key", "keep one"),
        Case(manifest("---\napp: other\n"), 5, 1, "yaml/several-documents", "a file of its own"),
        Case("- app: web\n".to_owned(), 1, 1, "gimlet/format", "a file of its own"),
        Case(value("  image:\n    tag: 12345e7\n"), 7, 10, "gimlet/number-tag", "`tag: \"12345e7\"`"),
        Case(value("  image:\n    tag: 0123456\n"), 7, 10, "gimlet/number-tag", "`tag: \"0123456\"`"),
        Case(value("  image:\n    tag: 00123\n"), 7, 10, "gimlet/number-tag", "`tag: \"00123\"`"),
        Case(value("  image:\n    tag: 1.10\n"), 7, 10, "gimlet/number-tag", "`tag: \"1.10\"`"),
        Case(value("  image: {tag: 2020-01-02}\n"), 6, 16, "gimlet/number-tag", "`tag: \"2020-01-02\"`"),
        Case(value("  image:\n    tag: &t 1.10 # the newest\n  other: *t\n"), 7, 13, "gimlet/number-tag", "`tag: \"1.10\"`"),
        // What makes the server stop.
        Case(value("  image: nginx\n"), 6, 10, "gimlet/type", "repository:"),
        Case(value("  image:\n    strategy: 1\n"), 7, 15, "gimlet/value", "`strategy: static`"),
        Case(value("  image:\n    strategy: [static]\n"), 7, 15, "gimlet/value", "`strategy: static`"),
        Case(value("  ingress: web.example.com\npreview: true\n"), 6, 12, "gimlet/type", "host:"),
        Case(value("  ingress:\n    host: 1\npreview: true\n"), 7, 11, "gimlet/type", "host"),
        Case(dependency("kind: terraform\n    spec: {module: {url: u}, values: {}}\n"), 6, 5, "gimlet/missing-key", "name:"),
        Case(dependency("name: db\n    kind: terraform\n"), 6, 5, "gimlet/missing-key", "spec:"),
        Case(dependency("name: db\n    kind: terraform\n    spec: {module: {secret: s}, values: {}}\n"), 8, 21, "gimlet/missing-key", "url:"),
        Case(dependency("name: db\n    kind: terraform\n    spec: {module: {url: u}}\n"), 8, 12, "gimlet/missing-key", "values"),
        Case(dependency("name: db\n    kind: plain\n"), 7, 11, "gimlet/legacy-dependency", "`kind: terraform`"),
        Case(dependency("name: db\n    chart: {name: c}\n"), 6, 5, "gimlet/legacy-dependency", "`kind: terraform`"),
        Case(named("app: web", "app: \"\""), 1, 6, "gimlet/app-name", "my-service"),
        Case(named("app: web", "app: ../x"), 1, 6, "gimlet/app-name", "small letters"),
        Case(named("app: web", "app: a..b"), 1, 6, "gimlet/app-name", "beside each `.`"),
        Case(named("app: web", "app: Web"), 1, 6, "gimlet/app-name", "`app: web`"),
        Case(named("app: web", &format!("app: {}", "Web_".repeat(20))), 1, 6, "gimlet/app-name", "at most 53"),
        Case(named("app: web", &format!("app: {}", "w".repeat(54))), 1, 6, "gimlet/app-name", "shorten it by 1"),
        Case(named("staging", "\"\""), 2, 6, "gimlet/env-name", "`env: staging`"),
        Case(named("staging", "eu/west"), 2, 6, "gimlet/env-name", "`env: staging`"),
        Case(named("staging", ".."), 2, 6, "gimlet/env-name", "`env: staging`"),
        Case(deploy(&format!("{push}'feature/['\n")), 7, 20, "gimlet/glob", "`]`"),
        Case(deploy(&format!("{push}'!{{a,b'\n")), 7, 13, "gimlet/glob", "`}`"),
        Case(deploy("  event: tag\n  tag: 'v[a-z0-9]'\n"), 7, 10, "gimlet/glob", "{[a-z],[0-9]}"),
        Case(deploy(&format!("{push}'a\\'\n")), 7, 13, "gimlet/glob", "remove it"),
        // What never fires, or always.
        Case(deploy("  event: tag\n  tag: '!v*'\n"), 7, 8, "gimlet/deploy-never-fires", "in place of `!v*`"),
        Case(deploy(&format!("{push}main\n  tag: v1\n")), 5, 1, "gimlet/deploy-never-fires", "keep `branch`"),
        Case(deploy("  event: tag\n  branch: main\n"), 6, 10, "gimlet/deploy-never-fires", "`event: push`"),
        Case(deploy("  event: push\n  tag: v1\n"), 6, 10, "gimlet/deploy-never-fires", "`event: tag`"),
        Case(deploy("  branch: main\n"), 6, 3, "gimlet/deploy-never-fires", "`event: push`"),
        Case(deploy("  event: push\n"), 6, 3, "gimlet/every-branch", "`branch: main`"),
        Case(deploy(&format!("{push}[a, b]\n")), 7, 11, "gimlet/type", "`branch: \"{a,b}\"`"),
        Case(deploy(&format!("{push}\n    - a\n    - b/*\n")), 7, 3, "gimlet/type", "`branch: \"{a,b/*}\"`"),
        Case(cleanup("  branch: '!main'\n"), 8, 11, "gimlet/cleanup", "`branch: feature/*`"),
        Case(cleanup(""), 6, 3, "gimlet/cleanup", "`branch: feature/*`"),
        Case(cleanup("  branch: '['\n"), 8, 12, "gimlet/glob", "`]`"),
        Case(manifest("preview: true\ndeploy:\n  event: push\n"), 6, 1, "gimlet/preview-overwrites", "remove `deploy`"),
        // Templates.
        Case(value("  a: '{{ .SHA'\n"), 6, 7, "gimlet/template", "`}}`"),
        Case(value("  a: '{{ .SHA }'\n"), 6, 7, "gimlet/template", "`{{ .SHA }}`"),
        Case(value("  a: '{ .SHA }}'\n"), 6, 7, "gimlet/template", "`{{ .SHA }}`"),
        Case(value("  a: '{{ env \"X\" }}'\n"), 6, 10, "gimlet/template-environment", "`.gimlet/vars`"),
        Case(value("  a: '{{ \"X\" | expandenv }}'\n"), 6, 16, "gimlet/template-environment", "`.gimlet/vars`"),
        Case(value("  a: '{{ getHostByName \"x\" }}'\n"), 6, 10, "gimlet/template-environment", "address"),
        Case(value("  a: '{{ .SHA | uper }}'\n"), 6, 17, "gimlet/template-function", "`upper`"),
        Case(value("  a: |\n    x\n    y {{ .SHAA }}\n"), 8, 10, "gimlet/template-variable", "`.SHA`"),
        Case(value("  '{{ .SHAA }}': x\n"), 6, 7, "gimlet/template-variable", "`.SHA`"),
        Case(manifest("cleanup:\n  app: 'web-{{ .GITHUB_BRANCH }}'\n  event: branchDeleted\n  branch: x/*\n"), 6, 16, "gimlet/cleanup", "`.BRANCH`"),
        // Keys in the wrong place or of the wrong shape.
        Case(value("  replicas: 1\nsealedSecrets:\n  A: b\n"), 7, 1, "gimlet/unknown-key", "below `values`"),
        Case(value("  replicas: 1\n\n# keys\nsealedFileSecrets:\n  - name: a\n    text: |\n      x\n\n      y\n"), 9, 1, "gimlet/unknown-key", "below `values`"),
        Case(manifest("sealedSecrets:\n  A: b\n"), 5, 1, "gimlet/unknown-key", "`values:`"),
        Case(manifest("appAlias: x\n"), 5, 1, "gimlet/removed-key", "remove the key"),
        Case(manifest("tenant: {name: x}\n"), 5, 1, "gimlet/removed-key", "remove the key"),
        Case(manifest("strategicMergePatches: {a: b}\n"), 5, 24, "gimlet/type", "`|`"),
        Case(manifest("strategicMergePatches: [{a: b}]\n"), 5, 24, "gimlet/type", "`|`"),
        Case(manifest("manifests: {a: b}\n"), 5, 12, "gimlet/type", "`|`"),
        Case(manifest("json6902Patches: {patch: a}\n"), 5, 18, "gimlet/type", "list"),
        Case(manifest("json6902Patches:\n  - patch: {a: b}\n"), 6, 12, "gimlet/type", "`|`"),
        Case(named("chart: { name: onechart }\n", ""), 1, 1, "gimlet/missing-chart", "chart:"),
        Case(named("env: staging\n", ""), 1, 1, "gimlet/missing-env", "`env: staging`"),
    ]);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
#[rustfmt::skip]
fn releases_that_say_something_else_than_they_do() {
    let tagged = |more: &str| release(&format!("      tag: '1'\n{more}"));
    let deploy = |more: &str| tagged(&format!("      deploy:\n        event: push\n{more}"));
    let item = "    - name: web\n      namespace: shop\n      image: r/web\n      tag: '1'\n";
    let listed =
        "  - env: staging\n    name: web\n    namespace: shop\n    image: r/web\n    tag: '1'\n";
    let wrong = wrong(vec![
        Case("envs:\n  staging:\n".to_owned(), 2, 3, "gimlet/type", "`- name: my-service`"),
        Case(tagged(item), 7, 13, "gimlet/duplicate-release", "another name"),
        Case(format!("envs:\n{listed}{listed}"), 8, 11, "gimlet/duplicate-release", "another name"),
        Case(release("      tag: 1.10\n"), 6, 12, "gimlet/type", "`tag: \"1.10\"`"),
        Case(release("      tag: 'v${COMIT_SHA:0:8}'\n"), 6, 16, "gimlet/tag-variable", "`COMMIT_SHA`"),
        Case(release("      tag: '${TAG'\n"), 6, 13, "gimlet/tag-variable", "`}`"),
        Case(deploy("        branch: '*'\n"), 9, 18, "gimlet/regex", "`branch: '.*'`"),
        Case(deploy("        branch: '(main'\n"), 9, 18, "gimlet/regex", "`)`"),
        Case(deploy("        ciJobFilter: '['\n"), 9, 23, "gimlet/regex", "`]`"),
        Case(tagged("      trigger: '*/push'\n"), 7, 17, "gimlet/regex", "`trigger: '.*/push'`"),
        Case(deploy("        ciJobFilter: .*/build-docker-image\n"), 9, 22, "gimlet/ci-job-filter", "`ciJobFilter: '.*build-docker-image'`"),
        Case(tagged("      replica: 2\n"), 7, 7, "gimlet/misspelt-key", "`replicas`"),
        Case(tagged("      vars:\n        A: \"it's\"\n"), 8, 15, "gimlet/vars-quote", "it''s"),
        Case(tagged("      vars:\n        A: \"a\\nb\"\n"), 8, 12, "gimlet/vars-quote", "one line"),
        Case(tagged("      deploy:\n        event: pr\n"), 8, 16, "gimlet/value", "`event: push`"),
    ]);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_gimlet_reads_as_it_is_written_gives_nothing() {
    let text = manifest(concat!(
        "values:\n",
        "  image: { repository: r/web, tag: \"1.10\" }\n",
        "  note: '{\"a\":{\"b\":1}}'\n",
        "  host: '{{ printf \"%s-{{\" .BRANCH | sanitizeDNSName | trunc 40 }}.example.com'\n",
        "  raw: '{{ \"{{\" }} $labels.pod }} {{/* { .x */}}'\n",
        "manifests: |\n",
        "  {{- range $i, $x := list 1 2 -}}\n",
        "  {{ if gt $x 1 }}{{ $x }}{{ else if $.TAG }}{{ $.SHA }}{{ end }}\n",
        "  {{- end }}\n",
        "deploy:\n",
        "  event: push\n",
        "  branch: '!{main,release/*}'\n",
        "cleanup:\n",
        "  app: web-{{ .BRANCH | sanitizeDNSName }}\n",
        "  event: branchDeleted\n",
        "  branch: '{feature,fix}/*'\n",
    ));
    let checked = checker().check(&Kind::Gimlet, ".gimlet/web.yaml", text.as_bytes());
    assert_eq!(render(&checked), "");
}

#[test]
fn a_large_file_of_mistakes_is_no_burden() {
    use std::fmt::Write as _;

    let (mut values, mut releases) = ("values:\n".to_owned(), "envs:\n".to_owned());
    for number in 0..2_000 {
        let _ = writeln!(values, "  k{number}: {{ tag: 1.10, a: '{{{{ .V{number}' }}");
        let _ = writeln!(
            releases,
            "  e{number}:\n  - {{ name: a, namespace: b, image: c, tag: '${{X}}', trigger: '*' }}"
        );
    }
    values.push_str(&format!("  deep: '{}'\n", "{{ if .SHA }}".repeat(2_000)));
    for (text, errors, warnings) in [(manifest(&values), 4_000, 2_000), (releases, 0, 4_000)] {
        let checked = checker().check(&Kind::Gimlet, ".gimlet/web.yaml", text.as_bytes());
        assert_eq!((checked.errors(), checked.warnings()), (errors, warnings));
        assert_eq!(checked.findings.len(), 200);
    }
}
