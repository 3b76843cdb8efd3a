//! Many changes in one transaction.

use async_trait::async_trait;
use futures_util::future::FutureExt as _;
use mintgate_store::{Author, Bulk, Holder, Key, NewHolder, Revocation, StoreError};
use mintgate_types::KeyId;

use crate::{SqliteStore, consumer, key, writer::Transaction};

#[async_trait]
impl Bulk for SqliteStore {
    async fn create_holders(&self, new: Vec<NewHolder>, by: &Author) -> Result<Vec<Holder>, StoreError> {
        let by = by.clone();
        self.writer.run("create_holders", |tx| create_all(tx, new, by).boxed()).await
    }

    async fn revoke_keys(
        &self,
        ids: Vec<KeyId>,
        revocation: Revocation,
        by: &Author,
    ) -> Result<Vec<Key>, StoreError> {
        let by = by.clone();
        self.writer.run("revoke_keys", |tx| revoke_all(tx, ids, revocation, by).boxed()).await
    }
}

pub(crate) async fn create_all(
    tx: &mut Transaction,
    new: Vec<NewHolder>,
    by: Author,
) -> Result<Vec<Holder>, StoreError> {
    let mut made = Vec::with_capacity(new.len());
    for NewHolder { consumer, key } in new {
        let consumer = consumer::create_one(tx, consumer, by.clone()).await?;
        let key = match key {
            Some(key) => Some(key::create_one(tx, key, by.clone()).await?),
            None => None,
        };
        made.push(Holder { consumer, key });
    }
    Ok(made)
}

async fn revoke_all(
    tx: &mut Transaction,
    ids: Vec<KeyId>,
    revocation: Revocation,
    by: Author,
) -> Result<Vec<Key>, StoreError> {
    let mut revoked = Vec::with_capacity(ids.len());
    for id in ids {
        revoked.extend(key::revoke_live(tx, id, revocation.clone(), by.clone()).await?);
    }
    Ok(revoked)
}
