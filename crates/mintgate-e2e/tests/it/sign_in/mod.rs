//! Signing in with a browser.

mod browser;
mod elsewhere;
mod self_service;
mod with_a_token;
mod world;
