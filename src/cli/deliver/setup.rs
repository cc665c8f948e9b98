//! What a delivering process is made of, by the configuration.

use std::collections::BTreeMap;

use crate::blueprint::BlueprintFile;
use crate::branch_tip::BranchTips;
use crate::catalog::PlanOptions;
use crate::check::Checker;
use crate::cli::{CommandError, Invocation};
use crate::config::{Config, Place, Way};
use crate::delivery::{Remotes, Settings};
use crate::outbox::Outbox;
use crate::trigger::TriggerName;
use crate::{algorithmia, http, port, trigger};

/// What a delivering process is made of.
pub(super) struct Setup {
    pub(super) outbox: Outbox,
    pub(super) remotes: Remotes,
    pub(super) settings: Settings,
    pub(super) blueprints: Option<BlueprintFile>,
    checker: Checker,
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
        let settings = Settings {
            workers: config.delivery.workers,
            plan: PlanOptions {
                create_missing_related_entities: config.port.create_missing_related_entities,
                delete: true,
                deletion_threshold: config.port.hold_deletions.into(),
                approved: false,
            },
            owners: config.owners(),
            ..Settings::default()
        };
        Ok(Self {
            outbox,
            remotes,
            settings,
            blueprints: config.blueprints(Place::Server, &invocation.environment),
            checker,
        })
    }

    /// Who can read the branches of repositories.
    pub(super) fn tips(&self) -> BranchTips<'_> {
        BranchTips {
            checker: &self.checker,
        }
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
