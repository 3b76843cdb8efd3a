//! The time that minting takes, per algorithm.

fn main() {}
