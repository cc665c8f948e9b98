//! What is acknowledged survives every end: SIGTERM, kill -9, a Bitbucket that is down.

use std::fs;
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use standin::{BitbucketStandIn, Fault, PortStandIn};

use crate::receiver::{NOBODY, Place, Receiver, ZERO, change, push, refs_changed, until};

/// A Bitbucket and a Port on loopback, and a receiver between them.
pub struct Site {
    pub bitbucket: BitbucketStandIn,
    pub port: PortStandIn,
    pub place: Place,
    repositories: Mutex<Vec<String>>,
}

const CONFIG: &str = "serve: { listen: '127.0.0.1:0', public_url: 'https://gate.example.com' }\n";

impl Site {
    pub fn new(config: &str) -> Self {
        let bitbucket = BitbucketStandIn::start().unwrap();
        let port = PortStandIn::start().unwrap();
        let place = Place::new(&bitbucket.url(), config)
            .with("BITBUCKET_SERVER_TOKEN", bitbucket.token())
            .with("PORT_API_URL", &port.url())
            .with("PORT_CLIENT_ID", port.client_id())
            .with("PORT_CLIENT_SECRET", port.client_secret());
        Self {
            bitbucket,
            port,
            place,
            repositories: Mutex::default(),
        }
    }

    /// Commits a `port.yaml` to the branch of a repository. No two repositories have a commit of one
    /// id, as none have that are no forks.
    pub fn commit(&self, repository: &str, branch: &str, document: &str) -> String {
        self.bitbucket.add_repository(repository);
        let mut known = self.repositories.lock().unwrap();
        if !known.iter().any(|name| name == repository) {
            // The stand-in's ids count the commits of a repository.
            for _ in 0..known.len() * 10 {
                self.bitbucket.commit(repository, "aside", &[]);
            }
            known.push(repository.to_owned());
        }
        let files = [("port.yaml", Some(document.as_bytes()))];
        self.bitbucket.commit(repository, branch, &files)
    }

    /// The state of a commit's build status, once it is a verdict.
    pub fn build_state(&self, commit: &str) -> Option<String> {
        self.shown_state(commit)
            .filter(|state| state != "INPROGRESS")
    }

    /// The state of a commit's build status.
    pub fn shown_state(&self, commit: &str) -> Option<String> {
        let builds = self.bitbucket.builds(commit);
        let build = builds.get("pushgate")?;
        build.body["state"].as_str().map(str::to_owned)
    }

    /// Lets Bitbucket take none of the next verdicts.
    pub fn fail_verdicts(&self, times: usize, status: u16) {
        let mut left = times;
        self.bitbucket.fail_by(move |request| {
            let is_verdict =
                request.path.contains("/builds") && request.body["state"] != "INPROGRESS";
            left = left.checked_sub(usize::from(is_verdict))?;
            is_verdict.then(|| Fault::status(status))
        });
    }

    /// `blueprint/identifier` of all that Port holds.
    pub fn entities(&self) -> Vec<String> {
        let keys = self.port.entities().into_keys();
        keys.map(|(blueprint, identifier)| format!("{blueprint}/{identifier}"))
            .collect()
    }
}

pub fn entity(identifier: &str) -> String {
    format!("identifier: {identifier}\ntitle: T\nblueprint: service\n")
}

/// Announces a new branch at a commit; answers with the push's name.
pub fn announce(receiver: &Receiver, repository: &str, branch: &str, commit: &str) -> String {
    let body = refs_changed(repository, &[change(branch, ZERO, commit)]);
    let answer = receiver.announce(&body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    said["push"].as_str().unwrap().to_owned()
}

#[test]
fn sigterm_ends_it_cleanly_and_what_waits_is_done_by_the_next() {
    let site = Site::new(CONFIG);
    let commits: Vec<(String, String)> = (0..30)
        .map(|number| {
            let repository = format!("PRJ/r{number}");
            let commit = site.commit(&repository, "main", &entity(&format!("e{number:02}")));
            (repository, commit)
        })
        .collect();
    // It is slow enough that some are at work and most wait when the signal comes.
    site.bitbucket
        .fail_by(|_| Some(Fault::Slow(Duration::from_millis(300))));
    let receiver = site.place.start();
    for (repository, commit) in &commits {
        announce(&receiver, repository, "main", commit);
    }
    let (status, log) = receiver.terminate();
    assert_eq!(status.code(), Some(0), "{log:?}");
    assert!(
        log.iter().any(|line| line.contains("\"stopping\"")),
        "{log:?}"
    );
    let told = |site: &Site| {
        let told = commits
            .iter()
            .filter(|(_, commit)| site.build_state(commit).is_some());
        told.count()
    };
    assert!(told(&site) < commits.len(), "nothing was left to do");
    site.bitbucket.mend();
    let receiver = site.place.start();
    until("every verdict", || {
        (told(&site) == commits.len()).then_some(())
    });
    until("every entity", || {
        (site.entities().len() == commits.len()).then_some(())
    });
    until("the end of the last", || {
        (receiver.metric("pushgate_pushes_waiting{state=\"open\"}") == 0.0).then_some(())
    });
    assert_eq!(receiver.terminate().0.code(), Some(0));
    assert_eq!(site.place.outbox(), Vec::<Value>::new());
    site.bitbucket.assert_conforms();
    site.port.assert_conforms();
}

#[test]
fn nothing_is_lost_however_often_it_is_killed() {
    let site = Site::new(CONFIG);
    let mut commits = Vec::new();
    for round in 0..6 {
        let receiver = site.place.start();
        for number in 0..8 {
            let repository = format!("PRJ/r{number}");
            let name = format!("e{number}-{round}");
            let commit = site.commit(&repository, "main", &entity(&name));
            announce(&receiver, &repository, "main", &commit);
            commits.push(commit);
        }
        // Once some of it is done: in the middle of the rest.
        let done = fastrand::usize(0..8);
        until("some verdicts", || {
            let told = commits
                .iter()
                .filter(|commit| site.build_state(commit).is_some());
            (told.count() >= round * 4 + done.min(3)).then_some(())
        });
        receiver.kill();
    }
    let receiver = site.place.start();
    until("every verdict", || {
        let all = commits
            .iter()
            .all(|commit| site.build_state(commit).is_some());
        all.then_some(())
    });
    // The last state of each repository, and nothing of those before.
    let last: Vec<String> = (0..8)
        .map(|number| format!("service/e{number}-5"))
        .collect();
    until("the last entities", || {
        (site.entities() == last).then_some(())
    });
    until("an empty outbox", || {
        site.place.outbox().is_empty().then_some(())
    });
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"set_aside\"}"),
        0.0
    );
    site.bitbucket.assert_conforms();
}

#[test]
fn a_bitbucket_that_is_down_is_waited_for_and_shown() {
    let site = Site::new(CONFIG);
    let commit = site.commit("PRJ/hello", "main", &entity("hello"));
    site.bitbucket.fail_by(|_| Some(Fault::status(503)));
    let mut receiver = site.place.start();
    let id = announce(&receiver, "PRJ/hello", "main", &commit);
    let line = receiver.wait_for_line("push_postponed");
    assert!(line.contains("Bitbucket itself failed"), "{line}");
    let page = receiver.get("/").body;
    assert!(
        page.contains("Bitbucket itself failed (status 503)"),
        "{page}"
    );
    let page = receiver.get(&format!("/pushes/{id}")).body;
    assert!(page.contains("waits to be checked"), "{page}");
    assert!(receiver.metric("pushgate_checks_total{ending=\"postponed\"}") >= 1.0);
    site.bitbucket.mend();
    until("the verdict", || site.build_state(&commit));
    until("the entity", || {
        (site.entities() == ["service/hello"]).then_some(())
    });
    assert_eq!(
        receiver.metric("pushgate_pushes_total{verdict=\"accepted\"}"),
        1.0
    );
}

#[test]
fn what_bitbucket_does_not_have_waits_for_a_person_and_is_not_dropped() {
    let site = Site::new(CONFIG);
    site.bitbucket.add_repository("PRJ/hello");
    let mut receiver = site.place.start();
    let missing = "1234567890123456789012345678901234567890";
    announce(&receiver, "PRJ/hello", "main", missing);
    let line = receiver.wait_for_line("push_set_aside");
    assert!(line.contains("no such thing"), "{line}");
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"set_aside\"}"),
        1.0
    );
    let page = receiver.get("/").body;
    assert!(page.contains("push that could not be checked"), "{page}");
    assert_eq!(site.entities(), Vec::<String>::new());
}

#[test]
fn a_push_that_ends_the_process_each_time_is_set_aside() {
    let place = Place::new(NOBODY, "serve: { listen: '127.0.0.1:0', deliver: false }\n");
    let receiver = place.start();
    receiver.announce(&push(1));
    receiver.kill();
    let file = fs::read_dir(place.state().join("pushes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "json"))
        .unwrap();
    let mut stored: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    stored["push"]["attempts"] = 10.into();
    stored["push"]["problem"] = Value::Null;
    stored["push"]["next_try"] = "2026-01-01T00:00:00Z".into();
    fs::write(&file, stored.to_string()).unwrap();
    // Nor does what nobody can read keep the others from their way.
    fs::write(file.with_file_name("damaged.json"), "{").unwrap();
    let mut receiver = place.start();
    receiver.wait_for_line("push_set_aside");
    let page = receiver.get("/").body;
    assert!(
        page.contains("pushgate ended each time that it checked this push"),
        "{page}"
    );
    assert!(page.contains("1 file"), "{page}");
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"unreadable\"}"),
        1.0
    );
    assert!(file.with_file_name("damaged.json").exists());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let site = Site::new(CONFIG);
    let commit = site.commit("PRJ/hello", "main", &entity("hello"));
    site.bitbucket.fail_by(|_| Some(Fault::Hang));
    let mut receiver = site.place.start();
    announce(&receiver, "PRJ/hello", "main", &commit);
    until("the request", || {
        (!site.bitbucket.requests().is_empty()).then_some(())
    });
    receiver.send_signal("-TERM");
    receiver.wait_for_line("stopping");
    receiver.send_signal("-TERM");
    let (status, _) = receiver.ended();
    assert_eq!(status.code(), None, "{status}");
    site.bitbucket.mend();
    let _receiver = site.place.start();
    until("the verdict", || site.build_state(&commit));
}

/// Blueprints are only read: nothing is lost when nobody waits for them.
#[test]
fn a_port_that_does_not_answer_holds_up_no_end() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let place = Place::new(NOBODY, CONFIG)
        .with("PORT_API_URL", &address)
        .with("PORT_CLIENT_ID", "id")
        .with("PORT_CLIENT_SECRET", "the secret of a silent Port");
    let receiver = place.start();
    let _asked = silent.accept().unwrap();
    let (status, log) = receiver.terminate();
    assert!(status.success(), "{status}: {log:?}");
    assert!(
        !log.iter().any(|line| line.contains("blueprints")),
        "{log:?}"
    );
}
