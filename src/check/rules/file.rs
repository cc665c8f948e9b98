//! Things that stand where a document should be.

use super::{Rule, rule};
use crate::check::findings::Draft;
use crate::check::words::code;
use crate::check::{Elsewhere, NotAFile};
use crate::document::{Kind, Span};
use crate::finding::RuleId;

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(unreadable, "file/symlink", "a symbolic link stands where a document should be"),
    rule!(unreadable, "file/submodule", "a submodule stands where a document should be"),
    rule!(unreadable, "file/folder", "a folder stands where a document should be"),
];

pub(in crate::check) fn draft(kind: &Kind, path: &str, what: &NotAFile) -> Draft {
    let (rule, message) = match what {
        NotAFile::Elsewhere(elsewhere) => {
            let rule = match elsewhere {
                Elsewhere::Symlink { .. } => "file/symlink",
                Elsewhere::Submodule => "file/submodule",
            };
            (rule, leads_elsewhere(path, elsewhere))
        }
        NotAFile::Folder => ("file/folder", format!("{} is a folder", code(path))),
    };
    let help = match what {
        NotAFile::Elsewhere(Elsewhere::Symlink { .. }) => {
            "commit the file itself in place of the link"
        }
        NotAFile::Elsewhere(Elsewhere::Submodule) => "commit a file in place of the submodule",
        NotAFile::Folder if *kind == Kind::Gimlet => {
            "move its files into `.gimlet/` itself: with a folder in it, Gimlet reads none of them"
        }
        NotAFile::Folder => "rename the folder, or put a file in its place",
    };
    Draft::new(RuleId::of(rule), Span::default(), message).help(help)
}

/// What stands at the path, in words.
pub(super) fn leads_elsewhere(path: &str, what: &Elsewhere) -> String {
    let path = code(path);
    match what {
        Elsewhere::Symlink { target: None } => format!("{path} is a symbolic link"),
        Elsewhere::Symlink {
            target: Some(target),
        } => format!("{path} is a symbolic link to {}", code(target)),
        Elsewhere::Submodule => format!("{path} is a submodule"),
    }
}
