//! One page for a browser: self-contained, without a script, readable on a phone, light and dark.

use std::fmt::Display;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::escape;

use super::{SweepReport, faults, many, numbers, verdict};
use crate::finding::Severity;
use crate::http::segment;
use crate::kept_finding::KeptFinding;
use crate::report::counted;
use crate::sweep::{Entry, Fault, Purpose, What};
use crate::visible::{visible, visible_lines};

const STYLE: &str = include_str!("sweep.css");

/// What a file's path keeps in an address.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Writes the page. `entries` opens the journal, which is read once for what is wrong and once for
/// the rest.
///
/// # Errors
/// Where the entries can't be read or the page can't be written.
pub fn html<I: Iterator<Item = io::Result<Entry>>>(
    report: &SweepReport<'_>,
    mut entries: impl FnMut() -> io::Result<I>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let summary = report.summary;
    let title = match report.purpose {
        Purpose::Deliver => "Sweep",
        Purpose::Plan => "What a sweep would change",
        Purpose::Check => "What a sweep found",
    };
    let server = text(report.server);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title} of {server} – pushgate</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title} of {server}</h1>\n"
    )?;
    let class = match (summary.has_failed() || summary.errors > 0, summary.wrong) {
        (true, _) => "error",
        (false, 0) => "fine",
        (false, _) => "warning",
    };
    writeln!(
        out,
        "<p class=\"verdict {class}\">{}</p>\n<dl>",
        text(&verdict(report))
    )?;
    for (_, name, count) in numbers(report) {
        writeln!(out, "<div><dt>{name}</dt><dd>{count}</dd></div>")?;
    }
    writeln!(out, "</dl>")?;
    problems(report, out)?;
    section(report, "What is wrong", &mut entries()?, out, &|entry| {
        is_wrong(entry)
    })?;
    if report.purpose == Purpose::Plan {
        section(
            report,
            "What would change in Port",
            &mut entries()?,
            out,
            &|entry| entry.plan.is_some() && !is_wrong(entry),
        )?;
    }
    section(
        report,
        "Gone from Bitbucket",
        &mut entries()?,
        out,
        &|entry| matches!(entry.what, What::Gone { .. }) && entry.plan.is_none(),
    )?;
    section(report, "What is doubtful", &mut entries()?, out, &|entry| {
        !is_wrong(entry)
            && entry
                .found()
                .is_some_and(|found| found.warnings > 0 || !found.remarks.is_empty())
    })?;
    writeln!(
        out,
        "<h2>All repositories</h2>\n<details><summary>{}</summary>\n<ul>",
        many(
            summary.repositories + summary.gone,
            "repository",
            "repositories"
        )
    )?;
    for entry in entries()? {
        let entry = entry?;
        writeln!(out, "<li>{}</li>", headline(report, &entry))?;
    }
    writeln!(out, "</ul>\n</details>\n</body>\n</html>")
}

fn is_wrong(entry: &Entry) -> bool {
    matches!(entry.what, What::Unreadable { .. })
        || entry.found().is_some_and(|found| found.is_wrong())
}

/// What concerns no repository's files.
fn problems(report: &SweepReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary;
    if !summary.unlisted.is_empty() {
        writeln!(out, "<h2>Not listed</h2>\n<ul>")?;
        for list in &summary.unlisted {
            let (message, help) = (text(&list.message), help(list.help.as_deref()));
            writeln!(out, "<li><span class=\"error\">{message}</span>{help}</li>")?;
        }
        writeln!(out, "</ul>")?;
    }
    if summary.all_undelivered() > 0 {
        writeln!(out, "<h2>Not delivered</h2>\n<ul>")?;
        for delivery in &summary.undelivered {
            let whose = match &delivery.repository {
                Some(repository) => format!("<b>{}</b>: ", text(repository.as_str())),
                None => String::new(),
            };
            let (message, help) = (text(&delivery.message), help(delivery.help.as_deref()));
            writeln!(
                out,
                "<li>{whose}<span class=\"error\">{message}</span>{help}</li>"
            )?;
        }
        if summary.undelivered_more > 0 {
            let more = summary.undelivered_more;
            writeln!(
                out,
                "<li>{more} more: <code>pushgate outbox list</code> shows them</li>"
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    Ok(())
}

/// A section with every entry that belongs there; none where none does.
fn section(
    report: &SweepReport<'_>,
    title: &str,
    entries: &mut dyn Iterator<Item = io::Result<Entry>>,
    out: &mut dyn Write,
    belongs: &dyn Fn(&Entry) -> bool,
) -> io::Result<()> {
    let mut any = false;
    for entry in entries {
        let entry = entry?;
        if !belongs(&entry) {
            continue;
        }
        if !any {
            writeln!(out, "<h2>{title}</h2>\n<ul>")?;
            any = true;
        }
        writeln!(out, "<li>{}\n<ul>", headline(report, &entry))?;
        details(report, &entry, out)?;
        writeln!(out, "</ul></li>")?;
    }
    if any {
        writeln!(out, "</ul>")?;
    }
    Ok(())
}

/// The repository's name and what there is in it.
fn headline(report: &SweepReport<'_>, entry: &Entry) -> String {
    let name = text(entry.repository.as_str());
    let words = match &entry.what {
        What::Empty => "without a commit".to_owned(),
        What::Unreadable { .. } => "not read".to_owned(),
        What::Gone { entities } => format!("gone from Bitbucket, {entities} in Port"),
        What::Read(found) | What::Unchanged(found) => {
            let documents = counted(found.documents, "document");
            let entities = match found.fault {
                Some(Fault::Undetermined(_)) => "entities unknown".to_owned(),
                _ => many(found.entities, "entity", "entities"),
            };
            let unchanged = match entry.what {
                What::Unchanged(_) => ", unchanged",
                _ => "",
            };
            match found.documents {
                0 => format!("no documents{unchanged}"),
                _ => format!("{documents}, {entities}{unchanged}"),
            }
        }
    };
    let name = match entry.what {
        What::Gone { .. } => format!("<b>{name}</b>"),
        _ => format!(
            "<a href=\"{}\"><b>{name}</b></a>",
            text(&address(report, entry))
        ),
    };
    format!("{name} <span class=\"faint\">{words}</span>")
}

fn details(report: &SweepReport<'_>, entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    if let What::Unreadable {
        message,
        help: advice,
    } = &entry.what
    {
        let (message, help) = (text(message), help(advice.as_deref()));
        writeln!(out, "<li><span class=\"error\">{message}</span>{help}</li>")?;
    }
    if let Some(found) = entry.found() {
        for mistake in &found.mistakes {
            self::mistake(report, entry, mistake, out)?;
        }
        if found.left_out() > 0 {
            let more = counted(found.left_out(), "finding");
            writeln!(out, "<li class=\"faint\">{more} more, counted above</li>")?;
        }
        for fault in found.fault.iter().flat_map(faults) {
            writeln!(
                out,
                "<li><span class=\"error\">{}</span></li>",
                text(&fault)
            )?;
        }
        for remark in &found.remarks {
            writeln!(out, "<li>{}</li>", text(remark))?;
        }
    }
    if let Some(plan) = &entry.plan {
        let plan = escape(visible_lines(&plan.human)).into_owned();
        writeln!(out, "<li><pre>{plan}</pre></li>")?;
    }
    Ok(())
}

fn mistake(
    report: &SweepReport<'_>,
    entry: &Entry,
    mistake: &KeptFinding,
    out: &mut dyn Write,
) -> io::Result<()> {
    let class = match mistake.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let path = utf8_percent_encode(&mistake.path, PATH);
    let at = match &entry.commit {
        Some(commit) => format!("?at={}", commit.as_str()),
        None => String::new(),
    };
    let link = format!("{}/{path}{at}#{}", address(report, entry), mistake.line);
    writeln!(
        out,
        "<li><a href=\"{}\"><code>{}:{}:{}</code></a> <span class=\"{class}\">{}</span> {}{}</li>",
        text(&link),
        text(&mistake.path),
        mistake.line,
        mistake.column,
        text(&format!("{}[{}]", mistake.severity, mistake.rule)),
        text(&mistake.message),
        help(mistake.help.as_deref()),
    )
}

/// Where people look at a repository's files.
fn address(report: &SweepReport<'_>, entry: &Entry) -> String {
    let (project, slug) = (entry.repository.project(), entry.repository.slug());
    format!(
        "{}/projects/{}/repos/{}/browse",
        report.server,
        segment(project),
        segment(slug)
    )
}

fn help(help: Option<&str>) -> impl Display {
    match help {
        Some(help) => format!("<br><span class=\"faint\">{}</span>", text(help)),
        None => String::new(),
    }
}

/// Text from outside as it may stand in the page.
fn text(given: &str) -> String {
    escape(visible(given)).into_owned()
}
