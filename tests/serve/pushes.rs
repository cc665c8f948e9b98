//! From a webhook to a verdict at Bitbucket, entities in Port and builds, all on loopback.

use serde_json::{Value, json};
use standin::{Fault, TriggerStandIn};

use crate::durability::{Site, announce, entity};
use crate::receiver::{change, refs_changed, until};

const CONFIG: &str = "serve: { listen: '127.0.0.1:0', public_url: 'https://gate.example.com/' }\n";
const BAD: &str = "identifier: hello\ntitel: Hello\nblueprint: service\n";

#[test]
fn a_good_push_to_the_default_branch_is_accepted_and_delivered() {
    let site = Site::new(CONFIG);
    let commit = site.commit("PRJ/hello", "main", &entity("hello"));
    let receiver = site.place.start();
    let id = announce(&receiver, "PRJ/hello", "main", &commit);
    until("the verdict", || site.build_state(&commit));
    let build = site.bitbucket.builds(&commit)["pushgate"].clone();
    assert_eq!(build.repository.as_deref(), Some("PRJ/hello"));
    assert_eq!(
        build.body,
        json!({
            "key": "pushgate", "state": "SUCCESSFUL", "name": "pushgate",
            "url": format!("https://gate.example.com/pushes/{id}"),
            "description": "1 document checked", "ref": "refs/heads/main",
        })
    );
    until("the entity", || {
        (site.entities() == ["service/hello"]).then_some(())
    });
    until("the metric", || {
        (receiver.metric("pushgate_pushes_total{verdict=\"accepted\"}") == 1.0).then_some(())
    });
    until("the delivery's metric", || {
        (receiver.metric("pushgate_delivery_tries_total{ending=\"done\"}") == 1.0).then_some(())
    });
    site.bitbucket.assert_conforms();
    site.port.assert_conforms();
}

#[test]
fn a_bad_push_is_refused_with_its_findings_and_goes_to_port_as_far_as_it_can_be_read() {
    let site = Site::new(CONFIG);
    let good = site.commit("PRJ/hello", "main", &entity("hello"));
    let receiver = site.place.start();
    announce(&receiver, "PRJ/hello", "main", &good);
    until("the entity", || {
        (site.entities() == ["service/hello"]).then_some(())
    });
    let bad = site.commit("PRJ/hello", "topic", BAD);
    let id = announce(&receiver, "PRJ/hello", "topic", &bad);
    assert_eq!(until("the verdict", || site.build_state(&bad)), "FAILED");
    let build = site.bitbucket.builds(&bad)["pushgate"].clone();
    assert_eq!(build.body["description"], "1 error in 1 document");
    let report = site.bitbucket.reports("PRJ/hello", &bad)["pushgate"].clone();
    assert_eq!(report.body["result"], "FAIL");
    assert_eq!(
        report.body["link"],
        json!(format!("https://gate.example.com/pushes/{id}"))
    );
    let [annotation] = &report.annotations[..] else {
        panic!("{report:?}");
    };
    assert_eq!(annotation["path"], "port.yaml");
    assert_eq!(annotation["line"], 2);
    assert_eq!(annotation["severity"], "HIGH");
    until("the end", || {
        (receiver.metric("pushgate_pushes_total{verdict=\"refused\"}") == 1.0).then_some(())
    });
    assert_eq!(
        receiver.metric("pushgate_findings_total{severity=\"error\"}"),
        1.0
    );
    let page = receiver.get(&format!("/pushes/{id}")).body;
    for text in [
        "refused",
        "port.yaml:2:1",
        "port/missing-title",
        "<code>title</code>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    // No other branch than the default one goes to Port, and a file that is no YAML deletes nothing.
    assert_eq!(site.entities(), ["service/hello"]);
    let broken = site.commit("PRJ/hello", "main", "identifier: [\n");
    announce_update(&receiver, "main", &good, &broken);
    assert_eq!(until("the verdict", || site.build_state(&broken)), "FAILED");
    assert_eq!(site.entities(), ["service/hello"]);
    // Mended, what left the file leaves Port.
    let mended = site.commit("PRJ/hello", "main", &entity("other"));
    announce_update(&receiver, "main", &broken, &mended);
    until("the entity", || {
        (site.entities() == ["service/other"]).then_some(())
    });
    site.bitbucket.assert_conforms();
    site.port.assert_conforms();
}

fn announce_update(receiver: &crate::receiver::Receiver, branch: &str, old: &str, new: &str) {
    let body = refs_changed("PRJ/hello", &[change(branch, old, new)]);
    assert_eq!(receiver.announce(&body).status, 200);
}

#[test]
fn every_branch_of_a_push_is_judged_by_itself_as_the_operator_wants_it() {
    let config = "gate:\n  branches:\n    - { name: 'sandbox/*', enforcement: warn }\n    - { name: 'wip/*', enforcement: off }\nserve: { listen: '127.0.0.1:0' }\n";
    let site = Site::new(config);
    let commits = [
        ("topic", site.commit("PRJ/hello", "topic", BAD)),
        ("sandbox/a", site.commit("PRJ/hello", "sandbox/a", BAD)),
        ("wip/a", site.commit("PRJ/hello", "wip/a", BAD)),
        ("good", site.commit("PRJ/hello", "good", &entity("x"))),
    ];
    let changes: Vec<Value> = commits
        .iter()
        .map(|(branch, commit)| change(branch, crate::receiver::ZERO, commit))
        .collect();
    let receiver = site.place.start();
    let answer = receiver.announce(&refs_changed("PRJ/hello", &changes));
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    let states: Vec<Option<String>> = until("the verdicts", || {
        receiver
            .log()
            .iter()
            .any(|line| line.contains("push_checked"))
            .then(|| {
                commits
                    .iter()
                    .map(|(_, commit)| site.build_state(commit))
                    .collect()
            })
    });
    let state = |text: &str| Some(text.to_owned());
    assert_eq!(
        states,
        [
            state("FAILED"),
            state("SUCCESSFUL"),
            None,
            state("SUCCESSFUL")
        ]
    );
    let results: Vec<Value> = commits
        .iter()
        .map(|(_, commit)| {
            let reports = site.bitbucket.reports("PRJ/hello", commit);
            let report = reports.get("pushgate");
            report.map_or(Value::Null, |report| report.body["result"].clone())
        })
        .collect();
    assert_eq!(json!(results), json!(["FAIL", "PASS", null, "PASS"]));
    let description = &site.bitbucket.builds(&commits[1].1)["pushgate"].body["description"];
    assert_eq!(description, "1 error in 1 document, only shown");
    // Without an address of the page people are sent to Bitbucket's own.
    let url = &site.bitbucket.builds(&commits[0].1)["pushgate"].body["url"];
    let at_bitbucket = format!(
        "{}/projects/PRJ/repos/hello/commits/{}",
        site.bitbucket.url(),
        commits[0].1
    );
    assert_eq!(url, &json!(at_bitbucket));
    let page = receiver
        .get(&format!("/pushes/{}", said["push"].as_str().unwrap()))
        .body;
    assert!(page.contains(">off<"), "{page}");
    assert_eq!(site.entities(), Vec::<String>::new());
}

#[test]
fn commits_are_built_as_after_a_push() {
    let triggers = TriggerStandIn::start().unwrap();
    let config = format!(
        "{CONFIG}triggers:\n  - name: ci\n    repository: 'PRJ/*'\n    branch: '*'\n    url: {}/build/${{slug}}/${{sha}}\n",
        triggers.url()
    );
    let site = Site::new(&config);
    let commit = site.commit("PRJ/hello", "topic", &entity("x"));
    let receiver = site.place.start();
    announce(&receiver, "PRJ/hello", "topic", &commit);
    until("the build", || {
        let requests = triggers.requests();
        requests
            .iter()
            .any(|request| request.path == format!("/build/hello/{commit}"))
            .then_some(())
    });
}

#[test]
fn what_bitbucket_does_not_take_is_told_again_and_stays_visible() {
    let site = Site::new(CONFIG);
    let commit = site.commit("PRJ/hello", "main", &entity("hello"));
    site.fail_verdicts(1, 500);
    let mut receiver = site.place.start();
    announce(&receiver, "PRJ/hello", "main", &commit);
    // The outbox waits for nothing of it.
    until("the entity", || {
        (site.entities() == ["service/hello"]).then_some(())
    });
    until("the verdict", || site.build_state(&commit));
    until("the metric", || {
        (receiver.metric("pushgate_reports_total{ending=\"done\"}") == 1.0).then_some(())
    });
    assert_eq!(
        receiver.metric("pushgate_reports_total{ending=\"postponed\"}"),
        1.0
    );
    // It is counted once, however often it was told.
    assert_eq!(
        receiver.metric("pushgate_pushes_total{verdict=\"accepted\"}"),
        1.0
    );
    site.fail_verdicts(100, 403);
    let commit = site.commit("PRJ/hello", "topic", &entity("x"));
    announce(&receiver, "PRJ/hello", "topic", &commit);
    let line = receiver.wait_for_line("push_set_aside");
    assert!(line.contains("do not permit"), "{line}");
    let page = receiver.get("/").body;
    assert!(
        page.contains("Bitbucket was not told of the verdict"),
        "{page}"
    );
    assert!(page.contains("REPO_READ"), "{page}");
}

/// The states that were told of a commit, in their order.
fn states_told(site: &Site, commit: &str) -> Vec<String> {
    let told = site.bitbucket.writes();
    let of_commit = told
        .iter()
        .filter(|request| request.path.ends_with(&format!("/commits/{commit}/builds")));
    let mut states: Vec<String> = of_commit
        .map(|request| {
            assert_eq!(request.body["key"], "pushgate", "{request:?}");
            request.body["state"].as_str().unwrap().to_owned()
        })
        .collect();
    // It is told anew with every try.
    states.dedup();
    states
}

/// Lets Bitbucket give no file until it is mended.
fn withhold_files(site: &Site, status: u16) {
    site.bitbucket.fail_by(move |request| {
        let is_file = request.path.contains("/raw/");
        is_file.then(|| Fault::status(status))
    });
}

#[test]
fn a_commit_shows_that_it_is_being_checked_until_its_verdict_also_when_serve_is_killed() {
    let site = Site::new(CONFIG);
    let commit = site.commit("PRJ/hello", "topic", &entity("hello"));
    withhold_files(&site, 503);
    let receiver = site.place.start();
    let id = announce(&receiver, "PRJ/hello", "topic", &commit);
    until("the sign", || site.shown_state(&commit));
    assert_eq!(site.shown_state(&commit).as_deref(), Some("INPROGRESS"));
    let build = site.bitbucket.builds(&commit)["pushgate"].clone();
    assert_eq!(build.body["description"], "is being checked");
    let page = format!("https://gate.example.com/pushes/{id}");
    assert_eq!(build.body["url"], json!(page));
    receiver.kill();
    site.bitbucket.mend();
    // The next one goes on with it, and ends what the first one began.
    let _receiver = site.place.start();
    assert_eq!(
        until("the verdict", || site.build_state(&commit)),
        "SUCCESSFUL"
    );
    assert_eq!(states_told(&site, &commit), ["INPROGRESS", "SUCCESSFUL"]);
    site.bitbucket.assert_conforms();
}

#[test]
fn a_commit_that_can_not_be_checked_does_not_seem_to_be_checked_for_ever() {
    let site = Site::new(CONFIG);
    let commit = site.commit("PRJ/hello", "topic", &entity("hello"));
    withhold_files(&site, 403);
    let mut receiver = site.place.start();
    announce(&receiver, "PRJ/hello", "topic", &commit);
    receiver.wait_for_line("push_set_aside");
    assert_eq!(states_told(&site, &commit), ["INPROGRESS", "FAILED"]);
    let build = site.bitbucket.builds(&commit)["pushgate"].clone();
    assert_eq!(build.body["description"], "could not be checked");
    // Nor where the report is refused, as another user's is.
    site.bitbucket.mend();
    site.bitbucket
        .fail_next("/insights", 100, &Fault::status(403));
    let commit = site.commit("PRJ/hello", "other", &entity("x"));
    announce(&receiver, "PRJ/hello", "other", &commit);
    until("the verdict", || site.build_state(&commit));
    assert_eq!(states_told(&site, &commit), ["INPROGRESS", "SUCCESSFUL"]);
    site.bitbucket.assert_conforms();
}

/// A secret in a pushed file reaches neither Bitbucket nor the page nor the log.
#[test]
fn secrets_of_a_push_and_of_the_operator_are_shown_nowhere() {
    let site = Site::new(CONFIG);
    let secret = "glpat-1a2b3c4d5e6f7g8h9i0j";
    let pipelines = format!(
        "pipelines:\n  default:\n    - step:\n        script:\n          - git clone https://ci:{secret}@gitlab.internal/web.git\n"
    );
    site.bitbucket.add_repository("PRJ/hello");
    let files = [("bitbucket-pipelines.yml", Some(pipelines.as_bytes()))];
    let commit = site.bitbucket.commit("PRJ/hello", "topic", &files);
    let mut receiver = site.place.start();
    let id = announce(&receiver, "PRJ/hello", "topic", &commit);
    receiver.wait_for_line("push_checked");
    let page = receiver.get(&format!("/pushes/{id}")).body;
    assert!(page.contains("bitbucket-pipelines.yml:5"), "{page}");
    let sent: Vec<String> = site
        .bitbucket
        .requests()
        .iter()
        .map(|request| request.text.clone())
        .collect();
    let log = receiver.log();
    let kept =
        std::fs::read_to_string(site.place.state().join(format!("pushes/{id}.json"))).unwrap();
    for text in [
        &page,
        &receiver.get("/").body,
        &kept,
        &receiver.get("/metrics").body,
    ]
    .into_iter()
    .chain(&sent)
    .chain(&log)
    {
        assert!(!text.contains(secret), "{text}");
        assert!(!text.contains(site.bitbucket.token()), "{text}");
        assert!(!text.contains(site.port.client_secret()), "{text}");
    }
}

/// A document with many mistakes, of names that no other one has.
fn many_mistakes(name: &str) -> String {
    (0..150)
        .map(|number| format!("- identifier: {name}{number}\n  titel: T\n  blueprint: service\n"))
        .collect()
}

#[test]
fn a_report_is_cut_where_bitbucket_takes_no_more_and_replaced_when_it_is_told_again() {
    let site = Site::new(&format!("port: {{ files: ['**/port.yaml'] }}\n{CONFIG}"));
    site.bitbucket.add_repository("PRJ/hello");
    let documents: Vec<(String, String)> = ["a", "b", "c", "d", "e", "f", "g", "h"]
        .map(|name| (format!("{name}/port.yaml"), many_mistakes(name)))
        .into();
    let files: Vec<(&str, Option<&[u8]>)> = documents
        .iter()
        .map(|(path, text)| (path.as_str(), Some(text.as_bytes())))
        .collect();
    let commit = site.bitbucket.commit("PRJ/hello", "topic", &files);
    // The report is taken, its build status is not: the second try tells both again.
    site.fail_verdicts(1, 500);
    let mut receiver = site.place.start();
    announce(&receiver, "PRJ/hello", "topic", &commit);
    receiver.wait_for_line("push_checked");
    assert_eq!(
        receiver.metric("pushgate_reports_total{ending=\"postponed\"}"),
        1.0
    );
    let report = site.bitbucket.reports("PRJ/hello", &commit)["pushgate"].clone();
    assert_eq!(report.annotations.len(), 1000);
    let details = report.body["details"].as_str().unwrap();
    assert!(
        details.contains("200 more remarks are not shown"),
        "{details}"
    );
    let page = receiver.get("/").body;
    assert!(page.contains("1200 errors"), "{page}");
    site.bitbucket.assert_conforms();
}

#[test]
fn a_server_without_code_insights_gets_the_build_status() {
    let site = Site::new(CONFIG);
    site.bitbucket.set_version("5.6.0");
    let commit = site.commit("PRJ/hello", "main", BAD);
    let mut receiver = site.place.start();
    announce(&receiver, "PRJ/hello", "main", &commit);
    receiver.wait_for_line("push_checked");
    assert_eq!(site.build_state(&commit).as_deref(), Some("FAILED"));
    let build = site.bitbucket.builds(&commit)["pushgate"].clone();
    assert_eq!(build.repository, None);
    assert!(site.bitbucket.reports("PRJ/hello", &commit).is_empty());
}
