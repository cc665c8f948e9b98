//! A push that Bitbucket announced, from its webhook to its verdict.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::announcement::{Announcement, Moved};
use super::replay::BodyDigest;
use crate::gate::Verdict;
use crate::git::CommitId;
use crate::kept_finding::KeptFinding;
use crate::outbox::{DeliveryId, NotADeliveryId, Problem};
use crate::report::Counts;
use crate::repository::RepositoryName;

/// The name of a push: like a delivery's it sorts by time and is safe as a file's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PushId(DeliveryId);

impl FromStr for PushId {
    type Err = NotADeliveryId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for PushId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A push. What is known of it is durable before its webhook is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// Its name.
    pub id: PushId,
    /// When its webhook came.
    pub received: Timestamp,
    /// The webhook's body is known again by it.
    pub digest: String,
    /// Whose.
    pub repository: RepositoryName,
    /// Who pushed, as Bitbucket names the user; untrusted text.
    pub pusher: Option<String>,
    /// The branches that stand at another commit since.
    pub moved: Vec<Moved>,
    /// How far it got.
    pub stage: Stage,
    /// How often it was tried since it last got further.
    pub attempts: u32,
    /// Not to be tried before.
    pub next_try: Timestamp,
    /// What was in the way the last time.
    pub problem: Option<Problem>,
    /// What is to be said of what went to the outbox; untrusted text.
    pub remarks: Vec<String>,
    /// What was found, branch by branch.
    pub judged: Vec<Judged>,
}

/// How far a push got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It was announced; nothing has happened yet.
    Announced,
    /// What it means for Port and the builders lies in the outbox.
    Queued,
    /// It was checked, and Bitbucket was told.
    Told,
    /// It was checked, and Bitbucket could not be told.
    Untold,
    /// It could not be checked, and waits for a person.
    SetAside,
}

impl Stage {
    /// Whether there is something to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Announced | Self::Queued)
    }

    /// Whether a person may have it tried again.
    #[must_use]
    pub fn may_be_retried(self) -> bool {
        self != Self::Told
    }
}

/// A branch of a push, checked at its commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// The branch's short name; untrusted text.
    pub branch: String,
    /// The commit.
    pub commit: CommitId,
    /// What the gate would have answered; none where the operator has it look away.
    pub verdict: Option<Verdict>,
    /// How many documents there are.
    pub documents: usize,
    /// How many errors were found.
    pub errors: usize,
    /// How many warnings were found.
    pub warnings: usize,
    /// The first findings, errors before warnings.
    pub findings: Vec<KeptFinding>,
}

impl Judged {
    /// How many findings there are, those that are not kept included.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            errors: self.errors,
            warnings: self.warnings,
        }
    }
}

impl Push {
    /// A push that was announced at this moment.
    #[must_use]
    pub fn announced(announcement: Announcement, digest: &BodyDigest) -> Self {
        let now = Timestamp::now();
        Self {
            id: PushId(DeliveryId::at(now)),
            received: now,
            digest: digest.as_str().to_owned(),
            repository: announcement.repository,
            pusher: announcement.pusher,
            moved: announcement.moved,
            stage: Stage::Announced,
            attempts: 0,
            next_try: now,
            problem: None,
            remarks: Vec::new(),
            judged: Vec::new(),
        }
    }

    /// Whether it may be tried at this moment.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.stage.is_open() && self.next_try <= now
    }

    /// What the gate would have answered to all of it; none before it was checked, and where the
    /// operator has the gate look away.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        let mut verdicts = self.judged.iter().filter_map(|judged| judged.verdict);
        let first = verdicts.next()?;
        if first == Verdict::Refused || verdicts.any(|verdict| verdict == Verdict::Refused) {
            return Some(Verdict::Refused);
        }
        Some(Verdict::Accepted)
    }
}
