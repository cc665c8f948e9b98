//! What is asked, and what comes back.

use std::time::{Duration, Instant};

use pushgate::bitbucket::{Credentials, NodeKind, ProjectOwner, Raw, RepositoryState, Version};
use pushgate::http::Secret;
use standin::{BitbucketStandIn, Fault};

use crate::bench::{client, client_of, name};

#[test]
fn every_kind_of_credentials_is_taken() {
    let standin = BitbucketStandIn::start().unwrap();
    let basic = |password: &str| Credentials::Basic {
        user: standin.user().to_owned(),
        password: Secret::new(password),
    };
    for credentials in [
        basic(standin.password()),
        basic(standin.token()),
        Credentials::Bearer(Secret::new(standin.token())),
    ] {
        let client = client_of(&standin.url(), credentials, Duration::ZERO);
        assert_eq!(client.version().unwrap(), Version::new(9, 2));
    }
    let wrong = client_of(&standin.url(), basic("wrong"), Duration::ZERO);
    let problem = wrong.version().unwrap_err();
    assert!(problem.concerns_everything(), "{problem}");
    standin.assert_conforms();
}

#[test]
fn projects_and_repositories_are_listed() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.add_repository("PRJ/hello");
    standin.add_repository("PRJ/old");
    standin.add_repository("~ada/notes");
    standin.add_project("EMPTY");
    standin.archive("PRJ/old");
    standin.set_state("PRJ/hello", "OFFLINE");
    let client = client(&standin);
    let keys: Vec<String> = client.projects().map(|one| one.unwrap().key).collect();
    assert_eq!(keys, ["EMPTY", "PRJ"]);
    let of_project: Vec<_> = client.repositories("PRJ").map(Result::unwrap).collect();
    assert_eq!(of_project[0].full_name().unwrap(), name("PRJ/hello"));
    assert_eq!(of_project[0].state, RepositoryState::Offline);
    assert_eq!(of_project[0].state.trouble(), Some("it is off line"));
    assert!(of_project[1].archived);
    assert_eq!(client.repositories("EMPTY").count(), 0);
    // A user's own space has a key of its own kind.
    let own = client.repositories("~ada").next().unwrap().unwrap();
    assert_eq!(own.project.owner, ProjectOwner::Personal);
    assert_eq!(own.full_name().unwrap(), name("~ada/notes"));
    assert_eq!(client.all_repositories().count(), 3);
    assert_eq!(client.repository(&name("~ada/notes")).unwrap(), own);
    let problem = client.repository(&name("PRJ/none")).unwrap_err();
    assert!(problem.is_not_found() && !problem.concerns_everything());
    standin.assert_conforms();
}

#[test]
fn a_state_that_nobody_knows_is_no_error() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.add_repository("PRJ/hello");
    standin.set_state("PRJ/hello", "FROZEN");
    let found = client(&standin).repository(&name("PRJ/hello")).unwrap();
    assert_eq!(found.state, RepositoryState::Unknown);
    assert_eq!(found.state.trouble(), None);
}

#[test]
fn content_comes_byte_for_byte() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.add_repository("PRJ/hello");
    let odd = "docs/größe & co#1?.md";
    let bytes: &[u8] = b"a\r\nb\xff\0no newline";
    let first = standin.commit(
        "PRJ/hello",
        "main",
        &[(odd, Some(bytes)), ("port.yaml", Some(b"1"))],
    );
    let second = standin.commit("PRJ/hello", "main", &[("port.yaml", Some(b"22"))]);
    let (client, hello) = (client(&standin), name("PRJ/hello"));
    let raw = |at: &str, path: &str, limit| client.raw(&hello, at, path, limit).unwrap();
    assert_eq!(raw(&first, odd, 100), Raw::Content(bytes.to_vec()));
    assert_eq!(raw(&first, "port.yaml", 100), Raw::Content(b"1".to_vec()));
    assert_eq!(
        raw("refs/heads/main", "port.yaml", 2),
        Raw::Content(b"22".to_vec())
    );
    assert_eq!(raw(&second, "port.yaml", 1), Raw::TooLarge);
    assert_eq!(raw(&second, "none.yaml", 100), Raw::Missing);
    for outside in ["../secret", "/etc/passwd", "docs//x", ""] {
        assert_eq!(raw(&second, outside, 100), Raw::Missing);
    }
    assert_eq!(client.size(&hello, &second, "port.yaml").unwrap(), Some(2));
    let kind = |path: &str| client.kind_of_path(&hello, &second, path).unwrap();
    assert_eq!(kind("docs"), Some(NodeKind::Directory));
    assert_eq!(kind("port.yaml"), Some(NodeKind::File));
    assert_eq!(kind("none"), None);
    let files: Vec<_> = client.files(&hello, &second).map(Result::unwrap).collect();
    assert_eq!(files, [odd, "port.yaml"]);
    let top = client.top(&hello, &second).unwrap();
    assert_eq!(top.len(), 2);
    assert_eq!(
        (top[0].name.as_str(), top[0].kind),
        ("docs", NodeKind::Directory)
    );
    // A commit or repository that is missing is never a missing file.
    let nowhere = "f".repeat(40);
    assert!(client.raw(&hello, &nowhere, "port.yaml", 9).is_err());
    assert!(
        client
            .raw(&name("PRJ/gone"), &second, "port.yaml", 9)
            .is_err()
    );
    assert!(client.top(&hello, &nowhere).is_err());
    // A folder is no file.
    assert!(client.raw(&hello, &second, "docs", 9).is_err());
    standin.assert_conforms();
}

#[test]
fn the_default_branch_is_found_on_every_version() {
    for version in ["5.6.0", "7.21.3", "9.2.0"] {
        let standin = BitbucketStandIn::start().unwrap();
        standin.set_version(version);
        standin.add_repository("PRJ/hello");
        let (client, hello) = (client(&standin), name("PRJ/hello"));
        assert_eq!(client.default_tip(&hello).unwrap(), None, "{version}");
        let one = standin.commit("PRJ/hello", "main", &[("a", Some(b"1"))]);
        let two = standin.commit("PRJ/hello", "other", &[("a", Some(b"2"))]);
        let before = standin.requests().len();
        assert_eq!(
            client.default_tip(&hello).unwrap(),
            Some(one.clone()),
            "{version}"
        );
        assert_eq!(standin.requests().len(), before + 1);
        let branch = client.default_branch(&hello).unwrap().unwrap();
        assert_eq!(
            (branch.id.as_str(), branch.display_id.as_str()),
            ("refs/heads/main", "main")
        );
        assert_eq!(client.tip(&hello, "refs/heads/other").unwrap(), Some(two));
        assert_eq!(client.tip(&hello, "refs/heads/none").unwrap(), None);
        // Its ref need not be there yet.
        standin.set_default_branch("PRJ/hello", "next");
        assert_eq!(client.default_tip(&hello).unwrap(), None, "{version}");
        // What is missing altogether is no repository without commits.
        let gone = name("PRJ/gone");
        assert!(client.default_tip(&gone).unwrap_err().is_not_found());
        assert!(client.default_branch(&gone).is_err(), "{version}");
        assert!(client.tip(&gone, "refs/heads/main").is_err());
        standin.assert_conforms();
    }
}

#[test]
fn a_pause_that_the_server_asks_for_is_kept() {
    let standin = BitbucketStandIn::start().unwrap();
    let client = client(&standin);
    standin.fail_next("/projects", 2, &Fault::with_header(429, "Retry-After", "1"));
    let started = Instant::now();
    assert_eq!(client.projects().count(), 0);
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert_eq!(standin.requests().len(), 3);
    // Who has no patience is told.
    let impatient = client_of(
        &standin.url(),
        Credentials::Bearer(Secret::new(standin.token())),
        Duration::from_secs(10),
    );
    standin.fail_next(
        "/projects",
        1,
        &Fault::with_header(429, "Retry-After", "60"),
    );
    let problem = impatient.projects().next().unwrap().unwrap_err();
    assert!(problem.to_string().contains("rate limit"), "{problem}");
    // The pause counts for whoever shares the client, without another request.
    let before = standin.requests().len();
    assert!(impatient.clone().version().is_err());
    assert_eq!(standin.requests().len(), before);
}

#[test]
fn a_reading_call_that_is_lost_is_made_again() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.add_project("PRJ");
    let client = client(&standin);
    for fault in [
        Fault::CloseBeforeApply,
        Fault::status(502),
        Fault::status(503),
    ] {
        standin.fail_next("/projects", 1, &fault);
        assert_eq!(client.projects().next().unwrap().unwrap().key, "PRJ");
    }
    // Not for ever.
    standin.fail_next("/projects", 100, &Fault::status(503));
    let before = standin.requests().len();
    assert!(client.projects().next().unwrap().is_err());
    assert_eq!(standin.requests().len() - before, 5);
}

#[test]
fn the_deadline_ends_it_all() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.fail_next("/projects", 9, &Fault::with_header(429, "Retry-After", "5"));
    let soon = client(&standin).until(Some(Instant::now() + Duration::from_millis(500)));
    let started = Instant::now();
    assert!(soon.projects().next().unwrap().is_err());
    assert!(started.elapsed() < Duration::from_secs(5));
}
