//! What is done with one push: jobs for the outbox, findings, and word to Bitbucket.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::bitbucket::{self, BuildState, BuildStatus, InsightResult, Reason};
use crate::check::{Checked, Checker};
use crate::config::{Config, Enforcement, PublicUrl};
use crate::environment::Environment;
use crate::gate::Verdict;
use crate::git::{CommitId, RefName, RefUpdate};
use crate::http::{Problem, segment};
use crate::kept_finding::KeptFinding;
use crate::origin::{ByRest, OriginError};
use crate::outbox::{Delivery, Job, Outbox, OutboxError};
use crate::pushed::{self, Entities, StoredOwners, WhenUnread, builds};
use crate::remote_commit::RemoteCommit;
use crate::report::{Counts, Reported, Reporter, Root, counted, insights};

use super::announcement::Moved;
use super::push::{Judged, Push};

/// Who says the verdict at Bitbucket: what is said again takes the place of what was.
const SAID_BY: Reporter = Reporter::Serve;

/// Findings of a branch that are kept for the page.
const KEPT: usize = 100;

/// Who does it, with what.
pub struct Desk<'a> {
    /// The server whose pushes they are.
    pub bitbucket: bitbucket::Client,
    /// The rules.
    pub checker: &'a Checker,
    /// The operator's settings.
    pub config: &'a Config,
    /// The process's variables.
    pub environment: &'a Environment,
    /// Where jobs are made durable.
    pub outbox: Outbox,
    /// How people reach the page.
    pub public_url: Option<PublicUrl>,
}

/// What was found in a push.
pub(super) struct Examined {
    judged: Vec<Judged>,
    documents: BTreeMap<CommitId, Arc<Vec<Checked>>>,
}

impl Examined {
    /// What is kept of it, branch by branch.
    pub(super) fn judged(&self) -> Vec<Judged> {
        self.judged.clone()
    }
}

/// Something in the way, from whichever side.
struct InTheWay(Problem);

impl From<bitbucket::Problem> for InTheWay {
    fn from(problem: bitbucket::Problem) -> Self {
        Self(problem.of_any_system())
    }
}

impl From<OriginError> for InTheWay {
    fn from(error: OriginError) -> Self {
        match error {
            OriginError::Rest(problem) => problem.into(),
            // Nothing is read from a disk here.
            OriginError::Disk(error) => Self(Problem::refused(error.to_string(), None)),
        }
    }
}

impl From<OutboxError> for InTheWay {
    fn from(error: OutboxError) -> Self {
        let help = miette::Diagnostic::help(&error).map(|help| help.to_string());
        // It may be mended at any time: the push waits for it.
        Self(Problem {
            outcome: crate::http::Outcome::Retry { after: None },
            ..Problem::refused(error.to_string(), help)
        })
    }
}

impl Desk<'_> {
    /// Puts what the push means for Port and the builders into the outbox; answers with what is to be
    /// said of it. Done twice, it leads to the same.
    pub(super) fn queue(&self, push: &Push) -> Result<Vec<String>, Problem> {
        self.put(push).map_err(|InTheWay(problem)| problem)
    }

    fn put(&self, push: &Push) -> Result<Vec<String>, InTheWay> {
        let origin = self.origin(push);
        let updates: Vec<RefUpdate> = push.moved.iter().map(update).collect();
        let name = &push.repository;
        let mut remarks = Vec::new();
        // All is read before anything is put down: what fails is done again from the start.
        let builds = if builds::are_configured(self.config) {
            builds::of_push(&origin, self.config, name, &updates, &mut remarks)?
        } else {
            Vec::new()
        };
        let put = |job| -> Result<(), InTheWay> {
            self.outbox.put(&Delivery::new(name.clone(), job))?;
            Ok(())
        };
        if self.config.delivers_to_port(self.environment) {
            let unread = WhenUnread::ComesBack;
            let entities =
                Entities::of(&origin, self.checker.kinds(), self.config, &updates, unread)?;
            if let Some(entities) = entities {
                entities.put(&mut remarks, |job| put(Job::Catalog(job)))?;
            }
        }
        for job in builds {
            put(Job::Build(job))?;
        }
        Ok(remarks)
    }

    /// Checks all documents at the commits that the branches stand at since the push.
    pub(super) fn examine(&self, push: &Push) -> Result<Examined, Problem> {
        let mut examined = Examined {
            judged: Vec::new(),
            documents: BTreeMap::new(),
        };
        for moved in &push.moved {
            let enforcement = self.config.gate.enforcement_of(Some(&moved.branch));
            if enforcement == Enforcement::Off {
                examined.judged.push(look_away(moved));
                continue;
            }
            let documents = match examined.documents.get(&moved.new) {
                Some(documents) => Arc::clone(documents),
                None => {
                    let documents = self
                        .documents(push, moved)
                        .map_err(|InTheWay(problem)| problem)?;
                    let documents = Arc::new(documents);
                    examined
                        .documents
                        .insert(moved.new.clone(), Arc::clone(&documents));
                    documents
                }
            };
            examined.judged.push(judge(moved, enforcement, &documents));
        }
        Ok(examined)
    }

    fn documents(&self, push: &Push, moved: &Moved) -> Result<Vec<Checked>, InTheWay> {
        let kinds = self.checker.kinds();
        let files = RemoteCommit::new(&self.bitbucket, &push.repository, &moved.new, kinds);
        let mut documents = self.checker.check_all(&files, &files.all_documents()?)?;
        let branch = RefName::of_branch(&moved.branch);
        if pushed::port_branch(self.config, &self.origin(push))?.as_ref() == Some(&branch) {
            let owners = StoredOwners::new(self.environment, self.config, Some(&push.repository));
            for document in &mut documents {
                let found = self.checker.owned_elsewhere(document, &owners);
                document.add(found);
            }
        }
        Ok(documents)
    }

    /// Shows at each commit that it is being checked; the verdict, or [`Desk::give_up`], takes its place.
    pub(super) fn begin(&self, push: &Push) {
        self.say_unjudged(push, BuildState::InProgress, "is being checked");
    }

    /// Shows at each commit that it could not be checked, and waits for a person.
    pub(super) fn give_up(&self, push: &Push) {
        self.say_unjudged(push, BuildState::Failed, "could not be checked");
    }

    fn say_unjudged(&self, push: &Push, state: BuildState, description: &str) {
        let mut said = BTreeSet::new();
        for moved in &push.moved {
            let enforcement = self.config.gate.enforcement_of(Some(&moved.branch));
            if enforcement == Enforcement::Off || !said.insert(&moved.new) {
                continue;
            }
            // It is a courtesy: the verdict is told, and told again, by itself.
            let shown = self.set_status(push, &moved.new, &moved.branch, state, description);
            if shown.is_err() {
                return;
            }
        }
    }

    /// Tells Bitbucket what was found at each commit: a Code Insights report, where the server has them,
    /// and a build status. Told twice, it stands there once.
    pub(super) fn tell(&self, push: &Push, examined: &Examined) -> Result<(), Problem> {
        for (commit, documents) in &examined.documents {
            let at_commit = || {
                let judged = examined.judged.iter();
                judged.filter(|judged| judged.commit == *commit && judged.verdict.is_some())
            };
            // Of two branches at one commit the one that minds more counts.
            let refused = at_commit().find(|judged| judged.verdict == Some(Verdict::Refused));
            let Some(judged) = refused.or_else(|| at_commit().next()) else {
                continue;
            };
            let reported = self.report(push, judged, documents);
            // Also where the report is refused: else the commit would seem to be checked for ever.
            let shown = self.build_status(push, judged);
            reported
                .and(shown)
                .map_err(|problem| problem.of_any_system())?;
        }
        Ok(())
    }

    fn report(
        &self,
        push: &Push,
        judged: &Judged,
        documents: &[Checked],
    ) -> Result<(), bitbucket::Problem> {
        let reported: Vec<_> = documents.iter().map(Reported::from).collect();
        // Paths of a commit begin at its root.
        let root = Root::new(Path::new("/"), Path::new("/"));
        let mut report = insights(&reported, &root, SAID_BY);
        if judged.verdict == Some(Verdict::Accepted) {
            report.result = InsightResult::Pass;
        }
        report.link = Some(self.link(push, &judged.commit));
        let commit = judged.commit.as_str();
        let published = self
            .bitbucket
            .publish_insights(&push.repository, commit, &report);
        match published {
            Ok(_) => Ok(()),
            // The build status is for every server, reports came with 5.15.
            Err(problem) if matches!(problem.reason, Reason::NotSent { .. }) => Ok(()),
            Err(problem) => Err(problem),
        }
    }

    fn build_status(&self, push: &Push, judged: &Judged) -> Result<(), bitbucket::Problem> {
        let state = match judged.verdict {
            Some(Verdict::Refused) => BuildState::Failed,
            _ => BuildState::Successful,
        };
        let description = described(judged);
        self.set_status(push, &judged.commit, &judged.branch, state, &description)
    }

    fn set_status(
        &self,
        push: &Push,
        commit: &CommitId,
        branch: &str,
        state: BuildState,
        description: &str,
    ) -> Result<(), bitbucket::Problem> {
        let status = BuildStatus {
            key: SAID_BY.key().to_owned(),
            state,
            url: self.link(push, commit),
            name: SAID_BY.key().to_owned(),
            description: description.to_owned(),
            reference: Some(RefName::of_branch(branch).as_str().to_owned()),
        };
        self.bitbucket
            .set_build_status(&push.repository, commit.as_str(), &status)
    }

    fn origin<'a>(&'a self, push: &'a Push) -> ByRest<'a> {
        ByRest {
            client: &self.bitbucket,
            repository: &push.repository,
        }
    }

    /// Where people read more: the page of the push, else the commit at Bitbucket itself.
    fn link(&self, push: &Push, commit: &CommitId) -> String {
        match &self.public_url {
            Some(url) => url.join(&format!("/pushes/{}", push.id)),
            None => format!(
                "{}/projects/{}/repos/{}/commits/{}",
                self.bitbucket.address(),
                segment(push.repository.project()),
                segment(push.repository.slug()),
                commit.as_str()
            ),
        }
    }
}

fn update(moved: &Moved) -> RefUpdate {
    let name = RefName::of_branch(&moved.branch);
    let new = moved.new.0.clone();
    match &moved.old {
        Some(old) => RefUpdate::Moved {
            name,
            old: old.0.clone(),
            new,
        },
        None => RefUpdate::Created { name, new },
    }
}

/// A branch that the operator has the gate look away from.
fn look_away(moved: &Moved) -> Judged {
    Judged {
        branch: moved.branch.clone(),
        commit: moved.new.clone(),
        verdict: None,
        documents: 0,
        errors: 0,
        warnings: 0,
        findings: Vec::new(),
    }
}

fn judge(moved: &Moved, enforcement: Enforcement, documents: &[Checked]) -> Judged {
    let reported: Vec<_> = documents.iter().map(Reported::from).collect();
    let counts = Counts::total(&reported);
    Judged {
        verdict: Some(match (enforcement, counts.errors) {
            (Enforcement::Enforce, 1..) => Verdict::Refused,
            _ => Verdict::Accepted,
        }),
        documents: documents.len(),
        errors: counts.errors,
        warnings: counts.warnings,
        findings: KeptFinding::first_of(documents, KEPT),
        ..look_away(moved)
    }
}

/// One line for the build status.
fn described(judged: &Judged) -> String {
    let documents = match judged.documents {
        0 => return "no document to check".to_owned(),
        count => counted(count, "document"),
    };
    match judged.counts() {
        counts if counts.all() == 0 => format!("{documents} checked"),
        counts if judged.errors > 0 && judged.verdict == Some(Verdict::Accepted) => {
            format!("{} in {documents}, only shown", counts.words())
        }
        counts => format!("{} in {documents}", counts.words()),
    }
}
