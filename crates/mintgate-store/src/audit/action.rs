//! What can be done.

macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal,)+) => {
        /// What was done, or would have been. New ones may come: a reader of entries takes the name as text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum AuditAction {
            $($(#[$doc])* $action,)+
        }

        impl AuditAction {
            /// The kind of thing, a dot, and what is done to it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)+
                }
            }
        }
    };
}

actions! {
    CreateBucket = "bucket.create",
    UpdateBucket = "bucket.update",
    DeleteBucket = "bucket.delete",
    CreateConsumer = "consumer.create",
    UpdateConsumer = "consumer.update",
    DeleteConsumer = "consumer.delete",
    CreateKey = "key.create",
    /// Many at a time: one entry with counts.
    CreateKeys = "key.create_many",
    UpdateKey = "key.update",
    RollKey = "key.roll",
    RevokeKey = "key.revoke",
    /// One entry with counts.
    ImportKeys = "key.import",
    CreateSigningKey = "signing_key.create",
    MoveSigningKey = "signing_key.move",
    RotateSigningKeys = "signing_key.rotate",
    RotateSigningKeysInEmergency = "signing_key.rotate_emergency",
    CreateAdminToken = "admin_token.create",
    RollAdminToken = "admin_token.roll",
    RevokeAdminToken = "admin_token.revoke",
    RetireSigningKey = "signing_key.retire",
    /// Somebody signed in.
    CreateSession = "session.create",
    /// Somebody signed out.
    EndSession = "session.end",
    BackUp = "store.backup",
    /// The one action that may pass over revisions: those of the store that was replaced.
    Restore = "store.restore",
}
