//! What people and programs read.

use standin::Fault;

use crate::site::{Site, service};

/// A server on which much is wrong.
fn site() -> Site {
    let site = Site::with(&[
        (
            "OPS/deploy",
            ".gimlet.yaml",
            "app: web\nenv: production\nnamespaec: x\nchart: { name: onechart }\n",
        ),
        ("OPS/off", "port.yaml", &service("off")),
        ("PRJ/<b>", "port.yaml", &service("markup")),
        ("PRJ/broken", "port.yaml", "identifier: [b\n"),
        ("PRJ/docs", "README.md", "x"),
        (
            "PRJ/list",
            "port.yaml",
            "- {identifier: one, title: One, blueprint: service}\n- {identifier: 2, title: \"<script>alert(1)</script>\", blueprint: service}\n",
        ),
        (
            "PRJ/typo",
            "port.yaml",
            "identifier: typo\ntitel: Typo\nblueprint: service\n",
        ),
        (
            "PRJ/warned",
            "port.yaml",
            "identifier: warned\ntitle: Warned\nblueprint: service\napiVersion: v1\n",
        ),
        ("PRJ/web", "port.yaml", &service("web")),
    ]);
    site.bitbucket.add_repository("PRJ/nothing");
    site.bitbucket.set_state("OPS/off", "OFFLINE");
    site.bitbucket.add_repository("XX/unlisted");
    site.bitbucket
        .fail_next("/projects/XX/repos", 1, &Fault::status(403));
    site.port.set_blueprints(vec![serde_json::json!({
        "identifier": "service",
        "schema": {"properties": {}},
        "relations": {},
    })]);
    site
}

#[test]
fn people_are_told_what_is_wrong_and_the_numbers() {
    let site = site();
    let ran = site.sync(&[]);
    assert_eq!(ran.status, 3);
    insta::assert_snapshot!("human", ran.out);
    insta::assert_snapshot!("lines", ran.err);
    let ran = site.sync(&["--color", "always", "--project", "OPS"]);
    insta::assert_snapshot!("coloured", ran.out);
}

#[test]
fn nothing_wrong_is_short() {
    let site = Site::with(&[("PRJ/web", "port.yaml", &service("web"))]);
    insta::assert_snapshot!("fine", site.sync(&[]).out);
    insta::assert_snapshot!("unchanged", site.sync(&[]).out);
    let nothing = Site::new();
    insta::assert_snapshot!("empty", nothing.sync(&[]).out);
}

#[test]
fn programs_get_one_object() {
    let (_, report) = site().report(&[]);
    insta::assert_snapshot!("json", format!("{report:#}"));
}

#[test]
fn a_browser_gets_one_page() {
    let site = site();
    let page = site.folder.path().join("sweep.html");
    let ran = site.sync(&["--report", page.to_str().unwrap()]);
    assert_eq!(ran.status, 3);
    let text = site.neutral(&std::fs::read(&page).unwrap());
    assert!(!text.contains("<script"), "text from files is no markup");
    assert!(!text.contains("<b><b>"), "names are no markup");
    roxmltree::Document::parse(
        &text
            .replace("<!doctype html>\n", "")
            .replace("<meta charset=\"utf-8\">", "")
            .replace("scale=1\">", "scale=1\"/>")
            .replace("'unsafe-inline'\">", "'unsafe-inline'\"/>")
            .replace("<br>", "<br/>"),
    )
    .unwrap();
    insta::assert_snapshot!("html", text);
    let dry = site.folder.path().join("dry.html");
    site.put("PRJ/web", "port.yaml", &service("web2"));
    site.sync(&["--dry-run", "--report", dry.to_str().unwrap()]);
    let text = site.neutral(&std::fs::read(&dry).unwrap());
    let body = text.split("</dl>").nth(1).unwrap().to_owned();
    insta::assert_snapshot!("html_plan", body);
}

#[test]
fn a_page_that_cannot_be_written_is_said_after_the_result() {
    let site = Site::with(&[("PRJ/web", "port.yaml", &service("web"))]);
    let ran = site.sync(&["--report", "/nowhere/at/all.html"]);
    assert_eq!(ran.status, 3);
    assert!(ran.out.contains("nothing is wrong"), "{}", ran.out);
    assert!(ran.err.contains("cannot write the report"), "{}", ran.err);
}

#[test]
fn a_terminal_gets_a_bar_that_goes_away() {
    let program = standin::Command::new("script").arg("--version").output();
    if program.is_err() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "script is missing"
        );
        println!("skipped: `script` of util-linux is not here");
        return;
    }
    let site = Site::new();
    for number in 0..40 {
        let name = format!("PRJ/r{number}");
        site.bitbucket.add_repository(&name);
        site.put(&name, "port.yaml", &service(&format!("s{number}")));
    }
    let slow = std::time::Duration::from_millis(15);
    site.bitbucket.fail_by(move |_| Some(Fault::Slow(slow)));
    let line = format!("{} sync --concurrency 2", crate::site::PUSHGATE);
    let mut command = site.command("script", &["-q", "-e", "-c", &line, "/dev/null"]);
    let output = command.env("TERM", "xterm").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = site.neutral(&output.stdout);
    assert!(said.contains(" of 40 listed  PRJ: "), "{said:?}");
    assert!(
        !said.contains("PRJ: 40 repositories, 40 read\r\n"),
        "{said:?}"
    );
    let last = said.trim_end().lines().last().unwrap_or_default();
    assert!(
        last.contains("nothing is wrong, and Port has it all"),
        "{said:?}"
    );
}
