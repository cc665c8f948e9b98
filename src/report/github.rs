//! For GitHub Actions: workflow commands, which it shows beside the lines of a change.

use super::{Counts, LEFT_OUT, Reported, Root, advice_with_places, counted, left_out, worst};
use crate::document::Location;
use crate::finding::{Finding, Severity};
use crate::visible::visible;

/// One command for every finding, and a line that says how much was checked.
///
/// Text can't begin a command of its own: line breaks in it are escaped.
#[must_use]
pub fn github(documents: &[Reported<'_>], root: &Root) -> String {
    let mut out = String::new();
    for document in documents {
        for finding in document.findings {
            out.push_str(&of_finding(finding, root));
        }
        if document.left_out.all() > 0 {
            let path = root.place(document.source.path());
            let path = visible(path.text());
            let command = command(
                worst(document.left_out),
                LEFT_OUT,
                &format!("file={}", property(&path)),
                &format!("{path}: {}", left_out(document.left_out)),
            );
            out.push_str(&command);
        }
    }
    let counts = Counts::total(documents);
    let found = match counts.all() {
        0 => "nothing wrong".to_owned(),
        _ => counts.words(),
    };
    out.push_str(&format!(
        "pushgate: {} checked, {found}\n",
        counted(documents.len(), "document")
    ));
    out
}

fn of_finding(finding: &Finding, root: &Root) -> String {
    let path = root.place(&finding.path);
    let path = visible(path.text());
    let start = finding.location.start;
    command(
        finding.severity,
        finding.rule.as_str(),
        &format!("file={},{}", property(&path), region(finding.location)),
        &format!(
            "{path}:{}:{}: {}",
            start.line,
            start.column,
            advice_with_places(finding, root)
        ),
    )
}

fn command(severity: Severity, title: &str, place: &str, text: &str) -> String {
    format!(
        "::{severity} {place},title={}::{}\n",
        property(&visible(title)),
        data(text)
    )
}

/// GitHub takes columns only where both ends are on one line.
fn region(at: Location) -> String {
    let (start, end) = (at.start, at.end);
    if start.line == end.line {
        format!(
            "line={},endLine={},col={},endColumn={}",
            start.line, end.line, start.column, end.column
        )
    } else {
        format!("line={},endLine={}", start.line, end.line)
    }
}

/// What stands behind the second `::`, escaped as the runner reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property, escaped as the runner reads it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
