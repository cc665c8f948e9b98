//! What is told while serving.

use std::net::SocketAddr;
use std::time::Duration;

use super::push::{Push, PushId};
use crate::delivery;
use crate::http::Problem;

/// How an address is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The operator names it as the one that people and Bitbucket use.
    Public,
    /// It is this machine's own; a proxy may stand in front of it.
    Own,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Requests are answered from now on.
    Listening {
        /// Where.
        address: SocketAddr,
    },
    /// Webhooks are received from now on.
    Receiving {
        /// The URL that Bitbucket is to call: of the public address where that is known, else of the
        /// one that is listened on.
        url: String,
        /// How its address is known.
        reach: Reach,
    },
    /// Who has seen one webhook can find out the secret.
    GuessableSecret,
    /// A webhook was not acted upon.
    WebhookRefused {
        /// The status that it was answered with.
        status: u16,
        /// Why, in words.
        reason: String,
    },
    /// A push was taken in.
    PushTaken(Box<Push>),
    /// A push was checked, and Bitbucket was told.
    PushTold(Box<Push>),
    /// A push can't be checked, or Bitbucket not be told, yet.
    PushPostponed {
        /// The push.
        push: Box<Push>,
        /// Why.
        problem: Problem,
        /// How long to wait.
        wait: Duration,
    },
    /// A push waits for a person.
    PushSetAside {
        /// The push.
        push: Box<Push>,
        /// Why.
        problem: Problem,
    },
    /// A person has acted on the page.
    Acted {
        /// What was done, in words.
        what: String,
    },
    /// How far a push got can't be written down.
    NotNoted {
        /// The push.
        push: PushId,
        /// Why.
        reason: String,
    },
    /// Something happened to deliveries.
    Delivery(delivery::Event),
    /// No more is begun; what is begun is ended.
    Stopping,
}
