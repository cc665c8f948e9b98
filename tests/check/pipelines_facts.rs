//! What is known of Bitbucket Pipelines, line by line: one finding, at the text to change, whose
//! help is the change.

use pushgate::check::Checked;
use pushgate::document::Kind;

use crate::rendering::checker;

fn check(text: &str) -> Checked {
    checker().check(&Kind::Pipelines, "bitbucket-pipelines.yml", text.as_bytes())
}

/// `rule line:column message | help` of each finding.
fn said(text: &str) -> Vec<String> {
    let checked = check(text);
    let findings = checked.findings.iter().map(|finding| {
        let start = finding.location.start;
        format!(
            "{} {}:{} {} | {}",
            finding.rule.as_str().trim_start_matches("pipelines/"),
            start.line,
            start.column,
            finding.message,
            finding.help.as_deref().unwrap_or("no help")
        )
    });
    findings.collect()
}

/// A file with one step, whose further lines these are.
fn step(lines: &str) -> String {
    let lines: String = lines
        .lines()
        .map(|line| format!("        {line}\n"))
        .collect();
    format!("pipelines:\n  default:\n    - step:\n{lines}")
}

/// A file with these lines above a pipeline that is well.
fn above(lines: &str) -> String {
    format!("{lines}\npipelines:\n  default:\n    - step:\n        script: [make]\n")
}

/// A pipeline of these items.
fn items(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("pipelines:\n  default:\n{lines}")
}

#[test]
fn what_bitbucket_takes_is_well() {
    for text in [
        items("- step:\n    type: pipeline\n    custom: deploy"),
        "definitions:\n  steps:\n    - step: &build\n        script: [make]\npipelines:\n  default:\n    - step: *build\n".to_owned(),
        above("definitions:\n  caches: {mine: path}\n  services: {db: {image: 'postgres:16'}}"),
        above("x-anchors: {a: 1}"),
        "templates:\n  - &a\n    script: [make]\npipelines:\n  default:\n    - step: *a\n".to_owned(),
        above("options: {size: 32x, max-time: 1, docker: true}"),
        above("clone: {depth: full}"),
        above("image: registry.example.com:5000/web@sha256:abc"),
        above("image: $IMAGE"),
        step("script:\n  - 'echo \"a: b\"'\n  - |\n    if true; then\n      echo: x\n    fi"),
        step("script: [make]\nservices: [docker]\ncaches: [node, pip, gradle]"),
        step("script:\n  - pipe: atlassian/aws-s3-deploy:1.1.0\n    variables:\n      S3_BUCKET: b\n      LIST: ['a']"),
        step("oidc: true\nscript:\n  - echo $BITBUCKET_STEP_OIDC_TOKEN > token"),
        step("script:\n  - 'if [ -n \"$BITBUCKET_STEP_OIDC_TOKEN\" ]; then echo yes; fi'"),
        items("- step: {script: [a], deployment: test}\n- step: {script: [a], deployment: production}"),
        items("- step: {script: [a]}\n- final: {script: [b]}"),
        "pipelines:\n  custom:\n    x:\n      - variables:\n          - name: A\n      - step: {script: [a]}\n".to_owned(),
        "export: true\ndefinitions:\n  pipelines:\n    a:\n      - step: {script: [a]}\n".to_owned(),
    ] {
        assert_eq!(said(&text), [""; 0], "{text}");
    }
}

/// Files with one mistake each.
fn mistakes() -> Vec<String> {
    vec![
        // The root.
        "- step:\n    script: [make]\n".to_owned(),
        "null\n".to_owned(),
        "# nothing\n".to_owned(),
        "make\n".to_owned(),
        "{}\n".to_owned(),
        "image: node:22\n".to_owned(),
        "pipelines: {}\n".to_owned(),
        "piplines:\n  default:\n    - step: {script: [a]}\n".to_owned(),
        "default:\n  - step: {script: [a]}\n".to_owned(),
        "image: node:22\nbranches:\n  develop:\n    - step: {script: [a]}\n".to_owned(),
        // Sections.
        "pipelines:\n  defualt:\n    - step: {script: [a]}\n".to_owned(),
        "pipelines:\n  default: null\n".to_owned(),
        "pipelines:\n  default: []\n".to_owned(),
        "pipelines:\n  branches: []\n".to_owned(),
        "pipelines:\n  develop:\n    - step: {script: [a]}\n".to_owned(),
        "pipelines:\n  pull_requests:\n    '**':\n      - step: {script: [a]}\n".to_owned(),
        above("definition: {}"),
        above("definitions:\n  cache: {a: path}"),
        above("option: {size: 2x}"),
        // Items.
        items("- stp:\n    script: [a]"),
        items("- step:\n  script:\n    - make"),
        items("- step:\n  name: Build\n  script:\n    - make"),
        items("- step: {script: [a]}\n  parallel: [{step: {script: [a]}}]"),
        items("- script: [a]"),
        items("- name: Build\n  script: [a]"),
        items("- step"),
        items("- {}"),
        items("- final: {script: [a]}\n- step: {script: [a]}"),
        items("- step: {script: [a]}\n- variables: [{name: A}]"),
        "pipelines:\n  custom:\n    x:\n      - step: {script: [a]}\n      - variables: [{name: A}]\n".to_owned(),
        "pipelines:\n  custom:\n    x:\n      - step: {script: [a]}\n      - final: {script: [a]}\n".to_owned(),
        items("- step: {script: [a], deployment: test}\n- step: {script: [a], deployment: test}"),
        items("- stage:\n    deployment: test\n    steps: [{step: {script: [a]}}]\n- parallel: [{step: {script: [a], deployment: test}}]"),
        items("- stage:\n    steps:\n      - step:\n          condition: {state: x}\n          script: [a]"),
        items("- final:\n    deployment: test\n    script: [a]"),
        items("- final:\n    trigger: manual\n    script: [a]"),
        // Steps.
        step("name: Build"),
        step("scirpt: [make]"),
        step("scripts: [make]"),
        step("pipe: atlassian/aws-s3-deploy:1.1.0"),
        step("custom: deploy"),
        items("- step: {script: make}"),
        step("script: make"),
        step("script: |\n  make\n  make install"),
        step("script: []"),
        step("script:"),
        step("script:\n  - make\n  - 42"),
        step("script:\n  - make\n  -"),
        step("script:\n  - echo Result: ok"),
        step("script:\n  - curl -H \"Accept: text/plain\" example.com"),
        step("script:\n  - [make, test]"),
        step("script:\n  - pip: atlassian/aws-s3-deploy:1.1.0"),
        step("script:\n  make: all"),
        step("script: [a]\nafter_script: [b]"),
        step("script: [a]\nsize: 3x"),
        step("script: [a]\nsize: 2"),
        step("script: [a]\nclone: full"),
        step("script: [a]\nmax-time: 0"),
        step("script: [a]\nmax-time: \"20\""),
        step("script: [a]\noidc: \"yes\""),
        step("script: [a]\noidc: yes"),
        step("script: [a]\ntrigger: Manual"),
        step("script: [a]\ntrigger: on-demand"),
        step("script: [a]\nservices: [docker, docker, docker, docker, docker, docker]"),
        step("script: [a]\ncaches: node"),
        step("script: [a]\nname: 12"),
        step("script: [a]\nname:"),
        step("script: [a]\nclone: {depth: 0}"),
        step("script: [a]\nclone: {depht: 1}"),
        step("script: [a]\nconcurrency-group: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        step("script: [a]\nartifacts: {path: [a]}"),
        step("script: [a]\nartifacts: {upload: [{name: a}]}"),
        step("script: [a]\nartifacts: {upload: [a, {name: a, paths: [a]}]}"),
        step("script: [a]\ncondition: {changeset: {includePaths: [a]}}"),
        step("script: [a]\ncondition: {changesets: {includePaths: [a], excludePaths: [b]}}"),
        step("script: [a]\ncondition: {changesets: {paths: [a]}}"),
        step("script: [a]\nvariables: {A: b}"),
        step("script: [a]\ncaches: [nodes]"),
        step("script: [a]\ncaches: [terraform]"),
        step("script: [a]\nservices: [postgres]"),
        step("script:\n  - pipe: atlassian/aws-s3-deploy"),
        step("script:\n  - pipe: docker://example/pipe:latest"),
        step("script:\n  - pipe: example/pipe:1.0\n    variables:\n      COUNT: 3"),
        step("script:\n  - echo $BITBUCKET_STEP_OIDC_TOKEN > token"),
        step("oidc: false\nscript:\n  - echo $BITBUCKET_STEP_OIDC_TOKEN > token"),
        step("script:\n  - pipe: atlassian/aws-ecr-push-image:2.4.0\n    variables:\n      AWS_OIDC_ROLE_ARN: $ROLE"),
        // Definitions and images.
        above("image: node"),
        above("image: node:latest"),
        above("image: {name: 'node:22', username: $USER}"),
        above("image: {name: 'node:22', aws: {}}"),
        above("definitions: {services: {db: {image: 'postgres:16', memory: '512'}}}"),
        above("definitions: {services: {db: {image: 'postgres:16', memory: 64}}}"),
        above("definitions: {services: {db: {image: 'postgres:16', variables: {A: 1}}}}"),
        above("definitions: {caches: {a: {key: {files: [a]}}}}"),
        above("triggers: {repository-push: [{condition: a}]}"),
        above("triggers: {repository-pushed: [{condition: a, pipelines: [b]}]}"),
        "pipelines:\n  custom:\n    x: {import: shared}\n".to_owned(),
        "pipelines:\n  custom:\n    x:\n      - variables: [{name: A, default: 1}]\n      - step: {script: [a]}\n".to_owned(),
        // Secrets.
        above("image: {name: 'node:22', username: $USER, password: hunter2hunter2}"),
        step("script:\n  - export NPM_TOKEN=abcdef123456"),
        step("script:\n  - git clone https://x:glpat-1a2b3c4d5e6f7g8h9i0j@gitlab.example.com/a.git"),
        step("script:\n  - pipe: docker://duplocloud/pipe:1.0\n    variables:\n      DUPLO_TOKEN: AbCdEf123456\n      DUPLO_HOST: $DUPLO_HOST"),
        step("script:\n  - pipe: docker://duplocloud/pipe:1.0\n    variables:\n      DUPLO_HOST: https://duplo.example.com/"),
        // Anchors: told where it is written, once.
        "definitions:\n  steps:\n    - step: &a\n        scirpt: [a]\npipelines:\n  default:\n    - step: *a\n  branches:\n    main:\n      - step: *a\n".to_owned(),
        "definitions:\n  steps:\n    - step: &a\n        size: 3x\npipelines:\n  default:\n    - step:\n        <<: *a\n        script: [a]\n".to_owned(),
        "definitions:\n  scripts:\n    - &a\n      - make\npipelines:\n  default:\n    - step:\n        script:\n          - *a\n          - make\n".to_owned(),
        "image: node:22\n---\npipelines: {}\n".to_owned(),
    ]
}

#[test]
fn every_known_mistake_is_one_finding() {
    let mut shown = String::new();
    for text in mistakes() {
        shown.push_str(&text);
        for line in said(&text) {
            shown.push_str(&format!("=> {line}\n"));
        }
        shown.push('\n');
        assert_eq!(said(&text).len(), 1, "{text}{:#?}", said(&text));
    }
    insta::assert_snapshot!(shown);
}

/// The text after the change that the finding proposes.
fn mended(text: &str) -> Option<String> {
    let fix = check(text)
        .findings
        .into_iter()
        .find_map(|finding| finding.fix)?;
    let mut mended = text.to_owned();
    for edit in fix.edits.iter().rev() {
        mended.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    Some(mended)
}

#[test]
fn what_a_fix_changes_is_well_afterwards() {
    let after: Vec<String> = mistakes().iter().filter_map(|text| mended(text)).collect();
    for text in &after {
        assert_eq!(said(text), [""; 0], "{text}");
    }
    assert!(after.len() > 25, "only {} mistakes have a fix", after.len());
    let misplaced = items("- step:\n  name: Build\n  script:\n    # first\n    - make");
    let indented = items("- step:\n    name: Build\n    script:\n      # first\n      - make");
    assert_eq!(mended(&misplaced), Some(indented));
}
