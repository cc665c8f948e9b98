//! Code Insights: a report on a commit, with annotations at the lines that it is about (facts:
//! bitbucket.md §3; 5.15 and later).

use serde::Serialize;

use super::call::{Call, repository_path};
use super::client::Client;
use super::limited::limited;
use super::problem::Problem;
use crate::http::{Method, segment};
use crate::repository::RepositoryName;

/// A report takes no more annotations, and refuses a request that brings more as a whole.
pub const MOST_ANNOTATIONS: usize = 1000;

/// A report takes no more data.
const MOST_DATA: usize = 6;

const LONGEST_TITLE: usize = 450;
const LONGEST_DETAILS: usize = 2000;
const LONGEST_MESSAGE: usize = 2000;
const LONGEST_ID: usize = 450;
const LONGEST_PATH: usize = 50_000;

/// What a report says of the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InsightResult {
    /// It is good.
    Pass,
    /// It is not.
    Fail,
}

/// How bad it is what an annotation says, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum InsightSeverity {
    /// To be mended some time.
    Medium,
    /// To be mended now.
    High,
}

/// What an annotation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InsightKind {
    /// Something does not work.
    Bug,
    /// Something could be better.
    CodeSmell,
}

/// A remark at a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// The file's path from the repository's root; none for the whole commit.
    pub path: Option<String>,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
    /// What people read.
    pub message: String,
    /// How bad it is.
    pub severity: InsightSeverity,
    /// What it is about.
    pub kind: InsightKind,
    /// Its name, one of its own in the report.
    pub external_id: String,
}

/// A number beside the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsightDatum {
    /// What is counted.
    pub title: String,
    /// How much of it.
    pub value: usize,
}

/// A report on a commit. One of the same key takes the place of an earlier one, if the same user
/// made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsightReport {
    /// Whose report it is.
    pub key: String,
    /// The title.
    pub title: String,
    /// Some lines about it.
    pub details: String,
    /// What it says of the commit.
    pub result: InsightResult,
    /// Where people read more.
    pub link: Option<String>,
    /// Numbers; no more than six are shown.
    pub data: Vec<InsightDatum>,
    /// Remarks, in any order.
    pub annotations: Vec<Annotation>,
}

/// What became of a report's annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annotated {
    /// Those that stand at their lines now.
    pub shown: usize,
    /// Those that were too many; the report's details count them.
    pub left_out: usize,
}

#[derive(Serialize)]
struct ReportBody<'a> {
    title: String,
    details: String,
    result: InsightResult,
    reporter: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    data: Vec<DatumBody<'a>>,
}

#[derive(Serialize)]
struct DatumBody<'a> {
    title: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: usize,
}

#[derive(Serialize)]
struct AnnotationsBody {
    annotations: Vec<AnnotationBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnnotationBody {
    message: String,
    severity: InsightSeverity,
    #[serde(rename = "type")]
    kind: InsightKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    line: i32,
    external_id: String,
}

impl Client {
    /// Puts a report on a commit that the server has, in place of an earlier one of its key: the
    /// worst annotations first, the earlier ones gone.
    ///
    /// # Errors
    /// What is in the way, in words. Publishing again puts it right, nothing is doubled.
    pub fn publish_insights(
        &self,
        name: &RepositoryName,
        commit: &str,
        report: &InsightReport,
    ) -> Result<Annotated, Problem> {
        let what = format!("put a Code Insights report on {commit} in {name}");
        let path = report_path(name, commit, &report.key);
        let mut annotations: Vec<&Annotation> = report.annotations.iter().collect();
        annotations.sort_by_key(|annotation| std::cmp::Reverse(annotation.severity));
        let left_out = annotations.len().saturating_sub(MOST_ANNOTATIONS);
        annotations.truncate(MOST_ANNOTATIONS);
        let put = Call::new(Method::Put, path.as_str(), what.as_str());
        if let Err(problem) = self.call(&put.json(&body(report, left_out))) {
            return Err(self.without_insights(&what).unwrap_or(problem));
        }
        let path = format!("{path}/annotations");
        self.call(&Call::new(Method::Delete, path.as_str(), what.as_str()))?;
        let shown = annotations.len();
        if shown > 0 {
            let annotations = annotations.into_iter().map(annotation_body).collect();
            let post = Call::new(Method::Post, path, what);
            self.call(&post.json(&AnnotationsBody { annotations }))?;
        }
        Ok(Annotated { shown, left_out })
    }

    /// Whether a commit has the report of this key; none has one where the server has no reports.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn has_insights(
        &self,
        name: &RepositoryName,
        commit: &str,
        key: &str,
    ) -> Result<bool, Problem> {
        let what = format!("look for a Code Insights report on {commit} in {name}");
        match self.call(&Call::get(report_path(name, commit, key), what)) {
            Ok(_) => Ok(true),
            Err(problem) if problem.is_not_found() => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    /// What to say where the server has no reports at all.
    fn without_insights(&self, what: &str) -> Option<Problem> {
        let version = self.version().ok()?;
        (!version.is_at_least(5, 15)).then(|| {
            let why = format!(
                "Bitbucket {version} has no Code Insights, which came with 5.15: leave the report out"
            );
            Problem::not_sent(what, &why)
        })
    }
}

fn report_path(name: &RepositoryName, commit: &str, key: &str) -> String {
    format!(
        "/insights/latest{}/commits/{}/reports/{}",
        repository_path(name),
        segment(commit),
        segment(key)
    )
}

fn body(report: &InsightReport, left_out: usize) -> ReportBody<'_> {
    // What was left out is counted however long the rest is.
    let note = match left_out {
        0 => String::new(),
        1 => format!("\n1 more remark is not shown: a report takes {MOST_ANNOTATIONS}."),
        _ => format!(
            "\n{left_out} more remarks are not shown: a report takes {MOST_ANNOTATIONS}, errors come first."
        ),
    };
    let room = LONGEST_DETAILS.saturating_sub(note.encode_utf16().count());
    ReportBody {
        title: limited(&report.title, LONGEST_TITLE),
        details: limited(&report.details, room) + &note,
        result: report.result,
        reporter: "pushgate",
        link: report.link.as_deref(),
        data: report
            .data
            .iter()
            .take(MOST_DATA)
            .map(|datum| DatumBody {
                title: &datum.title,
                kind: "NUMBER",
                value: datum.value,
            })
            .collect(),
    }
}

fn annotation_body(annotation: &Annotation) -> AnnotationBody {
    AnnotationBody {
        message: limited(&annotation.message, LONGEST_MESSAGE),
        severity: annotation.severity,
        kind: annotation.kind,
        // Half a path would name another file.
        path: annotation
            .path
            .clone()
            .filter(|path| path.encode_utf16().count() <= LONGEST_PATH),
        line: i32::try_from(annotation.line).unwrap_or(0),
        external_id: limited(&annotation.external_id, LONGEST_ID),
    }
}
