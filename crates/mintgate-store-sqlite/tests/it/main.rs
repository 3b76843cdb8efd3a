//! The embedded store against the port's promises, and against what happens to processes and files.

mod conformance;
mod crash;
mod files;
mod first_schema;
mod full_disk;
mod writer_process;
