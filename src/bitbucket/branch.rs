//! Branches and where they stand.

use serde::Deserialize;

use super::call::{Call, repository_path};
use super::client::Client;
use super::pages::Page;
use super::problem::Problem;
use crate::repository::RepositoryName;
use crate::visible::one_line;

/// A branch, as a server names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Branch {
    /// The full name, `refs/heads/main`.
    pub id: String,
    /// The short name, `main`.
    pub display_id: String,
}

/// A commit, as a server lists it.
#[derive(Deserialize)]
struct Listed {
    id: String,
}

/// The exceptions of a branch that is not there yet: nothing was pushed to it.
const NO_BRANCH: [&str; 3] = [
    "NoDefaultBranchException",
    "NoSuchBranchException",
    "NoSuchCommitException",
];

impl Client {
    /// The tip of the default branch, in one request; none where nothing was pushed to it.
    ///
    /// It is the newest of `commits` without `until`, which every version since 5.6 takes for the
    /// default branch: `branches/default` is gone from newer ones, `default-branch` is missing in
    /// older ones and tells no commit.
    ///
    /// # Errors
    /// What is in the way, in words. A repository that is missing is never one without commits.
    pub fn default_tip(&self, name: &RepositoryName) -> Result<Option<String>, Problem> {
        self.newest(name, None)
    }

    /// The tip of a branch or another ref, by its full name; none where it is not there.
    ///
    /// # Errors
    /// What is in the way, in words. A repository that is missing is never one without the branch.
    pub fn tip(&self, name: &RepositoryName, reference: &str) -> Result<Option<String>, Problem> {
        self.newest(name, Some(reference))
    }

    fn newest(
        &self,
        name: &RepositoryName,
        until: Option<&str>,
    ) -> Result<Option<String>, Problem> {
        let path = format!("/api/latest{}/commits", repository_path(name));
        let what = match until {
            None => format!("read the tip of the default branch of {name}"),
            Some(reference) => format!("read the tip of `{}` of {name}", one_line(reference, 100)),
        };
        let mut call = Call::get(path, what).query("limit", 1);
        if let Some(reference) = until {
            call = call.query("until", reference);
        }
        let what = call.what().to_owned();
        let page: Page<Listed> = match self.read(call) {
            Ok(page) => page,
            Err(problem) if is_no_branch(&problem) => return Ok(None),
            Err(problem) => return Err(problem),
        };
        match page.values.into_iter().next() {
            Some(commit) => Ok(Some(commit.id)),
            None if page.is_last_page => Ok(None),
            None => Err(Problem::not_understood(&what, "a page of commits is empty")),
        }
    }

    /// The default branch, by name; none where the repository has none. Its tip need not be there
    /// yet.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn default_branch(&self, name: &RepositoryName) -> Result<Option<Branch>, Problem> {
        let what = format!("read the default branch of {name}");
        let root = format!("/api/latest{}", repository_path(name));
        let newer = self.branch(Call::get(format!("{root}/default-branch"), what.as_str()));
        match newer {
            Err(problem)
                if problem.is_not_found() && !problem.is_exception("NoSuchRepositoryException") => {
            }
            other => return other,
        }
        // Older servers know only this one (facts: below 7.x), and newer ones only the other.
        match self.branch(Call::get(format!("{root}/branches/default"), what)) {
            Err(problem) if is_no_branch(&problem) => Ok(None),
            other => other,
        }
    }

    fn branch(&self, call: Call) -> Result<Option<Branch>, Problem> {
        let answer = match self.call(&call) {
            Ok(answer) => answer,
            Err(problem) if problem.is_exception("NoDefaultBranchException") => return Ok(None),
            Err(problem) => return Err(problem),
        };
        if answer.status() == 204 {
            return Ok(None);
        }
        self.understood(call.what(), &answer).map(Some)
    }
}

pub(super) fn is_no_branch(problem: &Problem) -> bool {
    problem.is_not_found() && NO_BRANCH.iter().any(|name| problem.is_exception(name))
}
