//! Bitbucket Server: whether it answers, by a certificate that can be trusted, and what we may do there.

use super::{Diagnosis, Item, Subject};
use crate::bitbucket::{Client, Permission, Problem, Reason, Scope, Version};
use crate::environment::BITBUCKET_SERVER_SKIP_VERIFY;
use crate::http::{Failure, Unreached};

/// It answers, and is new enough.
pub(super) const SERVER: Item = Item {
    id: "bitbucket.server",
    title: "Bitbucket answers and is new enough",
    needs: &["configuration.file"],
    look: server,
};

/// Nobody can read the credentials on their way.
pub(super) const CERTIFICATE: Item = Item {
    id: "bitbucket.certificate",
    title: "Bitbucket's certificate can be trusted",
    needs: &["configuration.file"],
    look: certificate,
};

/// They are known there.
pub(super) const CREDENTIALS: Item = Item {
    id: "bitbucket.credentials",
    title: "Bitbucket accepts the credentials",
    needs: &["bitbucket.server"],
    look: credentials,
};

/// They suffice.
pub(super) const PERMISSIONS: Item = Item {
    id: "bitbucket.permissions",
    title: "the credentials may do what is asked of them",
    needs: &["bitbucket.credentials"],
    look: permissions,
};

const SET_UP: &str = "set BITBUCKET_HOST with BITBUCKET_USERNAME and BITBUCKET_PASSWORD, or BITBUCKET_SERVER_ADDRESS with BITBUCKET_SERVER_TOKEN, or `bitbucket:` in the configuration";

/// Asks the server that is set up; what is in the way is the diagnosis.
pub(super) fn ask(
    subject: &Subject,
    question: impl FnOnce(&Client) -> Result<Diagnosis, Problem>,
) -> Diagnosis {
    match subject.bitbucket() {
        Ok(Some(client)) => question(&client).unwrap_or_else(|problem| of_problem(&problem)),
        Ok(None) => Diagnosis::skipped("Bitbucket is not configured", SET_UP),
        Err(error) => Diagnosis::of_error(&error, SET_UP),
    }
}

/// A problem as a failure.
pub(super) fn of_problem(problem: &Problem) -> Diagnosis {
    Diagnosis::of_error(problem, "look into Bitbucket's log at this time")
}

/// Whether the credentials do not suffice, in either of the server's ways to say so.
pub(super) fn is_not_permitted(problem: &Problem) -> bool {
    matches!(problem.reason, Reason::Unauthorised | Reason::Forbidden)
}

fn server(subject: &Subject) -> Diagnosis {
    ask(subject, |client| {
        let version = client.version()?;
        let address = client.address();
        if version < Version::new(5, 6) {
            return Ok(Diagnosis::failed(
                format!("{address} is Bitbucket {version}, which is too old"),
                "update it to 5.6 or later; 8.0 or later for hooks by REST",
            ));
        }
        Ok(Diagnosis::ok(format!("{address} is Bitbucket {version}")))
    })
}

fn certificate(subject: &Subject) -> Diagnosis {
    ask(subject, |client| {
        let address = client.address().as_str();
        let Some(rest) = address.strip_prefix("http://") else {
            return Ok(with_tls(subject, client));
        };
        let host = rest.split([':', '/']).next().unwrap_or_default();
        Ok(match host {
            "localhost" | "127.0.0.1" => Diagnosis::ok("no TLS, and nothing leaves this machine"),
            _ => Diagnosis::warning(
                format!("{address} has no TLS: anybody on the way can read the credentials"),
                "have Bitbucket reached by https, and correct the address",
            ),
        })
    })
}

fn with_tls(subject: &Subject, client: &Client) -> Diagnosis {
    let skips = match subject.environment.get(BITBUCKET_SERVER_SKIP_VERIFY) {
        Some(_) => subject.environment.is_true(BITBUCKET_SERVER_SKIP_VERIFY),
        None => subject.config().bitbucket.skip_verify,
    };
    if skips {
        return Diagnosis::warning(
            "the certificate is not looked at: anybody on the way can read the credentials",
            format!(
                "unset {BITBUCKET_SERVER_SKIP_VERIFY} (or `bitbucket: {{ skip_verify: … }}`), and name the authority's certificate in `bitbucket: {{ ca_file: … }}`"
            ),
        );
    }
    match client.version() {
        Err(problem) => match &problem.reason {
            Reason::Unanswered(Failure::NotSent {
                reason: Unreached::Tls(_),
                ..
            }) => of_problem(&problem),
            _ => Diagnosis::skipped("Bitbucket does not answer", "mend `bitbucket.server` first"),
        },
        Ok(_) => Diagnosis::ok("its certificate is valid for this address"),
    }
}

fn credentials(subject: &Subject) -> Diagnosis {
    ask(subject, |client| {
        Ok(match client.standing()?.user {
            Some(user) => Diagnosis::ok(format!("they are those of `{user}`")),
            None => Diagnosis::ok("they are accepted"),
        })
    })
}

fn permissions(subject: &Subject) -> Diagnosis {
    ask(subject, |client| match &subject.repository {
        Some(name) => {
            let repository = client.repository(name)?;
            if let Some(trouble) = repository.state.trouble() {
                return Ok(Diagnosis::failed(
                    format!("{name} can't be read: {trouble}"),
                    "see to it in Bitbucket",
                ));
            }
            match client.webhooks(&Scope::Repository(name.clone())) {
                Ok(_) => Ok(Diagnosis::ok(format!(
                    "{name} can be read and administered"
                ))),
                Err(problem) if is_not_permitted(&problem) => Ok(Diagnosis::warning(
                    format!("{name} can be read, but not administered"),
                    "to set up webhooks and hooks with these credentials give them REPO_ADMIN; reading needs no more",
                )),
                Err(problem) => Err(problem),
            }
        }
        None => anywhere(client),
    })
}

fn anywhere(client: &Client) -> Result<Diagnosis, Problem> {
    if !client.has_anywhere(Permission::RepositoryRead)? {
        return Ok(Diagnosis::failed(
            "they may read no repository",
            "give the user or token REPO_READ or PROJECT_READ where pushgate is to look",
        ));
    }
    let administers = match (
        client.has_anywhere(Permission::ProjectAdmin)?,
        client.has_anywhere(Permission::RepositoryAdmin)?,
    ) {
        (true, _) => "they administer projects",
        (false, true) => "they administer repositories, but no project",
        (false, false) => "they administer none, so that webhooks and hooks are set up with others",
    };
    Ok(Diagnosis::ok(format!(
        "they read repositories; {administers}"
    )))
}
