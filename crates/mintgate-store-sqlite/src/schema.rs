//! The schema and its history: migrations, each applied once, in order, and never edited afterwards.

use mintgate_store::{AuditSeal, StoreCheck, StoreError};
use sqlx::{
    Connection, SqlSafeStr, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::{consumer_value, failure::failed, file::damaged, ledger::Ledger};

/// Number, name and text. The number and a checksum of the text are kept in the file.
const MIGRATIONS: [(i64, &str, &str); 8] = [
    (1, "buckets consumers keys", include_str!("../migrations/0001_buckets_consumers_keys.sql")),
    (2, "audit admin tokens", include_str!("../migrations/0002_audit_admin_tokens.sql")),
    (3, "usage", include_str!("../migrations/0003_usage.sql")),
    (4, "search", include_str!("../migrations/0004_search.sql")),
    (6, "sessions", include_str!("../migrations/0006_sessions.sql")),
    (EXACT_SEARCH, "exact search", include_str!("../migrations/0007_exact_search.sql")),
    (8, "managers", include_str!("../migrations/0008_managers.sql")),
    (9, "receipts", include_str!("../migrations/0009_receipts.sql")),
];

/// From this schema on there are numbers by which consumers are found; `SQLite` cannot make them.
const EXACT_SEARCH: i64 = 7;

fn migrator() -> Migrator {
    let migration = |(version, name, text): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.into_iter().map(migration).collect())
}

/// Gives a new file its schema and its first row.
pub(crate) async fn create(
    connection: &mut SqliteConnection,
    (check, seal): (&StoreCheck, &AuditSeal),
) -> Result<(), StoreError> {
    migrator().run(&mut *connection).await.map_err(migration_failed)?;
    Ledger::new(check).write(connection, seal).await?;
    // Marks the file as ours; written last, with the file still under its temporary name.
    sqlx::query("PRAGMA application_id = 1298620788")
        .execute(connection)
        .await
        .map(drop)
        .map_err(|error| failed("create_store", error))
}

/// Accepts an existing file only if it is ours, whole, not newer than we are, and under this master key. Then brings
/// it up to date.
///
/// Small files are read as a whole; `most_pages` says what is small.
pub(crate) async fn accept(
    connection: &mut SqliteConnection,
    (check, seal): (&StoreCheck, &AuditSeal),
    most_pages: i64,
) -> Result<Ledger, StoreError> {
    let found: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| failed("read_header", error))?;
    if found != APPLICATION_ID {
        return Err(damaged("it is a database of another program".to_owned()));
    }
    let version = known_version(connection).await?;
    check_pages(connection, most_pages).await?;
    let ledger = match version {
        1 => Ledger::read_first_schema(connection).await?,
        _ => Ledger::read(connection).await?,
    };
    if !ledger.is_under(check) {
        return Err(StoreError::WrongMasterKey);
    }
    bring_up_to_date(connection, version, (version == 1).then_some(ledger), seal).await?;
    let ledger = Ledger::read(connection).await?;
    ledger.refuse_forged(seal)?;
    Ok(ledger)
}

/// Applies what is missing; with the ledger of the first schema, writes it again as it is since.
async fn bring_up_to_date(
    connection: &mut SqliteConnection,
    version: i64,
    first: Option<Ledger>,
    seal: &AuditSeal,
) -> Result<(), StoreError> {
    // One transaction: a ledger of one schema within another would be taken for damage.
    let mut transaction = connection.begin().await.map_err(|error| failed("migrate", error))?;
    migrator().run(&mut *transaction).await.map_err(migration_failed)?;
    if version < EXACT_SEARCH {
        consumer_value::note_all(&mut transaction).await?;
    }
    if let Some(mut ledger) = first {
        ledger.write(&mut transaction, seal).await?;
    }
    transaction.commit().await.map_err(|error| failed("migrate", error))
}

/// Which schema the file has, if we know it.
async fn known_version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await
        .map_err(|error| failed("read_schema_version", error))?;
    let known = MIGRATIONS[MIGRATIONS.len() - 1].0;
    match found {
        Some(found) if found > known => Err(StoreError::NewerSchema { found, known }),
        Some(found) => Ok(found),
        None => Err(damaged("it has no schema version".to_owned())),
    }
}

/// The whole file while it is small. A large one is checked row by row when it is loaded, which it is at every start.
async fn check_pages(connection: &mut SqliteConnection, most_pages: i64) -> Result<(), StoreError> {
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&mut *connection)
        .await
        .map_err(|error| failed("check_pages", error))?;
    if pages > most_pages { Ok(()) } else { check_all_pages(connection).await }
}

/// Every page and every index against its table.
pub(crate) async fn check_all_pages(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| failed("check_pages", error))?;
    if verdict == "ok" { Ok(()) } else { Err(damaged(verdict)) }
}

fn migration_failed(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed("migrate", error),
        other => StoreError::Damaged { what: "its schema history".to_owned(), source: Some(Box::new(other)) },
    }
}

/// "Mgat" in ASCII: tells our files from those of other programs (<https://sqlite.org/fileformat2.html> §1.3.17).
const APPLICATION_ID: i64 = 0x4D67_6174;

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions, Row, sqlite::SqliteConnectOptions};

    use super::*;

    #[tokio::test]
    async fn the_data_model_describes_every_column_in_its_table() {
        let document = include_str!("../../../docs/data-model.md");
        let mut connection = SqliteConnectOptions::new().in_memory(true).connect().await.expect("opens");
        migrator().run(&mut connection).await.expect("a new schema");
        let columns = sqlx::query(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
        );
        let columns = columns.fetch_all(&mut connection).await.expect("reads");
        assert!(columns.len() > 40, "only {} columns", columns.len());
        for row in columns {
            let (table, column): (String, String) = (row.get(0), row.get(1));
            let heading = format!("### `{table}`\n");
            let (_, section) = document.split_once(&heading).unwrap_or_else(|| panic!("no section {table}"));
            let section = section.split("\n##").next().expect("there is always a first part");
            assert!(section.contains(&format!("`{column}`")), "{table} lacks {column}");
        }
    }

    #[tokio::test]
    async fn managers_that_were_named_before_there_was_self_service_are_found() {
        let mut connection = SqliteConnectOptions::new().in_memory(true).connect().await.expect("opens");
        for (_, name, text) in MIGRATIONS.into_iter().filter(|(version, ..)| *version < 8) {
            sqlx::raw_sql(text)
                .execute(&mut connection)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let old = "INSERT INTO bucket (name, prefix, created, revision, row_check) VALUES ('main', 'mgk', 0, 1, 0); \
             INSERT INTO consumer (id, bucket, name, subject, metadata, tags, managers, created, revision, row_check) \
             VALUES ('a', 'main', 'one', 's', '{}', '{}', '[\"Ann@Example.com\",\"User-1\"]', 0, 1, 0), \
             ('b', 'main', 'two', 's', '{}', '{}', '[]', 0, 1, 0)";
        sqlx::raw_sql(old).execute(&mut connection).await.expect("rows");
        let (.., text) = MIGRATIONS.into_iter().find(|(version, ..)| *version == 8).expect("it is known");
        sqlx::raw_sql(text).execute(&mut connection).await.expect("migrates");
        let found = sqlx::query("SELECT manager, bucket, name FROM consumer_manager ORDER BY manager");
        let found = found.fetch_all(&mut connection).await.expect("reads");
        let found: Vec<(String, String, String)> =
            found.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
        let row = |manager: &str| (manager.to_owned(), "main".to_owned(), "one".to_owned());
        assert_eq!(found, [row("User-1"), row("ann@example.com")]);
    }

    #[test]
    fn every_column_has_a_comment() {
        for (_, name, text) in MIGRATIONS {
            let mut previous = "";
            for line in text.lines().map(str::trim) {
                let mut words = line.split(' ');
                let is_column =
                    words.next().is_some_and(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
                        && words.next().is_some_and(|kind| ["INTEGER", "TEXT", "BLOB"].contains(&kind));
                assert!(
                    !is_column || previous.starts_with("--") || previous.contains("_rows INTEGER"),
                    "{name}: {line}"
                );
                previous = line;
            }
        }
    }
}
