//! For Jenkins, Bitbucket Pipelines and all that read test reports: a suite for every document, a
//! test case for every finding.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{LEFT_OUT, Reported, Root, advice_with_places, left_out, worst};
use crate::finding::{Finding, Severity};
use crate::visible::visible;

type Xml = Writer<Vec<u8>>;

/// What one test case says.
struct Case {
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    /// A finding: an error fails, a warning is skipped, since it is in nobody's way.
    Found {
        severity: Severity,
        rule: String,
        message: String,
        text: String,
    },
}

/// The report as XML of version 1.0.
///
/// # Errors
/// None but those of writing to memory.
pub fn junit(documents: &[Reported<'_>], root: &Root) -> io::Result<String> {
    let suites: Vec<(String, Vec<Case>)> = documents
        .iter()
        .map(|document| {
            let place = root.place(document.source.path());
            (clean(place.text()), cases(document, root))
        })
        .collect();
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .with_attributes([
            ("name", "pushgate"),
            ("tests", &all().count().to_string()),
            ("failures", &count(all(), Severity::Error)),
            ("errors", "0"),
        ])
        .write_inner_content(|xml| {
            suites
                .iter()
                .try_for_each(|(path, cases)| suite(xml, path, cases))
        })?;
    let text = String::from_utf8(xml.into_inner()).map_err(io::Error::other)?;
    Ok(text + "\n")
}

fn cases(document: &Reported<'_>, root: &Root) -> Vec<Case> {
    let mut cases: Vec<Case> = document
        .findings
        .iter()
        .map(|finding| case(finding, root))
        .collect();
    if document.left_out.all() > 0 {
        cases.push(Case {
            name: LEFT_OUT.to_owned(),
            outcome: Outcome::Found {
                severity: worst(document.left_out),
                rule: LEFT_OUT.to_owned(),
                message: left_out(document.left_out),
                text: String::new(),
            },
        });
    }
    if cases.is_empty() {
        cases.push(Case {
            name: "nothing wrong".to_owned(),
            outcome: Outcome::Passed,
        });
    }
    cases
}

fn case(finding: &Finding, root: &Root) -> Case {
    let start = finding.location.start;
    let place = format!("{}:{}", start.line, start.column);
    let path = root.place(&finding.path);
    Case {
        name: format!("{} at {place}", clean(finding.rule.as_str())),
        outcome: Outcome::Found {
            severity: finding.severity,
            rule: clean(finding.rule.as_str()),
            message: clean(&super::message(finding)),
            text: lines(&format!(
                "{}:{place}: {}[{}]: {}",
                visible(path.text()),
                finding.severity,
                visible(finding.rule.as_str()),
                advice_with_places(finding, root)
            )),
        },
    }
}

fn suite(xml: &mut Xml, path: &str, cases: &[Case]) -> io::Result<()> {
    xml.create_element("testsuite")
        .with_attributes([
            ("name", path),
            ("tests", &cases.len().to_string()),
            ("failures", &count(cases, Severity::Error)),
            ("errors", "0"),
            ("skipped", &count(cases, Severity::Warning)),
            ("file", path),
        ])
        .write_inner_content(|xml| cases.iter().try_for_each(|case| test_case(xml, path, case)))?;
    Ok(())
}

fn test_case(xml: &mut Xml, path: &str, case: &Case) -> io::Result<()> {
    let element = xml
        .create_element("testcase")
        .with_attributes([("name", &*case.name), ("classname", path)]);
    let Outcome::Found {
        severity,
        rule,
        message,
        text,
    } = &case.outcome
    else {
        element.write_empty()?;
        return Ok(());
    };
    let outcome = match severity {
        Severity::Error => "failure",
        Severity::Warning => "skipped",
    };
    element.write_inner_content(|xml| {
        xml.create_element(outcome)
            .with_attributes([("type", &**rule), ("message", message)])
            .write_text_content(BytesText::new(text))?;
        Ok(())
    })?;
    Ok(())
}

fn count<'a>(cases: impl IntoIterator<Item = &'a Case>, wanted: Severity) -> String {
    let found = |case: &&Case| matches!(&case.outcome, Outcome::Found { severity, .. } if *severity == wanted);
    cases.into_iter().filter(found).count().to_string()
}

/// One line of text that XML 1.0 can hold: it forbids control characters even as escapes, and two
/// code points that are none.
fn clean(text: &str) -> String {
    lines(&visible(text))
}

fn lines(text: &str) -> String {
    text.replace('\u{FFFE}', "\\u{fffe}")
        .replace('\u{FFFF}', "\\u{ffff}")
}
