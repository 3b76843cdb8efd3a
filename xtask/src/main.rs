//! Chores of this repository that are longer than a line of `make`.
fn main() {}
