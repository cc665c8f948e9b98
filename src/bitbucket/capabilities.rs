//! What a server can do: `/rest/capabilities`, which needs no version to be compared.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::call::Call;
use super::client::Client;
use super::problem::Problem;

/// The areas of the REST API that a server has, and where each tells more about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Capabilities {
    #[serde(default)]
    capabilities: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct OfBuilds {
    build_status: Vec<String>,
}

impl Capabilities {
    /// Where an area tells more, below `/rest`. The address in front may be one that is not reached
    /// from here.
    fn path(&self, area: &str) -> Option<&str> {
        let url = self.capabilities.get(area)?.as_str()?;
        let (_, path) = url.rsplit_once("/rest/")?;
        let plain = path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c));
        (plain && !path.contains("..")).then_some(path)
    }
}

impl Client {
    /// What the server can do; nothing is known of an older one.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn capabilities(&self) -> Result<Capabilities, Problem> {
        match self.read(Call::get("/capabilities", "ask what the server can do")) {
            Err(problem) if problem.is_not_found() => Ok(Capabilities::default()),
            other => other,
        }
    }

    /// Whether build statuses belong to a repository's commit (7.14 and later), not to a commit of
    /// any repository.
    pub(super) fn has_builds_of_repositories(&self) -> Result<bool, Problem> {
        let capabilities = self.capabilities()?;
        let Some(path) = capabilities.path("build") else {
            return Ok(false);
        };
        match self.read::<OfBuilds>(Call::get(format!("/{path}"), "ask what builds can tell")) {
            Ok(of_builds) => Ok(of_builds
                .build_status
                .iter()
                .any(|one| one == "richBuildStatus")),
            Err(problem) if problem.is_not_found() => Ok(false),
            Err(problem) => Err(problem),
        }
    }
}
