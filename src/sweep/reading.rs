//! Reading one repository: its tip, and where that is new, its documents.

use jiff::Timestamp;

use super::entry::What;
use super::fingerprint::Fingerprint;
use super::found::{Fault, Found};
use super::listing::Listed;
use crate::bitbucket::{Client, Problem};
use crate::catalog::{DesiredState, Entity, Undetermined};
use crate::check::{Checked, Checker};
use crate::declared::{add_document, resolve_files};
use crate::document::Kind;
use crate::git::CommitId;
use crate::outbox::{Extent, Read};
use crate::remote_commit::RemoteCommit;
use crate::repository::RepositoryName;

/// Reads repositories, one at a time.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The server.
    pub client: &'a Client,
    /// Knows the documents.
    pub checker: &'a Checker,
    /// The branch that goes to Port; the default branch where none is named.
    pub branch: Option<&'a str>,
    /// What else decides what is found.
    pub fingerprint: &'a Fingerprint,
}

/// What reading a repository brought.
#[derive(Debug)]
pub struct Brought {
    /// The repository.
    pub repository: RepositoryName,
    /// The branch's tip; none where there is none, or it can't be told.
    pub commit: Option<CommitId>,
    /// What is told of it.
    pub what: What,
    /// The commit at which an earlier sweep read it.
    pub before: Option<CommitId>,
    /// When the tip was asked for.
    pub asked: Timestamp,
    /// What it declares, where it was read and that can be told.
    pub declares: Option<Declares>,
    /// Whether what kept it from being read keeps everything from it.
    hopeless: bool,
}

/// What a repository declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Declares {
    /// The entities.
    pub entities: Vec<Entity>,
    /// Whether those are all.
    pub extent: Extent,
}

impl Brought {
    /// Whether it is likely that no other repository can be read either.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.hopeless
    }
}

impl Reader<'_> {
    /// Reads a repository. Where its tip and the fingerprint are those of an earlier sweep, what
    /// that one found still holds.
    #[must_use]
    pub fn bring(&self, listed: Listed) -> Brought {
        let Listed {
            repository,
            trouble,
            before,
        } = listed;
        let tip_before = before.as_ref().map(|read| read.tip.clone());
        let mut brought = Brought {
            commit: None,
            what: What::Empty,
            before: tip_before,
            asked: Timestamp::now(),
            declares: None,
            hopeless: false,
            repository,
        };
        if let Some(trouble) = trouble {
            brought.what = What::Unreadable {
                message: trouble.to_owned(),
                help: Some("have an administrator of Bitbucket mend or delete it".to_owned()),
            };
            return brought;
        }
        if let Err(problem) = self.fill(&mut brought, before) {
            brought.hopeless = problem.concerns_everything();
            brought.declares = None;
            brought.what = What::Unreadable {
                message: problem.to_string(),
                help: problem.advice(),
            };
        }
        brought
    }

    fn fill(&self, brought: &mut Brought, before: Option<Read>) -> Result<(), Problem> {
        let tip = match self.branch {
            None => self.client.default_tip(&brought.repository)?,
            Some(branch) => self
                .client
                .tip(&brought.repository, &format!("refs/heads/{branch}"))?,
        };
        let Some(tip) = tip else { return Ok(()) };
        let tip = CommitId(match tip.parse() {
            Ok(id) => id,
            Err(error) => {
                brought.what = What::Unreadable {
                    message: format!("Bitbucket names a tip that is no commit: {error}"),
                    help: Some("have an administrator of Bitbucket look at the branch".to_owned()),
                };
                return Ok(());
            }
        });
        let known =
            before.filter(|read| read.tip == tip && read.fingerprint == self.fingerprint.as_str());
        // What can't be understood any more is read again.
        let known = known.and_then(|read| serde_json::from_str::<Found>(&read.found).ok());
        brought.commit = Some(tip.clone());
        if let Some(found) = known {
            brought.what = What::Unchanged(found);
            return Ok(());
        }
        let files = RemoteCommit::new(self.client, &brought.repository, &tip, self.checker.kinds());
        let paths = files.all_documents()?;
        let documents = self.checker.check_all(&files, &paths)?;
        let mut found = Found::default();
        found.note(&documents);
        brought.declares = self.declares(&files, &paths, &documents, &mut found)?;
        brought.what = What::Read(found);
        Ok(())
    }

    /// What the port documents declare; none where that can't be told.
    fn declares(
        &self,
        files: &RemoteCommit<'_>,
        paths: &[String],
        documents: &[Checked],
        found: &mut Found,
    ) -> Result<Option<Declares>, Problem> {
        let mut state = DesiredState::default();
        let mut passed_by = Vec::new();
        let is_read = |path: &String| documents.iter().any(|document| *document.path == **path);
        let is_port = |path: &&String| self.checker.kinds().of_path(path) == Some(&Kind::Port);
        if let Some(path) = paths.iter().filter(is_port).find(|path| !is_read(path)) {
            found.fault = Some(Fault::Undetermined(Undetermined {
                file: path.clone(),
                reason: "it is listed, and can't be read".to_owned(),
            }));
            return Ok(None);
        }
        for document in documents {
            if document.kind != Kind::Port {
                continue;
            }
            match add_document(document, &mut state) {
                Ok(entries) => passed_by.extend(entries),
                Err(undetermined) => {
                    found.fault = Some(Fault::Undetermined(undetermined));
                    return Ok(None);
                }
            }
        }
        let mut unresolved = Vec::new();
        resolve_files(files, self.checker.limits(), &mut state, &mut unresolved)?;
        found.remarks = unresolved.iter().map(ToString::to_string).collect();
        let entities: Vec<Entity> = state.into_entities().collect();
        found.entities = entities.len();
        let extent = if passed_by.is_empty() {
            Extent::Whole
        } else {
            found.fault = Some(Fault::Entries(passed_by));
            Extent::Part
        };
        Ok(Some(Declares { entities, extent }))
    }
}
