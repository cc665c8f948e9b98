//! Port: address, region and credentials.

use super::{Diagnosis, Item, Subject};
use crate::http::{self, Outcome};
use crate::port::{self, Client, Settings, base_url};

/// Port gives a token.
pub(super) const CREDENTIALS: Item = Item {
    id: "port.credentials",
    title: "Port accepts the credentials, in this region",
    needs: &["configuration.file"],
    look,
};

const ADDRESS: &str = "check PORT_API_URL: https://api.getport.io for Europe, https://api.us.getport.io for the United States";

fn look(subject: &Subject) -> Diagnosis {
    let settings = match subject.config().port_settings(&subject.environment) {
        Ok(Some(settings)) => settings,
        Ok(None) => {
            return Diagnosis::skipped(
                "Port is not configured: pushes are checked, and nothing is delivered",
                "set PORT_CLIENT_ID and PORT_CLIENT_SECRET, or `port.client_id_file` and `port.client_secret_file` in the configuration",
            );
        }
        Err(error) => return Diagnosis::of_error(&error, ADDRESS),
    };
    let http = match subject.http() {
        Ok(http) => http,
        Err(error) => return Diagnosis::of_error(&error, ADDRESS),
    };
    // A token that lies in the state folder proves nothing of the credentials.
    let settings = Settings {
        state: None,
        ..settings
    };
    let base = match base_url(&settings.api_url) {
        Ok(base) => base,
        Err(error) => return Diagnosis::of_error(&error, ADDRESS),
    };
    match prove(&http, &settings) {
        Ok(()) => Diagnosis::ok(format!("{base} gives a token")),
        Err(problem)
            if problem.outcome == Outcome::Blocked || problem.outcome == Outcome::Refused =>
        {
            match other_region(&http, &settings, &base) {
                Some(address) => Diagnosis::failed(
                    "the credentials are those of Port's other region",
                    format!("set PORT_API_URL={address}"),
                ),
                None => failed(problem),
            }
        }
        Err(problem) => failed(problem),
    }
}

fn failed(problem: http::Problem) -> Diagnosis {
    Diagnosis::failed(
        problem.message,
        problem.help.unwrap_or_else(|| ADDRESS.to_owned()),
    )
}

fn prove(http: &http::Client, settings: &Settings) -> Result<(), http::Problem> {
    Client::new(http.clone(), settings.clone())
        .map_err(|error| http::Problem::refused(error.to_string(), None))?
        .prove()
}

/// The region whose credentials these are, where they are not this one's. Asked of Port itself only.
fn other_region(http: &http::Client, settings: &Settings, base: &str) -> Option<&'static str> {
    let other = port::other_region(base)?;
    let settings = Settings {
        api_url: other.to_owned(),
        ..settings.clone()
    };
    prove(http, &settings).ok().map(|()| other)
}
