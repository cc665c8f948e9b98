//! `pushgate pipelines service-update`: another image for a service of DuploCloud.

use std::time::{Duration, Instant};

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use super::super::parsed::parsed;
use super::super::{CommandError, ExitStatus, Invocation, output};
use super::client;
use crate::environment::{DUPLO_HOST, DUPLO_TOKEN};
use crate::http::{Outcome, Secret};
use crate::image::ImageReference;
use crate::pipelines::{Duplo, DuploSettings, Running, ServiceImage};
use crate::visible::visible;

/// How soon and how seldom DuploCloud is asked how far the update is.
const FIRST_LOOK: Duration = Duration::from_millis(200);
const LAST_LOOK: Duration = Duration::from_secs(5);

/// The arguments of `pipelines service-update`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The tenant's name
    #[arg(long, value_name = "TENANT")]
    tenant: String,
    /// The service's name
    #[arg(long, value_name = "SERVICE")]
    service: String,
    /// The image with its tag
    #[arg(long, value_name = "IMAGE", value_parser = parsed::<ImageReference>)]
    image: ImageReference,
    /// The container whose image it is
    #[arg(long, value_name = "NAME", default_value = Duplo::MAIN_CONTAINER)]
    container: String,
    /// Wait until all of the service runs the image
    #[arg(long)]
    wait: bool,
    /// How long to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "wait")]
    timeout: u64,
}

#[derive(Debug, Error, Diagnostic)]
enum UpdateError {
    #[error("{0} is not set")]
    #[diagnostic(help(
        "set DUPLO_HOST to the portal's address and DUPLO_TOKEN to the token of a service user; in Pipelines the \
         token is a secured variable"
    ))]
    NotSet(&'static str),
    #[error("the image `{0}` has no tag, so that nobody could tell whether the new one runs")]
    #[diagnostic(help("write it with its tag or digest, for example `{0}:1.2.3`"))]
    NoTag(ImageReference),
    #[error("after {seconds} s, {}", words(*.running))]
    #[diagnostic(help(
        "the update was made and may still come through: look at the service's containers in the portal, or wait \
         longer with `--timeout`"
    ))]
    TimedOut { seconds: u64, running: Running },
}

pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let variable = |name: &'static str| {
        let value = invocation.environment.get(name).map(str::trim);
        value
            .filter(|value| !value.is_empty())
            .ok_or_else(|| CommandError::usage(UpdateError::NotSet(name)))
    };
    let settings = DuploSettings {
        host: variable(DUPLO_HOST)?.to_owned(),
        token: Secret::new(variable(DUPLO_TOKEN)?),
    };
    if arguments.image.version().is_none() {
        return Err(CommandError::usage(UpdateError::NoTag(
            arguments.image.clone(),
        )));
    }
    let duplo = Duplo::new(client(invocation)?, settings).map_err(CommandError::usage)?;
    let service = duplo
        .find(&arguments.tenant, &arguments.service)
        .map_err(CommandError::repeatable)?;
    duplo
        .update(&service, &arguments.container, &arguments.image)
        .map_err(CommandError::repeatable)?;
    let name = format!("{}/{}", arguments.tenant, arguments.service);
    let name = visible(&name);
    if arguments.wait {
        wait(&duplo, &service, arguments)?;
        output::out(&format!("{name} runs {}\n", arguments.image));
    } else {
        output::out(&format!("{name} was told to run {}\n", arguments.image));
    }
    Ok(ExitStatus::Fine)
}

/// Looks until all of the service runs the image. What passes by itself does not end it.
fn wait(duplo: &Duplo, service: &ServiceImage, arguments: &Arguments) -> Result<(), CommandError> {
    let began = Instant::now();
    let limit = Duration::from_secs(arguments.timeout);
    let mut pause = FIRST_LOOK;
    let mut last = None;
    loop {
        match duplo.running(service, &arguments.image) {
            Ok(running) if running.is_done() => return Ok(()),
            Ok(running) => {
                if last != Some(running) {
                    output::err(&format!("{}\n", words(running)));
                }
                last = Some(running);
            }
            Err(problem) if matches!(problem.outcome, Outcome::Retry { .. }) => {
                if began.elapsed() >= limit {
                    return Err(CommandError::repeatable(problem));
                }
            }
            Err(problem) => return Err(CommandError::repeatable(problem)),
        }
        let left = limit.saturating_sub(began.elapsed());
        if left.is_zero() {
            let running = last.unwrap_or(Running {
                new: 0,
                old: 0,
                wanted: service.replicas,
            });
            return Err(CommandError::failure(UpdateError::TimedOut {
                seconds: arguments.timeout,
                running,
            }));
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(LAST_LOOK);
    }
}

fn words(running: Running) -> String {
    let Running { new, old, wanted } = running;
    let mut words = format!("{new} of {wanted} run the new image");
    if old > 0 {
        words.push_str(&format!(", {old} still the old one"));
    }
    words
}
