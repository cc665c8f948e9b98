//! Deliveries carried out at a stand-in for Port, over either database.

use std::collections::BTreeMap;
use std::time::Duration;

use pushgate::branch_tip::BranchTips;
use pushgate::catalog::EntityKey;
use pushgate::delivery::{self, BackOff, Deadline, Remotes, Settings, Summary};
use pushgate::document::Kinds;
use pushgate::outbox::Outbox;
use pushgate::repository::RepositoryName;
use pushgate::{http, port};
use standin::PortStandIn;

/// What the operator says of owners.
pub type Said = BTreeMap<EntityKey, RepositoryName>;

pub fn remotes(port: &PortStandIn) -> Remotes {
    let client = http::Client::new(http::Settings::default()).unwrap();
    let settings = port::Settings {
        api_url: port.url(),
        client_id: port.client_id().to_owned(),
        client_secret: http::Secret::new(port.client_secret()),
        state: None,
        create_missing_related_entities: true,
        delete_dependents: false,
    };
    Remotes {
        port: Some(port::Client::new(client, settings).unwrap().into()),
        ..Remotes::default()
    }
}

pub fn settings(said: Said) -> Settings {
    let short = BackOff {
        first: Duration::from_millis(1),
        longest: Duration::from_millis(4),
    };
    Settings {
        back_off: short,
        outage: short,
        poll: Duration::from_millis(1),
        workers: 1,
        owners: said,
        ..Settings::default()
    }
}

/// Carries out what is due now.
pub fn carry_out(outbox: &Outbox, port: &PortStandIn, said: Said) -> Summary {
    let (remotes, settings) = (remotes(port), settings(said));
    // The repositories are neither on this disk nor in a Bitbucket.
    let nobody = BranchTips {
        kinds: &Kinds::default(),
        bitbucket: None,
    };
    let run = || {
        let deadline = Deadline::NothingDue;
        delivery::deliver(outbox, &remotes, &settings, &nobody, deadline, &|_| ()).unwrap()
    };
    // A program that another test starts holds our locks for the moment in which it is half born.
    (0..1000)
        .map(|_| run())
        .find(|summary| !summary.busy)
        .unwrap()
}
