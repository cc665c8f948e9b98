//! Hook scripts: Bitbucket's own hooks, by REST from 8.0 on (facts: bitbucket.md §1.2). No route lists
//! all of them: a script is found where it is enabled.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::client::Client;
use super::multipart::Form;
use super::problem::Problem;
use super::scope::Scope;
use super::version::Version;
use crate::http::Method;

/// When a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum HookScriptType {
    /// Before refs move; it can refuse.
    #[serde(rename = "PRE")]
    Pre,
    /// Afterwards.
    #[serde(rename = "POST")]
    Post,
}

impl HookScriptType {
    /// As the API has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pre => "PRE",
            Self::Post => "POST",
        }
    }
}

/// A script as the server knows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HookScript {
    /// Its number.
    pub id: u64,
    /// Its name; several may have the same.
    #[serde(default)]
    pub name: String,
    /// When it runs.
    #[serde(rename = "type")]
    pub kind: HookScriptType,
}

/// A script that is enabled somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnabledScript {
    /// The script.
    pub script: HookScript,
    /// On what it runs.
    #[serde(default)]
    pub trigger_ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Triggers<'a> {
    trigger_ids: &'a [&'a str],
}

impl EnabledScript {
    /// Whether it runs on all of these.
    #[must_use]
    pub fn runs_on(&self, triggers: &[&str]) -> bool {
        // Facts: none named are taken for all.
        self.trigger_ids.is_empty()
            || triggers
                .iter()
                .all(|trigger| self.trigger_ids.iter().any(|own| own == trigger))
    }
}

impl Version {
    /// Whether hook scripts can be installed by REST.
    #[must_use]
    pub fn has_hook_script_api(&self) -> bool {
        self.is_at_least(8, 0)
    }

    /// Whether hook scripts do nothing until `feature.hook.scripts=true` is set.
    #[must_use]
    pub fn has_hook_scripts_off(&self) -> bool {
        self.is_at_least(8, 18)
    }
}

impl Client {
    /// The scripts that are enabled at a project or a repository; a repository's list has its
    /// project's too.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn hook_scripts(&self, scope: &Scope) -> Result<Vec<EnabledScript>, Problem> {
        let what = format!("list the hook scripts of {scope}");
        self.pages(Call::get(scope.path("/hook-scripts"), what))
            .collect()
    }

    /// The text of a script.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn hook_script_text(&self, id: u64) -> Result<String, Problem> {
        let path = format!("/api/latest/hook-scripts/{id}/content");
        let answer = self.call(&Call::get(path, format!("read hook script {id}")))?;
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }

    /// Uploads a new script. Needs SYS_ADMIN.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn create_hook_script(
        &self,
        name: &str,
        kind: HookScriptType,
        description: &str,
        text: &str,
    ) -> Result<HookScript, Problem> {
        let what = format!("upload the hook script `{name}`");
        let form = Form::default()
            .field("name", name)
            .field("type", kind.word())
            .field("description", description)
            .field("content", text);
        self.read(form.send_with(Call::new(Method::Post, "/api/latest/hook-scripts", what)))
    }

    /// Replaces a script's text. Needs SYS_ADMIN.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn update_hook_script(
        &self,
        script: &HookScript,
        description: &str,
        text: &str,
    ) -> Result<(), Problem> {
        let id = script.id;
        let form = Form::default()
            .field("name", &script.name)
            .field("description", description)
            .field("content", text);
        let path = format!("/api/latest/hook-scripts/{id}");
        let call = Call::new(Method::Put, path, format!("replace hook script {id}"));
        self.call(&form.send_with(call)).map(|_| ())
    }

    /// Has a script run for a project or a repository. Needs PROJECT_ADMIN or REPO_ADMIN.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn enable_hook_script(
        &self,
        scope: &Scope,
        id: u64,
        triggers: &[&str],
    ) -> Result<(), Problem> {
        let path = scope.path(&format!("/hook-scripts/{id}"));
        let what = format!("enable hook script {id} for {scope}");
        let call = Call::new(Method::Put, path, what).json(&Triggers {
            trigger_ids: triggers,
        });
        self.call(&call).map(|_| ())
    }
}
