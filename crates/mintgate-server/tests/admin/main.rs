//! The admin API over the embedded store, driven request by request. Here and not in mintgate-admin, because the admin
//! API knows no backend.

mod admission;
mod api;
mod consumers;
mod document;
mod failure;
mod import;
mod input;
mod keys;
mod search;
mod signing_keys;
mod status;
mod verify;
