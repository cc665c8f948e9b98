//! Files of a repository at a commit.

use serde::Deserialize;

use super::call::{Call, file_path, repository_path};
use super::client::Client;
use super::pages::{Page, Pages};
use super::problem::{Problem, Reason};
use crate::http::Failure;
use crate::repository::RepositoryName;
use crate::visible::one_line;

/// What stands at a path. Symbolic links look like files with the path that they lead to: the REST
/// API does not tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum NodeKind {
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A submodule.
    Submodule,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name in the folder; several parts where folders in between hold nothing else.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
}

/// An error is read whole even where little of a file is asked for.
const ROOM_FOR_ERRORS: u64 = 64 * 1024;

/// What `raw` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// The file's bytes.
    Content(Vec<u8>),
    /// The file has more bytes than were asked for.
    TooLarge,
    /// Nothing stands there.
    Missing,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: NodeKind,
}

#[derive(Deserialize)]
struct Sized {
    size: u64,
}

#[derive(Deserialize)]
struct Child {
    path: ChildPath,
    #[serde(rename = "type")]
    kind: NodeKind,
}

#[derive(Deserialize)]
struct ChildPath {
    #[serde(rename = "toString")]
    whole: String,
}

#[derive(Deserialize)]
struct Folder {
    children: Page<Child>,
}

impl Client {
    /// The bytes of a file at a commit (or another ref), up to `limit`.
    ///
    /// # Errors
    /// What is in the way, in words; a folder is refused. A repository or commit that is missing is
    /// never a missing file.
    pub fn raw(
        &self,
        name: &RepositoryName,
        at: &str,
        path: &str,
        limit: u64,
    ) -> Result<Raw, Problem> {
        let Some(encoded) = file_path(path) else {
            return Ok(Raw::Missing);
        };
        let path = format!("/api/latest{}/raw/{encoded}", repository_path(name));
        let call = Call::get(path, reads(name, &encoded, at))
            .query("at", at)
            .header("Accept", "*/*")
            // A body of exactly the limit counts as too large there.
            .largest_answer(limit.max(ROOM_FOR_ERRORS).saturating_add(1));
        match self.call(&call) {
            Ok(answer) if answer.body().len() as u64 > limit => Ok(Raw::TooLarge),
            Ok(answer) => Ok(Raw::Content(answer.body().to_vec())),
            Err(problem) if is_no_path(&problem) => Ok(Raw::Missing),
            Err(Problem {
                reason: Reason::Unanswered(Failure::AnswerTooLarge { .. }),
                ..
            }) => Ok(Raw::TooLarge),
            Err(problem) => Err(problem),
        }
    }

    /// What stands at a path; none where nothing does.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn kind_of_path(
        &self,
        name: &RepositoryName,
        at: &str,
        path: &str,
    ) -> Result<Option<NodeKind>, Problem> {
        let Some(call) = self.browse(name, at, path) else {
            return Ok(None);
        };
        match self.read::<Typed>(call.query("type", true)) {
            Ok(Typed { kind }) => Ok(Some(kind)),
            Err(problem) if is_no_path(&problem) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// How many bytes a file has.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn size(
        &self,
        name: &RepositoryName,
        at: &str,
        path: &str,
    ) -> Result<Option<u64>, Problem> {
        let Some(call) = self.browse(name, at, path) else {
            return Ok(None);
        };
        match self.read::<Sized>(call.query("size", true)) {
            Ok(Sized { size }) => Ok(Some(size)),
            Err(problem) if is_no_path(&problem) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    fn browse(&self, name: &RepositoryName, at: &str, path: &str) -> Option<Call> {
        let encoded = file_path(path)?;
        let path = format!("/api/latest{}/browse/{encoded}", repository_path(name));
        Some(Call::get(path, reads(name, &encoded, at)).query("at", at))
    }

    /// The paths of all files at a commit, in the server's order.
    ///
    /// # Errors
    /// What is in the way, in words, for the whole list or its rest.
    pub fn files(
        &self,
        name: &RepositoryName,
        at: &str,
    ) -> impl Iterator<Item = Result<String, Problem>> + '_ {
        let path = format!("/api/latest{}/files", repository_path(name));
        let what = format!("list the files of {name} at {}", one_line(at, 60));
        self.pages(Call::get(path, what).query("at", at))
    }

    /// What stands at the top of a repository.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn top(&self, name: &RepositoryName, at: &str) -> Result<Vec<Node>, Problem> {
        let path = format!("/api/latest{}/browse", repository_path(name));
        let what = format!("list the top folder of {name} at {}", one_line(at, 60));
        let call = Call::get(path, what).query("at", at);
        let children: Pages<'_, Child, Folder> = Pages::new(self, call);
        children
            .map(|child| {
                child.map(|child| Node {
                    name: child.path.whole,
                    kind: child.kind,
                })
            })
            .collect()
    }
}

impl From<Folder> for Page<Child> {
    fn from(folder: Folder) -> Self {
        folder.children
    }
}

fn reads(name: &RepositoryName, path: &str, at: &str) -> String {
    format!(
        "read {} of {name} at {}",
        one_line(path, 200),
        one_line(at, 60)
    )
}

fn is_no_path(problem: &Problem) -> bool {
    problem.is_not_found() && problem.is_exception("NoSuchPathException")
}
