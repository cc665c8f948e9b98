//! What git hands to a hook: lines on standard input, and the environment.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use pushgate::environment::Environment;
use pushgate::git::{HookEnvironment, RefUpdate};
use pushgate::repository::RepositoryName;

use super::shown::{assert_one_line, assert_short};

/// Variables as `NAME=value` lines, an empty line, and then what stands on standard input.
pub fn put_through(input: &[u8]) {
    let end = input.windows(2).position(|two| two == b"\n\n");
    let (variables, lines) = match end {
        Some(end) => (&input[..end], &input[end + 2..]),
        None => (&b""[..], input),
    };
    assert_every_line_counts(lines);
    assert_lives_with(variables);
}

/// Each line is a ref update that says what the line says, or the first that is none is named.
fn assert_every_line_counts(input: &[u8]) {
    let lines: Vec<&[u8]> = input
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect();
    match RefUpdate::parse_all(input) {
        Ok(updates) => {
            let written = lines.iter().filter(|line| !line.is_empty());
            assert_eq!(written.clone().count(), updates.len());
            for (update, line) in updates.iter().zip(written) {
                assert_says(update, line);
            }
        }
        Err(error) => {
            assert!((1..=lines.len()).contains(&error.line));
            let text = error.to_string();
            assert_one_line(&text);
            assert_short(&text, 4 * 1024);
            // Those before it are good, and it is bad by itself.
            let before = lines[..error.line - 1].join(&b'\n');
            assert!(RefUpdate::parse_all(&before).is_ok());
            let alone = [lines[error.line - 1], b"\r\n"].concat();
            let alone = RefUpdate::parse_all(&alone).unwrap_err();
            assert_eq!(alone.fault, error.fault);
        }
    }
}

fn assert_says(update: &RefUpdate, line: &[u8]) {
    let length = line.iter().position(|&byte| byte == b' ').unwrap();
    let id = |id: Option<String>| id.unwrap_or_else(|| "0".repeat(length));
    let old = id(update.old().map(ToString::to_string));
    let new = id(update.new_id().map(ToString::to_string));
    let name = update.name();
    let said = [old.as_bytes(), new.as_bytes(), name.as_bytes()].join(&b' ');
    assert_eq!(said, line);
    assert_one_line(&name.to_string());
    let is_branch = name.as_bytes().starts_with(b"refs/heads/");
    assert_eq!(name.branch().is_some(), is_branch);
}

/// No variable is trusted: a repository is found or the places are named where it is not.
fn assert_lives_with(written: &[u8]) {
    let variables = written.split(|&byte| byte == b'\n').filter_map(|line| {
        let mut parts = line.splitn(2, |&byte| byte == b'=');
        Some((parts.next()?, parts.next()?))
    });
    let of = |bytes: &[u8]| OsString::from(std::ffi::OsStr::from_bytes(bytes));
    let git = variables.clone().map(|(name, value)| (of(name), of(value)));
    match HookEnvironment::new(git, Path::new("/nowhere")).locate() {
        Ok(folder) => assert!(folder.is_absolute() && folder.join("HEAD").exists()),
        Err(nowhere) => assert!(!nowhere.to_string().is_empty()),
    }
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let environment: Environment = variables
        .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
        .collect();
    for (name, value) in environment.all() {
        assert_eq!(environment.get(name).unwrap_or_default(), value);
        assert!(!environment.is_true(name) || value.eq_ignore_ascii_case("true"));
        match value.parse::<RepositoryName>() {
            Ok(name) => {
                assert_eq!(format!("{}/{}", name.project(), name.slug()), value);
                assert!(!value.chars().any(char::is_control));
            }
            Err(error) => assert_one_line(&error.to_string()),
        }
    }
}
