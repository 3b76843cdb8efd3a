//! Looking into a token without verifying it: for people who debug, never for programs that decide.

use serde_json::{Map, Value};

use crate::{
    Part, Refusal,
    header::{Parts, object},
};

/// What a token says about itself. Anybody can write such a token; none of it is verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Unverified {
    /// The first part.
    pub header: Map<String, Value>,
    /// The second part.
    pub claims: Map<String, Value>,
}

/// Decodes a token without verifying it.
pub fn inspect(token: &str) -> Result<Unverified, Refusal> {
    let parts = Parts::of(token)?;
    Ok(Unverified {
        header: object(parts.header, Part::Header)?,
        claims: object(parts.payload, Part::Payload)?,
    })
}
