//! The embedded store against the port's promises, and against what happens to files.

mod conformance;
