//! SCM configurations in words and in columns.

use super::super::Format;
use crate::algorithmia::Scm;
use crate::cli::{CommandError, ExitStatus, output};
use crate::visible::one_line;

/// Its id, as far as it fits into a message.
pub(super) fn shown_id(scm: &Scm) -> String {
    one_line(&scm.id, 100)
}

/// Which ones there are.
pub(super) fn known(scms: &[Scm]) -> String {
    let known: Vec<String> = scms
        .iter()
        .map(|scm| format!("`{}`", shown_id(scm)))
        .collect();
    match known.is_empty() {
        true => "the cluster has none".to_owned(),
        false => format!("the cluster has {}", known.join(", ")),
    }
}

/// Says what became of a configuration.
pub(super) fn tell(format: Format, scm: &Scm, what: &str) -> Result<ExitStatus, CommandError> {
    match format {
        Format::Human => output::out(&format!("{} {what}\n", words(scm))),
        Format::Json => output::json(scm)?,
    }
    Ok(ExitStatus::Fine)
}

/// A configuration in a few words.
pub(super) fn words(scm: &Scm) -> String {
    let id = shown_id(scm);
    let provider = one_line(&scm.provider, 40);
    let state = if scm.enabled { "enabled" } else { "disabled" };
    match &scm.project_key {
        Some(key) => format!("{id} ({provider}, project {}, {state})", one_line(key, 40)),
        None => format!("{id} ({provider}, {state})"),
    }
}

/// All of them, in columns.
pub(super) fn table(scms: &[Scm]) -> String {
    let header = ["id", "provider", "project", "state", "api"].map(str::to_owned);
    let row = |scm: &Scm| {
        let state = match (scm.enabled, scm.default) {
            (true, true) => "enabled, default",
            (true, false) => "enabled",
            (false, _) => "disabled",
        };
        [
            shown_id(scm),
            one_line(&scm.provider, 40),
            one_line(scm.project_key.as_deref().unwrap_or("-"), 40),
            state.to_owned(),
            one_line(scm.urls.api.as_deref().unwrap_or("-"), 200),
        ]
    };
    let rows: Vec<[String; 5]> = [header].into_iter().chain(scms.iter().map(row)).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2), width(3)];
    let line = |[id, provider, project, state, api]: &[String; 5]| {
        format!(
            "{id:0$}  {provider:1$}  {project:2$}  {state:3$}  {api}\n",
            widths[0], widths[1], widths[2], widths[3]
        )
    };
    rows.iter().map(line).collect()
}
