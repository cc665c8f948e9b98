//! What is counted and measured, in Prometheus' text format. No label has a value from outside: names
//! of repositories, branches and users are on the page, not here.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::inbox::Waiting;
use super::push::Push;
use crate::delivery::Event;
use crate::gate::Verdict;
use crate::outbox::{Overview, State};

/// Seconds of a request: from one that touches nothing to one that waits for a slow sender.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

type Label = [(&'static str, &'static str); 1];
/// Route and status.
type RequestLabels = Vec<(&'static str, String)>;
type Seconds = Gauge<f64, AtomicU64>;

/// What became of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Webhook {
    /// A push was taken in.
    Accepted,
    /// There was nothing in it to check.
    NothingToDo,
    /// Bitbucket asked whether anybody is there.
    Ping,
    /// It had come before.
    Replayed,
    /// It was not signed with the secret.
    Untrusted,
    /// It was not understood.
    Malformed,
    /// It was too large.
    TooLarge,
    /// Its sender was too slow.
    TooSlow,
    /// There were too many of them.
    TooMany,
    /// It could not be made durable.
    Failed,
}

impl Webhook {
    fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NothingToDo => "nothing_to_do",
            Self::Ping => "ping",
            Self::Replayed => "replayed",
            Self::Untrusted => "untrusted",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::TooMany => "too_many",
            Self::Failed => "failed",
        }
    }
}

/// How a try of something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was done.
    Done,
    /// It is tried again.
    Postponed,
    /// It waits for a person.
    GivenUp,
}

impl Ending {
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Postponed => "postponed",
            Self::GivenUp => "given_up",
        }
    }
}

/// Everything that is counted and measured.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    webhooks: Family<Label, Counter>,
    pushes: Family<Label, Counter>,
    findings: Family<Label, Counter>,
    checks: Family<Label, Counter>,
    reports: Family<Label, Counter>,
    tries: Family<Label, Counter>,
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    pushes_waiting: Family<Label, Gauge>,
    oldest_push: Seconds,
    deliveries: Family<Label, Gauge>,
    oldest_delivery: Seconds,
    store_up: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at nothing.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("pushgate"),
            webhooks: Family::default(),
            pushes: Family::default(),
            findings: Family::default(),
            checks: Family::default(),
            reports: Family::default(),
            tries: Family::default(),
            requests: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            pushes_waiting: Family::default(),
            oldest_push: Gauge::default(),
            deliveries: Family::default(),
            oldest_delivery: Gauge::default(),
            store_up: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let all = &mut self.registry;
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        all.register("build", "The version that runs", version);
        all.register(
            "webhooks",
            "Webhooks by what became of them",
            self.webhooks.clone(),
        );
        all.register(
            "pushes",
            "Pushes that were checked, by verdict",
            self.pushes.clone(),
        );
        all.register(
            "findings",
            "Findings in checked pushes, by severity",
            self.findings.clone(),
        );
        all.register(
            "checks",
            "Tries to check a push, by ending",
            self.checks.clone(),
        );
        all.register(
            "reports",
            "Tries to tell Bitbucket what was found, by ending",
            self.reports.clone(),
        );
        all.register(
            "delivery_tries",
            "Tries to carry out a delivery by this process, by ending",
            self.tries.clone(),
        );
        all.register_with_unit(
            "http_request_duration",
            "How long requests took, by route and status",
            Unit::Seconds,
            self.requests.clone(),
        );
        all.register(
            "pushes_waiting",
            "Pushes that are not done with, by state",
            self.pushes_waiting.clone(),
        );
        all.register_with_unit(
            "oldest_push_age",
            "How long the oldest push has waited to be checked; 0 where none waits",
            Unit::Seconds,
            self.oldest_push.clone(),
        );
        all.register(
            "deliveries",
            "Deliveries in the outbox, by state",
            self.deliveries.clone(),
        );
        all.register_with_unit(
            "oldest_delivery_age",
            "How long the oldest delivery has waited; 0 where none waits",
            Unit::Seconds,
            self.oldest_delivery.clone(),
        );
        all.register(
            "store_up",
            "Whether the outbox's store answers",
            self.store_up.clone(),
        );
        // What is counted shows from the start on: a rate needs a first value.
        for verdict in ["accepted", "refused", "unchecked"] {
            let _ = self.pushes.get_or_create(&[("verdict", verdict)]);
        }
        for severity in ["error", "warning"] {
            let _ = self.findings.get_or_create(&[("severity", severity)]);
        }
    }

    /// Counts a webhook.
    pub fn webhook(&self, outcome: Webhook) {
        self.webhooks
            .get_or_create(&[("outcome", outcome.word())])
            .inc();
    }

    /// Measures a request.
    pub fn request(&self, route: &str, status: u16, took: Duration) {
        let labels = vec![("route", route.to_owned()), ("status", status.to_string())];
        self.requests
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// Counts a try to check a push.
    pub fn check(&self, ending: Ending) {
        self.checks
            .get_or_create(&[("ending", ending.word())])
            .inc();
    }

    /// Counts a try to tell Bitbucket.
    pub fn report(&self, ending: Ending) {
        self.reports
            .get_or_create(&[("ending", ending.word())])
            .inc();
    }

    /// Counts a push that was checked, and what was found in it.
    pub fn checked(&self, push: &Push) {
        let verdict = match push.verdict() {
            Some(Verdict::Accepted) => "accepted",
            Some(Verdict::Refused) => "refused",
            None => "unchecked",
        };
        self.pushes.get_or_create(&[("verdict", verdict)]).inc();
        for judged in &push.judged {
            for (severity, count) in [("error", judged.errors), ("warning", judged.warnings)] {
                self.findings
                    .get_or_create(&[("severity", severity)])
                    .inc_by(count as u64);
            }
        }
    }

    /// Counts what happened to deliveries.
    pub fn delivery(&self, event: &Event) {
        let (ending, count) = match event {
            Event::Finished(_) => (Ending::Done, 1),
            Event::Postponed { ids, .. } => (Ending::Postponed, ids.len()),
            Event::Refused { ids, .. } => (Ending::GivenUp, ids.len()),
            Event::Held { .. } => (Ending::GivenUp, 1),
            Event::Blocked { .. } | Event::NotConfigured(_) | Event::Warning(_) => return,
        };
        self.tries
            .get_or_create(&[("ending", ending.word())])
            .inc_by(count as u64);
    }

    /// All of it as text, with what waits at this moment; no deliveries where the store is silent.
    #[must_use]
    pub fn text(&self, waiting: Waiting, deliveries: Option<&Overview>) -> String {
        let now = Timestamp::now();
        let age = |since: Option<Timestamp>| {
            since.map_or(0.0, |since| {
                now.duration_since(since).as_secs_f64().max(0.0)
            })
        };
        let states = [
            ("open", waiting.open),
            ("set_aside", waiting.set_aside),
            ("unreadable", waiting.unreadable),
        ];
        for (state, count) in states {
            set(&self.pushes_waiting, state, count);
        }
        self.oldest_push.set(age(waiting.oldest));
        self.store_up.set(i64::from(deliveries.is_some()));
        match deliveries {
            Some(overview) => {
                for (state, word) in [
                    (State::Waiting, "waiting"),
                    (State::Refused, "refused"),
                    (State::Held, "held"),
                ] {
                    set(&self.deliveries, word, overview.count(state));
                }
                self.oldest_delivery.set(age(overview.oldest));
            }
            // What is not known must not look like nothing.
            None => {
                self.deliveries.clear();
                self.oldest_delivery.set(f64::NAN);
            }
        }
        let mut text = String::new();
        // Nothing but writing to a string can fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn set(family: &Family<Label, Gauge>, state: &'static str, count: usize) {
    family
        .get_or_create(&[("state", state)])
        .set(i64::try_from(count).unwrap_or(i64::MAX));
}
