//! `pushgate bitbucket hooks install`.

use serde_json::json;

use crate::server::{command, feed, text};
use crate::world::{Answer, World};

fn install(world: &World, arguments: &[&str]) -> Answer {
    world.run(&[&["bitbucket", "hooks", "install"], arguments].concat())
}

#[test]
fn hook_scripts_are_uploaded_once_and_enabled_where_they_are_wanted() {
    for version in ["8.0.0", "8.18.0", "9.2.0"] {
        let world = World::of_version(version);
        let plan = install(&world, &["--project", "PRJ", "--dry-run"]);
        assert_eq!(plan.code, Some(0), "{plan:?}");
        assert!(world.bitbucket.writes().is_empty());
        assert!(
            plan.out
                .contains("the script `pushgate pre-receive` would be uploaded"),
            "{plan:?}"
        );
        let answer = install(&world, &["--project", "PRJ"]);
        assert_eq!(answer.code, Some(0), "{version}: {answer:?}");
        let scripts = world.bitbucket.hook_scripts();
        assert_eq!(scripts.len(), 2);
        assert_eq!(scripts[0].1, "PRE");
        assert_eq!(
            scripts[0].2,
            include_str!("../../hooks/bitbucket/pre-receive.sh")
        );
        assert_eq!(
            scripts[1].2,
            include_str!("../../hooks/bitbucket/post-receive.sh")
        );
        let [(pre, on), (_, after)] = &world.bitbucket.enabled_scripts("PRJ")[..] else {
            panic!("{version}");
        };
        assert_eq!(*pre, 1);
        assert!(!on.contains(&"pull-request-merge".to_owned()));
        assert!(after.contains(&"pull-request-merge".to_owned()));
        // The same again, and another project: nothing is uploaded twice.
        let writes = world.bitbucket.writes().len();
        let again = install(&world, &["--project", "PRJ"]);
        assert!(again.out.starts_with("PRJ: unchanged\n"), "{again:?}");
        assert_eq!(world.bitbucket.writes().len(), writes, "{version}");
        let other = install(&world, &["--repository", "OPS/tools"]);
        assert_eq!(other.code, Some(0), "{other:?}");
        assert_eq!(world.bitbucket.hook_scripts().len(), 2);
        assert_eq!(world.bitbucket.enabled_scripts("OPS/tools").len(), 2);
        // Newer servers need a switch, which is said.
        let is_off = again.out.contains("feature.hook.scripts=true");
        assert_eq!(is_off, version != "8.0.0", "{version}");
        world.bitbucket.assert_conforms();
    }
}

#[test]
fn a_repository_s_scripts_are_its_project_s_too() {
    let world = World::of_version("9.2.0");
    // Each on its own, a project of others between them, then the whole: none may run two gates.
    for target in [
        ["--repository", "PRJ/hello"],
        ["--project", "OPS"],
        ["--repository", "PRJ/web"],
        ["--project", "PRJ"],
    ] {
        let answer = install(&world, &target);
        assert_eq!(answer.code, Some(0), "{target:?}: {answer:?}");
    }
    let numbers = |scope| {
        let enabled = world.bitbucket.enabled_scripts(scope);
        enabled.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let of_project = numbers("PRJ");
    assert_eq!(of_project.len(), 2);
    assert_eq!(numbers("PRJ/hello"), of_project);
    assert!(
        numbers("PRJ/web").is_empty() || numbers("PRJ/web") == of_project,
        "{:?}",
        numbers("PRJ/web")
    );
    world.bitbucket.assert_conforms();
}

#[test]
fn other_paths_replace_the_script_s_text() {
    let world = World::of_version("9.2.0");
    install(&world, &["--project", "PRJ"]);
    let moved = install(
        &world,
        &[
            "--project",
            "PRJ",
            "--binary",
            "/shared/bin/push gate",
            "--node-config",
            "/shared/gate.yaml",
        ],
    );
    insta::assert_snapshot!(moved.out);
    let scripts = world.bitbucket.hook_scripts();
    assert_eq!(scripts.len(), 2);
    assert!(
        scripts[0].2.ends_with(
            "exec '/shared/bin/push gate' --config /shared/gate.yaml hook pre-receive\n"
        ),
        "{scripts:?}"
    );
    world.bitbucket.assert_conforms();
}

#[test]
fn paths_that_lead_nowhere_are_refused_before_a_push_is() {
    for version in ["7.21.0", "9.2.0"] {
        let world = World::of_version(version);
        for (option, value, words) in [
            ("--binary", "", "a value is required"),
            ("--node-config", "", "a value is required"),
            (
                "--binary",
                "bin/pushgate",
                "`bin/pushgate` is no absolute path",
            ),
            (
                "--node-config",
                "./gate.yaml",
                "`./gate.yaml` is no absolute path",
            ),
        ] {
            let answer = install(&world, &["--project", "PRJ", option, value]);
            assert_eq!(answer.code, Some(2), "{version}: {answer:?}");
            assert!(answer.err.contains(words), "{answer:?}");
        }
        assert!(world.bitbucket.writes().is_empty());
    }
}

#[test]
fn who_may_not_upload_is_told_what_is_missing() {
    let world = World::of_version("9.2.0");
    world.bitbucket.set_permission("PROJECT_ADMIN");
    let answer = install(&world, &["--project", "PRJ,NONE"]);
    assert_eq!(answer.code, Some(3));
    insta::assert_snapshot!(answer.out);
    assert!(world.bitbucket.hook_scripts().is_empty());
}

#[test]
fn external_hooks_run_it_where_the_server_has_them() {
    for version in ["5.6.0", "7.21.0"] {
        let world = World::of_version(version);
        world.bitbucket.install_external_hooks();
        let answer = install(
            &world,
            &[
                "--repository",
                "PRJ/hello",
                "--node-config",
                "/shared/gate.yaml",
            ],
        );
        assert_eq!(answer.code, Some(0), "{version}: {answer:?}");
        if version == "5.6.0" {
            insta::assert_snapshot!(answer.out);
        }
        let settings = world.bitbucket.external_hooks("PRJ/hello");
        assert_eq!(
            settings[1],
            json!({
                "exe": "pushgate/pushgate", "safe_path": true, "async": false,
                "params": "--config\r\n/shared/gate.yaml\r\nhook\r\npre-receive",
            })
        );
        let writes = world.bitbucket.writes().len();
        let again = install(
            &world,
            &[
                "--repository",
                "PRJ/hello",
                "--node-config",
                "/shared/gate.yaml",
            ],
        );
        assert!(again.out.starts_with("PRJ/hello: unchanged"), "{again:?}");
        assert_eq!(world.bitbucket.writes().len(), writes);
        world.bitbucket.assert_conforms();
    }
}

#[test]
fn somebody_else_s_external_hook_is_not_replaced() {
    let world = World::of_version("9.2.0");
    world.bitbucket.install_external_hooks();
    let by = ["--by", "external-hooks", "--repository", "PRJ/hello"];
    install(&world, &[&by[..], &["--binary", "/opt/other"]].concat());
    let answer = install(&world, &by);
    assert_eq!(answer.code, Some(3));
    insta::assert_snapshot!(answer.out);
    let none = World::of_version("9.2.0");
    let answer = install(&none, &by);
    assert_eq!(answer.code, Some(3));
    assert!(
        answer.out.contains("does not have External Hooks"),
        "{answer:?}"
    );
}

#[test]
fn below_8_a_recipe_is_printed_that_a_shell_can_run() {
    for version in ["5.6.0", "7.21.0"] {
        let world = World::of_version(version);
        let answer = install(&world, &["--project", "PRJ"]);
        assert_eq!(answer.code, Some(0), "{version}: {answer:?}");
        assert!(world.bitbucket.writes().is_empty());
        let shared = world.home.path().join("shared");
        for _ in 0..2 {
            let mut shell = command("sh", world.home.path());
            let ran = feed(
                shell.arg("-eu").env("BITBUCKET_SHARED", &shared),
                &answer.out,
            );
            assert!(ran.status.success(), "{}", text(&ran.stderr));
        }
        let hook = shared.join("data/repositories/1/hooks/pre-receive.d/50_pushgate");
        let written = std::fs::read_to_string(&hook).unwrap();
        assert_eq!(
            written,
            include_str!("../../hooks/bitbucket/pre-receive.sh")
        );
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(hook).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
    }
}
