//! A stand-in and a client that speaks to it.

use std::time::Duration;

use pushgate::bitbucket::{Address, Client, Credentials, Settings};
use pushgate::http::{self, Secret};
use pushgate::repository::RepositoryName;
use standin::BitbucketStandIn;

/// A client of the address; it waits for nobody longer than `patience`.
pub(crate) fn client_of(url: &str, credentials: Credentials, patience: Duration) -> Client {
    let http = http::Client::new(http::Settings {
        timeout: Duration::from_secs(20),
        ..http::Settings::default()
    })
    .unwrap();
    Client::new(
        http,
        Settings {
            address: Address::parse(url).unwrap(),
            credentials,
            concurrency: Settings::CONCURRENCY,
            patience,
        },
    )
}

/// A client with the stand-in's token.
pub(crate) fn client(standin: &BitbucketStandIn) -> Client {
    let token = Credentials::Bearer(Secret::new(standin.token()));
    client_of(&standin.url(), token, Duration::from_secs(10))
}

pub(crate) fn name(text: &str) -> RepositoryName {
    text.parse().unwrap()
}
