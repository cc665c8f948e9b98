//! Values of the command line that have a type of their own.

use std::num::NonZeroUsize;
use std::str::FromStr;

use miette::Diagnostic;

/// Parses a value; the parser of the command line shows an error's sentence only, so that the help goes
/// behind it.
///
/// # Errors
/// What is wrong with the value and what to write, in one text.
pub(super) fn parsed<T>(text: &str) -> Result<T, String>
where
    T: FromStr,
    T::Err: Diagnostic,
{
    text.parse().map_err(|error: T::Err| match error.help() {
        Some(help) => format!("{error}\n  help: {help}"),
        None => error.to_string(),
    })
}

/// Parses how many there are to be.
///
/// # Errors
/// What to write instead.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "write a whole number from 1 on".to_owned())
}
