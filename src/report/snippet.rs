//! One marked excerpt, drawn by miette.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::excerpt::Excerpt;
use crate::document::{Source, Span};
use crate::finding::Severity;
use crate::visible::visible;

/// How snippets are drawn.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    pub(super) theme: GraphicalTheme,
    /// Columns of the whole output.
    pub(super) width: usize,
    pub(super) ellipsis: &'static str,
}

/// Columns that the line number and the frame take.
const FRAME: usize = 10;

impl Drawing {
    /// The lines around `span`, with `label` below the marked text.
    pub(super) fn snippet(
        &self,
        source: &Source,
        span: Span,
        severity: Severity,
        label: &str,
    ) -> Result<String, fmt::Error> {
        let width = self.width.saturating_sub(FRAME).max(20);
        let excerpt = Excerpt::new(source, span, width, self.ellipsis);
        if excerpt.text.trim().is_empty() {
            return Ok(String::new());
        }
        let snippet = Snippet {
            name: visible(source.path()).into_owned(),
            severity,
            label: visible(label).into_owned(),
            excerpt,
        };
        let mut drawn = String::new();
        GraphicalReportHandler::new_themed(self.theme.clone())
            .with_width(self.width)
            .with_links(false)
            .with_context_lines(1)
            .render_report(&mut drawn, &snippet)?;
        // Our own first line stands in place of miette's: only the frame is kept.
        let frame = [
            &self.theme.characters.ltop.to_string(),
            &self.theme.characters.lbot.to_string(),
        ];
        let mut lines = drawn.lines().skip_while(|line| {
            let line = strip_style(line);
            !line.trim_start().starts_with(frame[0].as_str())
        });
        let mut kept = String::new();
        for line in &mut lines {
            kept.push_str(line.trim_end());
            kept.push('\n');
        }
        Ok(kept)
    }
}

fn strip_style(line: &str) -> String {
    let mut plain = String::new();
    let mut escape = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            c if !escape => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[derive(Debug)]
struct Snippet {
    name: String,
    severity: Severity,
    label: String,
    excerpt: Excerpt,
}

impl fmt::Display for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl std::error::Error for Snippet {}

impl Diagnostic for Snippet {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let marked = self.excerpt.marked.clone();
        let label = (!self.label.is_empty()).then(|| self.label.clone());
        let span = LabeledSpan::new(label, marked.start, marked.len());
        Some(Box::new(std::iter::once(span)))
    }
}

/// The excerpt's lines keep the numbers that they have in the document.
impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        behind: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.excerpt.text.read_span(span, before, behind)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line() + self.excerpt.first_line - 1,
            contents.column(),
            contents.line_count(),
        )))
    }
}
