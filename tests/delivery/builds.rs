//! Builds on Algorithmia.

use pushgate::delivery::Event;
use pushgate::outbox::{Ending, Status, System};
use standin::{AlgorithmiaStandIn, CompileAnswer, Fault};

use crate::bench::{
    Bench, algorithmia_client, algorithmia_client_at, build, catalog, commit, entity, good_key,
};

const ID: &str = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

fn bench() -> Option<(Bench, AlgorithmiaStandIn, std::path::PathBuf)> {
    let key = good_key()?;
    let algorithmia = AlgorithmiaStandIn::start().unwrap();
    algorithmia.add_algorithm("acme-ghe", "hello", ID);
    let mut bench = Bench::new();
    bench.remotes.algorithmia = Some(algorithmia_client(&algorithmia));
    Some((bench, algorithmia, key))
}

#[test]
fn a_commit_is_compiled_by_name_and_by_id() {
    let Some((bench, algorithmia, key)) = bench() else {
        return;
    };
    let by_name = bench.put(build(1, "acme-ghe/hello", &key));
    let by_id = bench.put(build(2, ID, &key));
    assert!(bench.deliver().is_clear());
    let builds = algorithmia.builds();
    assert_eq!(builds.len(), 2);
    for (number, build) in builds.iter().enumerate() {
        assert_eq!(build.algorithm, "acme-ghe/hello");
        assert_eq!(build.commit, commit(number + 1).as_str());
        assert_eq!(
            build.ssh_private_key,
            std::fs::read_to_string(&key).unwrap()
        );
    }
    for id in [by_name, by_id] {
        let Status::Finished(receipt) = bench.outbox.status(&id).unwrap() else {
            panic!("no receipt");
        };
        assert_eq!(receipt.ending, Ending::BuildAccepted);
    }
    let request = &algorithmia.requests()[0];
    let keys: Vec<&String> = request.body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["commitSha", "sshPrivateKey"]);
    algorithmia.assert_conforms();
}

#[test]
fn a_cluster_that_builds_at_once_says_so() {
    let Some((bench, algorithmia, key)) = bench() else {
        return;
    };
    algorithmia.set_answer(CompileAnswer::Built);
    let id = bench.put(build(1, "acme-ghe/hello", &key));
    assert!(bench.deliver().is_clear());
    let Status::Finished(receipt) = bench.outbox.status(&id).unwrap() else {
        panic!("no receipt");
    };
    assert_eq!(receipt.ending, Ending::Built);

    algorithmia.set_answer(CompileAnswer::Failed(
        "line 3:\u{1b}[31m no such module".into(),
    ));
    bench.put(build(2, "acme-ghe/hello", &key));
    assert_eq!(bench.deliver().refused, 1);
    let problem = bench.problem();
    assert!(
        problem.contains("the build failed: line 3:\\u{1b}[31m no such module"),
        "{problem}"
    );
    algorithmia.assert_conforms();
}

#[test]
fn the_same_commit_is_compiled_once_and_others_each() {
    let Some((bench, algorithmia, key)) = bench() else {
        return;
    };
    let asked = [1, 2, 1, 3].map(|number| bench.put(build(number, "acme-ghe/hello", &key)));
    let summary = bench.deliver();
    assert!(summary.is_clear());
    assert_eq!(summary.finished, 4);
    let commits: Vec<String> = algorithmia
        .builds()
        .into_iter()
        .map(|build| build.commit)
        .collect();
    assert_eq!(commits, [1, 2, 3].map(|number| commit(number).to_string()));
    let Status::Finished(receipt) = bench.outbox.status(&asked[0]).unwrap() else {
        panic!("no receipt");
    };
    assert_eq!(receipt.ending, Ending::CarriedBy(asked[2].clone()));
}

#[test]
fn lost_connections_and_failures_are_tried_again() {
    for fault in [
        Fault::CloseBeforeApply,
        Fault::CloseAfterApply,
        Fault::status(500),
        Fault::status(503),
        Fault::with_header(200, "content-type", "text/html; charset=utf-8"),
        Fault::with_header(429, "retry-after", "0"),
        Fault::with_body(400, r#"{"error":{"code":4084,"message":"SCM connection"}}"#),
    ] {
        let Some((bench, algorithmia, key)) = bench() else {
            return;
        };
        algorithmia.fail_next(2, &fault);
        bench.put(build(1, "acme-ghe/hello", &key));
        assert!(bench.deliver().is_clear(), "{fault:?}");
        assert!(!algorithmia.builds().is_empty(), "{fault:?}");
        algorithmia.assert_conforms();
    }
}

#[test]
fn what_algorithmia_will_never_do_is_refused_in_words() {
    let cases = [
        (
            Fault::with_body(403, r#"{"error":{"id":"e-7","code":2001,"message":"no"}}"#),
            ["may not compile this algorithm", "id e-7"],
        ),
        (
            Fault::with_body(404, r#"{"error":"No such algorithm"}"#),
            ["has no such algorithm", "No such algorithm"],
        ),
        (
            Fault::with_body(500, r#"{"error":{"code":4080,"message":"denied"}}"#),
            ["Bitbucket does not let Algorithmia in", "code 4080"],
        ),
        (
            Fault::with_body(400, "null"),
            ["does not take the request", "PEM"],
        ),
    ];
    for (fault, words) in cases {
        let Some((bench, algorithmia, key)) = bench() else {
            return;
        };
        algorithmia.fail_next(1, &fault);
        bench.put(build(1, "acme-ghe/hello", &key));
        assert_eq!(bench.deliver().refused, 1, "{fault:?}");
        let problem = bench.problem();
        for word in words {
            assert!(problem.contains(word), "{problem}");
        }
    }
}

#[test]
fn a_wrong_key_of_the_api_keeps_the_queue() {
    let Some((mut bench, algorithmia, key)) = bench() else {
        return;
    };
    let api_key = "simWrong/Key+0123456789";
    bench.remotes.algorithmia = Some(algorithmia_client_at(&algorithmia.url(), api_key));
    bench.put(build(1, "acme-ghe/hello", &key));
    bench.put(build(2, "acme-ghe/hello", &key));
    let summary = bench.deliver();
    assert_eq!((summary.waiting, summary.refused), (2, 0));
    assert_eq!(algorithmia.requests().len(), 1);
    assert_eq!(summary.blocked[0].0, System::Algorithmia);
    // The stand-in quotes what it was sent.
    let told = format!("{summary:?} {:?}", bench.outbox.list().unwrap());
    assert!(
        told.contains("[hidden]") && !told.contains(api_key),
        "{told}"
    );
}

#[test]
fn a_build_keeps_no_entity_waiting() {
    let Some((bench, algorithmia, key)) = bench() else {
        return;
    };
    bench.put(build(1, "acme-ghe/hello", &key));
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    algorithmia.fail_next(1, &Fault::status(500));
    assert!(bench.deliver().is_clear());
    assert!(bench.port.entity("a", "one").is_some());
    assert_eq!(algorithmia.builds().len(), 1);
}

#[test]
fn a_key_file_that_is_mended_later_is_read_then() {
    let Some((bench, algorithmia, good)) = bench() else {
        return;
    };
    let key = bench.folder.path().join("key.pem");
    let id = bench.put(build(1, "acme-ghe/hello", &key));
    assert_eq!(bench.deliver_due().waiting, 1);
    assert!(algorithmia.requests().is_empty());
    let problem = bench.problem();
    assert!(problem.contains("there is no such file"), "{problem}");
    assert!(
        problem.contains("ssh-keygen -t rsa -b 4096 -m PEM"),
        "{problem}"
    );

    std::fs::copy(good, &key).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    bench.outbox.retry(&id).unwrap();
    assert!(bench.deliver().is_clear());
    let warned = bench.events().into_iter().any(|event| {
        matches!(event, Event::Warning(text) if text.contains("chmod 600") && text.contains("0644"))
    });
    assert!(warned);
}
