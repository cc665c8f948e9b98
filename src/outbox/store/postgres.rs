//! PostgreSQL, for the nodes of a cluster.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, GenericClient, Transaction};

use super::database::{Row, Session, Value};
use super::tls::{self, Roots, Tls};
use crate::outbox::OutboxError;
use crate::visible::visible;

/// How long a connection is given to show that it lives.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// How long who only looks waits for a connection: a push waits with it.
const A_LOOK: Duration = Duration::from_secs(1);

/// How long a server may be silent that ought to answer on the wire.
const GONE: Duration = Duration::from_secs(30);

/// When the library first asks an idle connection whether it lives, where nothing else is said.
const LIBRARYS_IDLE: Duration = Duration::from_secs(2 * 60 * 60);

/// An open connection.
pub(super) struct Postgres {
    client: Client,
}

/// Where a database is: its URL holds a password and is never shown.
#[derive(Clone)]
pub struct PostgresAddress {
    config: postgres::Config,
    tls: Tls,
}

impl PostgresAddress {
    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`.
    ///
    /// # Errors
    /// What is wrong with it, without the text itself.
    pub fn parse(url: &str) -> Result<Self, OutboxError> {
        let wrong = |reason: String| OutboxError::StoreAddress { reason };
        let (url, tls) = without_tls(url).map_err(wrong)?;
        let mut config: postgres::Config = url
            .parse()
            .map_err(|error: postgres::Error| wrong(unquoted(&words(&error))))?;
        config.ssl_mode(tls.mode.for_client());
        Ok(Self { config, tls })
    }

    /// The same, trusting the authorities of a file in place of the machine's, unless the address
    /// names some itself.
    #[must_use]
    pub fn trusting(mut self, ca_file: Option<&Path>) -> Self {
        if let (Some(path), Roots::Machine) = (ca_file, &self.tls.roots) {
            self.tls.roots = Roots::Configured(path.to_owned());
        }
        self
    }

    /// As it is connected to by who works with it for long.
    fn for_work(&self) -> postgres::Config {
        let mut config = self.config.clone();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        // A server that is gone without a word must not keep a worker for hours: neither while
        // something is being sent there, nor while its answer is waited for.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(GONE);
        }
        if config.get_keepalives_idle() == LIBRARYS_IDLE {
            config.keepalives_idle(GONE / 2);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(GONE / 6);
        }
        if config.get_keepalives_retries().is_none() {
            config.keepalives_retries(3);
        }
        config.application_name("pushgate");
        config
    }

    /// As it is connected to for a look.
    fn for_a_look(&self) -> postgres::Config {
        let mut config = self.config.clone();
        config.connect_timeout(A_LOOK);
        config.tcp_user_timeout(A_LOOK);
        config.options("-c statement_timeout=1000 -c default_transaction_read_only=on");
        config.application_name("pushgate");
        config
    }
}

/// The URL without what is said of certificates, which the library does not know, and that.
fn without_tls(url: &str) -> Result<(String, Tls), String> {
    let mut tls = Tls::default();
    let Some((address, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), tls));
    };
    let mut rest = Vec::new();
    for part in query.split('&') {
        match part.split_once('=') {
            Some((tls::MODE, mode)) => tls.mode = mode.parse()?,
            Some((tls::ROOTS, path)) => {
                let path = percent_encoding::percent_decode_str(path);
                let path = path.decode_utf8().map_err(|error| error.to_string())?;
                // As PostgreSQL's own programs have it.
                if path != "system" {
                    tls.roots = Roots::Named(PathBuf::from(path.as_ref()));
                }
            }
            _ => rest.push(part),
        }
    }
    let query = rest.join("&");
    let separator = if query.is_empty() { "" } else { "?" };
    Ok((format!("{address}{separator}{query}"), tls))
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
        let tls = address.tls.connector()?;
        let client = address
            .for_work()
            .connect(tls)
            .map_err(|error| of(&error))?;
        Ok(Self { client })
    }

    /// Connects for a look, where that takes no longer than a push may wait.
    pub(super) fn look(address: &PostgresAddress) -> Option<Self> {
        let tls = address.tls.connector().ok()?;
        let client = address.for_a_look().connect(tls).ok()?;
        Some(Self { client })
    }

    pub(super) fn is_lost(&mut self) -> bool {
        // One that was reset a moment ago may not know yet that it is closed.
        self.client.is_closed() || self.client.is_valid(ANSWERS_WITHIN).is_err()
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
    if let Some(reason) = distrust(error) {
        return OutboxError::StoreTls { reason };
    }
    OutboxError::Database {
        reason: words(error),
    }
}

/// Why the server is not trusted, where that is what was in the way.
fn distrust(error: &postgres::Error) -> Option<String> {
    let cause = error.source()?.downcast_ref::<std::io::Error>()?;
    let cause = cause.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(tls::words(cause))
}

/// The library quotes what it takes for an option's name: where `postgres://` is missing, all that
/// stands before the first `=`, the password too.
fn unquoted(reason: &str) -> String {
    match reason.split_once("unknown option") {
        Some((said, _)) => format!(
            "{said}it does not begin with postgres://, or names an option that there is not"
        ),
        None => visible(reason).into_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::store::tls::Mode;

    #[test]
    fn what_is_said_of_certificates_is_taken_out_of_the_address() {
        let (url, tls) = without_tls(
            "postgres://a:b@h/d?sslmode=verify-full&connect_timeout=3&sslrootcert=/etc/my%20ca.pem",
        )
        .unwrap();
        assert_eq!(url, "postgres://a:b@h/d?connect_timeout=3");
        assert_eq!(tls.mode, Mode::VerifyFull);
        assert_eq!(tls.roots, Roots::Named("/etc/my ca.pem".into()));
        let (url, tls) = without_tls("postgres://h/d?sslmode=require&sslrootcert=system").unwrap();
        assert_eq!(
            (url.as_str(), tls.roots),
            ("postgres://h/d", Roots::Machine)
        );
        assert_eq!(without_tls("postgres://h/d").unwrap().1, Tls::default());
        let error = PostgresAddress::parse("postgres://a:hunter2@h/d?sslmode=no").unwrap_err();
        assert_eq!(
            error.to_string(),
            "PUSHGATE_STORE names no database: `sslmode` is one of disable, prefer, require, \
             verify-ca and verify-full"
        );
    }

    #[test]
    fn a_server_that_falls_silent_is_given_up_unless_the_address_says_otherwise() {
        let work = |url: &str| PostgresAddress::parse(url).unwrap().for_work();
        let own = work("postgres://h/d");
        assert_eq!(own.get_tcp_user_timeout(), Some(&GONE));
        assert!(own.get_keepalives());
        let probes = own.get_keepalives_interval().unwrap() * own.get_keepalives_retries().unwrap();
        assert_eq!(own.get_keepalives_idle() + probes, GONE);
        let given = work("postgres://h/d?tcp_user_timeout=7&keepalives_idle=9&connect_timeout=4");
        assert_eq!(given.get_tcp_user_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(given.get_keepalives_idle(), Duration::from_secs(9));
        assert_eq!(given.get_connect_timeout(), Some(&Duration::from_secs(4)));
        let look = PostgresAddress::parse("postgres://h/d")
            .unwrap()
            .for_a_look();
        assert_eq!(look.get_connect_timeout(), Some(&A_LOOK));
        assert_eq!(look.get_tcp_user_timeout(), Some(&A_LOOK));
    }
}
