//! What remote systems answer: a real server on loopback gives the answer, the real clients take it.

mod server;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::LazyLock;
use std::time::Duration;

use pushgate::algorithmia::{self, AlgorithmRef};
use pushgate::bitbucket;
use pushgate::catalog::{Entity, EntityKey, Inventory, Plan, PlanOptions, plan};
use pushgate::git::CommitId;
use pushgate::http::{self, Outcome, Problem, Secret};
use pushgate::port;
use pushgate::repository::RepositoryName;
use serde_json::json;

use super::shown::{assert_one_line, assert_short};
use server::{Answer, Server};

/// Never in a message, whatever a server repeats of what it was sent.
const SECRET: &str = "planted-secret-of-the-client";

/// Bytes of a message: a few texts of the server, each of which is cut.
const MESSAGE: usize = 16 * 1024;

/// A list that names ever new pages ends after this many calls.
const MOST_CALLS: usize = 1_100;

/// Bytes of a file that is asked for.
const FILE: u64 = 1024;

const COMMIT: &str = "6375552a3dcc208f7483f4f58f123dab0dd9c546";

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// The name of a system on the first line, the answer to every call behind it: the status and
/// headers, an empty line, the body. Where the status line begins with `HTTP/`, it is sent as it is.
/// `{{authorization}}` and `{{body}}` in it stand for what was sent.
pub fn put_through(input: &[u8]) {
    let Some(end) = input.iter().position(|&byte| byte == b'\n') else {
        return;
    };
    SERVER.answer_with(Answer::of(&input[end + 1..]));
    match &input[..end] {
        b"port" => upserts_and_deletions(),
        b"port reads" => port_reads(),
        b"bitbucket" => bitbucket_lists(),
        b"bitbucket file" => bitbucket_file(),
        b"algorithmia" => algorithmia_reads(),
        name => match name.len() % 3 {
            0 => upserts_and_deletions(),
            1 => bitbucket_lists(),
            _ => algorithmia_reads(),
        },
    }
    assert!(SERVER.calls() <= MOST_CALLS);
}

/// One for all inputs: finding out which authorities to trust is dear.
static HTTP: LazyLock<http::Client> = LazyLock::new(|| {
    let settings = http::Settings {
        // The server closes the connection: nothing is waited for.
        timeout: Duration::from_secs(5),
        ..http::Settings::default()
    };
    http::Client::new(settings).unwrap()
});

fn http_client() -> http::Client {
    HTTP.clone()
}

fn assert_in_words(problem: &Problem) {
    assert_hides(problem, &[SECRET]);
}

/// Nobody but Port's client knows the token that Port gave.
fn assert_of_port(problem: &Problem) {
    assert_hides(problem, &[SECRET, SERVER.token()]);
}

fn assert_hides(problem: &Problem, secrets: &[&str]) {
    let texts = [
        Some(&problem.message),
        problem.help.as_ref(),
        problem.code.as_ref(),
        problem.trace_id.as_ref(),
    ];
    assert!(!problem.message.is_empty());
    assert_ne!(problem.outcome, Outcome::Done, "{problem:?}");
    for text in texts.into_iter().flatten() {
        assert_one_line(text);
        assert_short(text, MESSAGE);
        for secret in secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

fn repository() -> RepositoryName {
    "PRJ/hello".parse().unwrap()
}

fn entity(blueprint: &str, identifier: &str) -> Entity {
    let value = json!({"blueprint": blueprint, "identifier": identifier, "title": identifier});
    Entity::from_json("port.yaml", value).unwrap()
}

fn key(identifier: &str) -> EntityKey {
    EntityKey {
        blueprint: "a".to_owned(),
        identifier: identifier.to_owned(),
    }
}

fn port_client() -> port::Client {
    let settings = port::Settings {
        api_url: SERVER.url(),
        client_id: "id".to_owned(),
        client_secret: Secret::new(SECRET),
        state: None,
        create_missing_related_entities: true,
        delete_dependents: false,
    };
    port::Client::new(http_client(), settings).unwrap()
}

/// What Port is said to have done adds up, and deletions come after all else has arrived.
fn upserts_and_deletions() {
    let desired = [entity("a", "one"), entity("a", "two"), entity("b", "three")];
    let gone = BTreeSet::from([key("gone"), key("gone too")]);
    let options = PlanOptions::default();
    let plan: Plan<'_> = plan(&desired, &Inventory::default(), &gone, &|_| None, &options);
    let (upserts, deletions) = (plan.upserts.len(), plan.deletions.len());
    assert_eq!((upserts, deletions), (3, 2));
    let repository = repository();
    let work = port::PlannedWork {
        repository: &repository,
        plan: &plan,
        until: None,
        stop: None,
    };
    let mut told = 0;
    let report = port_client().carry_out_plan(&work, &mut |_| told += 1);
    assert_eq!(told, report.upserted + report.deleted);
    assert!(report.upserted <= upserts && report.deleted <= deletions);
    if report.deleted > 0 {
        assert_eq!(report.upserted, upserts);
    }
    if report.stopped.is_none() {
        let all = if report.upserted < upserts {
            upserts
        } else {
            upserts + deletions
        };
        assert_eq!(told + report.problems.len(), all, "{report:?}");
    }
    let is_all = told == upserts + deletions;
    assert_eq!(report.outcome() == Outcome::Done, is_all, "{report:?}");
    let summary = report.summary();
    assert_eq!(summary.is_none(), is_all);
    let entities = report.problems.iter().map(|entity| &entity.problem);
    entities
        .chain(&report.stopped)
        .chain(&summary)
        .for_each(assert_of_port);
}

fn port_reads() {
    let client = port_client();
    let asked = [key("one"), key("two")];
    match client.stored(&asked) {
        Ok(stored) => assert!(stored.missing_blueprints.iter().all(|name| name == "a")),
        Err(problem) => assert_of_port(&problem),
    }
    if let Err(problem) = client.blueprints(None) {
        assert_of_port(&problem);
    }
}

fn bitbucket_client() -> bitbucket::Client {
    bitbucket::Client::new(
        http_client(),
        bitbucket::Settings {
            address: bitbucket::Address::parse(&SERVER.url()).unwrap(),
            credentials: bitbucket::Credentials::Bearer(Secret::new(SECRET)),
            concurrency: NonZeroUsize::MIN,
            // A pause that is asked for is not waited for.
            patience: Duration::ZERO,
        },
    )
}

/// A list is whole or ends with one error, which is never taken for its end.
fn assert_ends<T>(list: impl Iterator<Item = Result<T, bitbucket::Problem>>) {
    let mut is_over = false;
    for item in list {
        assert!(!is_over, "something comes after an error");
        if let Err(problem) = item {
            is_over = true;
            assert_in_words(&problem.of_any_system());
        }
    }
}

fn bitbucket_lists() {
    let name = repository();
    assert_ends(bitbucket_client().projects());
    assert_ends(bitbucket_client().repositories("PRJ"));
    assert_ends(bitbucket_client().files(&name, "main"));
    let client = bitbucket_client();
    // Asks what the server can do first.
    let status = bitbucket::BuildStatus {
        key: "pushgate".to_owned(),
        state: bitbucket::BuildState::Successful,
        url: "https://gate.example.com".to_owned(),
        name: "pushgate".to_owned(),
        description: "1 document checked".to_owned(),
        reference: None,
    };
    let told = [
        client.version().err(),
        client.set_build_status(&name, COMMIT, &status).err(),
        client.default_branch(&name).err(),
        client.repository(&name).err(),
        client.standing().err(),
    ];
    for problem in told.into_iter().flatten() {
        assert_in_words(&problem.of_any_system());
    }
}

fn bitbucket_file() {
    let client = bitbucket_client();
    match client.raw(&repository(), "main", "port.yaml", FILE) {
        Ok(bitbucket::Raw::Content(bytes)) => assert!(bytes.len() as u64 <= FILE),
        Ok(_) => {}
        Err(problem) => assert_in_words(&problem.of_any_system()),
    }
}

fn algorithmia_reads() {
    let settings = algorithmia::Settings {
        api: SERVER.url(),
        credentials: algorithmia::Credentials::ApiKey(Secret::new(SECRET)),
        origin: "ALGORITHMIA_API_KEY",
        timeout: Duration::from_secs(5),
    };
    let client = algorithmia::Client::new(http_client(), settings).unwrap();
    let algorithm: AlgorithmRef = "acme/hello".parse().unwrap();
    let commit = CommitId(COMMIT.parse().unwrap());
    match client.builds(&algorithm, &commit, None) {
        Ok(builds) => assert!(builds.found.iter().all(|build| build.commit.len() == 40)),
        Err(problem) => assert_in_words(&problem),
    }
    match client.build_log(&algorithm, "1", None, None) {
        Ok(log) => assert!(!log.unwrap_or_default().contains(SECRET)),
        Err(problem) => assert_in_words(&problem),
    }
    let told = [
        client.build(&algorithm, "1", None).err(),
        client.algorithm(&algorithm).err(),
        client.scms().err(),
    ];
    told.iter().flatten().for_each(assert_in_words);
}
