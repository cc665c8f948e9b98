//! The tables, in steps that are only ever added to.

use super::database::{Database, Session, Value};
use crate::outbox::OutboxError;

/// The steps; the database knows how many of them it has taken.
const STEPS: &[&[&str]] = &[FIRST, OWNERS_AND_OUTAGES, SWEEPS];

const FIRST: &[&str] = &[
    // What waits. `job` and `problem` are JSON, moments are microseconds since 1970.
    "CREATE TABLE deliveries (
        id TEXT PRIMARY KEY,
        repository TEXT NOT NULL,
        system TEXT NOT NULL,
        created BIGINT NOT NULL,
        state TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        next_try BIGINT NOT NULL,
        job TEXT NOT NULL,
        problem TEXT
    )",
    "CREATE INDEX deliveries_due ON deliveries (state, next_try)",
    "CREATE INDEX deliveries_lane ON deliveries (repository, system)",
    // What was in the way of each try.
    "CREATE TABLE attempts (
        delivery TEXT NOT NULL,
        number BIGINT NOT NULL,
        problem TEXT NOT NULL,
        PRIMARY KEY (delivery, number)
    )",
    // What became of those that left.
    "CREATE TABLE receipts (
        id TEXT PRIMARY KEY,
        finished BIGINT NOT NULL,
        receipt TEXT NOT NULL
    )",
    "CREATE INDEX receipts_finished ON receipts (finished)",
    // One worker at a time for what one repository has for one system.
    "CREATE TABLE flights (
        repository TEXT NOT NULL,
        system TEXT NOT NULL,
        worker TEXT NOT NULL,
        node TEXT NOT NULL,
        until BIGINT NOT NULL,
        PRIMARY KEY (repository, system)
    )",
    // When it last had its turn.
    "CREATE TABLE turns (
        repository TEXT NOT NULL,
        system TEXT NOT NULL,
        last BIGINT NOT NULL,
        PRIMARY KEY (repository, system)
    )",
    // What a system has asked all of us to wait for.
    "CREATE TABLE pauses (
        system TEXT PRIMARY KEY,
        until BIGINT NOT NULL
    )",
    // What was delivered last, entity by entity.
    "CREATE TABLE inventory (
        blueprint TEXT NOT NULL,
        identifier TEXT NOT NULL,
        repository TEXT NOT NULL,
        delivered TEXT NOT NULL,
        PRIMARY KEY (blueprint, identifier)
    )",
    "CREATE INDEX inventory_repository ON inventory (repository)",
    // Commits that were built.
    "CREATE TABLE builds (
        target TEXT NOT NULL,
        commit_id TEXT NOT NULL,
        finished BIGINT NOT NULL,
        PRIMARY KEY (target, commit_id)
    )",
];

const OWNERS_AND_OUTAGES: &[&str] = &[
    // Entities for which a delivery was refused, since another repository owns them.
    "CREATE TABLE wanted (
        delivery TEXT NOT NULL,
        blueprint TEXT NOT NULL,
        identifier TEXT NOT NULL,
        PRIMARY KEY (delivery, blueprint, identifier)
    )",
    // How often in a row a system could not be reached, and the claim of who tries it now.
    "ALTER TABLE pauses ADD COLUMN failures BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE pauses ADD COLUMN probe TEXT",
];

const SWEEPS: &[&str] = &[
    // Repositories of a Bitbucket server as a sweep saw them. `seen` is the sweep's moment; the rest
    // is of the last one that read the repository, `found` is JSON.
    "CREATE TABLE swept (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        seen BIGINT NOT NULL,
        fingerprint TEXT,
        tip TEXT,
        found TEXT,
        PRIMARY KEY (server, repository)
    )",
    "CREATE INDEX swept_seen ON swept (server, seen)",
];

/// Takes the steps that are missing.
pub(super) fn migrate(database: &mut Database) -> Result<(), OutboxError> {
    let steps = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if let Ok(Some(taken)) = taken(database.session())
        && taken == steps
    {
        return Ok(());
    }
    database.transaction(|session| {
        // Another process may be at the same.
        lock(session)?;
        session.execute(
            "CREATE TABLE IF NOT EXISTS steps (number BIGINT PRIMARY KEY)",
            &[],
        )?;
        let taken = taken(session)?.unwrap_or_default();
        if taken > steps {
            return Err(OutboxError::NewerStore);
        }
        let missing = STEPS
            .iter()
            .skip(usize::try_from(taken).unwrap_or_default());
        for (number, step) in (taken + 1..).zip(missing) {
            for statement in *step {
                session.execute(statement, &[])?;
            }
            session.execute("INSERT INTO steps VALUES ($1)", &[Value::Number(number)])?;
        }
        Ok(())
    })
}

fn taken(session: &mut dyn Session) -> Result<Option<i64>, OutboxError> {
    let rows = session.query("SELECT COUNT(*) FROM steps", &[])?;
    rows.first().map(|row| row.number(0)).transpose()
}

fn lock(session: &mut dyn Session) -> Result<(), OutboxError> {
    // Only PostgreSQL has more than one writer, and there the table may not be there yet.
    if session.locked_rows_of("steps").is_empty() {
        return Ok(());
    }
    session
        .execute(
            "SELECT pg_advisory_xact_lock(hashtext('pushgate migrations'))",
            &[],
        )
        .map(|_| ())
}
