//! `file://` values of `port.yaml`: whether the files that they name can be sent to Port.

use std::collections::HashMap;

use super::port::entities;
use crate::check::file_text::{FileTexts, NoText};
use crate::check::findings::Draft;
use crate::check::repository::{RepositoryFiles, Standing};
use crate::check::together::Member;
use crate::check::words::{code, whole};
use crate::document::{Kind, Limits, NoPath, Pointer, Span, file_value};
use crate::finding::RuleId;

const OUTSIDE: RuleId = RuleId::of("port/file-outside");
const MISSING: RuleId = RuleId::of("port/file-missing");
const KIND: RuleId = RuleId::of("port/file-kind");
const CONTENT: RuleId = RuleId::of("port/file-content");

/// Other places that a missing file is looked for at, in one document.
const GUESSES: usize = 100;

/// A value whose file can't be sent, and how many more name it.
struct Broken<'a> {
    value: &'a str,
    path: Option<String>,
    reason: NoText,
    span: Span,
    pointer: Pointer,
    more: u64,
}

pub(in crate::check) fn check<F: RepositoryFiles>(
    member: &mut Member<'_, '_>,
    files: &F,
    limits: &Limits,
) -> Result<(), F::Error> {
    if *member.kind != Kind::Port {
        return Ok(());
    }
    let mut guesses = 0;
    for broken in broken(member, files, limits)? {
        let rule = rule_of(broken.reason);
        if member.findings.severity(&rule).is_none() {
            continue;
        }
        guesses += 1;
        let guess = match broken.reason {
            NoText::Missing if guesses <= GUESSES => guess(member.path, broken.value, files)?,
            _ => None,
        };
        let number = member.document.number();
        member.findings.add_with(&rule, || {
            draft(&broken, guess, limits).at(number, broken.pointer.to_string())
        });
    }
    Ok(())
}

/// The values whose files can't be sent, one for each file.
fn broken<'a, F: RepositoryFiles>(
    member: &Member<'a, '_>,
    files: &F,
    limits: &Limits,
) -> Result<Vec<Broken<'a>>, F::Error> {
    let document = member.document;
    let mut texts = FileTexts::new(files, limits);
    let mut broken: Vec<Broken<'a>> = Vec::new();
    let mut known: HashMap<(Option<String>, NoText), usize> = HashMap::new();
    for (pointer, entity) in entities(document) {
        let Some(properties) = document.get(entity, "properties") else {
            continue;
        };
        for entry in document.entries(properties.value.node) {
            let Some(value) = document.string(entry.value.node) else {
                continue;
            };
            let (path, reason) = match file_value(member.path, value) {
                None => continue,
                Some(Err(reason)) => (None, NoText::NoPath(reason)),
                Some(Ok(path)) => match texts.text(&path)? {
                    Ok(_) => continue,
                    Err(reason) => (Some(path), reason),
                },
            };
            let same = match (&path, reason) {
                // Together the files are too large once, whichever comes last.
                (_, NoText::TooLargeTogether) => None,
                (Some(path), _) => Some(path.clone()),
                (None, _) => Some(value.to_owned()),
            };
            if let Some(&at) = known.get(&(same.clone(), reason)) {
                broken[at].more += 1;
                continue;
            }
            known.insert((same, reason), broken.len());
            broken.push(Broken {
                value,
                path,
                reason,
                span: entry.value.at,
                pointer: pointer.join("properties").join(entry.key.as_str()),
                more: 0,
            });
        }
    }
    Ok(broken)
}

/// The same path read from the other place that paths may start at, where a file stands there.
fn guess<F: RepositoryFiles>(
    document: &str,
    value: &str,
    files: &F,
) -> Result<Option<String>, F::Error> {
    let Some(target) = value.strip_prefix("file://") else {
        return Ok(None);
    };
    let other = match target.trim_start_matches("./").trim_start_matches("../") {
        bare if bare == target => format!("file://./{target}"),
        bare => format!("file://{bare}"),
    };
    let Some(Ok(path)) = file_value(document, &other) else {
        return Ok(None);
    };
    let is_file = matches!(
        files.at(&path, 0)?,
        Standing::File(_) | Standing::LargeFile { .. }
    );
    Ok(is_file.then_some(other))
}

fn rule_of(reason: NoText) -> RuleId {
    match reason {
        NoText::NoPath(_) => OUTSIDE,
        NoText::Missing => MISSING,
        NoText::Symlink | NoText::Submodule | NoText::Folder => KIND,
        NoText::TooLarge { .. }
        | NoText::TooLargeTogether
        | NoText::LfsPointer
        | NoText::Binary
        | NoText::NotUtf8 => CONTENT,
    }
}

fn draft(broken: &Broken<'_>, guess: Option<String>, limits: &Limits) -> Draft {
    let value = code(broken.value);
    let path = code(broken.path.as_deref().unwrap_or(broken.value));
    let (message, label, help) = match broken.reason {
        NoText::NoPath(NoPath::Empty) => (
            format!("{value} names no file"),
            "no path behind `file://`",
            "write the path of a file from the repository's root behind it: `file://docs/about.md`"
                .to_owned(),
        ),
        NoText::NoPath(NoPath::Absolute) => (
            format!("{value} is a path of a machine, not of the repository"),
            "begins with `/`",
            "write the path from the repository's root, without `/` before it: `file://docs/about.md`"
                .to_owned(),
        ),
        NoText::NoPath(NoPath::Backslash) => (
            format!("{value} is written with `\\`"),
            "not a path of git",
            format!(
                "write `/` between its parts: {}",
                whole(&broken.value.replace('\\', "/"))
            ),
        ),
        NoText::NoPath(NoPath::Above) => (
            format!("{value} leaves the repository"),
            "more `..` than folders",
            "copy the file into the repository, and write its path from the root: `file://docs/about.md`"
                .to_owned(),
        ),
        NoText::Missing => (
            format!("there is no file {path} in the repository"),
            "names nothing",
            match guess {
                Some(other) => format!("write {}: that file is there", whole(&other)),
                None => format!("commit the file {path}, or correct the path"),
            },
        ),
        NoText::Symlink => (
            format!("{path} is a symbolic link, and links are not followed"),
            "names a link",
            "name the file that the link points to".to_owned(),
        ),
        NoText::Submodule => (
            format!("{path} is a submodule, another repository"),
            "names a submodule",
            "name a file of this repository".to_owned(),
        ),
        NoText::Folder => (
            format!("{path} is a folder"),
            "names a folder",
            format!("name a file in it, such as {}", example_in(broken.value)),
        ),
        NoText::TooLarge { bytes } => (
            format!(
                "{path} has {bytes} bytes, and one request to Port holds {} at most",
                limits.bytes
            ),
            "too large for Port",
            "name a shorter file, or write a link to it in place of its text".to_owned(),
        ),
        NoText::TooLargeTogether => (
            format!(
                "the files that this document names have more than {} bytes together",
                limits.named_files
            ),
            "one file too many",
            "name shorter files, or write links to them in place of their text".to_owned(),
        ),
        NoText::LfsPointer => (
            format!("{path} is a pointer to Git LFS, and Port would show the pointer"),
            "not the file itself",
            format!("take {path} out of Git LFS with `git lfs untrack`, and commit it again"),
        ),
        NoText::Binary => (
            format!("{path} holds a NUL byte: it is no text"),
            "names no text",
            "name a file of text, or write a link to this one".to_owned(),
        ),
        NoText::NotUtf8 => (
            format!("{path} is no UTF-8 text"),
            "names a file in another encoding",
            "save the file as UTF-8".to_owned(),
        ),
    };
    let label = match broken.more {
        0 => label.to_owned(),
        more => format!("{label}; {} the same", more_values(more)),
    };
    Draft::new(rule_of(broken.reason), broken.span, message)
        .label(label)
        .help(help)
}

/// `1 more value says`, `3 more values say`.
fn more_values(more: u64) -> String {
    match more {
        1 => "1 more value says".to_owned(),
        _ => format!("{more} more values say"),
    }
}

/// A file below the folder that a value names.
fn example_in(value: &str) -> String {
    code(&format!("{}/README.md", value.trim_end_matches('/')))
}
