//! The command line, as people and scripts use it.

mod configuration;
mod exit_status;
mod first_steps;
mod import;
mod key_life;
mod moving;
mod output;
mod token;
mod verify;
