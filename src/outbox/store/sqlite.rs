//! SQLite in the state folder: one file, written ahead, with many readers and one writer.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};

use super::database::{Row, Session, Value};
use super::line::Line;
use crate::durable::sync_folder;
use crate::outbox::OutboxError;

/// How long a writer waits for another one: transactions are short, a machine may be slow.
const BUSY: Duration = Duration::from_secs(20);

/// How long who only looks waits: a push waits with it.
const A_LOOK: Duration = Duration::from_millis(200);

/// Statements that stay prepared: all that there are.
const PREPARED: usize = 128;

/// An open file.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: Arc<Mutex<Connection>>,
    line: Arc<Line>,
    /// Where SQLite writes ahead.
    ahead: PathBuf,
}

impl Sqlite {
    /// Opens the file, and makes it where it is not there.
    pub(super) fn open(path: &Path, line: Arc<Line>) -> Result<Self, OutboxError> {
        let connection = line
            .connection(|| connect(path))
            .map_err(|error| of(&error))?;
        Ok(Self {
            connection,
            line,
            ahead: ahead_of(path),
        })
    }

    /// Opens the file where it is there, for reading only.
    pub(super) fn look(path: &Path) -> Option<Self> {
        if !path.is_file() {
            return None;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).ok()?;
        connection.busy_timeout(A_LOOK).ok()?;
        Some(Self {
            connection: Arc::new(Mutex::new(connection)),
            line: Arc::default(),
            ahead: ahead_of(path),
        })
    }

    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Session) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        let done = self.fleeting(work)?;
        self.wait_for_disk()?;
        Ok(done)
    }

    /// As [`Sqlite::transaction`], but does not wait for the disk: it survives the end of the process,
    /// not that of the machine.
    pub(super) fn fleeting<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Session) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        self.held()?.transaction(work)
    }

    /// The connection, for this thread alone.
    fn held(&self) -> Result<Held<'_>, OutboxError> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let held = Held(connection);
        // A thread may have died in the middle of its work.
        if !held.0.is_autocommit() {
            held.run("ROLLBACK")?;
        }
        Ok(held)
    }

    /// Waits until all that was written by now is on the disk.
    pub(super) fn wait_for_disk(&self) -> Result<(), OutboxError> {
        let sync = || match File::open(&self.ahead) {
            Ok(ahead) => {
                ahead.sync_data()?;
                // What has lost its name is lost with it.
                let folder = self.ahead.parent();
                self.line.keep_name(|| folder.map_or(Ok(()), sync_folder))
            }
            // SQLite has moved it into the file itself, and synced that.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        self.line
            .wait_for_disk(sync)
            .map_err(|error| OutboxError::Database {
                reason: error.to_string(),
            })
    }
}

impl Session for Sqlite {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, OutboxError> {
        let touched = self.held()?.execute(sql, values)?;
        if touched > 0 {
            self.wait_for_disk()?;
        }
        Ok(touched)
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, OutboxError> {
        self.held()?.query(sql, values)
    }

    fn locked_rows_of(&self, _table: &str) -> String {
        // The transaction is the only writer.
        String::new()
    }
}

/// The connection, in the hands of one thread.
struct Held<'a>(MutexGuard<'a, Connection>);

impl Held<'_> {
    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Session) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        // A writer from the start: one that becomes a writer later can be turned away.
        self.run("BEGIN IMMEDIATE")?;
        let ended = work(self).and_then(|done| self.run("COMMIT").map(|()| done));
        if ended.is_err() && !self.0.is_autocommit() {
            self.run("ROLLBACK")?;
        }
        ended
    }

    fn run(&self, sql: &str) -> Result<(), OutboxError> {
        self.0
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute())
            .map(|_| ())
            .map_err(|error| of(&error))
    }
}

impl Session for Held<'_> {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, OutboxError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| of(&error))?;
        bind(&mut statement, values)
            .and_then(|()| statement.raw_execute())
            .map(|touched| touched as u64)
            .map_err(|error| of(&error))
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, OutboxError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| of(&error))?;
        bind(&mut statement, values).map_err(|error| of(&error))?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(|error| of(&error))? {
            let values = (0..columns).map(|column| {
                row.get_ref(column)
                    .map_err(|error| of(&error))
                    .and_then(value)
            });
            answer.push(Row(values.collect::<Result<_, _>>()?));
        }
        Ok(answer)
    }

    fn locked_rows_of(&self, _table: &str) -> String {
        // The transaction is the only writer.
        String::new()
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    // What is to outlive the machine's power is waited for once it is written, for all threads at once.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    write_ahead(&connection)?;
    Ok(connection)
}

fn ahead_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Changing the mode waits for nobody, unlike all else: it is asked for again.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let end = Instant::now() + BUSY;
    loop {
        let changed = connection
            .pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))
            .and_then(|mode| match mode.as_str() {
                "wal" => Ok(()),
                _ => connection.pragma_update(None, "journal_mode", "WAL"),
            });
        match changed {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            changed => return changed,
        }
    }
}

/// `$2` may stand before `$1`, and more than once.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (number, value) in values.iter().enumerate() {
        let name = format!("${}", number + 1);
        if let Some(index) = statement.parameter_index(&name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn value(value: ValueRef<'_>) -> Result<Value, OutboxError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Number(number)),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(|text| Value::Text(text.to_owned()))
            .map_err(|error| OutboxError::Database {
                reason: error.to_string(),
            }),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(OutboxError::Database {
            reason: "a column holds neither text nor a whole number".to_owned(),
        }),
    }
}

fn of(error: &rusqlite::Error) -> OutboxError {
    OutboxError::Database {
        reason: error.to_string(),
    }
}
