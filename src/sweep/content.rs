//! A repository's documents and files at one commit, by REST.

use crate::bitbucket::{Client, NodeKind, Problem, Raw, Reason};
use crate::check::{Checked, Checker, NotAFile, RepositoryFiles, Standing};
use crate::document::Kind;
use crate::git::CommitId;
use crate::repository::RepositoryName;

/// What stands where a document may be.
#[derive(Clone, Debug)]
struct Document {
    path: String,
    kind: Kind,
    what: NodeKind,
}

/// One commit of a repository; its documents are listed, and nothing is read yet.
pub struct Content<'a> {
    client: &'a Client,
    repository: &'a RepositoryName,
    commit: &'a CommitId,
    documents: Vec<Document>,
}

impl<'a> Content<'a> {
    /// Lists the documents of all kinds: by a look into the top folder, and by all files only where
    /// a folder may hold some.
    ///
    /// # Errors
    /// What is in the way: nothing is known of the commit then.
    pub fn list(
        client: &'a Client,
        checker: &Checker,
        repository: &'a RepositoryName,
        commit: &'a CommitId,
    ) -> Result<Self, Problem> {
        let kinds = checker.kinds();
        let document = |path: String, what| {
            let kind = kinds.of_path(&path)?.clone();
            Some(Document { path, kind, what })
        };
        let top = client.top(repository, commit.as_str())?;
        let leads_on = top.iter().any(|node| {
            // Bitbucket joins folders that hold nothing else: `a/b/c`.
            let first = node.name.split('/').next().unwrap_or(&node.name);
            node.kind == NodeKind::Directory && kinds.may_contain(first)
        });
        let mut documents: Vec<Document> = if leads_on {
            let files = client.files(repository, commit.as_str());
            let files = files.collect::<Result<Vec<_>, _>>()?;
            let others = top.into_iter().filter(|node| node.kind != NodeKind::File);
            let others = others.filter_map(|node| document(node.name, node.kind));
            files
                .into_iter()
                .filter_map(|path| document(path, NodeKind::File))
                .chain(others)
                .collect()
        } else {
            top.into_iter()
                .filter_map(|node| document(node.name, node.kind))
                .collect()
        };
        documents.sort_by(|one, other| one.path.cmp(&other.path));
        documents.dedup_by(|one, other| one.path == other.path);
        Ok(Self {
            client,
            repository,
            commit,
            documents,
        })
    }

    /// Reads and checks every document.
    ///
    /// # Errors
    /// What is in the way of one: nothing follows from the others then.
    pub fn checked(&self, checker: &Checker) -> Result<Vec<Checked>, Problem> {
        let limit = checker.limits().bytes as u64;
        self.documents
            .iter()
            .map(|Document { path, kind, what }| {
                let standing = match what {
                    NodeKind::File => self.at(path, limit)?,
                    NodeKind::Directory => Standing::Folder,
                    NodeKind::Submodule => Standing::Submodule,
                };
                let not_a_file = match standing {
                    Standing::File(bytes) => return Ok(checker.check(kind, path, &bytes)),
                    Standing::LargeFile { bytes } => {
                        return Ok(checker.oversized(kind, path, bytes));
                    }
                    // A link that leads nowhere is listed, and can't be read.
                    Standing::Symlink | Standing::Nothing => NotAFile::Symlink { target: None },
                    Standing::Submodule => NotAFile::Submodule,
                    Standing::Folder => NotAFile::Folder,
                };
                Ok(checker.not_a_file(kind, path, not_a_file))
            })
            .collect()
    }
}

impl RepositoryFiles for Content<'_> {
    type Error = Problem;

    fn documents(&self, kind: &Kind) -> Result<Vec<String>, Problem> {
        let documents = self.documents.iter();
        let of_kind = documents.filter(|document| document.kind == *kind);
        Ok(of_kind.map(|document| document.path.clone()).collect())
    }

    fn at(&self, path: &str, limit: u64) -> Result<Standing, Problem> {
        let (client, repository, commit) = (self.client, self.repository, self.commit.as_str());
        let problem = match client.raw(repository, commit, path, limit) {
            Ok(Raw::Content(bytes)) => return Ok(Standing::File(bytes)),
            Ok(Raw::Missing) => return Ok(Standing::Nothing),
            Ok(Raw::TooLarge) => {
                let bytes = client.size(repository, commit, path)?;
                // It is more than that, however little the server tells.
                let bytes = bytes.unwrap_or(limit.saturating_add(1));
                return Ok(Standing::LargeFile { bytes });
            }
            Err(problem) => problem,
        };
        if !matches!(problem.reason, Reason::Refused { .. } | Reason::NotFound) {
            return Err(problem);
        }
        // Folders are refused.
        match client.kind_of_path(repository, commit, path)? {
            Some(NodeKind::Directory) => Ok(Standing::Folder),
            Some(NodeKind::Submodule) => Ok(Standing::Submodule),
            Some(NodeKind::File) | None => Err(problem),
        }
    }
}
