//! Collects the findings of one file: gives them their severity and place, and keeps them few.

use std::sync::Arc;

use crate::document::{Source, Span};
use crate::finding::{Finding, Fix, Related, RuleId, Severity};

use super::checked::LeftOut;
use super::ignore::{Ignores, Silence};
use super::level::Levels;
use super::secrets::Secrets;

/// A finding before its severity and its lines are known.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(super) rule: RuleId,
    pub(super) document: usize,
    pub(super) span: Span,
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) label: Option<String>,
    pub(super) help: Option<String>,
    pub(super) related: Vec<(Span, String)>,
    pub(super) elsewhere: Vec<Related>,
    pub(super) fix: Option<Fix>,
}

impl Draft {
    pub(crate) fn new(rule: RuleId, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            document: 1,
            span,
            pointer: String::new(),
            message: message.into(),
            label: None,
            help: None,
            related: Vec::new(),
            elsewhere: Vec::new(),
            fix: None,
        }
    }

    pub(crate) fn at(mut self, document: usize, pointer: impl Into<String>) -> Self {
        self.document = document;
        self.pointer = pointer.into();
        self
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// A place in another file.
    pub(super) fn elsewhere(
        mut self,
        source: &Arc<Source>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        self.elsewhere.push(Related {
            path: source.path().clone(),
            span,
            location: source.location(span),
            label: label.into(),
            source: Some(Arc::clone(source)),
        });
        self
    }

    pub(super) fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// The findings of one file: at most `limit`, errors before warnings, the rest counted.
#[derive(Debug)]
pub(super) struct Findings<'a> {
    source: &'a Source,
    levels: &'a Levels,
    ignores: Ignores,
    limit: usize,
    /// Nothing that is added now is worse than this.
    worst: Severity,
    kept: Vec<Finding>,
    warnings: usize,
    left_out: LeftOut,
    ignored: usize,
    secrets: Secrets,
}

/// Beside a comment that wants to silence an error.
const REFUSED: &str =
    "this silences warnings only; `ignore.errors` in the gate's configuration can allow more";

/// What was found in one file.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    pub(super) left_out: LeftOut,
    /// How many findings a comment silenced.
    pub(super) ignored: usize,
    /// The text without its secrets, where it has some.
    pub(super) masked: Option<Source>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(source: &'a Source, levels: &'a Levels, limit: usize) -> Self {
        Self {
            source,
            levels,
            ignores: Ignores::default(),
            limit,
            worst: Severity::Error,
            kept: Vec::new(),
            warnings: 0,
            left_out: LeftOut::default(),
            ignored: 0,
            secrets: Secrets::default(),
        }
    }

    /// From now on the file's comments are heeded.
    pub(super) fn heed(&mut self, ignores: Ignores) {
        self.ignores = ignores;
    }

    /// From here on no report shows this text, whatever it is about.
    pub(super) fn keep_secret(&mut self, spans: impl IntoIterator<Item = Span>) {
        self.secrets.add(spans);
    }

    /// How bad the rule's findings are; none where it says nothing at all.
    pub(super) fn severity(&self, rule: &RuleId) -> Option<Severity> {
        let severity = self.levels.severity(rule)?;
        Some(severity.min(self.worst))
    }

    /// What `add` adds is no worse than that, where there is such a limit.
    pub(super) fn no_worse_than(&mut self, limit: Option<Severity>, add: impl FnOnce(&mut Self)) {
        let before = self.worst;
        self.worst = limit.map_or(before, |limit| limit.min(before));
        add(self);
        self.worst = before;
    }

    /// The places that are spoken of so far.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(|finding| finding.pointer.as_str())
    }

    /// Whether something is said of the value at `pointer` already.
    pub(super) fn speak_of(&self, pointer: &str) -> bool {
        self.pointers().any(|told| told == pointer)
    }

    /// Adds the finding of `rule`, which is only drafted where there is room for it.
    pub(super) fn add_with(&mut self, rule: &RuleId, draft: impl FnOnce() -> Draft) {
        if let Some(severity) = self.severity(rule) {
            self.add_as(severity, draft);
        }
    }

    /// Adds a finding whose rule has this severity.
    pub(super) fn add_as(&mut self, severity: Severity, draft: impl FnOnce() -> Draft) {
        if self.ignores.is_empty() {
            return self.keep(severity, draft);
        }
        let mut draft = draft();
        let line = self.source.position(draft.span.start).line;
        match self
            .ignores
            .silence(&draft.rule, severity, line, self.levels)
        {
            Silence::Yes => self.ignored += 1,
            Silence::No => self.keep(severity, || draft),
            Silence::Refused(comment) => {
                draft = draft.related(comment, REFUSED);
                self.keep(severity, || draft);
            }
        }
    }

    /// Adds a finding that no comment silences.
    pub(super) fn keep(&mut self, severity: Severity, draft: impl FnOnce() -> Draft) {
        if self.kept.len() >= self.limit && !self.make_room(severity) {
            self.leave_out(severity, 1);
            return;
        }
        let draft = draft();
        self.warnings += usize::from(severity == Severity::Warning);
        self.kept.push(Finding {
            rule: draft.rule,
            severity,
            path: self.source.path().clone(),
            document: draft.document,
            span: draft.span,
            location: self.source.location(draft.span),
            pointer: draft.pointer,
            message: draft.message,
            label: draft.label,
            help: draft.help,
            related: draft
                .related
                .into_iter()
                .map(|(span, label)| Related {
                    path: self.source.path().clone(),
                    span,
                    location: self.source.location(span),
                    label,
                    source: None,
                })
                .chain(draft.elsewhere)
                .collect(),
            fix: draft.fix,
        });
    }

    /// Whether a finding marks a part of this text already.
    pub(super) fn marks(&self, span: Span) -> bool {
        self.kept
            .iter()
            .any(|finding| finding.span.start < span.end && span.start < finding.span.end)
    }

    pub(super) fn add(&mut self, draft: Draft) {
        let rule = draft.rule.clone();
        self.add_with(&rule, || draft);
    }

    /// Counts findings of `severity` that nobody drafted.
    pub(super) fn leave_out(&mut self, severity: Severity, count: usize) {
        match severity {
            Severity::Error => self.left_out.errors += count,
            Severity::Warning => self.left_out.warnings += count,
        }
    }

    /// An error takes the place of a warning.
    fn make_room(&mut self, severity: Severity) -> bool {
        if severity == Severity::Warning || self.warnings == 0 {
            return false;
        }
        let warning = self
            .kept
            .iter()
            .rposition(|finding| finding.severity == Severity::Warning);
        match warning {
            Some(at) => {
                self.kept.swap_remove(at);
                self.warnings -= 1;
                self.leave_out(Severity::Warning, 1);
                true
            }
            None => false,
        }
    }

    /// The findings in the order of the text without what no report may show, and what was left out
    /// or ignored.
    pub(super) fn finish(mut self) -> Found {
        self.secrets.settle();
        let mut findings = self.kept;
        for finding in &mut findings {
            self.secrets.redact(self.source, finding);
        }
        findings.sort_by(|one, other| one.order().cmp(&other.order()));
        findings.dedup_by(|one, other| one.order() == other.order());
        Found {
            findings,
            left_out: self.left_out,
            ignored: self.ignored,
            masked: self.secrets.masked(self.source),
        }
    }
}
