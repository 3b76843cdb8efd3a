//! The admin API: one file an endpoint, over the contract in `mintgate-admin-api`.
//!
//! Promises: nothing but the two health checks answers without an admin token, nor more than the admin may have
//! (`operation.rs` has the table); a change is on disk and in force on this
//! node before its reply is sent; a change that has begun is carried through even if its caller goes away; the text of a
//! key is in exactly one reply, or in that reply again for whoever asked for it under an idempotency key (`once.rs`). Not here: listening, TLS, and how anything is stored. Start at `service.rs`.

mod account;
mod admin_token;
mod admin_tokens;
mod admins;
mod audit;
mod backup;
mod buckets;
mod caller;
mod consumers;
mod document;
mod duties;
mod health;
mod identity;
mod if_match;
mod input;
mod key_judge;
mod keys;
mod layers;
mod once;
mod openapi;
mod operation;
mod pace;
mod ports;
mod refusals;
mod reply;
mod running_config;
mod self_service;
mod service;
mod session;
mod signing_keys;
mod status;
mod timed_body;
mod usage;
mod whoami;
mod wire;

pub use admin_token::{AdminName, AdminToken, WeakAdminToken};
pub use document::document;
pub use identity::{Identity, IdentityError, IdentityProvider, SignInAttempt};
pub use key_judge::{JudgeError, Judgement, KeyJudge, MintedToken, Question};
pub use once::ReceiptSeal;
pub use ports::{CatchUpError, KeepRotation, Replica, RunningSettings, SigningControl, SigningControlError};
pub use service::{AdminService, Config, Dependencies};
pub use session::{GroupGrant, SignInConfig, SingleSignOn};
