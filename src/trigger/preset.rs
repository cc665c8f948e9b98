//! Services that pushgate knows: what has to be sent, and which answers mean what.

use serde::Deserialize;

use crate::http::Answer;

/// A service whose call pushgate knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Jenkins' git plugin: `git/notifyCommit`.
    Jenkins,
    /// TeamCity: its build queue.
    Teamcity,
    /// Bamboo: its build queue.
    Bamboo,
    /// Algorithmia: compile.
    Algorithmia,
}

/// The parts of a call that a preset knows; what the operator writes has precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// What follows the server's address.
    pub path: &'static str,
    /// Further parts of it, where the trigger has that secret.
    pub path_with_secret: Option<(&'static str, &'static str)>,
    /// Headers.
    pub headers: &'static [(&'static str, &'static str)],
    /// A header with the secret `token`.
    pub authorization: Option<(&'static str, &'static str)>,
    /// The body.
    pub body: Option<&'static str>,
    /// The statuses that mean success.
    pub success: &'static [u16],
    /// The key of the configuration that names the job there.
    pub job: Option<&'static str>,
}

/// What stands for the job's name in a preset's texts.
pub const JOB: &str = "JOB";

impl Preset {
    /// The parts of its call; none of Algorithmia, which has a client of its own.
    ///
    /// From the services' own documents: the git plugin's "push notification from repository",
    /// TeamCity's REST API "start custom build", Bamboo's REST API "queue".
    #[must_use]
    pub fn defaults(self) -> Option<Defaults> {
        Some(match self {
            Self::Jenkins => Defaults {
                path: "/git/notifyCommit?url=${clone_url}&branches=${branch}&sha1=${sha}",
                path_with_secret: Some(("token", "&token=${token}")),
                headers: &[("Accept", "text/plain")],
                authorization: None,
                body: None,
                success: &[200],
                job: None,
            },
            Self::Teamcity => Defaults {
                path: "/app/rest/buildQueue",
                path_with_secret: None,
                headers: &[("Content-Type", "application/xml")],
                authorization: Some(("token", "Bearer ${token}")),
                body: Some(
                    "<build branchName=\"${branch}\"><buildType id=\"JOB\"/><lastChanges>\
                     <change locator=\"version:${sha},buildType:(id:JOB)\"/></lastChanges></build>",
                ),
                success: &[200],
                job: Some("build_type"),
            },
            Self::Bamboo => Defaults {
                path: "/rest/api/latest/queue/JOB?customRevision=${sha}",
                path_with_secret: None,
                headers: &[("X-Atlassian-Token", "no-check")],
                authorization: Some(("token", "Bearer ${token}")),
                body: None,
                success: &[200],
                job: Some("plan"),
            },
            Self::Algorithmia => return None,
        })
    }

    /// As people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jenkins => "Jenkins",
            Self::Teamcity => "TeamCity",
            Self::Bamboo => "Bamboo",
            Self::Algorithmia => "Algorithmia",
        }
    }

    /// Whether a success by its status says that nothing was started. Jenkins answers with 200 also
    /// where no job uses the repository, and names each job that it starts with `Scheduled …`.
    #[must_use]
    pub fn started_nothing(self, answer: &Answer) -> bool {
        self == Self::Jenkins
            && !String::from_utf8_lossy(answer.body())
                .lines()
                .any(|line| line.trim_start().starts_with("Scheduled "))
    }
}
