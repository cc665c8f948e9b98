//! What a server can do: `/rest/capabilities`, which needs no version to be compared.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::call::Call;
use super::client::Client;
use super::problem::Problem;

/// The areas of the REST API that a server has, and where each tells more about itself.
#[derive(Default, Deserialize)]
struct Capabilities {
    #[serde(default)]
    capabilities: BTreeMap<String, Value>,
}

/// What a build status belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HomeOfBuilds {
    /// A commit of one repository: 7.14 and later.
    Repository,
    /// A commit, whatever repositories have it.
    Commit,
}

/// The word by which a server tells that it keeps build statuses by repositories.
const RICH: &str = "richBuildStatus";

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
    fn capabilities(&self) -> Result<Capabilities, Problem> {
        match self.read(Call::get("/capabilities", "ask what the server can do")) {
            Err(problem) if problem.is_not_found() => Ok(Capabilities::default()),
            other => other,
        }
    }

    /// Where the server keeps build statuses. It is asked once, by all clones together.
    pub(super) fn home_of_builds(&self) -> Result<HomeOfBuilds, Problem> {
        if let Some(known) = self.builds.get() {
            return Ok(*known);
        }
        let home = self.ask_for_builds()?;
        Ok(*self.builds.get_or_init(|| home))
    }

    fn ask_for_builds(&self) -> Result<HomeOfBuilds, Problem> {
        let capabilities = self.capabilities()?;
        let Some(path) = capabilities.path("build") else {
            return Ok(HomeOfBuilds::Commit);
        };
        match self.read::<OfBuilds>(Call::get(format!("/{path}"), "ask what builds can tell")) {
            Ok(of_builds) if of_builds.build_status.iter().any(|one| one == RICH) => {
                Ok(HomeOfBuilds::Repository)
            }
            Ok(_) => Ok(HomeOfBuilds::Commit),
            Err(problem) if problem.is_not_found() => Ok(HomeOfBuilds::Commit),
            Err(problem) => Err(problem),
        }
    }
}
