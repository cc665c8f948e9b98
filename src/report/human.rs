//! For people at a terminal: a first line that editors understand, the text, the change.

use std::fmt::{self, Write};

use miette::{GraphicalTheme, ThemeStyles};

use super::ink::Ink;
use super::paragraph::{folded, hanging};
use super::snippet::Drawing;
use super::{Counts, Reported, counted, is_in_sight, message, place, text_of};
use crate::finding::{Finding, Severity};
use crate::visible::visible;

/// What the first run in an unprepared folder says.
const NOTHING_TO_CHECK: &str = "port.yaml, .gimlet.yaml, bitbucket-pipelines.yml and algorithmia.conf are \
    looked for, and what `port.files` and `kinds` name; name a file and its `--kind` to have another one checked";

/// Whether colours may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    Plain,
    Ansi,
}

/// The report for people.
#[derive(Clone, Debug)]
pub struct Human {
    colour: Colour,
    drawing: Drawing,
    /// Columns that texts are broken to; none where the output is no terminal's.
    columns: Option<usize>,
}

impl Human {
    /// Without colours, for `width` columns.
    #[must_use]
    pub fn plain(width: usize) -> Self {
        Self::new(Colour::Plain, GraphicalTheme::unicode_nocolor(), width)
    }

    /// With colours, for `width` columns.
    #[must_use]
    pub fn coloured(width: usize) -> Self {
        let theme = GraphicalTheme {
            // Faint numbers can't be read on a light ground; what is marked has the first colour.
            styles: ThemeStyles {
                linum: ThemeStyles::none().linum,
                ..ThemeStyles::ansi()
            },
            ..GraphicalTheme::unicode()
        };
        Self::new(Colour::Ansi, theme, width)
    }

    fn new(colour: Colour, theme: GraphicalTheme, width: usize) -> Self {
        Self {
            colour,
            drawing: Drawing {
                theme,
                width,
                ellipsis: "…",
            },
            columns: None,
        }
    }

    /// As it is, with each text broken to the width, for who reads it in a terminal.
    #[must_use]
    pub fn with_wrapped_text(self) -> Self {
        Self {
            columns: Some(self.drawing.width),
            ..self
        }
    }

    /// All findings and the summary's line.
    ///
    /// # Errors
    /// None but those of writing to a string.
    pub fn report(&self, documents: &[Reported<'_>]) -> Result<String, fmt::Error> {
        let mut out = String::new();
        for document in documents {
            for finding in document.findings {
                self.finding(&mut out, document, finding)?;
                out.push('\n');
            }
            if document.left_out.all() > 0 {
                let path = visible(document.source.path());
                writeln!(
                    out,
                    "{path}: {} more not shown\n",
                    document.left_out.words()
                )?;
            }
        }
        out.push_str(&self.summary(documents));
        out.push('\n');
        Ok(out)
    }

    fn finding(&self, out: &mut String, document: &Reported<'_>, finding: &Finding) -> fmt::Result {
        let severity = format!("{}[{}]", finding.severity, finding.rule);
        let first = format!(
            "{}: {}: {}\n",
            self.bold(&place(finding)),
            self.severity(finding.severity, &severity),
            self.bold(&visible(&message(finding))),
        );
        out.push_str(&folded(&first, self.columns));
        let label = finding.label.as_deref().unwrap_or_default();
        let drawn = self
            .drawing
            .snippet(document.source, finding.span, finding.severity, label)?;
        out.push_str(&drawn);
        for related in &finding.related {
            let start = related.location.start;
            let path = visible(&related.path);
            let (line, column) = (start.line, start.column);
            let label = visible(&related.label);
            let place = format!("  {path}:{line}:{column}: {label}\n");
            out.push_str(&folded(&place, self.columns));
            if is_in_sight(finding, related) {
                continue;
            }
            let source = text_of(document, related);
            let drawn = self
                .drawing
                .snippet(source, related.span, Severity::Warning, "")?;
            out.push_str(&drawn);
        }
        if let Some(help) = &finding.help {
            let name = "  help: ";
            let help = hanging(help, self.columns, name.len());
            writeln!(out, "  {} {help}", self.cyan("help:"))?;
        }
        Ok(())
    }

    /// The last line: it also proves that something was checked.
    fn summary(&self, documents: &[Reported<'_>]) -> String {
        let counts = Counts::total(documents);
        let checked = counted(documents.len(), "document");
        let ignored: usize = documents.iter().map(|document| document.ignored).sum();
        let ignored = match ignored {
            0 => String::new(),
            count => format!(" ({count} ignored)"),
        };
        match (documents.len(), counts.all()) {
            (0, _) => {
                let name = "  help: ";
                let help = hanging(NOTHING_TO_CHECK, self.columns, name.len());
                format!("no documents to check\n  {} {help}", self.cyan("help:"))
            }
            (_, 0) => format!("{checked} checked, nothing wrong{ignored}"),
            _ => {
                let severity = if counts.errors > 0 {
                    Severity::Error
                } else {
                    Severity::Warning
                };
                format!(
                    "{checked} checked: {}{ignored}",
                    self.severity(severity, &counts.words())
                )
            }
        }
    }

    fn severity(&self, severity: Severity, text: &str) -> String {
        match severity {
            Severity::Error => self.style(text, Ink::Error),
            Severity::Warning => self.style(text, Ink::Warning),
        }
    }

    fn bold(&self, text: &str) -> String {
        self.style(text, Ink::Strong)
    }

    fn cyan(&self, text: &str) -> String {
        self.style(text, Ink::Help)
    }

    fn style(&self, text: &str, ink: Ink) -> String {
        ink.on(text, self.colour == Colour::Ansi).into_owned()
    }
}
