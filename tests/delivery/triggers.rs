//! Services that are told of commits: exact requests, faults, and what never leaks.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use pushgate::config::{Config, Way};
use pushgate::delivery::Event;
use pushgate::outbox::{BuildJob, BuildTarget, DeliveryId, Ending, Job, Status, System};
use pushgate::trigger::{self, Body, Call, Known, Template, TriggerName, Values};
use standin::{Fault, Recorded, TriggerStandIn};

use crate::bench::{Bench, PATIENCE, commit, http_client};

pub const TOKEN: &str = "planted/token+with \"quotes\" & <all>";

/// A bench whose configuration has these triggers; `SERVER` is the stand-in's address.
pub struct Site {
    pub bench: Bench,
    pub service: TriggerStandIn,
}

impl Site {
    pub fn new(triggers: &str) -> Self {
        let service = TriggerStandIn::start().unwrap();
        let mut bench = Bench::new();
        let path = bench.folder.path().join("config.yaml");
        std::fs::write(bench.folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        let text = format!("triggers:\n{triggers}").replace("SERVER", &service.url());
        std::fs::write(&path, text).unwrap();
        bench.remotes.triggers = clients(&path);
        Self { bench, service }
    }

    pub fn put(&self, name: &str, number: usize) -> DeliveryId {
        self.bench.put(build(name, number, Some("main"), false))
    }

    /// How a delivery ended; none where it has not.
    fn ending(&self, id: &DeliveryId) -> Option<Ending> {
        match self.bench.outbox.status(id).unwrap() {
            Status::Finished(receipt) => Some(receipt.ending),
            _ => None,
        }
    }
}

pub fn clients(config: &Path) -> BTreeMap<TriggerName, trigger::Client> {
    let config = Config::load(Some(config), pushgate::config::Place::Server).unwrap();
    let triggers = config.triggers.into_iter();
    triggers
        .filter_map(|trigger| match trigger.way {
            Way::Call(call) => {
                let client =
                    trigger::Client::new(http_client(PATIENCE), trigger.name.clone(), *call);
                Some((trigger.name, client))
            }
            Way::Algorithmia { .. } => None,
        })
        .collect()
}

fn build(name: &str, number: usize, branch: Option<&str>, again: bool) -> Job {
    Job::Build(BuildJob {
        branch: branch.map(str::to_owned),
        commit: commit(number),
        target: BuildTarget::Trigger(name.parse().unwrap()),
        again,
    })
}

/// A request as it went over the wire, but for what differs from run to run.
fn shown(request: &Recorded) -> String {
    let query = match request.raw_query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let mut text = format!("{} {}{query}\n", request.method, request.path);
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "host" | "user-agent" | "accept-encoding") {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    text + "\n" + &request.text
}

pub const PLAIN: &str = "  - { name: ci, repository: PRJ/hello, url: 'SERVER/build?sha=${sha}' }\n";

#[test]
fn each_preset_sends_what_its_service_wants() {
    let site = Site::new(
        "  - name: jenkins
    preset: jenkins
    repository: PRJ/*
    server: SERVER/ci/
    clone_url: ssh://git@bitbucket.example.com:7999/${project_lower}/${slug}.git
    secrets: { token: token }
  - name: teamcity
    preset: teamcity
    repository: PRJ/*
    server: SERVER
    build_type: Web_Build
    secrets: { token: token }
  - name: bamboo
    preset: bamboo
    repository: PRJ/*
    server: SERVER
    plan: WEB-BUILD
    secrets: { token: token }
  - name: by-hand
    repository: [PRJ/other, PRJ/hello]
    url: SERVER/builds/${project}/${slug}?ref=${ref}
    method: PUT
    headers: { Authorization: 'Token ${token}', X-Branch: '${branch}', accept: '*/*' }
    secrets: { token: token }
    body: '{\"sha\":\"${sha}\",\"ref\":\"${ref}\",\"branch\":\"${branch}\",\"repository\":\"${repository}\",\"key\":\"${token}\"}'
  - name: form
    repository: PRJ/hello
    url: SERVER/form
    secrets: { token: token }
    form: { commit: '${sha}', 'branch name': '${branch}', token: '${token}', literal: 'a=$${b}&c' }
",
    );
    let answers = [
        (
            "jenkins",
            "text/plain",
            "No git jobs using repository: x\nScheduled indexing of web",
        ),
        ("teamcity", "application/xml", "<build/>"),
        ("bamboo", "application/json", "{}"),
        ("by-hand", "text/html", "taken"),
        ("form", "text/plain", ""),
    ];
    let mut all = String::new();
    for (name, content_type, body) in answers {
        site.service.set_answer(200, content_type, body);
        let branch = Some("feature/größe\"<&");
        let id = site.bench.put(build(name, 1, branch, false));
        assert!(
            site.bench.deliver().is_clear(),
            "{:?}",
            site.bench.outbox.list()
        );
        assert_eq!(site.ending(&id), Some(Ending::BuildAccepted));
        let requests = site.service.requests();
        all.push_str(&format!(
            "## {name}\n{}\n\n",
            shown(requests.last().unwrap())
        ));
    }
    assert_eq!(site.service.requests().len(), answers.len());
    insta::assert_snapshot!("requests", all);
}

#[test]
fn the_same_commit_is_built_once_unless_somebody_asks_again() {
    let site = Site::new(PLAIN);
    let ids = [1, 2, 1].map(|number| site.put("ci", number));
    assert!(site.bench.deliver().is_clear());
    assert_eq!(
        site.ending(&ids[0]),
        Some(Ending::CarriedBy(ids[2].clone()))
    );
    let later = site.put("ci", 1);
    assert!(site.bench.deliver().is_clear());
    assert_eq!(site.ending(&later), Some(Ending::BuiltBefore));
    let told = |site: &Site| -> Vec<String> {
        let taken = site.service.taken().into_iter();
        taken.map(|request| request.query["sha"].clone()).collect()
    };
    let [one, two] = [1, 2].map(|number| commit(number).to_string());
    assert_eq!(told(&site), [one.clone(), two.clone()]);

    let again = site.bench.put(build("ci", 1, None, true));
    assert!(site.bench.deliver().is_clear());
    assert_eq!(site.ending(&again), Some(Ending::BuildAccepted));
    assert_eq!(told(&site), [one.clone(), two, one]);
}

#[test]
fn a_fork_with_the_same_commit_is_built_too() {
    let site = Site::new(PLAIN);
    site.put("ci", 1);
    let fork = "PRJ/fork".parse().unwrap();
    let job = build("ci", 1, Some("main"), false);
    site.bench
        .outbox
        .put(&pushgate::outbox::Delivery::new(fork, job))
        .unwrap();
    assert!(site.bench.deliver().is_clear());
    assert_eq!(site.service.taken().len(), 2);
}

#[test]
fn what_passes_is_tried_again() {
    for fault in [
        Fault::CloseBeforeApply,
        Fault::CloseAfterApply,
        Fault::status(500),
        Fault::status(408),
        Fault::with_header(503, "retry-after", "0"),
        Fault::with_header(429, "retry-after", "0"),
    ] {
        let site = Site::new(PLAIN);
        site.service.fail_next(2, &fault);
        let id = site.put("ci", 1);
        assert!(site.bench.deliver().is_clear(), "{fault:?}");
        assert_eq!(site.ending(&id), Some(Ending::BuildAccepted));
        assert!(!site.service.taken().is_empty(), "{fault:?}");
    }
}

#[test]
fn a_service_that_hangs_is_given_its_time_and_no_more() {
    let site =
        Site::new("  - { name: ci, repository: PRJ/hello, url: SERVER/x, timeout: 200ms }\n");
    site.service.fail_next(1, &Fault::Hang);
    site.put("ci", 1);
    assert_eq!(site.bench.deliver_due().waiting, 1);
    let problem = site.bench.problem();
    assert!(
        problem.contains("ci: 127.0.0.1") && problem.contains("gave no answer in time"),
        "{problem}"
    );
}

#[test]
fn a_pause_that_the_service_asks_for_holds_all_repositories_of_the_trigger() {
    let site = Site::new(PLAIN);
    site.service
        .fail_next(1, &Fault::with_header(429, "retry-after", "600"));
    site.put("ci", 1);
    site.put("ci", 2);
    let fork = "PRJ/fork".parse().unwrap();
    let job = build("ci", 3, Some("main"), false);
    site.bench
        .outbox
        .put(&pushgate::outbox::Delivery::new(fork, job))
        .unwrap();
    assert_eq!(site.bench.deliver_due().waiting, 3);
    assert_eq!(site.service.requests().len(), 1);
}

#[test]
fn every_refusal_is_in_words_with_what_to_do() {
    let mut all = String::new();
    let faults = [
        Fault::with_body(400, "bad\r\n\u{1b}[31msha1"),
        Fault::with_body(401, "no"),
        Fault::with_body(403, "{\"message\":\"invalid token\"}"),
        Fault::status(404),
        Fault::status(405),
        Fault::status(409),
        Fault::status(203),
        Fault::status(418),
        Fault::with_body(503, "maintenance"),
        Fault::with_header(
            302,
            "location",
            "https://login.example.com/?from=%2Fbuild%3Ftoken%3Dx",
        ),
    ];
    for fault in faults {
        let site = Site::new(PLAIN);
        site.service.fail_next(1, &fault);
        site.put("ci", 1);
        let summary = site.bench.deliver_due();
        let state = match (&summary.blocked[..], summary.refused) {
            ([(System::Trigger(name), _)], 0) => format!("blocks {name}"),
            ([], 1) => "refused".to_owned(),
            ([], 0) => "tried again".to_owned(),
            other => panic!("{other:?}"),
        };
        let problem = site.bench.problem();
        let problem = problem.replace(site.service.url().strip_prefix("http://").unwrap(), "HOST");
        all.push_str(&format!("{state}: {problem}\n\n"));
    }
    insta::assert_snapshot!("refusals", all);
}

#[test]
fn jenkins_is_not_believed_where_it_started_nothing() {
    let site = Site::new(
        "  - { name: j, preset: jenkins, repository: PRJ/hello, server: SERVER, clone_url: 'https://git/${slug}' }\n",
    );
    let nothing = "No git jobs using repository: https://git/hello and branches: main\nNo Git consumers using SCM API plugin for: https://git/hello";
    site.service.set_answer(200, "text/plain", nothing);
    site.put("j", 1);
    assert_eq!(site.bench.deliver().refused, 1);
    let problem = site.bench.problem();
    assert!(
        problem.contains("Jenkins has started nothing, it says: No git jobs"),
        "{problem}"
    );
    assert!(problem.contains("`clone_url`"), "{problem}");

    site.service
        .set_answer(200, "text/html;charset=utf-8", "<html>Sign in");
    site.put("j", 2);
    assert_eq!(site.bench.deliver_due().waiting, 1);
    assert!(format!("{:?}", site.bench.events()).contains("the answer is a web page"));
}

#[test]
fn a_secret_that_is_mended_later_is_read_then() {
    let site = Site::new(
        "  - { name: ci, repository: PRJ/hello, url: SERVER/x, secrets: { late: later }, headers: { X-Key: '${late}' } }\n",
    );
    let id = site.put("ci", 1);
    assert_eq!(site.bench.deliver_due().waiting, 1);
    assert!(site.service.requests().is_empty());
    let problem = site.bench.problem();
    assert!(
        problem.contains("the secret `late`,") && problem.contains("there is no such file"),
        "{problem}"
    );
    std::fs::write(site.bench.folder.path().join("later"), " \n").unwrap();
    site.bench.outbox.retry(&id).unwrap();
    assert_eq!(site.bench.deliver_due().waiting, 1);
    assert!(site.bench.problem().contains("it is empty"));
    std::fs::write(site.bench.folder.path().join("later"), "k3y\n").unwrap();
    site.bench.outbox.retry(&id).unwrap();
    assert!(site.bench.deliver().is_clear());
    assert_eq!(site.service.taken()[0].header("x-key"), Some("k3y"));
}

#[test]
fn a_trigger_that_left_the_configuration_keeps_what_waits_for_it() {
    let mut site = Site::new(PLAIN);
    site.put("gone", 1);
    site.put("ci", 1);
    let summary = site.bench.deliver();
    assert_eq!((summary.waiting, summary.finished), (1, 1));
    let gone = System::Trigger("gone".parse().unwrap());
    assert_eq!(summary.not_configured, std::slice::from_ref(&gone));
    assert!(site.bench.events().contains(&Event::NotConfigured(gone)));
    let client = site.bench.remotes.triggers.remove(&"ci".parse().unwrap());
    site.bench
        .remotes
        .triggers
        .insert("gone".parse().unwrap(), client.unwrap());
    assert!(site.bench.deliver().is_clear());
}

#[test]
fn one_that_fails_keeps_no_other_waiting() {
    let site = Site::new(&format!(
        "{PLAIN}  - {{ name: bad, repository: PRJ/hello, url: 'http://127.0.0.1:1/x' }}\n"
    ));
    site.put("bad", 1);
    site.put("ci", 1);
    let summary = site.bench.deliver_due();
    assert_eq!((summary.waiting, summary.finished), (1, 1));
    assert!(site.bench.problem().contains("nobody listens there"));
}

#[test]
fn a_branch_that_is_asked_for_has_to_be_known() {
    let site = Site::new(
        "  - { name: ci, repository: PRJ/hello, url: 'SERVER/x?ref=${ref}' }\n  - { name: dots, repository: PRJ/hello, url: 'SERVER/x/${branch}/y' }\n",
    );
    let id = site.bench.put(build("ci", 1, None, true));
    assert_eq!(site.bench.deliver().refused, 1);
    assert!(site.bench.problem().contains("pushgate compile --branch"));
    site.bench.outbox.discard(&id).unwrap();
    site.bench.put(build("dots", 1, Some(".."), false));
    assert_eq!(site.bench.deliver().refused, 1);
    assert!(site.bench.problem().contains("`.` or `..`"));
    assert!(site.service.requests().is_empty());
}

#[test]
fn a_call_is_sent_as_it_was_made() {
    let service = TriggerStandIn::start().unwrap();
    let known = Known::default();
    let call = Call {
        method: pushgate::http::Method::Post,
        url: Template::parse(&format!("{}/x", service.url()), &known).unwrap(),
        headers: vec![],
        body: Some(Body::Form(vec![])),
        success: vec![409],
        timeout: Duration::from_secs(5),
        secrets: BTreeMap::new(),
        clone_url: None,
        preset: None,
    };
    let client = trigger::Client::new(http_client(PATIENCE), "x".parse().unwrap(), call);
    let commit = commit(1);
    let values = Values {
        sha: commit.as_str(),
        branch: None,
        project: "PRJ",
        slug: "hello",
    };
    service.set_answer(409, "text/plain", "queued already");
    assert!(client.trigger(&values).is_ok());
}
