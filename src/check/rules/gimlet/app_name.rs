//! An `app` that is too long and has letters it can't have: one name to change, one finding.

use super::place;
use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::words::{code, count, whole};
use crate::document::Pointer;
use crate::finding::RuleId;

const RULE: RuleId = RuleId::of("gimlet/app-name");

/// Helm's limit for the name of a release.
const LONGEST: usize = 53;

/// Speaks where both are wrong; the schema knows each by itself.
pub(super) fn check(subject: &mut Subject<'_>, findings: &mut Findings<'_>) {
    let at = Pointer::root().join("app");
    let Some(text) = place::text(subject, &at).filter(|text| !text.contains("{{")) else {
        return;
    };
    let length = text.chars().count();
    if length <= LONGEST || is_name(text) {
        return;
    }
    findings.add_with(&RULE, || {
        let message = format!(
            "the app {} has {}, and some that no release can have",
            code(text),
            count(length as u64, "character")
        );
        let help = match shortened(text) {
            Some(name) => format!(
                "write {}, or another name of at most {LONGEST} small letters, digits and `-`",
                whole(&subject.line(&at, &name))
            ),
            None => format!("write a name of at most {LONGEST} small letters, digits and `-`"),
        };
        place::draft(subject, &RULE, &at, message).help(help)
    });
    subject.hide(at);
}

/// Whether a text is DNS labels with dots between them.
fn is_name(text: &str) -> bool {
    text.split('.').all(|label| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty()
            && label.chars().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// The beginning of the text as a name.
fn shortened(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars().take(LONGEST) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_gives_a_short_name() {
        let long = "My_Very Long -- Name".repeat(5);
        let name = shortened(&long).unwrap();
        assert!(is_name(&name) && name.len() <= LONGEST, "{name}");
        assert_eq!(shortened("___"), None);
    }
}
