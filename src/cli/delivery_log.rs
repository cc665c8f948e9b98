//! What a delivering process tells: one line an event, for people or for programs.

use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;

use super::output;
use crate::delivery::{Event, Summary};
use crate::http::Problem;
use crate::json_text;
use crate::outbox::{DeliveryId, System};
use crate::repository::RepositoryName;

/// How what happens is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    #[default]
    Human,
    /// For programs: one JSON object a line
    Json,
}

/// One line of the log.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    at: Timestamp,
    level: Level,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a RepositoryName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deliveries: &'a [DeliveryId],
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Info,
    Warning,
    Error,
}

impl<'a> Line<'a> {
    pub(super) fn new(level: Level, event: &'static str, message: String) -> Self {
        Self {
            at: Timestamp::now(),
            level,
            event,
            repository: None,
            system: None,
            deliveries: &[],
            message,
            help: None,
            trace_id: None,
            next_try: None,
        }
    }

    pub(super) fn of(level: Level, event: &'static str, problem: &'a Problem) -> Self {
        Self {
            help: problem.help.as_deref(),
            trace_id: problem.trace_id.as_deref(),
            ..Self::new(level, event, problem.message.clone())
        }
    }

    pub(super) fn with_help(self, help: &'a str) -> Self {
        Self {
            help: Some(help),
            ..self
        }
    }

    pub(super) fn about(
        self,
        repository: &'a RepositoryName,
        deliveries: &'a [DeliveryId],
    ) -> Self {
        Self {
            repository: Some(repository),
            deliveries,
            ..self
        }
    }

    pub(super) fn write(&self) {
        if let Ok(text) = json_text::line(self) {
            output::out(&(text + "\n"));
        }
    }
}

impl LogFormat {
    /// Tells of one event.
    pub(super) fn say(self, event: Event) {
        match self {
            Self::Human => for_people(event),
            Self::Json => for_programs(&event),
        }
    }

    /// Tells that a newer configuration is in use.
    pub(super) fn reloaded(self) {
        let message = "the configuration, or a file that it names, has changed and is in use";
        match self {
            Self::Human => output::out(&format!("{message}\n")),
            Self::Json => Line::new(Level::Info, "reloaded", message.to_owned()).write(),
        }
    }

    /// The last line for programs.
    pub(super) fn conclude(self, summary: &Summary) {
        let message = format!(
            "{} delivered, {} waiting, {} refused, {} to approve",
            summary.finished, summary.waiting, summary.refused, summary.held
        );
        Line::new(Level::Info, "ended", message).write();
    }
}

fn for_programs(event: &Event) {
    match event {
        Event::Finished(receipt) => {
            let ids = [receipt.id.clone()];
            let message = format!("{}: {}", receipt.job, receipt.ending);
            Line {
                system: Some(receipt.system.to_string()),
                ..Line::new(Level::Info, "finished", message).about(&receipt.repository, &ids)
            }
            .write();
        }
        Event::Postponed {
            ids,
            repository,
            problem,
            next_try,
        } => Line {
            next_try: Some(*next_try),
            ..Line::of(Level::Warning, "postponed", problem).about(repository, ids)
        }
        .write(),
        Event::Refused {
            ids,
            repository,
            problem,
        } => Line::of(Level::Error, "refused", problem)
            .about(repository, ids)
            .write(),
        Event::Held {
            id,
            repository,
            message,
            help,
        } => {
            let ids = [id.clone()];
            Line::new(Level::Warning, "held", message.clone())
                .about(repository, &ids)
                .with_help(help)
                .write();
        }
        Event::Blocked { system, problem } => Line {
            system: Some(system.to_string()),
            ..Line::of(Level::Error, "blocked", problem)
        }
        .write(),
        Event::NotConfigured(system) => {
            let message = format!("deliveries wait for {system}, but it is not configured");
            Line {
                system: Some(system.to_string()),
                ..Line::new(Level::Error, "not_configured", message)
            }
            .write();
        }
        Event::Warning(text) => Line::new(Level::Warning, "warning", text.clone()).write(),
    }
}

/// What is wrong goes to standard error.
fn for_people(event: Event) {
    match event {
        Event::Finished(receipt) => {
            let line = format!(
                "{}: {}: {}\n",
                receipt.repository, receipt.job, receipt.ending
            );
            output::out(&line);
        }
        Event::Postponed {
            ids,
            repository,
            problem,
            next_try,
        } => {
            let when = next_try.strftime("%H:%M:%S UTC");
            complain(
                &format!("{repository}: {}: not yet, next try at {when}", named(&ids)),
                &problem,
            );
        }
        Event::Refused {
            ids,
            repository,
            problem,
        } => {
            complain(&format!("{repository}: {}: refused", named(&ids)), &problem);
        }
        Event::Held {
            id,
            repository,
            message,
            help,
        } => {
            let mut text = output::notes();
            text.line(&format!("{repository}: {id}: held: {message}"));
            text.help(&help);
            output::err(&text.finish());
        }
        Event::Blocked { system, problem } => {
            complain(&format!("{system} takes nothing from us"), &problem);
        }
        Event::NotConfigured(system) => {
            let mut text = output::notes();
            text.line(&format!(
                "deliveries wait for {system}, but it is not configured"
            ));
            text.help(match system {
                System::Port => {
                    "set PORT_CLIENT_ID and PORT_CLIENT_SECRET, or `port.client_id_file` and `port.client_secret_file` in the configuration"
                }
                System::Trigger(_) => {
                    "put it back under `triggers` in the configuration, or discard what waits for it with `pushgate outbox discard`"
                }
                System::Algorithmia => {
                    "set ALGORITHMIA_API and ALGORITHMIA_API_KEY, or `algorithmia.api` and `algorithmia.api_key_file` in the configuration"
                }
            });
            output::err(&text.finish());
        }
        Event::Warning(text) => {
            let mut line = output::notes();
            line.line(&format!("warning: {text}"));
            output::err(&line.finish());
        }
    }
}

fn named(ids: &[DeliveryId]) -> String {
    ids.iter()
        .map(DeliveryId::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn complain(what: &str, problem: &Problem) {
    let mut text = output::notes();
    text.line(&format!("{what}: {}", problem.message));
    if let Some(help) = &problem.help {
        text.help(help);
    }
    output::err(&text.finish());
}
