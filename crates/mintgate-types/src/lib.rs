//! The words of Mintgate: identifiers, names, states, time and randomness.
//!
//! Every other crate speaks in these types. A value of one of them is proof that it was parsed: there is no
//! `is_valid`. Nothing here does I/O beyond reading the clock and the system's randomness, and both of those are
//! traits ([`Clock`], [`Entropy`]) so that tests decide what they say.

mod clock;
mod entropy;
mod id;
mod manager;
mod name;
mod revision;
mod scope;
mod signing_key_state;
mod text;
mod usage;

pub use clock::{Clock, ManualClock, SystemClock};
pub use entropy::{BufferedEntropy, Entropy, OsEntropy, SeededEntropy};
pub use id::{AdminTokenId, ConsumerId, InvalidId, KeyId, RequestId, TokenId, base62};
pub use jiff::{SignedDuration, Timestamp};
pub use manager::{ManagerIdentity, Managers, TooManyManagers};
pub use name::{
    Audience, BucketName, ClaimName, ConsumerName, InvalidName, IssuerUrl, KeyPrefix, Kid, OriginName,
    RouteName, TagName,
};
pub use revision::Revision;
pub use scope::{InvalidScope, Scope, ScopeSet};
pub use signing_key_state::{InvalidTransition, SigningKeyState};
pub use text::{ActorId, ActorName, InvalidText, Label, Manager, Reason, Subject, TagValue};
pub use usage::{RefusalReason, RequestCounts, StatusClass, UnknownRefusalReason, UsageHour, UsageStep};
