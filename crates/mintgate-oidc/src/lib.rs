//! Signs people in at an `OpenID` Connect provider: the authorization code flow with PKCE.
//!
//! Promises: an identity comes only out of an identity token that the provider signed for this client and for this
//! attempt; every answer is bounded in time and size; nothing is fetched but over TLS or from this machine; nothing
//! secret shows itself. The identity token is verified by `mintgate-verify`, as strictly as any token, and the rest of
//! the protocol is the `oauth2` crate's. Not here: sessions, and who may do what.

mod discovery;
mod error;
mod fetch;
mod provider;

pub use error::OidcError;
pub use provider::{InvalidProvider, OidcConfig, OidcProvider};
