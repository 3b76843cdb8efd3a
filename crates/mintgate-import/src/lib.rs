//! Reads consumers and keys out of files: CSV, JSON Lines, and the exports of other products.
//!
//! It promises that every line is either taken, or named with the reason why it is not; that no message repeats what
//! stood in the file, because that may be a key; and that a file which was cut off, or is not what it is said to be, is
//! never taken in part without a word. It does no I/O, and knows nothing of the store: what is there already is for the
//! gateway to say. [`read`] is the way in; each format is a file of its own.

mod apisix;
mod collect;
mod csv;
mod json;
mod json_lines;
mod kong;
mod names;
mod node;
mod quotes;
mod read;
mod tyk;
mod unkey;
mod yaml;
mod zuplo;

pub use collect::{Import, ImportedConsumer, ImportedKey, KeyMaterial, NotCarried, Remark};
pub use read::{Format, KeyHashing, Options, read};
