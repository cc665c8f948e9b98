//! One way to talk to either database: the same SQL, `$1` for its values, texts and whole numbers.

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use crate::outbox::OutboxError;

/// A value in a statement or in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Number(i64),
    Text(String),
}

/// One row of an answer.
#[derive(Clone, Debug)]
pub(super) struct Row(pub(super) Vec<Value>);

/// What can be asked of a database, inside of a transaction or outside of one.
pub(super) trait Session {
    /// Runs a statement; how many rows it touched.
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, OutboxError>;

    /// Runs a query.
    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, OutboxError>;

    /// What is put behind a query whose rows nobody else may touch until the transaction ends, and
    /// which passes by those that somebody else holds.
    fn locked_rows_of(&self, table: &str) -> String;
}

/// An open database.
#[derive(Debug)]
pub(super) enum Database {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Database {
    /// Does all of it, or nothing where it fails.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Session) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.transaction(work),
            Self::Postgres(postgres) => postgres.transaction(work),
        }
    }

    /// As [`Database::transaction`], for what is done again without harm should the machine lose its
    /// power and forget it: the disk is not waited for.
    pub(super) fn fleeting<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Session) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.fleeting(work),
            Self::Postgres(postgres) => postgres.transaction(work),
        }
    }

    /// Waits until what was written by now outlives the machine's power.
    pub(super) fn wait_for_disk(&self) -> Result<(), OutboxError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.wait_for_disk(),
            // Its transactions do.
            Self::Postgres(_) => Ok(()),
        }
    }

    /// One statement or query, outside of a transaction.
    pub(super) fn session(&mut self) -> &mut dyn Session {
        match self {
            Self::Sqlite(sqlite) => sqlite,
            Self::Postgres(postgres) => postgres.as_mut(),
        }
    }

    /// Whether the connection is gone for good, so that a new one has to be made.
    pub(super) fn is_lost(&mut self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(postgres) => postgres.is_lost(),
        }
    }
}

impl Row {
    pub(super) fn text(&self, column: usize) -> Result<&str, OutboxError> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(unexpected(column)),
        }
    }

    pub(super) fn maybe_text(&self, column: usize) -> Result<Option<&str>, OutboxError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            _ => self.text(column).map(Some),
        }
    }

    pub(super) fn number(&self, column: usize) -> Result<i64, OutboxError> {
        match self.0.get(column) {
            Some(Value::Number(number)) => Ok(*number),
            _ => Err(unexpected(column)),
        }
    }
}

fn unexpected(column: usize) -> OutboxError {
    OutboxError::Database {
        reason: format!("column {} holds something else than it should", column + 1),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
