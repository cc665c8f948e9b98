//! The settings of External Hooks, an add-on that runs programs as hooks (facts: bitbucket.md §1.1).

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::client::Client;
use super::hook_scripts::HookScriptType;
use super::problem::Problem;
use super::scope::Scope;
use crate::http::{Method, segment};

/// The add-on's key for a hook.
fn key(kind: HookScriptType) -> &'static str {
    match kind {
        HookScriptType::Pre => {
            "com.ngs.stash.externalhooks.external-hooks:external-pre-receive-hook"
        }
        HookScriptType::Post => {
            "com.ngs.stash.externalhooks.external-hooks:external-post-receive-hook"
        }
    }
}

/// What the add-on is to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalHook {
    /// The program; below the add-on's own folder where `safe_path` is set.
    pub exe: String,
    /// Whether the program lies in the add-on's own folder.
    #[serde(default)]
    pub safe_path: bool,
    /// Its parameters, one a line; the add-on splits at `\r\n` only.
    #[serde(default)]
    pub params: String,
    /// Whether the push goes on without waiting, and without the program's output.
    #[serde(default, rename = "async")]
    pub detached: bool,
}

impl ExternalHook {
    /// A program with parameters; one that is no absolute path lies in the add-on's own folder.
    #[must_use]
    pub fn new(program: &str, parameters: &[&str]) -> Self {
        Self {
            exe: program.to_owned(),
            safe_path: !program.starts_with('/'),
            params: parameters.join("\r\n"),
            detached: false,
        }
    }

    /// Whether it runs pushgate, or a script in a folder of that name.
    #[must_use]
    pub fn is_pushgate(&self) -> bool {
        self.exe.contains("pushgate") || self.params.contains("pushgate")
    }
}

/// What the add-on does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalHookState {
    /// The server does not have the add-on.
    NoAddOn,
    /// The hook is not enabled.
    Off,
    /// It runs this.
    On(Option<ExternalHook>),
}

impl Client {
    /// What External Hooks runs at a project or a repository.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn external_hook(
        &self,
        scope: &Scope,
        kind: HookScriptType,
    ) -> Result<ExternalHookState, Problem> {
        #[derive(Deserialize)]
        struct Hook {
            #[serde(default)]
            enabled: bool,
        }

        let root = scope.path(&format!("/settings/hooks/{}", segment(key(kind))));
        let what = format!("read the settings of External Hooks of {scope}");
        let hook: Hook = match self.read(Call::get(root.as_str(), what.as_str())) {
            Ok(hook) => hook,
            // The scope itself may be what is missing: that has other names.
            Err(problem)
                if problem.is_not_found()
                    && !problem.is_exception("NoSuchProjectException")
                    && !problem.is_exception("NoSuchRepositoryException") =>
            {
                return Ok(ExternalHookState::NoAddOn);
            }
            Err(problem) => return Err(problem),
        };
        if !hook.enabled {
            return Ok(ExternalHookState::Off);
        }
        let call = Call::get(format!("{root}/settings"), what);
        let answer = self.call(&call)?;
        if answer.status() == 204 {
            return Ok(ExternalHookState::On(None));
        }
        self.understood::<ExternalHook>(call.what(), &answer)
            .map(|settings| ExternalHookState::On(Some(settings)))
    }

    /// Has External Hooks run a program.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn enable_external_hook(
        &self,
        scope: &Scope,
        kind: HookScriptType,
        settings: &ExternalHook,
    ) -> Result<(), Problem> {
        let path = scope.path(&format!("/settings/hooks/{}/enabled", segment(key(kind))));
        let what = format!("enable External Hooks for {scope}");
        self.call(&Call::new(Method::Put, path, what).json(settings))
            .map(|_| ())
    }
}
