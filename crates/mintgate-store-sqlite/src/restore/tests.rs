use std::io::Read as _;

use mintgate_store::{
    AdminTokens as _, Audit as _, Backups as _, Buckets as _, Changes as _, Consumers as _, Keep, KeyFormat,
    KeyState, Keys as _, Makes as _, NewBucket, NewConsumer, NewKey, Receipt, ReceiptId, Receipts as _,
    RequestMark, Revocation, SealedReply, SystemPart,
};
use mintgate_types::{ConsumerId, Entropy as _, KeyId, SeededEntropy, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::SqliteStore;

fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

fn by() -> Author {
    Author::system(SystemPart::Start, Timestamp::UNIX_EPOCH)
}

/// A store with one consumer, and the bytes of a backup that has its first key.
struct World {
    _folder: TempDir,
    path: PathBuf,
    entropy: SeededEntropy,
    consumer: ConsumerId,
    backup: Vec<u8>,
    sha256: [u8; 32],
}

impl World {
    async fn new() -> (Self, SqliteStore, KeyId) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mintgate.db");
        let store = SqliteStore::open(&path, &master_key()).await.expect("opens");
        let entropy = SeededEntropy::new(3);
        let (bucket, prefix) = ("main".parse().expect("a name"), "mgk".parse().expect("a prefix"));
        let new = NewBucket { name: bucket, prefix, created: Timestamp::UNIX_EPOCH };
        let bucket = store.create_bucket(new, &by()).await.expect("is free").name;
        let consumer = ConsumerId::generate(&entropy);
        let new = NewConsumer {
            id: consumer,
            bucket,
            name: "alice".parse().expect("a name"),
            subject: "alice".parse().expect("a subject"),
            metadata: mintgate_store::Metadata::default(),
            tags: mintgate_store::Tags::new(),
            managers: mintgate_types::Managers::none(),
            created: Timestamp::UNIX_EPOCH,
        };
        store.create_consumer(new, &by()).await.expect("is free");
        let mut world =
            Self { _folder: folder, path, entropy, consumer, backup: Vec::new(), sha256: [0; 32] };
        let first = world.key(&store).await;
        let mut backup = store.backup(&by()).await.expect("backs up");
        backup.content.read_to_end(&mut world.backup).expect("reads");
        assert_eq!(backup.length, world.backup.len() as u64);
        world.sha256 = backup.sha256;
        (world, store, first)
    }

    async fn key(&self, store: &SqliteStore) -> KeyId {
        let mut fingerprint = [0; 32];
        self.entropy.fill(&mut fingerprint);
        let new = NewKey {
            id: KeyId::generate(&self.entropy),
            consumer: self.consumer,
            fingerprint: fingerprint.into(),
            format: KeyFormat::Foreign,
            label: "".parse().expect("a label"),
            scopes: "".parse().expect("no scopes"),
            created: Timestamp::UNIX_EPOCH,
            expires: None,
        };
        store.create_key(new, &by()).await.expect("is free").id
    }

    async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path, &master_key()).await.expect("opens")
    }

    async fn restore_bytes(
        &self,
        bytes: &[u8],
        key: &MasterKey,
        replace: bool,
    ) -> Result<Restored, RestoreError> {
        let (length, sha256) = (self.backup.len() as u64, self.sha256);
        let mut content = bytes;
        let wanted = Restore { content: &mut content, length, sha256, by: by(), replace, dry_run: false };
        restore(&self.path, key, wanted).await
    }

    async fn restore(&self) -> Restored {
        self.restore_bytes(&self.backup, &master_key(), true).await.expect("restores")
    }
}

async fn live(store: &SqliteStore, id: KeyId) -> bool {
    let key = store.key(id).await.expect("reads");
    key.is_some_and(|key| matches!(key.state, KeyState::Active))
}

#[tokio::test]
async fn a_backup_is_restored_with_a_revision_that_nobody_has_seen() {
    let (world, store, first) = World::new().await;
    let second = world.key(&store).await;
    let before = store.revision().await.expect("reads");
    store.close().await;
    let done = world.restore().await;
    assert!(done.revision > before, "{done:?}");
    let store = world.open().await;
    assert!(live(&store, first).await && !live(&store, second).await);
    assert_eq!(store.revision().await.expect("reads"), done.revision);
    store.check().await.expect("whole");
    assert!(store.verify_audit(None).await.expect("reads").flaw.is_none());
    // What was replaced is whole.
    let replaced = SqliteStore::open(&done.replaced.expect("is kept"), &master_key()).await.expect("opens");
    assert!(live(&replaced, second).await);
}

#[tokio::test]
async fn a_key_that_was_revoked_since_stays_revoked() {
    let (world, store, first) = World::new().await;
    let revocation = Revocation { at: Timestamp::UNIX_EPOCH, reason: None };
    store.revoke_key(first, revocation, &by()).await.expect("works").expect("exists");
    store.close().await;
    assert_eq!(world.restore().await.ended_again, 1);
    assert!(!live(&world.open().await, first).await);
}

#[tokio::test]
async fn a_key_that_was_removed_since_stays_ended() {
    let (world, store, first) = World::new().await;
    store.delete_consumer(world.consumer, None, &by()).await.expect("works").expect("exists");
    store.close().await;
    assert_eq!(world.restore().await.ended_again, 1);
    assert!(!live(&world.open().await, first).await);
}

#[tokio::test]
async fn an_admin_token_that_was_revoked_since_stays_revoked() {
    let (mut world, store, _) = World::new().await;
    let id = mintgate_types::AdminTokenId::generate(&world.entropy);
    let mut fingerprint = [0; 32];
    world.entropy.fill(&mut fingerprint);
    let new = mintgate_store::NewAdminToken {
        id,
        name: "ops".parse().expect("a name"),
        fingerprint: fingerprint.into(),
        role: mintgate_store::AdminRole::Owner,
        within: mintgate_store::Within::Everything,
        created: Timestamp::UNIX_EPOCH,
        expires: None,
    };
    store.create_admin_token(new, &by()).await.expect("is free");
    let mut backup = store.backup(&by()).await.expect("backs up");
    world.backup.clear();
    backup.content.read_to_end(&mut world.backup).expect("reads");
    world.sha256 = backup.sha256;
    store.revoke_admin_token(id, &by()).await.expect("works").expect("exists");
    store.close().await;
    world.restore().await;
    let token = world.open().await.admin_token(id).await.expect("reads").expect("is there");
    assert!(matches!(token.state, mintgate_store::AdminTokenState::Revoked { .. }), "{token:?}");
}

#[tokio::test]
async fn what_is_not_the_backup_is_refused_and_changes_nothing() {
    let (world, store, _) = World::new().await;
    let second = world.key(&store).await;
    let refused = world.restore_bytes(&world.backup, &master_key(), true).await.expect_err("in use");
    assert!(matches!(refused, RestoreError::Store(StoreError::InUse { .. })), "{refused:?}");
    store.close().await;
    let refused = world.restore_bytes(&world.backup, &master_key(), false).await.expect_err("not asked to");
    assert!(matches!(refused, RestoreError::Exists), "{refused:?}");
    let mut flipped = world.backup.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for bytes in [&flipped[..], &world.backup[..world.backup.len() - 1], &[]] {
        let refused = world.restore_bytes(bytes, &master_key(), true).await.expect_err("damaged");
        assert!(matches!(refused, RestoreError::Damaged(_)), "{refused:?}");
    }
    let other = MasterKey::from_bytes([8; 32]);
    let refused = world.restore_bytes(&world.backup, &other, true).await.expect_err("another key");
    assert!(matches!(refused, RestoreError::Store(StoreError::WrongMasterKey)), "{refused:?}");
    assert!(live(&world.open().await, second).await);
    let left = fs::read_dir(world.path.parent().expect("a folder")).expect("reads").count();
    assert!(left <= 4, "{left} files: the database, its companions, and nothing else");
}

#[tokio::test]
async fn a_damaged_database_is_replaced_and_kept() {
    let (world, store, first) = World::new().await;
    store.close().await;
    fs::write(&world.path, b"SQLite format 3\0 and then nothing of the kind").expect("writes");
    let done = world.restore().await;
    assert!(done.old_unreadable && done.replaced.is_some_and(|kept| kept.exists()));
    assert!(live(&world.open().await, first).await);
}

#[tokio::test]
async fn stopped_after_any_step_there_is_the_old_database_or_the_new_one() {
    for steps in 0..=4 {
        let (world, store, first) = World::new().await;
        let second = world.key(&store).await;
        store.close().await;
        stop_after(&world, steps).await;
        let opened = world.open().await;
        assert!(live(&opened, first).await, "after {steps}");
        assert_eq!(live(&opened, second).await, steps < 4, "after {steps}");
        opened.close().await;
        // And another attempt brings it to its end, whatever the first one left.
        let done = world.restore().await;
        let opened = world.open().await;
        assert!(live(&opened, first).await && !live(&opened, second).await, "after {steps}");
        assert!(done.replaced.is_some());
    }
}

/// As [`restore`] does it, up to some step; then as if the process had been killed.
async fn stop_after(world: &World, steps: usize) {
    let _lock = Lock::take(&world.path).expect("is free");
    let (length, sha256) = (world.backup.len() as u64, world.sha256);
    let mut content = &world.backup[..];
    let wanted = Restore { content: &mut content, length, sha256, by: by(), replace: true, dry_run: false };
    let old = Old::find(&world.path).await.expect("reads");
    if steps == 0 {
        return;
    }
    let draft = Draft::write(&world.path, wanted).expect("writes");
    if steps == 1 {
        return;
    }
    draft.verify_and_renew(&master_key(), old.revision(), &old).await.expect("whole");
    if steps == 2 {
        return;
    }
    old.keep_aside().expect("links");
    if steps == 3 {
        return;
    }
    draft.put_in_place(&world.path).expect("renames");
}

#[tokio::test]
async fn a_kept_reply_is_in_no_backup_and_survives_no_restore() {
    const REPLY: &[u8] = b"what was said to whoever asked, sealed or not";
    let (mut world, store, _) = World::new().await;
    let id = ReceiptId::from_bytes([1; 32]);
    let keep: Keep = Box::new(move |_| {
        let (request, expires) = (RequestMark::from_bytes([2; 32]), Timestamp::MAX);
        Ok(Receipt { id, request, reply: SealedReply(REPLY.repeat(500)), expires })
    });
    let (name, prefix) = ("other".parse().expect("a name"), "mgk".parse().expect("a prefix"));
    let new = NewBucket { name, prefix, created: Timestamp::UNIX_EPOCH };
    store.create(new.into_creation(), Some(keep), &by()).await.expect("is free");
    let holds = |bytes: &[u8]| bytes.windows(REPLY.len()).any(|window| window == REPLY);
    let mut backup = Vec::new();
    store.backup(&by()).await.expect("backs up").content.read_to_end(&mut backup).expect("reads");
    assert!(!holds(&backup));
    assert!(store.receipt(id).await.expect("reads").is_some(), "the store itself keeps it");
    store.close().await;
    // A copy of the file itself has it.
    world.backup = std::fs::read(&world.path).expect("reads");
    assert!(holds(&world.backup));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &world.backup);
    world.sha256 = digest.as_ref().try_into().expect("32 bytes");
    world.restore().await;
    assert_eq!(world.open().await.receipt(id).await.expect("reads"), None);
}
