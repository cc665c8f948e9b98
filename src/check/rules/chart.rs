//! The values of a Helm chart, held against the chart's own schema as Helm does it: after every
//! default that the manifest leaves alone was merged in.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use super::{Rule, rule};
use crate::chart::{Chart, ChartError, ChartFolder, ChartReference};
use crate::check::explain::Subject;
use crate::check::fault::{Fault, Violation};
use crate::check::findings::Findings;
use crate::check::schema::Schema;
use crate::check::words::code;
use crate::document::Pointer;
use crate::finding::{RuleId, Severity};

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "gimlet/chart-value", "a value that the chart's schema refuses"),
    rule!(warning, "gimlet/chart-missing", "the chart was not pulled, so that its values are not checked"),
];

const VALUE: RuleId = RuleId::of("gimlet/chart-value");
const MISSING: RuleId = RuleId::of("gimlet/chart-missing");

/// The charts at hand; none is read before a manifest asks for it.
#[derive(Debug, Default)]
pub(in crate::check) struct Charts {
    folder: Option<ChartFolder>,
    read: Mutex<HashMap<PathBuf, Arc<Result<Pulled, ChartError>>>>,
}

/// A chart with its schemas, compiled when they are first needed.
#[derive(Debug)]
struct Pulled {
    chart: Chart,
    /// The chart's own file.
    path: PathBuf,
    parts: Mutex<HashMap<Vec<String>, Arc<Part>>>,
}

#[derive(Debug)]
struct Part {
    schema: Schema,
    /// What the schema says against the chart's own defaults: no manifest is to blame for it.
    of_itself: OnceLock<HashSet<(Pointer, String)>>,
}

impl Charts {
    pub(in crate::check) fn new(folder: Option<ChartFolder>) -> Self {
        Self {
            folder,
            read: Mutex::default(),
        }
    }

    fn pulled(&self, path: &Path) -> Arc<Result<Pulled, ChartError>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let pulled = read.entry(path.to_owned()).or_insert_with(|| {
            Arc::new(ChartFolder::read(path).map(|stored| Pulled {
                chart: stored.chart,
                path: path.to_owned(),
                parts: Mutex::default(),
            }))
        });
        Arc::clone(pulled)
    }
}

impl Pulled {
    fn part(&self, route: &[&str], schema: &Value) -> Arc<Part> {
        let key: Vec<String> = route.iter().map(|&key| key.to_owned()).collect();
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let part = parts.entry(key).or_insert_with(|| {
            Arc::new(Part {
                schema: Schema::of_chart(self.path.clone(), schema.clone()),
                of_itself: OnceLock::new(),
            })
        });
        Arc::clone(part)
    }
}

/// Holds the `values` of a manifest against the schemas of its chart.
pub(in crate::check) fn check(charts: &Charts, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(folder) = &charts.folder else {
        return;
    };
    // What lies in no Helm repository can't be pulled.
    let Some(Ok(wanted)) = ChartReference::of_manifest(subject.document) else {
        return;
    };
    let Some(path) = folder.find(&wanted) else {
        return not_checked(subject, findings, || {
            format!("the values are not checked: the chart {wanted} was not pulled")
        });
    };
    let pulled = charts.pulled(&path);
    match pulled.as_ref() {
        Ok(pulled) => check_values(pulled, subject, findings),
        Err(error) => not_checked(subject, findings, || {
            format!("the values are not checked: {error}")
        }),
    }
}

fn not_checked(
    subject: &Subject<'_>,
    findings: &mut Findings<'_>,
    message: impl FnOnce() -> String,
) {
    findings.add_with(&MISSING, || {
        let at = Pointer::root().join("chart");
        let (node, place) = subject.find(&at);
        let span = place.key.unwrap_or_else(|| subject.mark(node, place));
        subject
            .draft(&MISSING, &at, span, message())
            .help("run `pushgate charts pull`")
    });
}

fn check_values(pulled: &Pulled, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let document = subject.document;
    let given = document.get(document.root().node, "values");
    let given = given.map_or(Value::Null, |entry| document.json_of(entry.value.node));
    if !matches!(given, Value::Object(_) | Value::Null) {
        // That is a finding already.
        return;
    }
    for part in pulled.chart.parts(&given) {
        let schema = pulled.part(&part.route, part.schema);
        let found = match schema.schema.violations(&part.values) {
            Ok(found) => found,
            Err(error) => {
                return not_checked(subject, findings, || {
                    format!("the values are not checked: {error}")
                });
            }
        };
        if found.is_cut {
            findings.keep(Severity::Error, || subject.cut(&VALUE));
        }
        if found.all.is_empty() {
            continue;
        }
        let of_itself = schema
            .of_itself
            .get_or_init(|| said_of_defaults(&pulled.chart, &part.route, &schema.schema));
        let below: Pointer = std::iter::once("values")
            .chain(part.route.iter().copied())
            .map(str::to_owned)
            .collect();
        let violations: Vec<Violation> = found
            .all
            .into_iter()
            .filter(|violation| !is_templated(&part.values, &violation.at))
            .filter_map(|violation| placed(violation, &below, subject, of_itself))
            .collect();
        let (removed, violations): (Vec<_>, Vec<_>) = violations
            .into_iter()
            .map(|violation| (removed_default(&violation, subject), violation))
            .partition(|(removed, _)| removed.is_some());
        let removed: BTreeSet<Pointer> = removed.into_iter().filter_map(|(at, _)| at).collect();
        for at in removed {
            default_is_needed(&at, subject, findings);
        }
        let violations = violations.into_iter().map(|(_, said)| said).collect();
        subject.explain(violations, part.schema, &VALUE, findings);
    }
}

/// The key that is missing because the manifest sets it to null, which removes the default.
fn removed_default(violation: &Violation, subject: &Subject<'_>) -> Option<Pointer> {
    let Fault::Missing { keys } = &violation.fault else {
        return None;
    };
    let at = violation.at.join(keys.first()?);
    subject.document.resolve(&at).is_some().then_some(at)
}

fn default_is_needed(at: &Pointer, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    findings.add_with(&VALUE, || {
        let (node, place) = subject.find(at);
        let name = subject.name(at);
        let span = subject.mark(node, place);
        subject
            .draft(
                &VALUE,
                at,
                span,
                format!("the chart can't do without {name}"),
            )
            .label("null removes the chart's default")
            .help("write a value, or delete the line to keep the default")
    });
}

/// What a schema says where a manifest gives no value at all.
fn said_of_defaults(chart: &Chart, route: &[&str], schema: &Schema) -> HashSet<(Pointer, String)> {
    let parts = chart.parts(&Value::Null);
    let said = parts
        .iter()
        .find(|part| part.route == route)
        .and_then(|part| schema.violations(&part.values).ok());
    let said = said.into_iter().flat_map(|said| said.all);
    said.map(|violation| (violation.at, violation.keyword))
        .collect()
}

/// Whether a template stands in the value's place: nobody knows what it will be.
fn is_templated(values: &Value, at: &Pointer) -> bool {
    values
        .pointer(&at.to_string())
        .and_then(Value::as_str)
        .is_some_and(|text| text.contains("{{"))
}

/// The violation at its place in the manifest; none where the chart itself is to blame. What is
/// wrong with a default that other values led to is told of what the manifest does have.
fn placed(
    violation: Violation,
    below: &Pointer,
    subject: &Subject<'_>,
    of_itself: &HashSet<(Pointer, String)>,
) -> Option<Violation> {
    let at: Pointer = below
        .parts()
        .chain(violation.at.parts())
        .map(str::to_owned)
        .collect();
    if subject.document.resolve(&at).is_some() {
        return Some(Violation { at, ..violation });
    }
    if of_itself.contains(&(violation.at.clone(), violation.keyword.clone())) {
        return None;
    }
    let keys: Vec<&str> = violation.at.parts().collect();
    let text = match &violation.fault {
        Fault::Missing { keys: missing } => format!(
            "the chart wants {} in {}",
            missing.first().map_or_else(String::new, |key| code(key)),
            code(&keys.join("."))
        ),
        _ => format!("the chart refuses what {} becomes", code(&keys.join("."))),
    };
    let mut at = at;
    while subject.document.resolve(&at).is_none() {
        at = at.parent()?;
    }
    Some(Violation {
        at,
        fault: Fault::Other { text },
        ..violation
    })
}
