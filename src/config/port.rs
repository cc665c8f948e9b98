//! What goes to Port, how, and with whose credentials.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::value;
use crate::catalog::DeletionThreshold;
use crate::repository::RepositoryName;

/// Port.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Port {
    /// Globs of the files that declare entities.
    pub files: Vec<String>,
    /// The branch whose state goes to Port; the repository's default branch where none is named.
    pub branch: Option<String>,
    /// Whether Port creates relation targets that it does not have.
    pub create_missing_related_entities: bool,
    /// Whether entities that left the files are deleted in Port.
    pub delete: bool,
    /// Whether Port deletes what depends on a deleted entity too.
    pub delete_dependents: bool,
    /// Which repository an entity belongs to, by `BLUEPRINT/IDENTIFIER`: where two declare it, this
    /// one wins.
    #[serde(deserialize_with = "value::null_is_default")]
    pub owners: BTreeMap<String, RepositoryName>,
    /// When deletions wait for a person.
    #[serde(deserialize_with = "value::null_is_default")]
    pub hold_deletions: HoldDeletions,
    /// When a push's entities are put into the outbox.
    pub deliver: DeliverToPort,
    /// Port's address; `PORT_API_URL` has precedence.
    pub api_url: Option<String>,
    /// The client's id; `PORT_CLIENT_ID` has precedence.
    pub client_id: Option<String>,
    /// A file with the client's id.
    pub client_id_file: Option<PathBuf>,
    /// A file with the client's secret; `PORT_CLIENT_SECRET` has precedence.
    pub client_secret_file: Option<PathBuf>,
    /// The file of Port's blueprints; in a work tree `.pushgate/blueprints.json`, on a server
    /// `blueprints.json` in the state folder.
    pub blueprints: Option<PathBuf>,
    /// How long after they were pulled blueprints are good.
    #[serde(deserialize_with = "value::duration")]
    #[cfg_attr(
        test,
        serde(serialize_with = "super::reference::duration"),
        schemars(with = "super::reference::Friendly")
    )]
    pub blueprints_max_age: Duration,
}

impl Default for Port {
    fn default() -> Self {
        Self {
            files: vec!["port.yaml".into(), "port.yml".into()],
            branch: None,
            create_missing_related_entities: true,
            delete: true,
            delete_dependents: false,
            owners: BTreeMap::new(),
            hold_deletions: HoldDeletions::default(),
            deliver: DeliverToPort::Auto,
            api_url: None,
            client_id: None,
            client_id_file: None,
            client_secret_file: None,
            blueprints: None,
            blueprints_max_age: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// When deletions wait for `pushgate outbox approve`: where they pass both.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HoldDeletions {
    /// That many of one repository at once.
    pub at_least: usize,
    /// More than this share of the repository's entities, from 0 to 1.
    pub more_than: f64,
}

impl Default for HoldDeletions {
    fn default() -> Self {
        let DeletionThreshold {
            at_least,
            more_than,
        } = DeletionThreshold::default();
        Self {
            at_least,
            more_than,
        }
    }
}

impl From<HoldDeletions> for DeletionThreshold {
    fn from(hold: HoldDeletions) -> Self {
        Self {
            at_least: hold.at_least,
            more_than: hold.more_than,
        }
    }
}

/// When entities go to Port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, serde::Serialize))]
#[serde(rename_all = "lowercase")]
pub enum DeliverToPort {
    /// When credentials are at hand.
    Auto,
    /// Always: another process, which has the credentials, delivers.
    Always,
    /// Never: documents are checked only.
    Never,
}
