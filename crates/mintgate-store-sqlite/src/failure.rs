//! What `SQLite` says, in the words of the port.

use mintgate_store::StoreError;

/// Says which transaction failed, and how. The cause is in the message and not behind it: `sqlx` repeats it at each level
/// of its errors.
#[derive(Debug, thiserror::Error)]
#[error("{transaction} failed: {}", said(.cause))]
struct Failed {
    transaction: &'static str,
    cause: sqlx::Error,
}

fn said(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            format!("{} (SQLite {code})", error.message())
        }
        other => other.to_string(),
    }
}

/// The error of a statement within the transaction of this name.
pub(crate) fn failed(transaction: &'static str, source: sqlx::Error) -> StoreError {
    let damaged = match &source {
        sqlx::Error::Database(error) => match error.code().and_then(|code| code.parse::<u32>().ok()) {
            Some(code) => is_damage(code),
            None => true,
        },
        sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::RowNotFound
        | sqlx::Error::TypeNotFound { .. } => true,
        _ => false,
    };
    let source = Box::new(Failed { transaction, cause: source });
    if damaged {
        StoreError::Damaged { what: format!("reading or writing it for {transaction}"), source: Some(source) }
    } else {
        StoreError::Unavailable { source }
    }
}

/// A row that no version of Mintgate wrote.
pub(crate) fn damaged_row(table: &'static str) -> StoreError {
    StoreError::Damaged { what: format!("a row of table {table}"), source: None }
}

/// Rows that are missing or too many.
pub(crate) fn damaged_table(table: &'static str) -> StoreError {
    StoreError::Damaged {
        what: format!("the rows of table {table} are not those that were written"),
        source: None,
    }
}

/// Whether a unique index refused the row, and which: `SQLite` names its columns.
pub(crate) fn breaks_unique(error: &sqlx::Error, columns: &str) -> bool {
    matches!(error, sqlx::Error::Database(error)
        if error.is_unique_violation() && error.message().ends_with(columns))
}

/// Whether a value is missing that a query was to find.
pub(crate) fn lacks_value(error: &sqlx::Error, column: &str) -> bool {
    matches!(error, sqlx::Error::Database(error)
        if error.kind() == sqlx::error::ErrorKind::NotNullViolation && error.message().ends_with(column))
}

/// Whether a parent row is missing.
pub(crate) fn lacks_parent(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_foreign_key_violation())
}

/// Result codes of `SQLite` that no amount of waiting cures (<https://sqlite.org/rescode.html>).
fn is_damage(code: u32) -> bool {
    const SHORT_READ: u32 = 522;
    // 1 error (a table or column is missing), 11 corrupt, 19 constraint, 20 mismatch, 24 format, 26 not a database.
    code == SHORT_READ || matches!(code & 0xFF, 1 | 11 | 19 | 20 | 24 | 26)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn what_sqlite_says_is_said_once() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.expect("memory");
        let error = sqlx::query("SELECT missing").execute(&mut connection).await.expect_err("no column");
        let error = failed("reading", error);
        let cause = error.source().expect("what failed");
        assert!(cause.source().is_none(), "{cause:?}");
        assert_eq!(
            format!("{error}: {cause}"),
            "the store is damaged: reading or writing it for reading: reading failed: no such column: missing (SQLite 1)"
        );
    }
}
