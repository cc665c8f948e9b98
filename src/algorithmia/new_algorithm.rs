//! An algorithm that is to be created: its name, and what is sent.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::json;

use crate::http::{Method, segment};
use crate::visible::one_line;

use super::call::{Call, Purpose};
use super::description::{
    Description, Details, License, NetworkAccess, ScmCredentials, Visibility,
};
use super::reference::is_id;

/// The name of an algorithm to be created: letters, digits and `_`, a letter first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlgorithmName {
    /// The user or organisation that it will belong to.
    pub owner: String,
    /// Its name in that account.
    pub name: String,
}

/// Text that names no algorithm that can be created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` can't be an algorithm's name: {fault}")]
#[diagnostic(help("write OWNER/NAME, such as acme/hello_2"))]
pub struct NotAName {
    text: String,
    fault: &'static str,
}

impl FromStr for AlgorithmName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |fault| NotAName {
            text: one_line(text, 80),
            fault,
        };
        let (owner, name) = text
            .split_once('/')
            .ok_or_else(|| wrong("its owner stands before it, with a `/` between"))?;
        // Clusters have owners with hyphens, although the document allows none.
        let in_owner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic());
        if !begins(owner) || !owner.chars().all(in_owner) {
            return Err(wrong(
                "an owner has letters, digits and `_`, a letter first",
            ));
        }
        if !begins(name) || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(wrong("it has letters, digits and `_` only, a letter first"));
        }
        Ok(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// The id of an environment: 36 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EnvironmentId(String);

/// Text that is no environment's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error(
    "`{0}` is no environment's id: it has 36 characters, like d1ec135c-4a4d-4e83-9a82-38f5699b4522"
)]
#[diagnostic(help("take the environment's `id`, not its `environment_specification_id`"))]
pub struct NotAnEnvironment(String);

impl FromStr for EnvironmentId {
    type Err = NotAnEnvironment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match is_id(text) {
            true => Ok(Self(text.to_owned())),
            false => Err(NotAnEnvironment(one_line(text, 60))),
        }
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A description that can't be sent.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DescriptionError {
    /// The file and the command line name different things.
    #[error("`{key}` is `{file}` in the file, and `{command}` on the command line")]
    #[diagnostic(help("correct one of them, or leave it out of the file"))]
    Differs {
        /// The key in the file.
        key: &'static str,
        /// What stands there.
        file: String,
        /// What the command line says.
        command: String,
    },
    /// Neither names it.
    #[error("which {what}?")]
    #[diagnostic(help("pass `{option}`, or write `{key}` into the file"))]
    Missing {
        /// What is missing.
        what: &'static str,
        /// The option.
        option: &'static str,
        /// The key in the file.
        key: &'static str,
    },
    /// The environment's id is none.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Environment(#[from] NotAnEnvironment),
    /// A licence that needs the source code open.
    #[error("closed source code can only have the license `apl`")]
    #[diagnostic(help(
        "write `\"license\": \"apl\"`, or `\"source_visibility\": \"open\"`, under `settings` in the file"
    ))]
    ClosedButFree,
    /// No account that may create the repository.
    #[error("the account that creates the repository in Bitbucket is missing")]
    #[diagnostic(help(
        "set BB_PROJECT_OWNER_USERNAME and BB_PROJECT_OWNER_PASSWORD (or BB_PROJECT_OWNER_TOKEN) to an account that may create repositories in the project, or name a file with `--credentials`"
    ))]
    NoCredentials,
}

/// An algorithm that is to be created.
#[derive(Clone, Debug)]
pub struct NewAlgorithm {
    name: AlgorithmName,
    scm: String,
    environment: EnvironmentId,
    credentials: Option<ScmCredentials>,
    about: Description,
}

impl NewAlgorithm {
    /// Puts together what the command line and the file say. `built_in` tells the id of the cluster's
    /// own source code host, which needs no account.
    ///
    /// # Errors
    /// What is missing, or said twice in two ways.
    pub fn new(
        name: AlgorithmName,
        scm: Option<String>,
        environment: Option<EnvironmentId>,
        credentials: Option<ScmCredentials>,
        mut about: Description,
        built_in: impl Fn(&str) -> bool,
    ) -> Result<Self, DescriptionError> {
        agree("name", about.name.as_deref(), &name.name)?;
        agree(
            "settings.username",
            about.settings.username.as_deref(),
            &name.owner,
        )?;
        let written = about.source.scm.take();
        if let (Some(file), Some(command)) = (&written, &scm) {
            agree("source.scm", Some(file), command)?;
        }
        let scm = scm.or(written).ok_or(DescriptionError::Missing {
            what: "SCM configuration",
            option: "--scm ID",
            key: "source.scm",
        })?;
        let written = about.settings.algorithm_environment.take();
        if let (Some(file), Some(command)) = (&written, &environment) {
            agree("settings.algorithm_environment", Some(file), &command.0)?;
        }
        let written = written.map(|text| text.parse()).transpose()?;
        let environment = environment.or(written).ok_or(DescriptionError::Missing {
            what: "environment",
            option: "--environment UUID",
            key: "settings.algorithm_environment",
        })?;
        let settings = &about.settings;
        let is_closed = settings.source_visibility != Some(Visibility::Open);
        if is_closed && settings.license.is_some_and(|one| one != License::Apl) {
            return Err(DescriptionError::ClosedButFree);
        }
        let credentials = credentials.or_else(|| about.credentials.take());
        if credentials.is_none() && !built_in(&scm) {
            return Err(DescriptionError::NoCredentials);
        }
        Ok(Self {
            name,
            scm,
            environment,
            credentials,
            about,
        })
    }

    /// The SCM configuration of its source code.
    #[must_use]
    pub fn scm(&self) -> &str {
        &self.scm
    }

    /// The environment that it will run in.
    #[must_use]
    pub fn environment(&self) -> &EnvironmentId {
        &self.environment
    }

    /// The call that creates it.
    #[must_use]
    pub fn call(&self) -> Call {
        let about = &self.about;
        let settings = &about.settings;
        let details = about.details.clone().unwrap_or_else(|| Details {
            label: self.name.name.clone(),
            summary: None,
            tagline: None,
        });
        let mut body = json!({
            "name": self.name.name,
            "details": details,
            "settings": {
                "username": self.name.owner,
                "source_visibility": settings.source_visibility.unwrap_or(Visibility::Closed),
                "algorithm_environment": self.environment,
                "license": settings.license.unwrap_or(License::Apl),
                "network_access": settings.network_access.unwrap_or(NetworkAccess::Isolated),
                "pipeline_enabled": settings.pipeline_enabled.unwrap_or(true),
            },
            "source": { "scm": self.scm },
        });
        let optional = [
            ("settings", "language", json!(settings.language)),
            ("settings", "environment", json!(settings.environment)),
            ("settings", "package_set", json!(settings.package_set)),
            (
                "settings",
                "algorithm_callability",
                json!(settings.algorithm_callability),
            ),
            (
                "source",
                "repository_name",
                json!(about.source.repository_name),
            ),
            (
                "source",
                "repository_owner",
                json!(about.source.repository_owner),
            ),
            (
                "source",
                "initial_commit_message",
                json!(about.source.initial_commit_message),
            ),
            (
                "source",
                "existing_repository_name",
                json!(about.source.existing_repository_name),
            ),
        ];
        for (section, key, value) in optional {
            if !value.is_null() {
                body[section][key] = value;
            }
        }
        if let Some(version_info) = &about.version_info {
            body["version_info"] = json!(version_info);
        }
        let path = format!("/algorithms/{}", segment(&self.name.owner));
        let call = Call::new(Purpose::CreateAlgorithm, Method::Post, path);
        match &self.credentials {
            None => call.body(body),
            Some(ScmCredentials::Password { username, password }) => {
                body["scmsCredentials"] =
                    json!({ "username": username, "password": password.expose() });
                call.body(body).secret(password)
            }
            Some(ScmCredentials::Token(token)) => {
                body["scmsCredentials"] = json!({ "secretToken": token.expose() });
                call.body(body).secret(token)
            }
        }
    }
}

fn agree(key: &'static str, file: Option<&str>, command: &str) -> Result<(), DescriptionError> {
    match file {
        Some(file) if file != command => Err(DescriptionError::Differs {
            key,
            file: one_line(file, 80),
            command: one_line(command, 80),
        }),
        _ => Ok(()),
    }
}
