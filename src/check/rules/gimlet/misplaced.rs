//! Keys of the chart that slipped out of `values` to the root, where Gimlet ignores them.

use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::words::{code, whole};
use crate::document::{Entry, NodeKind, Pointer, Span};
use crate::finding::{Edit, Fix, RuleId};

const RULE: RuleId = RuleId::of("gimlet/unknown-key");

/// Keys of the values of OneChart, Gimlet's own chart.
const OF_THE_CHART: [&str; 25] = [
    "sealedSecrets",
    "sealedFileSecrets",
    "image",
    "replicas",
    "containerPort",
    "ingress",
    "ingresses",
    "vars",
    "secret",
    "resources",
    "probe",
    "livenessProbe",
    "volumes",
    "command",
    "args",
    "podAnnotations",
    "podLabels",
    "nodeSelector",
    "affinity",
    "tolerations",
    "initContainers",
    "imagePullSecrets",
    "podSecurityContext",
    "gitRepository",
    "gitSha",
];

/// Speaks of each such key by itself, and hides it from the schema.
pub(super) fn check(subject: &mut Subject<'_>, findings: &mut Findings<'_>) {
    let document = subject.document;
    for entry in document.entries(document.root().node) {
        if !OF_THE_CHART.contains(&entry.key.as_str()) {
            continue;
        }
        let at = Pointer::root().join(entry.key.as_str());
        findings.add_with(&RULE, || {
            let span = entry.merged.unwrap_or(entry.key_span);
            let message = format!(
                "{} belongs to the chart, and Gimlet ignores it outside of `values`",
                code(&entry.key)
            );
            let help = match document.get(document.root().node, "values") {
                Some(_) => format!(
                    "move it below `values`: indent it like the other values, as {}",
                    whole(&format!("values: {{ {}: … }}", entry.key))
                ),
                None => format!("write {} above it and indent it below", whole("values:")),
            };
            let draft = subject
                .draft(&RULE, &at, span, message)
                .label("does it stand too far to the left?")
                .help(help);
            match indented(subject, entry) {
                Some(fix) => draft.fix(fix),
                None => draft,
            }
        });
        subject.hide(at);
    }
}

/// The key's lines, indented like those of the `values` right above them.
fn indented(subject: &Subject<'_>, entry: &Entry) -> Option<Fix> {
    let document = subject.document;
    let text = subject.source.text();
    let values = document.get(document.root().node, "values")?;
    let node = document.node(values.value.node);
    let NodeKind::Mapping(inner) = &node.kind else {
        return None;
    };
    let first = inner.first()?;
    let is_block = !subject.source.slice(node.span).starts_with('{');
    let is_own = entry.merged.is_none() && values.merged.is_none() && values.value.at == node.span;
    let is_new = inner
        .iter()
        .all(|own| own.key != entry.key && own.merged.is_none());
    if !(is_block && is_own && is_new) || node.span.end > entry.key_span.start {
        return None;
    }
    // Only blank lines and comments may stand between the two.
    let between = &text[node.span.end..entry.key_span.start];
    let is_quiet = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if !between.lines().skip(1).all(is_quiet) || !text[..entry.key_span.start].ends_with('\n') {
        return None;
    }
    let line = subject.source.position(first.key_span.start);
    let indent = " ".repeat(line.column.checked_sub(1)?);
    let value = document.node(entry.value.node);
    if indent.is_empty() || entry.value.at != value.span || has_stiff_text(subject, entry) {
        return None;
    }
    let end = value.span.end.max(entry.key_span.end);
    let own = Span::new(entry.key_span.start, end);
    let edits = lines(text, own)
        .filter(|&start| !text[start..].starts_with(['\n', '\r']))
        .map(|start| Edit {
            span: Span::new(start, start),
            text: indent.clone(),
        });
    Some(Fix::edits(edits.collect()))
}

/// The beginnings of the lines of a piece that begins a line.
fn lines(text: &str, span: Span) -> impl Iterator<Item = usize> {
    let breaks = text[span.start..span.end].match_indices('\n');
    let behind = breaks
        .map(move |(at, _)| span.start + at + 1)
        .filter(move |&start| start < span.end);
    std::iter::once(span.start).chain(behind)
}

/// Whether a text would be another one with more blanks before its lines.
fn has_stiff_text(subject: &Subject<'_>, entry: &Entry) -> bool {
    let written = subject.source.slice(Span::new(
        entry.key_span.start,
        subject.document.node(entry.value.node).span.end,
    ));
    // `|2` counts its blanks itself.
    let counts = |line: &str| {
        let line = line.trim_end();
        line.ends_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-')
            && line.contains(['|', '>'])
    };
    written.contains('\t') || written.lines().any(counts)
}
