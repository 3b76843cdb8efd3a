//! The command line of Mintgate.
fn main() {}
