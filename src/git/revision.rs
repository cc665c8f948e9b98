//! Commits by the names that people give them. The `git` program reads these: it knows every way of
//! writing one, and nothing here is on a hook's way.

use super::directory::common_directory;
use super::id::CommitId;
use super::read_error::ReadError;
use super::repository::Repository;

impl Repository {
    /// The commit that a revision names, such as `HEAD~1`, `origin/main` or a tag; `None` where it
    /// names none.
    ///
    /// # Errors
    /// The `git` program can't be started.
    pub fn commit_named(&self, revision: &str) -> Result<Option<CommitId>, ReadError> {
        // Git would take it for an option.
        if revision.is_empty() || revision.starts_with('-') {
            return Ok(None);
        }
        let commit = format!("{revision}^{{commit}}");
        self.commit_of(&["rev-parse", "--verify", "--quiet", &commit])
    }

    /// Where the histories of two commits parted; `None` where they have nothing in common.
    ///
    /// # Errors
    /// The `git` program can't be started.
    pub fn merge_base(
        &self,
        one: &CommitId,
        other: &CommitId,
    ) -> Result<Option<CommitId>, ReadError> {
        self.commit_of(&["merge-base", one.as_str(), other.as_str()])
    }

    /// Whether older commits are left out of this clone.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        common_directory(self.directory()).join("shallow").is_file()
    }

    fn commit_of(&self, arguments: &[&str]) -> Result<Option<CommitId>, ReadError> {
        let (status, output, _) = self.program().output(arguments)?;
        let id = std::str::from_utf8(output.trim_ascii_end()).ok();
        let id = id.filter(|_| status.success());
        Ok(id.and_then(|id| id.parse().ok()).map(CommitId))
    }
}
