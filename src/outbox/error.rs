//! What keeps the outbox from being read or written.

use std::io;
use std::path::{Path, PathBuf};

use super::id::DeliveryId;
use super::owner::advice;
use super::spool::Unreadable;
use crate::io_reason::io_reason;

/// A failure of the outbox itself.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum OutboxError {
    /// A file or folder of it can't be read or written.
    #[error("the outbox can't {action} `{path}`: {}", io_reason(source))]
    #[diagnostic(help("{}", advice(path, source)))]
    Files {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// No delivery of that id waits.
    #[error("no delivery `{0}` waits in the outbox")]
    #[diagnostic(help("`pushgate outbox list` shows those that wait"))]
    Gone(DeliveryId),
    /// The file is there, but this version of pushgate can't read it.
    #[error("the delivery in `{}` can't be read: {}", .0.path.display(), .0.reason)]
    #[diagnostic(help(
        "if a newer version of pushgate wrote it, use that one; else move the file away"
    ))]
    Unreadable(Unreadable),
    /// The database of the outbox does not do what it is asked to.
    #[error("the outbox's database fails: {reason}")]
    #[diagnostic(help(
        "check that the disk of the state folder is not full and belongs to the user that pushgate \
         runs as, or that the server that PUSHGATE_STORE names is up"
    ))]
    Database {
        /// What it says.
        reason: String,
    },
    /// A newer version of pushgate has changed the tables.
    #[error("a newer version of pushgate has written the outbox's database")]
    #[diagnostic(help("install that version here too"))]
    NewerStore,
    /// An address that leads to no database.
    #[error("PUSHGATE_STORE names no database: {reason}")]
    #[diagnostic(help(
        "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE, or unset it to keep the outbox in \
         the state folder"
    ))]
    StoreAddress {
        /// What is wrong with it.
        reason: String,
    },
    /// The database's server shows nothing that is to be trusted.
    #[error("the outbox's database can't be trusted: {reason}")]
    #[diagnostic(help(
        "name the authority that has signed it in `http.ca_file`, or by `sslrootcert=FILE` in the \
         store's address, and write the host there as the certificate has it"
    ))]
    StoreTls {
        /// What is wrong.
        reason: String,
    },
    /// The authorities that the database's server is held against are of no use.
    #[error("no authority can be read from `{path}`: {reason}")]
    #[diagnostic(help(
        "`sslrootcert` in the store's address, else `http.ca_file`, names a PEM file with the \
         certificate of the authority that has signed the database server's"
    ))]
    StoreAuthorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Somebody else carries out what this worker had begun.
    #[error("another worker has taken over what {repository} has for {system}")]
    #[diagnostic(help("nothing to do: it is carried out there"))]
    TakenOver {
        /// Whose.
        repository: String,
        /// For whom.
        system: String,
    },
    /// It can't be written down.
    #[error("a delivery can't be written as JSON: {0}")]
    #[diagnostic(help(
        "please report it with the output of `pushgate --version`: nothing was written"
    ))]
    Unwritable(#[from] serde_json::Error),
}

impl OutboxError {
    pub(super) fn files(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> OutboxError {
        let path = path.to_owned();
        move |source| OutboxError::Files {
            action,
            path,
            source,
        }
    }
}
