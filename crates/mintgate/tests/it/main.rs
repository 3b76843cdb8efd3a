//! The command line, as a shell runs it. What needs a running gateway is tested end to end elsewhere.

mod admin_api;
mod config;
mod help;
mod import;
mod init;
mod parity;
mod token;
mod transcript;
mod verify_origin;
