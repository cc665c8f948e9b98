//! PostgreSQL, for the nodes of a cluster.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, GenericClient, NoTls, Transaction};

use super::database::{Row, Session, Value};
use crate::outbox::OutboxError;

/// How long who only looks waits for a connection: a push waits with it.
const A_LOOK: Duration = Duration::from_secs(1);

/// An open connection.
pub(super) struct Postgres {
    client: Client,
}

/// Where a database is: its URL holds a password and is never shown.
#[derive(Clone)]
pub struct PostgresAddress(postgres::Config);

impl PostgresAddress {
    /// Reads `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// What is wrong with it, without the text itself.
    pub fn parse(url: &str) -> Result<Self, OutboxError> {
        url.parse()
            .map(Self)
            .map_err(|error: postgres::Error| OutboxError::StoreAddress {
                reason: words(&error),
            })
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresAddress")
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postgres")
    }
}

impl Postgres {
    pub(super) fn connect(address: &PostgresAddress) -> Result<Self, OutboxError> {
        let mut config = address.0.clone();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        if config.get_tcp_user_timeout().is_none() {
            // A server that is gone without a word must not keep a worker for hours.
            config.tcp_user_timeout(std::time::Duration::from_secs(30));
        }
        config.application_name("pushgate");
        let client = config.connect(NoTls).map_err(|error| of(&error))?;
        Ok(Self { client })
    }

    /// Connects for a look, where that takes no longer than a push may wait.
    pub(super) fn look(address: &PostgresAddress) -> Option<Self> {
        let mut config = address.0.clone();
        config.connect_timeout(A_LOOK);
        config.options("-c statement_timeout=1000 -c default_transaction_read_only=on");
        config.application_name("pushgate");
        let client = config.connect(NoTls).ok()?;
        Some(Self { client })
    }

    pub(super) fn is_lost(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Session) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        let mut open = InTransaction(self.client.transaction().map_err(|error| of(&error))?);
        let done = work(&mut open)?;
        open.0.commit().map_err(|error| of(&error))?;
        Ok(done)
    }
}

struct InTransaction<'a>(Transaction<'a>);

impl Session for Postgres {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, OutboxError> {
        execute(&mut self.client, sql, values)
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, OutboxError> {
        query(&mut self.client, sql, values)
    }

    fn locked_rows_of(&self, table: &str) -> String {
        format!(" FOR UPDATE OF {table} SKIP LOCKED")
    }
}

impl Session for InTransaction<'_> {
    fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, OutboxError> {
        execute(&mut self.0, sql, values)
    }

    fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, OutboxError> {
        query(&mut self.0, sql, values)
    }

    fn locked_rows_of(&self, table: &str) -> String {
        format!(" FOR UPDATE OF {table} SKIP LOCKED")
    }
}

fn execute(
    client: &mut impl GenericClient,
    sql: &str,
    values: &[Value],
) -> Result<u64, OutboxError> {
    client
        .execute(sql, &parameters(values))
        .map_err(|error| of(&error))
}

fn query(
    client: &mut impl GenericClient,
    sql: &str,
    values: &[Value],
) -> Result<Vec<Row>, OutboxError> {
    let rows = client
        .query(sql, &parameters(values))
        .map_err(|error| of(&error))?;
    rows.iter()
        .map(|row| {
            (0..row.len())
                .map(|column| {
                    row.try_get::<_, Option<Value>>(column)
                        .map(|value| value.unwrap_or(Value::Null))
                        .map_err(|error| of(&error))
                })
                .collect::<Result<_, _>>()
                .map(Row)
        })
        .collect()
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) => number.to_sql(kind, out),
            // The one character that a text can't hold here; Port's identifiers have none either.
            Self::Text(text) => text.replace('\0', "\u{fffd}").to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        if *kind == Type::INT8 {
            i64::from_sql(kind, raw).map(Self::Number)
        } else {
            String::from_sql(kind, raw).map(Self::Text)
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT)
    }
}

fn of(error: &postgres::Error) -> OutboxError {
    OutboxError::Database {
        reason: words(error),
    }
}

/// The library says what it did; why it failed is in the cause.
fn words(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(answer) => answer.message().to_owned(),
        None => match error.source() {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    }
}
