//! Findings as compact text, for snapshots.

use std::fmt::Write as _;

use pushgate::check::{Checked, Checker, Settings};
use pushgate::document::{Kind, Location};
use pushgate::finding::Finding;

pub fn checker() -> Checker {
    Checker::new(Settings::default()).unwrap()
}

/// Every finding of a file, and how many more there are.
pub fn render(checked: &Checked) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        render_finding(&mut text, finding);
    }
    let left_out = checked.left_out;
    if left_out.errors + left_out.warnings > 0 {
        let _ = writeln!(
            text,
            "and {} errors, {} warnings",
            left_out.errors, left_out.warnings
        );
    }
    text
}

fn render_finding(text: &mut String, finding: &Finding) {
    let _ = writeln!(
        text,
        "{}:{} {}[{}] {}",
        finding.path,
        place(finding.location),
        finding.severity,
        finding.rule,
        finding.pointer
    );
    let _ = writeln!(text, "  {}", finding.message);
    if let Some(label) = &finding.label {
        let _ = writeln!(text, "  label: {label}");
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(text, "  help: {help}");
    }
    for related in &finding.related {
        let path = match finding.is_here(related) {
            true => String::new(),
            false => format!("{}:", related.path),
        };
        let _ = writeln!(
            text,
            "  related: {path}{} {}",
            place(related.location),
            related.label
        );
    }
}

fn place(location: Location) -> String {
    let (start, end) = (location.start, location.end);
    format!(
        "{}:{}-{}:{}",
        start.line, start.column, end.line, end.column
    )
}

/// The kind whose rules a family's fixtures are checked by.
pub fn kind_of(family: &str) -> Kind {
    match family {
        "gimlet" => Kind::Gimlet,
        "pipelines" => Kind::Pipelines,
        "algorithmia" => Kind::Algorithmia,
        _ => Kind::Port,
    }
}
