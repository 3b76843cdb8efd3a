//! Signing in with a browser.

mod browser;
mod elsewhere;
mod with_a_token;
