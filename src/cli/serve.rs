//! `pushgate serve`: receives webhooks, shows what waits, delivers it.

use clap::Args;

use super::delivery_log::LogFormat;
use super::equipment::Equipment;
use super::serve_log::say;
use super::{CommandError, ExitStatus, Invocation};
use crate::config::Place;
use crate::delivery::Observer;
use crate::serve::{Deliverer, Desk, Service, Settings, Source};

/// The arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How what happens is told
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log: LogFormat,
}

/// Serves until a signal ends it.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let log = arguments.log;
    let config = invocation.load_config(Place::Server)?;
    let environment = &invocation.environment;
    let bitbucket = config.bitbucket(environment)?;
    let source = match &bitbucket {
        Some(_) => Source::Bitbucket,
        None => Source::None,
    };
    let settings = Settings::new(&config, environment, source).map_err(CommandError::usage)?;
    let state = config.state_folder(environment)?;
    let outbox = config.outbox(environment).map_err(CommandError::failure)?;
    let checker = config
        .checker_with(config.blueprints(Place::Server, environment))
        .map_err(CommandError::usage)?;
    let equipment = config
        .serve
        .deliver
        .then(|| Equipment::new(invocation, &config, &|event| log.say(event)))
        .transpose()?;
    let delivering = outbox.clone();
    let deliver = |stop: &_, observer: &(dyn Fn(_) + Sync)| match &equipment {
        Some(equipment) => {
            let observer: &dyn Observer = &observer;
            equipment.watch(&delivering, stop, observer).map(|_| ())
        }
        None => Ok(()),
    };
    let deliverer: &Deliverer<'_> = &deliver;
    let desk = bitbucket.map(|bitbucket| Desk {
        bitbucket,
        checker: &checker,
        config: &config,
        environment,
        outbox: outbox.clone(),
        public_url: config.serve.public_url.clone(),
    });
    let service = Service {
        settings,
        state: &state,
        outbox,
        desk,
        deliverer: equipment.as_ref().map(|_| deliverer),
        observer: Box::new(move |event| say(log, event)),
    };
    service.run().map_err(CommandError::failure)?;
    Ok(ExitStatus::Fine)
}
