//! The real binary against real and hostile origins: one test binary, laid out by what is tested.

mod admin;
mod cherrypy;
mod cli;
mod durability;
mod early_answers;
mod failing_origins;
mod framing;
mod harness;
mod headers;
mod isolation;
mod limits;
mod messages;
mod mutations;
mod old_origins;
mod paths;
mod refusals;
mod reload;
mod rotation;
mod secrets;
mod shutdown;
mod sign_in;
mod streaming;
mod tokens;
mod usage;
mod verifiers;
mod verify_origin;
