//! The labels that keys have, each once: a search looks through these and not through a million keys.

use std::collections::BTreeSet;

use mintgate_store::StoreError;

use crate::{failure::failed, like, writer::Transaction};

/// Notes the labels of keys that are being written.
pub(crate) async fn note<'a>(
    tx: &mut Transaction,
    labels: impl Iterator<Item = &'a str> + Send,
) -> Result<(), StoreError> {
    let labels: BTreeSet<&str> = labels.filter(|label| !label.is_empty()).collect();
    for label in labels {
        sqlx::query("INSERT OR IGNORE INTO key_label (label, folded) VALUES (?, ?)")
            .bind(label)
            .bind(like::folded(label))
            .execute(tx.connection())
            .await
            .map_err(|error| failed("note_label", error))?;
    }
    Ok(())
}

/// Forgets those of these labels that no key has any more: text that was removed is to be gone.
pub(crate) async fn forget(tx: &mut Transaction, labels: BTreeSet<String>) -> Result<(), StoreError> {
    for label in labels.into_iter().filter(|label| !label.is_empty()) {
        sqlx::query(
            "DELETE FROM key_label WHERE label = ?1 \
             AND NOT EXISTS (SELECT 1 FROM api_key WHERE label = ?1 AND label <> '')",
        )
        .bind(label)
        .execute(tx.connection())
        .await
        .map_err(|error| failed("forget_label", error))?;
    }
    Ok(())
}
