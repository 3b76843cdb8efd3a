//! The admin API over the embedded store, driven request by request. Here and not in mintgate-admin, because the admin
//! API knows no backend.

mod admin_tokens;
mod admission;
mod api;
mod audit;
mod bulk;
mod consumers;
mod document;
mod failure;
mod idempotency;
mod import;
mod input;
mod keys;
mod people;
mod roles;
mod search;
mod self_service;
mod signing_keys;
mod status;
mod verify;
