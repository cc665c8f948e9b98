//! For the `remote:` lines of a push, and what else is said on standard error: plain, narrow and bounded.

use std::fmt::{self, Write};

use miette::GraphicalTheme;

use super::paragraph::{Overlong, wrapped};
use super::snippet::Drawing;
use super::{Counts, Reported, is_in_sight, message, place, text_of};
use crate::finding::{Finding, Severity};
use crate::visible::visible;

/// Columns of a pusher's line: with git's own `remote: ` it fits a terminal of 80.
const COLUMNS: usize = 72;
/// Bytes of the whole output: half of what Bitbucket is said to keep of a hook's.
const BYTES: usize = 16 * 1024;
/// Bytes kept free for the lines that count what was left out.
const RESERVE: usize = 1024;

/// A text for the pusher that never grows over its limit.
#[derive(Debug)]
pub struct Remote {
    columns: usize,
    overlong: Overlong,
    text: String,
    left_out: Counts,
}

impl Default for Remote {
    fn default() -> Self {
        Self::new()
    }
}

impl Remote {
    /// An empty text, for the pusher.
    #[must_use]
    pub fn new() -> Self {
        Self {
            overlong: Overlong::Broken,
            ..Self::of_width(COLUMNS)
        }
    }

    /// An empty text with lines of this many columns, for who reads it without git: paths stay whole.
    #[must_use]
    pub fn of_width(columns: usize) -> Self {
        Self {
            columns,
            overlong: Overlong::Whole,
            text: String::new(),
            left_out: Counts::default(),
        }
    }

    /// One paragraph, wrapped; later lines are indented.
    pub fn line(&mut self, text: &str) {
        self.text
            .push_str(&wrapped(text, self.columns, "", "  ", self.overlong));
    }

    /// The change that mends what the line before says.
    pub fn help(&mut self, help: &str) {
        self.text
            .push_str(&helped(help, self.columns, self.overlong));
    }

    /// The findings of one document. What does not fit is counted.
    ///
    /// # Errors
    /// None but those of writing to a string.
    pub fn findings(&mut self, document: &Reported<'_>) -> fmt::Result {
        self.left_out = self.left_out.plus(document.left_out);
        for finding in document.findings {
            let drawn = draw(document, finding, self.columns)?;
            if self.left_out.all() == document.left_out.all()
                && self.text.len() + drawn.len() + RESERVE <= BYTES
            {
                self.text.push_str(&drawn);
            } else {
                self.left_out = self.left_out.plus(Counts::of([finding]));
            }
        }
        Ok(())
    }

    /// The text, with a line that counts what was left out.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.left_out.all() > 0 {
            let words = self.left_out.words();
            self.line(&format!(
                "{words} more not shown; run `pushgate check` in your work tree to see all"
            ));
        }
        self.text
    }
}

fn draw(document: &Reported<'_>, finding: &Finding, columns: usize) -> Result<String, fmt::Error> {
    let drawing = Drawing {
        theme: GraphicalTheme::none(),
        width: columns,
        ellipsis: "...",
    };
    let mut out = String::new();
    let first = format!(
        "{}: {}[{}]: {}",
        place(finding),
        finding.severity,
        finding.rule,
        message(finding)
    );
    out.push_str(&wrapped(&first, columns, "", "  ", Overlong::Broken));
    let label = finding.label.as_deref().unwrap_or_default();
    out.push_str(&drawing.snippet(document.source, finding.span, finding.severity, label)?);
    for related in &finding.related {
        let start = related.location.start;
        writeln!(
            out,
            "{}",
            wrapped(
                &match finding.is_here(related) {
                    true => format!(
                        "line {}, column {}: {}",
                        start.line, start.column, related.label
                    ),
                    false => format!(
                        "{}:{}:{}: {}",
                        related.path, start.line, start.column, related.label
                    ),
                },
                columns,
                "  ",
                "  ",
                Overlong::Broken,
            )
            .trim_end()
        )?;
        if !is_in_sight(finding, related) {
            let source = text_of(document, related);
            out.push_str(&drawing.snippet(source, related.span, Severity::Warning, "")?);
        }
    }
    if let Some(help) = &finding.help {
        out.push_str(&helped(help, columns, Overlong::Broken));
    }
    Ok(out)
}

fn helped(help: &str, columns: usize, overlong: Overlong) -> String {
    let mut out = String::new();
    for (number, line) in help.lines().enumerate() {
        let indent = if number == 0 { "  help: " } else { "        " };
        match line.starts_with("$ ") {
            // A command stays in one line for who copies it.
            true => out.push_str(&format!("{indent}{}\n", visible(line))),
            false => out.push_str(&wrapped(line, columns, indent, "        ", overlong)),
        }
    }
    out
}
