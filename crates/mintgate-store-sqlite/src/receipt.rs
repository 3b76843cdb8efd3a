//! Receipts, and the creations that they are kept of. They are no part of the ledger's tallies: one that is lost is a
//! request that makes something anew.

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_store::{
    Author, Conflict, Created, Creation, Keep, NewImport, Receipt, ReceiptId, Receipts, RequestMark,
    SealedReply, StoreError, kept_microseconds, kept_time,
};
use mintgate_types::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    SqliteStore, admin_token, bucket, bulk,
    check::RowCheck,
    failure::{damaged_row, failed},
    key,
    row::time,
    writer::Transaction,
};

#[async_trait]
impl Receipts for SqliteStore {
    async fn create(
        &self,
        creation: Creation,
        keep: Option<Keep>,
        by: &Author,
    ) -> Result<Created, StoreError> {
        let by = by.clone();
        if matches!(creation, Creation::Import(_)) {
            self.writer.run_alone("create", |tx| create(tx, creation, keep, by).boxed()).await
        } else {
            self.writer.run("create", |tx| create(tx, creation, keep, by).boxed()).await
        }
    }

    async fn receipt(&self, id: ReceiptId) -> Result<Option<Receipt>, StoreError> {
        let row = sqlx::query("SELECT id, request, reply, expires, row_check FROM receipt WHERE id = ?")
            .bind(id.as_bytes().as_slice())
            .fetch_optional(&mut *self.reader().await?)
            .await
            .map_err(|error| failed("receipt", error))?;
        row.as_ref().map(receipt_from).transpose()
    }

    async fn forget_receipts(&self, now: Timestamp, most: u32) -> Result<u64, StoreError> {
        self.writer.run("forget_receipts", move |tx| forget(tx, now, most).boxed()).await
    }
}

async fn create(
    tx: &mut Transaction,
    creation: Creation,
    keep: Option<Keep>,
    by: Author,
) -> Result<Created, StoreError> {
    let now = by.at;
    let created = carry_out(tx, creation, by).await?;
    if let Some(keep) = keep {
        insert(tx, keep(&created)?, now).await?;
    }
    Ok(created)
}

async fn carry_out(tx: &mut Transaction, creation: Creation, by: Author) -> Result<Created, StoreError> {
    Ok(match creation {
        Creation::Bucket(new) => Created::Bucket(bucket::create_one(tx, new, by).await?),
        Creation::Holders(new) => Created::Holders(bulk::create_all(tx, new, by).await?),
        Creation::Key(new) => Created::Key(key::create_one(tx, new, by).await?),
        Creation::Roll(roll) => Created::Roll(key::roll_all(tx, roll, by).await?),
        Creation::Import(NewImport { consumers, keys }) => {
            Created::Import(key::import_all(tx, consumers, keys, by).await?)
        }
        Creation::AdminToken(new) => Created::AdminToken(admin_token::create_one(tx, new, by).await?),
        Creation::AdminTokenRoll(roll) => {
            let rolled = admin_token::roll_one(tx, roll, by).await?;
            Created::AdminTokenRoll(rolled.ok_or(Conflict::NoParent)?)
        }
    })
}

/// One that has expired gives way.
pub(crate) async fn insert(tx: &mut Transaction, receipt: Receipt, now: Timestamp) -> Result<(), StoreError> {
    let receipt = Receipt { expires: kept_time(receipt.expires), ..receipt };
    let done = sqlx::query(
        "INSERT INTO receipt (id, request, reply, expires, row_check) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (id) DO UPDATE SET request = ?2, reply = ?3, expires = ?4, row_check = ?5 \
         WHERE receipt.expires <= ?6",
    )
    .bind(receipt.id.as_bytes().as_slice())
    .bind(receipt.request.as_bytes().as_slice())
    .bind(&receipt.reply.0)
    .bind(kept_microseconds(receipt.expires))
    .bind(check_of(&receipt))
    .bind(kept_microseconds(now))
    .execute(tx.connection())
    .await
    .map_err(|error| failed("create", error))?;
    if done.rows_affected() == 0 { Err(Conflict::ReceiptExists.into()) } else { Ok(()) }
}

async fn forget(tx: &mut Transaction, now: Timestamp, most: u32) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "DELETE FROM receipt WHERE id IN (SELECT id FROM receipt WHERE expires <= ? ORDER BY expires LIMIT ?)",
    )
    .bind(kept_microseconds(now))
    .bind(most)
    .execute(tx.connection())
    .await
    .map_err(|error| failed("forget_receipts", error))?;
    Ok(done.rows_affected())
}

fn receipt_from(row: &SqliteRow) -> Result<Receipt, StoreError> {
    let read = |error| failed("receipt", error);
    let hash = |column: usize| {
        let bytes: Vec<u8> = row.try_get(column).map_err(read)?;
        <[u8; 32]>::try_from(bytes).map_err(|_| damaged_row(TABLE))
    };
    let receipt = Receipt {
        id: ReceiptId::from_bytes(hash(0)?),
        request: RequestMark::from_bytes(hash(1)?),
        reply: SealedReply(row.try_get(2).map_err(read)?),
        expires: time(row.try_get(3).map_err(read)?, TABLE)?,
    };
    let check: i64 = row.try_get(4).map_err(read)?;
    if check_of(&receipt) == check { Ok(receipt) } else { Err(damaged_row(TABLE)) }
}

fn check_of(receipt: &Receipt) -> i64 {
    RowCheck::of(TABLE)
        .bytes(receipt.id.as_bytes())
        .bytes(receipt.request.as_bytes())
        .bytes(&receipt.reply.0)
        .integer(kept_microseconds(receipt.expires))
        .done()
}

const TABLE: &str = "receipt";
