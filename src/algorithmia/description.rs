//! What people write about an algorithm that is to be created (vendor's build-via-API page, contents
//! of `create_algo_on_bitbucket.json`; keys and words from the vendor's OpenAPI document).

use serde::{Deserialize, Serialize};

use crate::http::Secret;

/// The account with which Algorithmia creates the repository, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScmCredentials {
    /// A name and a password.
    Password {
        /// The account's name.
        username: String,
        /// Its password.
        password: Secret,
    },
    /// A token in place of both.
    Token(Secret),
}

impl<'de> Deserialize<'de> for ScmCredentials {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            deny_unknown_fields,
            expecting = "an object with `username` and `password`, or with `secretToken`"
        )]
        struct Written {
            username: Option<String>,
            password: Option<String>,
            #[serde(rename = "secretToken")]
            secret_token: Option<String>,
        }
        let written = Written::deserialize(deserializer)?;
        match (written.username, written.password, written.secret_token) {
            (Some(username), Some(password), None) => Ok(Self::Password {
                username,
                password: Secret::new(password),
            }),
            (None, None, Some(token)) => Ok(Self::Token(Secret::new(token))),
            _ => Err(serde::de::Error::custom(
                "credentials are `username` and `password`, or `secretToken` alone",
            )),
        }
    }
}

/// What people write about an algorithm: the file of the vendor's page, every part of it optional.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "an object such as {\"details\": {…}, \"settings\": {…}}"
)]
pub struct Description {
    /// Its name.
    pub name: Option<String>,
    /// What people see.
    pub details: Option<Details>,
    /// How it runs and who may see it.
    pub settings: Settings,
    /// Where its source code goes.
    pub source: Source,
    /// The account that creates the repository.
    #[serde(rename = "scmsCredentials")]
    pub credentials: Option<ScmCredentials>,
    /// An example.
    pub version_info: Option<VersionInfo>,
}

/// What people see of an algorithm.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `label`")]
pub struct Details {
    /// Its title.
    pub label: String,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The same in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tagline: Option<String>,
}

/// How an algorithm runs and who may see it. Without a word it is closed, cut off from the network,
/// and may call others.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "an object of settings")]
#[allow(missing_docs, reason = "the vendor's own keys")]
pub struct Settings {
    /// The owner once more, as the vendor's page has it.
    pub username: Option<String>,
    pub algorithm_callability: Option<Callability>,
    pub source_visibility: Option<Visibility>,
    pub language: Option<String>,
    pub environment: Option<Processor>,
    pub package_set: Option<String>,
    /// The environment's id.
    pub algorithm_environment: Option<String>,
    pub license: Option<License>,
    pub network_access: Option<NetworkAccess>,
    pub pipeline_enabled: Option<bool>,
}

/// Where an algorithm's source code goes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "an object with `scm`")]
#[allow(missing_docs, reason = "the vendor's own keys")]
pub struct Source {
    /// The SCM configuration's id.
    pub scm: Option<String>,
    pub repository_name: Option<String>,
    pub repository_owner: Option<String>,
    pub initial_commit_message: Option<String>,
    pub existing_repository_name: Option<String>,
}

/// An example of an algorithm's use.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `sample_input`")]
pub struct VersionInfo {
    /// What to call it with.
    pub sample_input: String,
}

/// Who may call an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own words")]
pub enum Callability {
    Public,
    Private,
}

/// Who may see the source code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own words")]
pub enum Visibility {
    Open,
    Closed,
}

/// What it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own words")]
pub enum Processor {
    Cpu,
    Gpu,
}

/// The licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own words")]
pub enum License {
    Apl,
    Apache2,
    Gpl3,
    Mit,
}

/// Whether it reaches the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the vendor's own words")]
pub enum NetworkAccess {
    Isolated,
    Full,
}
