//! The admin API over the embedded store, driven request by request.

mod admission;
mod api;
mod consumers;
mod document;
mod import;
mod input;
mod keys;
mod signing_keys;
mod status;
