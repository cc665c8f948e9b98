//! One set of documents for the snapshots: its words are its own, so that a rule's better words
//! change no report.

use std::path::Path;

use pushgate::document::{Source, Span};
use pushgate::finding::{Finding, Fix, Related, RuleId, Severity};
use pushgate::report::{Counts, Reported, Root};

/// A document and what is wrong with it.
#[derive(Debug)]
pub struct Document {
    pub source: Source,
    pub findings: Vec<Finding>,
    pub left_out: Counts,
}

impl Document {
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            source: Source::new(path, text),
            findings: Vec::new(),
            left_out: Counts::default(),
        }
    }

    /// With a finding at the first place of `marked`.
    fn with(mut self, marked: &str, change: impl FnOnce(&Self, &mut Finding)) -> Self {
        let mut finding = self.finding(self.span(marked));
        change(&self, &mut finding);
        self.findings.push(finding);
        self
    }

    pub fn finding(&self, span: Span) -> Finding {
        Finding {
            rule: RuleId::of("port/missing-title"),
            severity: Severity::Error,
            path: self.source.path().clone(),
            document: 1,
            span,
            location: self.source.location(span),
            pointer: String::new(),
            message: "`titel` is not a key".to_owned(),
            label: None,
            help: Some("rename the key to `title`".to_owned()),
            related: Vec::new(),
            fix: None,
        }
    }

    fn span(&self, marked: &str) -> Span {
        let start = self.source.text().find(marked).unwrap();
        Span::new(start, start + marked.len())
    }

    pub fn reported(&self) -> Reported<'_> {
        Reported {
            source: &self.source,
            findings: &self.findings,
            left_out: self.left_out,
            ignored: 0,
            fixed: 0,
        }
    }
}

/// The work tree is `/tree`, and its subfolder `services` is where one stands.
pub fn root() -> Root {
    Root::new(Path::new("/tree"), Path::new("/tree/services"))
}

/// A fix, related places, several lines, counts, a document that no one can read, odd paths.
pub fn documents() -> Vec<Document> {
    let clean = Document::new("../port.yaml", "identifier: a\ntitle: A\nblueprint: b\n");
    let fixable = Document::new(
        "50% off, #1: größe/port.yaml",
        "identifier: größe\r\ntitel: A\r\nblueprint: b\r\n",
    )
    .with("titel", |document, finding| {
        finding.pointer = "/0/titel".to_owned();
        finding.label = Some("did you mean `title`?".to_owned());
        finding.fix = Some(Fix::replace(document.span("titel"), "title"));
    });
    let mut several = Document::new(".gimlet.yaml", "app: one\napp: two\nenv: {\n  x: 1\n}\n")
        .with("app: two", |document, finding| {
            finding.rule = RuleId::of("yaml/duplicate-key");
            finding.message = "`app` is set twice".to_owned();
            finding.help = Some("keep one of the two:\n`app: one`".to_owned());
            let span = document.span("app");
            finding.related.push(Related {
                source: None,
                path: finding.path.clone(),
                span,
                location: document.source.location(span),
                label: "set here first".to_owned(),
            });
            finding.related.push(Related {
                source: None,
                path: "../.gimlet/staging.yaml".into(),
                span,
                location: document.source.location(span),
                label: "and there".to_owned(),
            });
        })
        .with("{\n  x: 1\n}", |_, finding| {
            finding.rule = RuleId::named("service-level/schema".to_owned());
            finding.severity = Severity::Warning;
            finding.document = 2;
            finding.message = "<b>&\"'\u{1b}[31m](https://evil.example) 100%".to_owned();
            finding.help = None;
        });
    several.left_out = Counts {
        errors: 1,
        warnings: 12,
    };
    let unreadable = Document::new("/elsewhere/port.yaml", "").with("", |_, finding| {
        finding.rule = RuleId::of("yaml/too-large");
        finding.message = "the file is too large".to_owned();
        finding.help = Some("make it smaller".to_owned());
    });
    vec![clean, fixable, several, unreadable]
}
