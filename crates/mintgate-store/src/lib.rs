//! The port to storage: traits, their records, and the conformance suite that every backend passes.
