//! The real binary against real and hostile origins: one test binary, laid out by what is tested.

mod cli;
mod durability;
mod harness;
mod headers;
mod paths;
mod verifiers;
