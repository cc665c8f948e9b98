//! Findings as compact text, for snapshots.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pushgate::check::{Checked, Checker, EntityName, Owner, Owners, Settings};
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

/// Another repository that has delivered `service/web-shop`.
struct Shops;

impl Owners for Shops {
    fn others(&self, entities: &[EntityName]) -> BTreeMap<EntityName, Owner> {
        let theirs = ("service".to_owned(), "web-shop".to_owned());
        let owned = entities.iter().filter(|entity| **entity == theirs);
        owned
            .map(|entity| (entity.clone(), Owner::Delivered("PRJ/shops".to_owned())))
            .collect()
    }
}

/// Checks one file, with what the gate knows besides where that is what the rule is about.
pub fn check_for(rule: &str, checker: &Checker, kind: &Kind, path: &str, bytes: &[u8]) -> Checked {
    let mut checked = checker.check(kind, path, bytes);
    if rule == "port/owned-elsewhere" {
        let added = checker.owned_elsewhere(&checked, &Shops);
        checked.add(added);
    }
    checked
}
