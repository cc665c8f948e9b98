//! Who we are to a server, what we may do there, and what its clock says.

use serde_json::Value;

use super::call::{Call, repository_path};
use super::client::Client;
use super::pages::Page;
use super::problem::Problem;
use crate::repository::RepositoryName;

/// Who we are, as the server tells with every answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The user (`X-AUSERNAME`), where the server tells; tokens of projects have none.
    pub user: Option<String>,
}

/// What a user may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Read repositories.
    RepositoryRead,
    /// Webhooks and hooks of repositories.
    RepositoryAdmin,
    /// The same of whole projects.
    ProjectAdmin,
}

/// The newest commit of a repository's default branch.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewestCommit {
    /// Its id.
    pub id: String,
    /// When it was made, in milliseconds since 1970; the push came later.
    #[serde(default)]
    pub committer_timestamp: Option<i64>,
}

impl Client {
    /// Proves that the server takes the credentials.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn standing(&self) -> Result<Standing, Problem> {
        let call = Call::get("/api/latest/projects", "list the projects").query("limit", 1);
        let answer = self.call(&call)?;
        let _: Page<Value> = self.understood(call.what(), &answer)?;
        let user = answer.header("x-ausername").filter(|name| !name.is_empty());
        Ok(Standing {
            user: user.map(|name| crate::visible::one_line(name, 80)),
        })
    }

    /// Whether there is anything that the user has this permission for.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn has_anywhere(&self, permission: Permission) -> Result<bool, Problem> {
        let (path, word) = match permission {
            Permission::RepositoryRead => ("/api/latest/repos", "REPO_READ"),
            Permission::RepositoryAdmin => ("/api/latest/repos", "REPO_ADMIN"),
            Permission::ProjectAdmin => ("/api/latest/projects", "PROJECT_ADMIN"),
        };
        let call = Call::get(path, format!("ask where we have {word}"))
            .query("permission", word)
            .query("limit", 1);
        let page: Page<Value> = self.read(call)?;
        Ok(!page.values.is_empty())
    }

    /// The newest commit of the default branch; none where nothing was pushed to it.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn newest_commit(&self, name: &RepositoryName) -> Result<Option<NewestCommit>, Problem> {
        let path = format!("/api/latest{}/commits", repository_path(name));
        let call = Call::get(path, format!("read the newest commit of {name}")).query("limit", 1);
        match self.read::<Page<NewestCommit>>(call) {
            Ok(page) => Ok(page.values.into_iter().next()),
            Err(problem) if super::branch::is_no_branch(&problem) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// The number by which the server's disk knows a repository.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn repository_number(&self, name: &RepositoryName) -> Result<u64, Problem> {
        #[derive(serde::Deserialize)]
        struct Numbered {
            id: u64,
        }

        let path = format!("/api/latest{}", repository_path(name));
        let numbered: Numbered = self.read(Call::get(path, format!("read about {name}")))?;
        Ok(numbered.id)
    }
}
