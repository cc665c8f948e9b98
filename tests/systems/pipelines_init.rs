//! `pipelines init`: the file passes `check`, and is never written over another one.

use std::fs;

use crate::run::{code, command, folder, pushgate, said, told};

const IMAGE: [&str; 2] = ["--image", "registry.example.com/tools/pushgate:0.1.0"];
const BUILD: [&str; 6] = [
    "--build-name",
    "hello",
    "--build-role",
    "arn:aws:iam::123412341234:role/pipelines",
    "--build-region",
    "eu-west-1",
];
const DEPLOY: [&str; 4] = ["--deploy-service", "hello", "--deploy-tenant", "dev"];

#[test]
fn each_choice_gives_a_file_that_passes_the_check() {
    let deploy_other = [
        &DEPLOY[..],
        &[
            "--deploy-image",
            "registry.example.com/hello",
            "--branch",
            "release/*",
        ],
    ]
    .concat();
    let all = [&BUILD[..], &DEPLOY[..]].concat();
    for (name, more) in [
        ("lint", &[][..]),
        ("build", &BUILD),
        ("deploy", &deploy_other),
        ("all", &all),
    ] {
        let folder = folder(&[]);
        let arguments = [&["pipelines", "init"][..], &IMAGE, more].concat();
        let output = pushgate(folder.path(), &[], &arguments);
        assert_eq!(code(&output), 0, "{}", said(&output));
        let text = fs::read_to_string(folder.path().join("bitbucket-pipelines.yml")).unwrap();
        insta::assert_snapshot!(name, format!("{}---\n{text}", said(&output)));
        let check = pushgate(folder.path(), &[], &["check"]);
        assert_eq!(
            told(&check),
            "1 document checked, nothing wrong\n= 0\n",
            "{text}"
        );
    }
}

#[test]
fn what_is_there_is_left_as_it_is() {
    let folder = folder(&[("bitbucket-pipelines.yml", "mine\n"), ("src/x", "")]);
    command("git", folder.path())
        .args(["init", "-q"])
        .output()
        .unwrap();
    // The file belongs to the root, wherever one stands.
    let arguments = [&["pipelines", "init"][..], &IMAGE].concat();
    let output = pushgate(&folder.path().join("src"), &[], &arguments);
    assert_eq!(code(&output), 2);
    assert!(
        said(&output).contains("`../bitbucket-pipelines.yml` is there already"),
        "{}",
        said(&output)
    );
    let kept = fs::read_to_string(folder.path().join("bitbucket-pipelines.yml")).unwrap();
    assert_eq!(kept, "mine\n");
}

#[test]
fn values_that_can_stand_in_no_pipeline_are_refused() {
    let run = |arguments: &[&str]| {
        let folder = folder(&[]);
        let all = [&["pipelines", "init"][..], arguments].concat();
        let output = pushgate(folder.path(), &[], &all);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(!folder.path().join("bitbucket-pipelines.yml").exists());
        format!("# {}\n{}", arguments.join(" "), told(&output))
    };
    let of = |more: &[&'static str]| run(&[&IMAGE[..], more].concat());
    let mut role = BUILD;
    role[3] = "arn:aws:iam::{account}:role/x";
    let mut name = BUILD;
    name[1] = "hello; rm -rf /";
    insta::assert_snapshot!(
        [
            run(&[]),
            run(&["--image", "registry.example.com/pushgate:latest"]),
            of(&[&BUILD[..], &["--branch", "main: x"]].concat()),
            of(&["--branch", "release"]),
            of(&["--deployment", "production"]),
            of(&BUILD[..2]),
            of(&role),
            of(&name),
            of(&DEPLOY[..2]),
            of(&DEPLOY),
            of(&[
                "--deploy-service",
                "hello",
                "--deploy-tenant",
                "$(id)",
                "--deploy-image",
                "x/y"
            ]),
        ]
        .concat()
    );
}
