//! What a delivering process is made of, by the configuration.

use std::collections::BTreeMap;

use crate::blueprint::BlueprintFile;
use crate::branch_tip::BranchTips;
use crate::catalog::{DeletionThreshold, PlanOptions};
use crate::check::Checker;
use crate::cli::{CommandError, Invocation};
use crate::config::{Config, ConfigError, Place, Way};
use crate::delivery::{Remotes, Settings};
use crate::outbox::Outbox;
use crate::trigger::TriggerName;
use crate::{algorithmia, bitbucket, http, port, trigger};

/// What a delivering process is made of.
pub(super) struct Setup {
    pub(super) outbox: Outbox,
    pub(super) remotes: Remotes,
    pub(super) settings: Settings,
    pub(super) blueprints: Option<BlueprintFile>,
    checker: Checker,
    /// Reads what is not on this node's disk.
    bitbucket: Result<Option<bitbucket::Client>, ConfigError>,
}

impl Setup {
    /// Reads the configuration as it is now.
    pub(super) fn read(invocation: &Invocation) -> Result<Self, CommandError> {
        let config = invocation.load_config(Place::Server)?;
        let outbox = config
            .outbox(&invocation.environment)
            .map_err(CommandError::failure)?;
        let checker = config.checker().map_err(CommandError::usage)?;
        let http = http::Client::new(config.http_settings().map_err(CommandError::usage)?)
            .map_err(CommandError::usage)?;
        let port = config.port_settings(&invocation.environment)?;
        let algorithmia = config.algorithmia_settings(&invocation.environment)?;
        let remotes = Remotes {
            port: port
                .map(|settings| port::Client::new(http.clone(), settings))
                .transpose()
                .map_err(CommandError::usage)?,
            algorithmia: algorithmia
                .map(|settings| algorithmia::Client::new(http.clone(), settings))
                .transpose()
                .map_err(CommandError::usage)?,
            triggers: triggers(&config, &http),
        };
        Ok(Self {
            outbox,
            remotes,
            settings: settings(&config),
            blueprints: config.blueprints(Place::Server, &invocation.environment),
            checker,
            // Repositories on this node's disk need none.
            bitbucket: config.bitbucket(&invocation.environment),
        })
    }

    /// Who can read the branches of repositories.
    pub(super) fn tips(&self) -> BranchTips<'_> {
        BranchTips {
            checker: &self.checker,
            bitbucket: self.bitbucket.as_ref().ok().and_then(Option::as_ref),
        }
    }

    /// Why Bitbucket can't be asked where branches stand, where somebody has begun to set it up.
    pub(super) fn doubt_of_bitbucket(&self) -> Option<&ConfigError> {
        self.bitbucket.as_ref().err()
    }
}

/// How the configuration wants deliveries to be carried out.
pub(in crate::cli) fn settings(config: &Config) -> Settings {
    Settings {
        workers: config.delivery.workers,
        plan: PlanOptions {
            create_missing_related_entities: config.port.create_missing_related_entities,
            delete: true,
            deletion_threshold: DeletionThreshold {
                at_least: config.port.hold_deletions.at_least,
                more_than: config.port.hold_deletions.more_than,
            },
            approved: false,
        },
        owners: config.owners(),
        ..Settings::default()
    }
}

/// A client for every trigger that has a call of its own.
fn triggers(config: &Config, http: &http::Client) -> BTreeMap<TriggerName, trigger::Client> {
    let calls = config
        .triggers
        .iter()
        .filter_map(|trigger| match &trigger.way {
            Way::Call(call) => Some((&trigger.name, call)),
            Way::Algorithmia { .. } => None,
        });
    calls
        .map(|(name, call)| {
            let client = trigger::Client::new(http.clone(), name.clone(), (**call).clone());
            (name.clone(), client)
        })
        .collect()
}
