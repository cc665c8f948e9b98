//! The engine: one file in, what is wrong with it out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::blueprint::{BlueprintFile, BlueprintsError};
use crate::chart::ChartFolder;
use crate::document::{
    Kind, Kinds, KindsError, Limits, OperatorKind, ProblemKind, Source, Span, Stream, load,
    pasted_diff,
};
use crate::finding::Severity;

use super::before::{Before, Unknown};
use super::checked::{Checked, Elsewhere, NotAFile};
use super::explain::Subject;
use super::findings::{Draft, Findings, Found};
use super::ignore::Ignores;
use super::level::{Level, LevelError, Levels};
use super::rules;
use super::rules::blueprint::Copy;
use super::rules::chart::Charts;
use super::rules::pipelines::WrittenSecret;
use super::schema::{Schema, SchemaError};

/// What a checker is made of.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The kinds, of [`Kinds::new`].
    pub kinds: Kinds,
    /// The operator's own kinds, the same that `kinds` was made of.
    pub operator: Vec<OperatorKind>,
    /// Rules that are not as bad as they are by themselves.
    pub levels: BTreeMap<String, Level>,
    /// Rules whose errors a comment in the document may silence.
    pub ignorable: BTreeSet<String>,
    /// What a document may cost.
    pub limits: Limits,
    /// The Helm charts that were pulled; where there is no such folder, no values are checked.
    pub charts: Option<ChartFolder>,
    /// Port's blueprints; where there is no such file, entities are not held against them.
    pub blueprints: Option<BlueprintFile>,
}

/// Settings of which no checker can be made.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CheckerError {
    /// A level that can't be set.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Level(#[from] LevelError),
    /// Kinds that can't be told from one another, or globs that are none.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Kinds(#[from] KindsError),
}

/// Checks documents; one for all threads.
#[derive(Debug)]
pub struct Checker {
    kinds: Kinds,
    levels: Levels,
    limits: Limits,
    schemas: Schemas,
    charts: Charts,
    blueprints: Copy,
}

/// The schemas of all kinds.
#[derive(Debug)]
pub(super) struct Schemas {
    pub(super) port: Schema,
    pub(super) manifest: Schema,
    pub(super) environments: Schema,
    pub(super) algorithmia: Schema,
    operator: Vec<(Arc<str>, Schema)>,
}

impl Checker {
    /// A checker; no schema is read or compiled before a document needs it.
    ///
    /// # Errors
    /// A level for a rule that is not there or that can't be changed.
    pub fn new(settings: Settings) -> Result<Self, CheckerError> {
        let levels = Levels::new(&settings.levels, &settings.ignorable, &settings.operator)?;
        let operator = settings
            .operator
            .into_iter()
            .map(|kind| (kind.name.into(), Schema::file(kind.schema)))
            .collect();
        Ok(Self {
            kinds: settings.kinds,
            levels,
            limits: settings.limits,
            charts: Charts::new(settings.charts),
            blueprints: Copy::new(settings.blueprints),
            schemas: Schemas {
                port: rules::port::schema(),
                manifest: rules::gimlet::manifest_schema(),
                environments: rules::gimlet::environments_schema(),
                algorithmia: rules::algorithmia::schema(),
                operator,
            },
        })
    }

    /// The kinds that it knows.
    #[must_use]
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// What a document may cost.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The schemas of the operator's kinds that can't be used: all are read, parsed and compiled now,
    /// where a check does so once a document asks for one.
    pub fn unusable_schemas(&self) -> impl Iterator<Item = &SchemaError> {
        let own = self.schemas.operator.iter();
        own.filter_map(|(_, schema)| schema.prove().err())
    }

    /// What is wrong with the blueprints, once a document has asked for them: that they can't be used,
    /// or are too old.
    #[must_use]
    pub fn doubt_of_blueprints(&self) -> Option<&BlueprintsError> {
        self.blueprints.doubt()
    }

    /// Checks the bytes of the document at `path`.
    #[must_use]
    pub fn check(&self, kind: &Kind, path: &str, bytes: &[u8]) -> Checked {
        self.check_after(kind, path, bytes, &Unknown)
    }

    /// The same, where something is known of what was declared before.
    #[must_use]
    pub fn check_after(
        &self,
        kind: &Kind,
        path: &str,
        bytes: &[u8],
        before: &dyn Before,
    ) -> Checked {
        self.check_with(kind, path, bytes, &self.limits, before)
    }

    pub(super) fn check_within(
        &self,
        kind: &Kind,
        path: &str,
        bytes: &[u8],
        limits: &Limits,
    ) -> Checked {
        self.check_with(kind, path, bytes, limits, &Unknown)
    }

    fn check_with(
        &self,
        kind: &Kind,
        path: &str,
        bytes: &[u8],
        limits: &Limits,
        before: &dyn Before,
    ) -> Checked {
        let source = match Source::decode(path, bytes, limits) {
            Ok(source) => source,
            Err(undecodable) => {
                let stream = Stream::default();
                let draft = rules::yaml::draft(&undecodable.problem, &undecodable.source, &stream);
                return self.unreadable(kind, undecodable.source, draft);
            }
        };
        let stream = load(&source, limits);
        if let Some(problem) = pasted_diff(&source, &stream) {
            let draft = rules::yaml::draft(&problem, &source, &stream);
            return self.unreadable(kind, source, draft);
        }
        let readable = stream.problems.is_empty();
        let found = self.findings(kind, &source, &stream, limits.problems, before);
        Checked {
            path: source.path().clone(),
            kind: kind.clone(),
            source,
            stream,
            findings: found.findings,
            left_out: found.left_out,
            ignored: found.ignored,
            fixed: 0,
            masked: found.masked,
            readable,
        }
    }

    /// A document at `path` that has so many bytes that nobody read it.
    #[must_use]
    pub fn oversized(&self, kind: &Kind, path: &str, bytes: u64) -> Checked {
        let too_large = ProblemKind::TooLarge {
            bytes,
            limit: self.limits.bytes as u64,
        };
        let draft = rules::yaml::unplaced(&too_large);
        self.unreadable(kind, Source::new(path, ""), draft)
    }

    /// Something else that stands at `path`, where a document of `kind` should be.
    #[must_use]
    pub fn not_a_file(&self, kind: &Kind, path: &str, what: NotAFile) -> Checked {
        let draft = rules::file::draft(kind, path, &what);
        self.unreadable(kind, Source::new(path, ""), draft)
    }

    /// What stands at `path` in place of the folder that `kind` has to itself.
    #[must_use]
    pub fn not_a_folder(&self, kind: &Kind, path: &str, what: &Elsewhere) -> Checked {
        let draft = rules::gimlet::not_a_folder(path, what);
        self.unreadable(kind, Source::new(path, ""), draft)
    }

    /// Room for more findings in a document that was checked before; its comments are heeded, and
    /// what is wrong with them was said.
    pub(super) fn findings_of<'a>(&'a self, checked: &'a Checked) -> Findings<'a> {
        let mut findings = Findings::new(&checked.source, &self.levels, self.limits.problems);
        if checked.stream.is_complete() {
            findings.heed(Ignores::of(&checked.source, &checked.stream, &self.levels));
        }
        findings
    }

    fn unreadable(&self, kind: &Kind, source: Source, draft: Draft) -> Checked {
        let mut findings = Findings::new(&source, &self.levels, self.limits.problems);
        keep_secrets(kind, &source, &mut findings);
        findings.add(draft);
        let found = findings.finish();
        Checked {
            path: source.path().clone(),
            kind: kind.clone(),
            source,
            stream: Stream::default(),
            findings: found.findings,
            left_out: found.left_out,
            ignored: found.ignored,
            fixed: 0,
            masked: found.masked,
            readable: false,
        }
    }

    fn findings(
        &self,
        kind: &Kind,
        source: &Source,
        stream: &Stream,
        limit: usize,
        before: &dyn Before,
    ) -> Found {
        let mut findings = Findings::new(source, &self.levels, limit);
        let secrets = keep_secrets(kind, source, &mut findings);
        for problem in stream.problems.kept() {
            let draft = rules::yaml::draft(problem, source, stream);
            findings.add(match kind {
                Kind::Algorithmia => rules::algorithmia::in_json(draft, problem, source),
                Kind::Port => rules::port::without_templates(draft, problem),
                _ => draft,
            });
        }
        findings.leave_out(Severity::Error, stream.problems.left_out());
        if stream.is_complete() {
            // JSON knows no comments.
            if *kind != Kind::Algorithmia {
                let ignores = Ignores::of(source, stream, &self.levels);
                rules::ignore::faults(&ignores, &mut findings);
                findings.heed(ignores);
            }
            rules::yaml::byte_order_mark(source, &mut findings);
            rules::yaml::several_documents(kind, source, stream, &mut findings);
            let kept = stream.problems.kept();
            if stream.documents.is_empty() {
                self.empty(kind, &mut findings);
            }
            for document in &stream.documents {
                let mut subject = Subject::new(source, document, kept);
                self.document(kind, &mut subject, before, &secrets, &mut findings);
            }
        }
        findings.finish()
    }

    fn empty(&self, kind: &Kind, findings: &mut Findings<'_>) {
        match kind {
            Kind::Port => rules::port::empty(Span::default(), 1, findings),
            Kind::Gimlet => rules::gimlet::empty(Span::default(), 1, findings),
            Kind::Pipelines => rules::pipelines::empty(Span::default(), 1, findings),
            Kind::Algorithmia => rules::algorithmia::empty(findings),
            Kind::Operator(_) => {}
        }
    }

    fn document(
        &self,
        kind: &Kind,
        subject: &mut Subject<'_>,
        before: &dyn Before,
        secrets: &[WrittenSecret],
        findings: &mut Findings<'_>,
    ) {
        self.kind(kind, subject, before, secrets, findings);
        // Last: of what another rule has marked they say nothing.
        rules::scalars::check(kind, subject, findings);
    }

    fn kind(
        &self,
        kind: &Kind,
        subject: &mut Subject<'_>,
        before: &dyn Before,
        secrets: &[WrittenSecret],
        findings: &mut Findings<'_>,
    ) {
        let schemas = &self.schemas;
        match kind {
            Kind::Port => {
                rules::port::check(&schemas.port, &self.blueprints, subject, findings);
                rules::blueprint::check(&self.blueprints, subject, before, findings);
            }
            Kind::Gimlet => {
                rules::gimlet::check(&schemas.manifest, &schemas.environments, subject, findings);
                rules::chart::check(&self.charts, subject, findings);
                rules::gimlet::check_values(subject, findings);
            }
            Kind::Pipelines => rules::pipelines::check(subject, secrets, findings),
            Kind::Algorithmia => {
                rules::algorithmia::check(&schemas.algorithmia, subject, findings);
            }
            Kind::Operator(name) => {
                let schema = schemas.operator.iter().find(|(own, _)| own == name);
                match schema {
                    Some((_, schema)) => rules::schema::check(name, schema, subject, findings),
                    None => findings.add(rules::schema::unknown_kind(name)),
                }
            }
        }
    }
}

/// Hides what looks like a secret from every report, also where the text can't be read as YAML.
fn keep_secrets(kind: &Kind, source: &Source, findings: &mut Findings<'_>) -> Vec<WrittenSecret> {
    if *kind != Kind::Pipelines {
        return Vec::new();
    }
    let secrets = rules::pipelines::secrets(source);
    findings.keep_secret(secrets.iter().map(|secret| secret.span));
    secrets
}
