//! The reports of one run: which formats, and where each of them goes.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Args, ValueEnum};
use miette::Diagnostic;
use thiserror::Error;

use super::{CommandError, Invocation};
use crate::io_reason::io_reason;
use crate::replaced_file::replace;
use crate::report::{Human, Reported, Root, github, gitlab, json, junit, sarif};
use crate::visible::visible;
use crate::work_tree::normal;

/// Columns of a report for people that goes to a file.
const FILE_COLUMNS: usize = 100;

/// The arguments that choose reports.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// A report, and the file it goes to where that is not standard output; may be repeated
    /// [default: human]
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = WantedParser)]
    format: Vec<Wanted>,
    /// The file of the last report that has none
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs: one JSON object
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For Jenkins, Bitbucket Pipelines and others: a test report
    Junit,
    /// For GitHub Actions: annotations
    Github,
    /// For GitLab: a Code Quality report
    Gitlab,
}

impl Format {
    fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// One `--format`.
#[derive(Clone, Debug)]
struct Wanted {
    format: Format,
    file: Option<PathBuf>,
}

/// Reads `FORMAT[=FILE]`.
#[derive(Clone, Debug)]
struct WantedParser;

impl TypedValueParser for WantedParser {
    type Value = Wanted;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Wanted, clap::Error> {
        let (format, file) = match value.to_str().and_then(|text| text.split_once('=')) {
            Some((format, file)) => (OsStr::new(format), Some(PathBuf::from(file))),
            None => (value, None),
        };
        let format = EnumValueParser::<Format>::new().parse_ref(command, argument, format)?;
        Ok(Wanted { format, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = Format::value_variants().iter();
        Some(Box::new(values.filter_map(ValueEnum::to_possible_value)))
    }
}

/// Reports that can't be written as they were asked for.
#[derive(Debug, Error, Diagnostic)]
enum ReportError {
    #[error("`{first}` and `{second}` would both go to standard output")]
    #[diagnostic(help("name a file for all reports but one: `--format {second}=FILE`"))]
    BothOnStdout { first: String, second: String },
    #[error("`--output-file` names a file, but every report has its own")]
    #[diagnostic(help("remove `--output-file`, or add the `--format` that goes there"))]
    NothingForFile,
    #[error("two reports would go to `{path}`")]
    #[diagnostic(help("name another file for one of them"))]
    SameFile { path: String },
    #[error("`--format {format}=` names no file")]
    #[diagnostic(help(
        "write `--format {format}=FILE`, or `--format {format}` for standard output"
    ))]
    NoFile { format: String },
    #[error("cannot write the report `{path}`: {}", reason(source))]
    #[diagnostic(help("name a file in a folder that is there and that this user may write to"))]
    Unwritable { path: String, source: io::Error },
}

/// Writes a report's file, with what any new file is open to, since other users pick reports up.
pub(super) fn write_report(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> io::Result<()> {
    replace(path, 0o666, write)
}

/// A report's file that can't be written.
pub(super) fn unwritable(path: &Path, source: io::Error) -> CommandError {
    let path = shown(path);
    CommandError::failure(ReportError::Unwritable { path, source })
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        _ => io_reason(error),
    }
}

/// The reports of one run: one for standard output, any number for files.
#[derive(Debug)]
pub(super) struct Reports {
    stdout: Format,
    files: Vec<(Format, PathBuf)>,
}

impl ReportArguments {
    /// Where each report goes. Standard output never stays empty: where all reports go to files,
    /// people find there what is wrong.
    ///
    /// # Errors
    /// More than one report for standard output or for one file, a file without a report.
    pub(super) fn reports(&self) -> Result<Reports, CommandError> {
        let mut wanted = self.format.clone();
        if let Some(path) = &self.output_file {
            if wanted.is_empty() {
                wanted.push(Wanted {
                    format: Format::Human,
                    file: None,
                });
            }
            let last = wanted.iter_mut().rev().find(|wanted| wanted.file.is_none());
            let last = last.ok_or_else(|| CommandError::usage(ReportError::NothingForFile))?;
            last.file = Some(path.clone());
        }
        let (mut stdout, mut files) = (None, Vec::<(Format, PathBuf)>::new());
        for Wanted { format, file } in wanted {
            match (file, stdout) {
                (Some(path), _) if path.as_os_str().is_empty() => {
                    let format = format.name();
                    return Err(CommandError::usage(ReportError::NoFile { format }));
                }
                (Some(path), _) if files.iter().any(|(_, other)| same(other, &path)) => {
                    let path = shown(&path);
                    return Err(CommandError::usage(ReportError::SameFile { path }));
                }
                (Some(path), _) => files.push((format, path)),
                (None, None) => stdout = Some(format),
                (None, Some(first)) => {
                    return Err(CommandError::usage(ReportError::BothOnStdout {
                        first: first.name(),
                        second: format.name(),
                    }));
                }
            }
        }
        Ok(Reports {
            stdout: stdout.unwrap_or(Format::Human),
            files,
        })
    }
}

impl Reports {
    /// Prints one report to `out` and writes the others; who can't have the files still sees the findings.
    ///
    /// # Errors
    /// The first file that can't be written.
    pub(super) fn write(
        &self,
        invocation: &Invocation,
        documents: &[Reported<'_>],
        root: &Root,
        out: fn(&str),
    ) -> Result<(), CommandError> {
        let human = invocation
            .colour
            .human(&invocation.environment, &io::stdout());
        out(&render(self.stdout, &human, documents, root)?);
        // One file that can't be written keeps no other from being written.
        let mut failed = None;
        for (format, path) in &self.files {
            let text = render(*format, &Human::plain(FILE_COLUMNS), documents, root)?;
            if let Err(source) = write_report(path, |file| file.write_all(text.as_bytes())) {
                let path = shown(path);
                failed.get_or_insert(ReportError::Unwritable { path, source });
            }
        }
        failed.map_or(Ok(()), |error| Err(CommandError::failure(error)))
    }
}

fn same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).map(|path| normal(&path));
    matches!((whole(one), whole(other)), (Ok(one), Ok(other)) if one == other)
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

fn render(
    format: Format,
    human: &Human,
    documents: &[Reported<'_>],
    root: &Root,
) -> Result<String, CommandError> {
    let line = |json: serde_json::Result<String>| {
        json.map(|json| json + "\n")
            .map_err(|_| CommandError::internal("writing JSON"))
    };
    match format {
        Format::Human => human
            .report(documents)
            .map_err(|_| CommandError::internal("printing the report")),
        Format::Json => line(json(documents)),
        Format::Sarif => line(sarif(documents, root)),
        Format::Gitlab => line(gitlab(documents, root)),
        Format::Github => Ok(github(documents, root)),
        Format::Junit => junit(documents, root).map_err(|_| CommandError::internal("writing XML")),
    }
}
