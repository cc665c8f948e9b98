//! One marked excerpt, drawn by miette.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::excerpt::Excerpt;
use super::paragraph::{Overlong, wrapped};
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

impl Drawing {
    /// The lines around `span`, with `label` below the marked text, or below all where it does not
    /// fit there.
    pub(super) fn snippet(
        &self,
        source: &Source,
        span: Span,
        severity: Severity,
        label: &str,
    ) -> Result<String, fmt::Error> {
        let label = visible(label);
        let excerpt = Excerpt::new(source, span, self.text_width(source), self.ellipsis);
        if excerpt.text.trim().is_empty() {
            return Ok(String::new());
        }
        let mut snippet = Snippet {
            name: visible(source.path()).into_owned(),
            severity,
            label: label.clone().into_owned(),
            column: source.position(span.start).column,
            excerpt,
        };
        let drawn = self.draw(&snippet)?;
        let fits = |line: &str| strip_style(line).chars().count() <= self.width;
        if label.is_empty() || drawn.lines().all(fits) {
            return Ok(drawn);
        }
        snippet.label.clear();
        Ok(self.draw(&snippet)? + &wrapped(&label, self.width, "  ", "  ", Overlong::Broken))
    }

    /// Columns left for a line's text beside its number, the frame and what shows a cut.
    fn text_width(&self, source: &Source) -> usize {
        let digits = source.line_starts().len().to_string().len();
        let frame = digits + 4 + 2 * self.ellipsis.chars().count();
        self.width.saturating_sub(frame).max(20)
    }

    fn draw(&self, snippet: &Snippet) -> Result<String, fmt::Error> {
        let mut drawn = String::new();
        GraphicalReportHandler::new_themed(self.theme.clone())
            .with_width(self.width)
            .with_links(false)
            .with_context_lines(1)
            .render_report(&mut drawn, snippet)?;
        // Our own first line stands in place of miette's: only the frame is kept.
        let corner = self.theme.characters.ltop;
        let frame = drawn
            .lines()
            .skip_while(|line| !strip_style(line).trim_start().starts_with(corner));
        let mut kept = String::new();
        for line in frame {
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
    /// Column of the marked text in the document, from 1.
    column: usize,
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
        // Without context it is the frame's header that asks: it counts bytes, and people do not.
        let column = match (before, behind) {
            (0, 0) => self.column - 1,
            _ => contents.column(),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            contents.data(),
            *contents.span(),
            contents.line() + self.excerpt.first_line - 1,
            column,
            contents.line_count(),
        )))
    }
}
