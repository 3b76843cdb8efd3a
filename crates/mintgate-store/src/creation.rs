//! What can be made, as a value: so that making it once, however often it is asked for, has one way through a backend.

use mintgate_types::Revision;

use crate::{
    AdminTokenRecord, AdminTokenRoll, Bucket, Holder, Key, KeyRoll, NewAdminToken, NewBucket, NewConsumer,
    NewHolder, NewKey, Rolled, RolledAdminToken,
};

/// Consumers and keys that come from elsewhere.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// The consumers.
    pub consumers: Vec<NewConsumer>,
    /// Keys, of these and of other consumers.
    pub keys: Vec<NewKey>,
}

/// A thing to be made, and what it becomes.
pub trait Makes: Sized {
    /// What it becomes.
    type Made;

    /// As one of all.
    fn into_creation(self) -> Creation;

    /// What came of it; `None` if that came of another kind of creation.
    fn made(created: &Created) -> Option<&Self::Made>;
}

macro_rules! creations {
    ($($(#[$doc:meta])* $kind:ident: $new:ty => $made:ty;)+) => {
        /// Something to be made.
        #[derive(Debug, Clone)]
        pub enum Creation {
            $($(#[$doc])* $kind($new),)+
        }

        /// What came of it: of the same kind, always.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Created {
            $($(#[$doc])* $kind($made),)+
        }

        $(impl Makes for $new {
            type Made = $made;

            fn into_creation(self) -> Creation {
                Creation::$kind(self)
            }

            fn made(created: &Created) -> Option<&$made> {
                match created {
                    Created::$kind(made) => Some(made),
                    _ => None,
                }
            }
        })+
    };
}

creations! {
    /// As [`Buckets::create_bucket`](crate::Buckets::create_bucket).
    Bucket: NewBucket => Bucket;
    /// As [`Bulk::create_holders`](crate::Bulk::create_holders).
    Holders: Vec<NewHolder> => Vec<Holder>;
    /// As [`Keys::create_key`](crate::Keys::create_key).
    Key: NewKey => Key;
    /// As [`Keys::roll_keys`](crate::Keys::roll_keys).
    Roll: KeyRoll => Rolled;
    /// As [`Keys::import`](crate::Keys::import).
    Import: NewImport => Revision;
    /// As [`AdminTokens::create_admin_token`](crate::AdminTokens::create_admin_token).
    AdminToken: NewAdminToken => AdminTokenRecord;
    /// As [`AdminTokens::roll_admin_token`](crate::AdminTokens::roll_admin_token), but `NoParent` where the old one does not exist.
    AdminTokenRoll: AdminTokenRoll => RolledAdminToken;
}
