//! Algorithmia: the key, the algorithms that builds name, and the configuration of Bitbucket there.

use std::collections::BTreeSet;

use super::{Diagnosis, Item, Subject};
use crate::algorithmia::{AlgorithmRef, Client, Role, Scm};
use crate::config::Way;
use crate::http::{Problem, api_root, without_credentials};
use crate::report::counted;

/// The key is accepted.
pub(super) const CREDENTIALS: Item = Item {
    id: "algorithmia.credentials",
    title: "Algorithmia accepts the key",
    needs: &["configuration.file"],
    look: |subject| ask(subject, Role::Organisation, credentials),
};

/// The algorithms that builds name are there.
pub(super) const ALGORITHMS: Item = Item {
    id: "algorithmia.algorithms",
    title: "the algorithms that builds name are there",
    needs: &["algorithmia.credentials"],
    look: |subject| ask(subject, Role::Organisation, algorithms),
};

/// Algorithmia knows this Bitbucket.
pub(super) const SCM: Item = Item {
    id: "algorithmia.scm",
    title: "Algorithmia has an SCM configuration of this Bitbucket",
    needs: &["algorithmia.credentials"],
    look: |subject| ask(subject, Role::Administrator, scm),
};

const SET_UP: &str = "set ALGORITHMIA_API and ALGORITHMIA_API_KEY, or `algorithmia.api` and `algorithmia.api_key_file` in the configuration";

/// Asks the cluster that is set up; what is in the way is the diagnosis.
fn ask(
    subject: &Subject,
    role: Role,
    question: impl FnOnce(&Subject, &Client) -> Result<Diagnosis, Problem>,
) -> Diagnosis {
    let config = subject.config();
    let settings = match config.algorithmia_settings_of(role, &subject.environment) {
        Ok(Some(settings)) => settings,
        Ok(None) => return Diagnosis::skipped("Algorithmia is not configured", SET_UP),
        Err(error) => return Diagnosis::of_error(&error, SET_UP),
    };
    let http = match subject.http() {
        Ok(http) => http,
        Err(error) => return Diagnosis::of_error(&error, SET_UP),
    };
    match Client::new(http, settings) {
        Ok(client) => question(subject, &client)
            .unwrap_or_else(|problem| Diagnosis::of_error(&problem, "look into the cluster's log")),
        Err(error) => Diagnosis::of_error(&error, SET_UP),
    }
}

fn named(subject: &Subject) -> BTreeSet<AlgorithmRef> {
    let config = subject.config();
    let builds = config
        .algorithmia
        .builds
        .iter()
        .map(|build| &build.algorithm);
    let triggers = config
        .triggers
        .iter()
        .filter_map(|trigger| match &trigger.way {
            Way::Algorithmia { algorithm, .. } => Some(algorithm),
            Way::Call(_) => None,
        });
    builds.chain(triggers).cloned().collect()
}

fn credentials(subject: &Subject, client: &Client) -> Result<Diagnosis, Problem> {
    // Any answer about an algorithm proves the key; without one the list of configurations does.
    match named(subject).first() {
        Some(algorithm) => drop(client.algorithm(algorithm)?),
        None => match client.scms() {
            // Known to the cluster, and no administrator's: what builds need.
            Err(problem) if is_forbidden(&problem) => {}
            answer => drop(answer?),
        },
    }
    Ok(Diagnosis::ok("the key is accepted"))
}

/// Whether Algorithmia knows who asks and keeps this from them (vendor's API documents: error 2001).
fn is_forbidden(problem: &Problem) -> bool {
    problem.code.as_deref() == Some("2001")
}

/// Whether no administrator's key is set, so that the one for builds stands in for it.
fn has_no_administrator(subject: &Subject) -> bool {
    let origin = |role| {
        let settings = subject
            .config()
            .algorithmia_settings_of(role, &subject.environment);
        settings.ok().flatten().map(|settings| settings.origin)
    };
    origin(Role::Administrator) == origin(Role::Organisation)
}

fn algorithms(subject: &Subject, client: &Client) -> Result<Diagnosis, Problem> {
    let named = named(subject);
    if named.is_empty() {
        return Ok(Diagnosis::skipped(
            "no build names an algorithm",
            "to have commits compiled, list them under `algorithmia: { builds: … }`",
        ));
    }
    let well = format!("{} found", counted(named.len(), "algorithm"));
    let mut found = Vec::new();
    for algorithm in named {
        found.push(match client.algorithm(&algorithm)? {
            Some(_) => Diagnosis::ok(""),
            None => Diagnosis::failed(
                format!("Algorithmia has no algorithm {algorithm}"),
                "correct `algorithm` in the configuration, or make it with `pushgate algorithmia algorithm create`",
            ),
        });
    }
    Ok(Diagnosis::all(found, well))
}

fn scm(subject: &Subject, client: &Client) -> Result<Diagnosis, Problem> {
    let Ok(Some(bitbucket)) = subject.bitbucket() else {
        return Ok(Diagnosis::skipped(
            "Bitbucket is not configured, to look for it among the SCM configurations",
            "set BITBUCKET_HOST with its credentials",
        ));
    };
    let address = bitbucket.address().as_str();
    let is_here = |scm: &&Scm| {
        scm.provider == "bitbucket" && scm.urls.api.as_deref().and_then(api_root) == Some(address)
    };
    let all = match client.scms() {
        // Builds and algorithms need no administrator.
        Err(problem) if is_forbidden(&problem) && has_no_administrator(subject) => {
            return Ok(Diagnosis::skipped(
                "only an administrator of the cluster sees its SCM configurations, and the key is none's",
                "to have them looked at set ALGORITHMIA_ADMIN_API_KEY or ALGORITHMIA_ADMIN_BEARER_TOKEN; builds need neither",
            ));
        }
        answer => answer?,
    };
    let here: Vec<&Scm> = all.iter().filter(is_here).collect();
    let shown = without_credentials(address);
    if here.is_empty() {
        return Ok(Diagnosis::failed(
            format!("Algorithmia has no SCM configuration of {shown}"),
            "make one with `pushgate algorithmia scm create`",
        ));
    }
    if !here.iter().any(|scm| scm.enabled) {
        return Ok(Diagnosis::failed(
            format!("the SCM configuration of {shown} is disabled"),
            format!(
                "run `pushgate algorithmia scm update {} --enable`",
                here[0].id
            ),
        ));
    }
    let keys: Vec<&str> = here
        .iter()
        .filter_map(|scm| scm.project_key.as_deref())
        .collect();
    Ok(Diagnosis::ok(format!(
        "{shown}, project {}",
        keys.join(", ")
    )))
}
