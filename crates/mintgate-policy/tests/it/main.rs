//! What a request can and cannot do to the choice of its route.

mod find;
mod path;
mod permit;
mod properties;
mod strip;
mod support;
