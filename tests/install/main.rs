//! What people install: the wheel behind the pre-commit hook, the Debian package with its units, the
//! container's files, man pages and completions. All hold the binary of this build, or the one that
//! `PUSHGATE_BINARY` names, as `.ci/run` does with the static one.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong in a helper fails the test, and what is skipped is said"
)]

mod booted;
mod completions;
mod container;
mod debian;
mod image;
mod machine;
mod manual;
mod page;
mod units;
mod units_at_work;
mod wheel;
