//! The files of a commit that only Bitbucket's REST API can read, as the rules and the desired state
//! ask for them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

use crate::bitbucket::{Client, Node, NodeKind, Problem, Raw};
use crate::check::{RepositoryFiles, Standing};
use crate::document::{Kind, Kinds};
use crate::git::CommitId;
use crate::repository::RepositoryName;

/// A commit on a Bitbucket Server; nothing of it is asked for before somebody wants it.
///
/// A symbolic link looks like a file that holds the path it leads to: the REST API does not tell
/// them apart. A file is taken for a link where it holds nothing but the path of something that is
/// there, as it would be in the repository on a disk; links that lead nowhere or out of the
/// repository can't be told from files.
pub struct RemoteCommit<'a> {
    client: &'a Client,
    repository: &'a RepositoryName,
    commit: &'a CommitId,
    kinds: &'a Kinds,
    /// The top folder.
    top: OnceCell<Vec<Node>>,
    /// The paths of the documents of all kinds in all folders.
    documents: OnceCell<Vec<String>>,
    /// Folders that are known to stand at a document's path.
    folders: RefCell<BTreeSet<String>>,
}

impl<'a> RemoteCommit<'a> {
    /// The files of a commit.
    #[must_use]
    pub fn new(
        client: &'a Client,
        repository: &'a RepositoryName,
        commit: &'a CommitId,
        kinds: &'a Kinds,
    ) -> Self {
        Self {
            client,
            repository,
            commit,
            kinds,
            top: OnceCell::new(),
            documents: OnceCell::new(),
            folders: RefCell::default(),
        }
    }

    /// The paths of the documents of all kinds, and of what stands in place of a folder of theirs.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn all_documents(&self) -> Result<Vec<String>, Problem> {
        self.documents_where(&|path| self.may_matter(path), &|folder| {
            self.kinds.may_contain(folder)
        })
    }

    /// Whether a document stands at the path, or what hides the documents of a kind: where a folder of
    /// theirs should be, anything but a folder may be a link.
    fn may_matter(&self, path: &str) -> bool {
        self.kinds.of_path(path).is_some() || self.kinds.of_own_folder(path).is_some()
    }

    fn documents_where(
        &self,
        wanted: &dyn Fn(&str) -> bool,
        leads_on: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<String>, Problem> {
        // A look into the top folder is enough, unless documents may lie below one of its folders.
        if let Some(names) = self.kinds.names_at_the_top()
            && self.documents.get().is_none()
        {
            let mut found = BTreeSet::new();
            let mut deeper = false;
            for node in self.top()? {
                let name = first_part(&node.name);
                if !names.contains(&name) {
                    continue;
                }
                let is_folder = node.kind == NodeKind::Directory;
                let is_own_folder = is_folder && self.kinds.of_own_folder(name).is_some();
                if wanted(name) && !is_own_folder {
                    found.insert(name.to_owned());
                } else {
                    deeper |= is_folder && leads_on(name);
                }
            }
            if !deeper {
                return Ok(found.into_iter().collect());
            }
        }
        let all = self.in_all_folders()?.iter();
        Ok(all.filter(|path| wanted(path)).cloned().collect())
    }

    fn top(&self) -> Result<&[Node], Problem> {
        if self.top.get().is_none() {
            let at = self.commit.as_str();
            let _ = self.top.set(self.client.top(self.repository, at)?);
        }
        Ok(self.top.get().map_or(&[], Vec::as_slice))
    }

    /// Documents alone are kept: a repository may have a million other files.
    fn in_all_folders(&self) -> Result<&[String], Problem> {
        if self.documents.get().is_none() {
            let mut documents = BTreeSet::new();
            for path in self.client.files(self.repository, self.commit.as_str()) {
                let path = path?;
                // A folder may stand where a document should be: that is no empty repository.
                for (end, _) in path.match_indices('/') {
                    let folder = &path[..end];
                    if self.kinds.of_path(folder).is_some() {
                        self.folders.borrow_mut().insert(folder.to_owned());
                        documents.insert(folder.to_owned());
                    }
                }
                if self.may_matter(&path) {
                    documents.insert(path);
                }
            }
            let _ = self.documents.set(documents.into_iter().collect());
        }
        Ok(self.documents.get().map_or(&[], Vec::as_slice))
    }

    /// Whether what was read at a path is a link's own text. Of nearly every file its text tells that it
    /// is none; where it could be one, this is one more request.
    fn is_link(&self, path: &str, bytes: &[u8]) -> Result<bool, Problem> {
        let Some(target) = led_to(path, bytes).filter(|target| target != path) else {
            return Ok(false);
        };
        if let Some(known) = self.known(&target) {
            return Ok(known != Standing::Nothing);
        }
        let at = self.commit.as_str();
        let found = self.client.kind_of_path(self.repository, at, &target)?;
        Ok(found.is_some())
    }

    /// What is known to stand at a path without another request.
    fn known(&self, path: &str) -> Option<Standing> {
        if self.folders.borrow().contains(path) {
            return Some(Standing::Folder);
        }
        let top = self.top.get()?;
        let first = first_part(path);
        let Some(node) = top.iter().find(|node| first_part(&node.name) == first) else {
            return Some(Standing::Nothing);
        };
        match (node.kind, first == path) {
            (NodeKind::Directory, true) => Some(Standing::Folder),
            (NodeKind::Submodule, true) => Some(Standing::Submodule),
            (NodeKind::File | NodeKind::Submodule, false) if node.name == first => {
                Some(Standing::Nothing)
            }
            _ => None,
        }
    }
}

/// No path is longer (facts: Linux' `PATH_MAX`).
const LONGEST_LINK: usize = 4096;

/// The path of the repository to which a link at `path` would lead that holds these bytes; none where
/// they are no path inside of it.
fn led_to(path: &str, bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let can_be_path = (1..LONGEST_LINK).contains(&text.len())
        && !text.starts_with('/')
        && !text.contains(|c: char| c.is_control());
    if !can_be_path {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Folders that hold nothing but another folder may come as one entry: `src/main/java`.
fn first_part(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

impl RepositoryFiles for RemoteCommit<'_> {
    type Error = Problem;

    fn documents(&self, kind: &Kind) -> Result<Vec<String>, Problem> {
        self.documents_where(&|path| self.kinds.of_path(path) == Some(kind), &|folder| {
            self.kinds.may_contain_of(kind, folder)
        })
    }

    fn at(&self, path: &str, limit: u64) -> Result<Standing, Problem> {
        if let Some(known) = self.known(path) {
            return Ok(known);
        }
        let at = self.commit.as_str();
        let raw = self.client.raw(self.repository, at, path, limit);
        let problem = match raw {
            Ok(Raw::Content(bytes)) if self.is_link(path, &bytes)? => return Ok(Standing::Symlink),
            Ok(Raw::Content(bytes)) => return Ok(Standing::File(bytes)),
            Ok(Raw::Missing) => return Ok(Standing::Nothing),
            Ok(Raw::TooLarge) => {
                let bytes = self.client.size(self.repository, at, path)?;
                return Ok(Standing::LargeFile {
                    bytes: bytes.unwrap_or(limit.saturating_add(1)),
                });
            }
            Err(problem) => problem,
        };
        // `raw` gives files alone, and says in words of its own what else stands there.
        if !problem.is_refusal() {
            return Err(problem);
        }
        match self.client.kind_of_path(self.repository, at, path)? {
            None => Ok(Standing::Nothing),
            Some(NodeKind::Directory) => Ok(Standing::Folder),
            Some(NodeKind::Submodule) => Ok(Standing::Submodule),
            Some(NodeKind::File) => Err(problem),
        }
    }
}
