//! Signing keys change while requests come in.

mod commands;
mod documents;
mod emergency;
mod load;

use mintgate_verify::inspect;
use serde_json::Value;

/// The kid that a token names.
fn kid_of(token: &str) -> String {
    let seen = inspect(token).expect("a token");
    let header = serde_json::to_value(seen.header).expect("a JSON object");
    header["kid"].as_str().expect("a kid").to_owned()
}

/// The kids of a JWKS.
fn kids_of(jwks: &Value) -> Vec<String> {
    let keys = jwks["keys"].as_array().expect("a list of keys");
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}
