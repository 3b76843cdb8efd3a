//! What is tried: tables, a file for each group. Stages that need more than one answer at a time are beside them.

mod access;
mod claims;
mod good;
mod header;
mod kid;
mod shape;
mod signature;
mod transport;

use crate::case::Case;

/// All of them, in the order in which they are tried.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    [
        access::CASES,
        good::CASES,
        signature::CASES,
        header::CASES,
        kid::CASES,
        claims::CASES,
        shape::CASES,
        transport::CASES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests;
