//! The shared vectors of `vectors/`, which the Python package reads too.

mod jwks;
mod public;
mod tokens;

use serde_json::Value;

/// Reads a file of vectors.
fn vectors(name: &str) -> Value {
    let path = format!("{}/../../vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(&path).expect("the vectors are in the repository");
    serde_json::from_slice(&text).expect("the vectors are JSON")
}
