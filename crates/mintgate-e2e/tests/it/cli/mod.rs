//! The command line, as people and scripts use it.

mod changes;
mod configuration;
mod exit_status;
mod first_steps;
mod import;
mod key_life;
mod many;
mod moving;
mod output;
mod token;
mod verify;
