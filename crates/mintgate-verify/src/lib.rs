//! Verifies tokens at an origin: an issuer's keys over HTTP, and mintgate-jwt's judgement.
//!
//! A [`Verifier`] is made once and asked from any number of threads. It promises that a good token is accepted while
//! its issuer rotates keys, is slow or is down for a while; that a bad one is refused whatever the issuer does; and
//! that a token is called bad only when it is known to be: where the keys cannot be had, the answer is
//! [`VerifyError::Unavailable`]. The rules of when to fetch are [`mintgate_jwt::cache`]'s, the judgement is
//! [`mintgate_jwt::verify_with_set`]'s; this crate adds the network, a clock, a background thread and a cache of
//! verified tokens.
//!
//! It is not a gateway: it cannot mint, and knows nothing of API keys.
//!
//! Features, none of which is on unless asked for: `tower` guards services over `http::Request`, such as those of axum
//! (module `tower`); `metrics` counts through the facade of that name:
//!
//! | name | labels | what |
//! | --- | --- | --- |
//! | `mintgate_verify_accepted_total` | `remembered`: `true`, `false` | tokens that were found good; `true`: seen before |
//! | `mintgate_verify_refused_total` | `reason` | tokens that were not: [`VerifyError::reason`] |
//! | `mintgate_verify_fetches_total` | `source`, `result` | fetches of keys: `ok` or [`FetchError::kind`] |
//! | `mintgate_verify_fetch_seconds` | `source` | how long they took |
//!
//! `source` is the issuer or address of the configuration; no label holds what a token says. Install the recorder before
//! the verifier is built.
//!
//! ```no_run
//! use mintgate_verify::{Expected, KeySource, PlainHttp, TokenPolicy, Verifier};
//!
//! let issuer = "https://api.example.com/__mintgate/issuer";
//! let policy = TokenPolicy::new(
//!     Expected::exactly(issuer.parse()?),
//!     Expected::exactly("orders".parse()?),
//! );
//! let source = KeySource::issuer(issuer, PlainHttp::LoopbackOnly)?;
//! let verifier = Verifier::builder(policy, source).build();
//! # let token = "";
//! match verifier.verify(token) {
//!     Ok(verified) => println!("hello, {}", verified.claims().subject()),
//!     Err(error) => println!("no: {error}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Tokens of several issuers, each with keys and a policy of its own; claims in a type of one's own:
//!
//! ```
//! # use mintgate_verify::{Expected, KeySource, TokenPolicy, Verifier};
//! # let [ours, theirs] = [KeySource::json(br#"{"keys":[]}"#)?, KeySource::json(br#"{"keys":[]}"#)?];
//! #[derive(serde::Deserialize)]
//! struct Plan<'a> {
//!     sub: &'a str,
//!     plan: Option<&'a str>,
//! }
//!
//! let policy = |issuer: &str| -> Result<_, Box<dyn std::error::Error>> {
//!     Ok(TokenPolicy::new(Expected::exactly(issuer.parse()?), Expected::exactly("orders".parse()?)))
//! };
//! let verifier = Verifier::builder(policy("https://api.example.com")?, ours)
//!     .and_issuer(policy("https://partner.example.com")?, theirs)?
//!     .build();
//! # let token = "";
//! if let Ok(verified) = verifier.verify(token) {
//!     let Plan { sub, plan } = verified.claims().deserialize()?;
//!     println!("{sub} has {plan:?}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod clock;
mod error;
mod fetch;
mod keys;
mod measure;
mod source;
mod tokens;
#[cfg(feature = "tower")]
pub mod tower;
mod trust;
mod verifier;
mod verifying;

pub use builder::VerifierBuilder;
pub use clock::{Clocks, SystemClocks};
pub use error::VerifyError;
pub use fetch::FetchError;
pub use mintgate_jwt::{
    Algorithm, AlgorithmSet, Claims, Expected, ExpectedType, InvalidJwks, InvalidPolicy, Jwks, Leeway,
    Refusal, TokenPolicy, TrustedIssuer, Unverified, Verified, cache::CacheSettings, inspect,
};
pub use source::{InvalidSource, KeySource, PlainHttp, SourceUrl};
pub use verifier::Verifier;
pub use verifying::Verifying;
