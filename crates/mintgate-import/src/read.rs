//! The way in: which format, and what every file must be.

use std::{fmt, str::FromStr};

use mintgate_types::Timestamp;

use crate::{
    apisix,
    collect::{Collector, Import},
    csv, json_lines, kong, tyk, unkey, zuplo,
};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values under a header.
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// Declarative configuration of Kong, as `deck gateway dump` or `kong config db_export` write it.
    Kong,
    /// Consumers of APISIX: a list of its Admin API, `apisix.yaml`, or a dump of ADC.
    Apisix,
    /// Keys of Tyk with their sessions, as its dashboard lists them or as they stand in Redis.
    Tyk,
    /// Consumers of Zuplo with their keys, as its API lists them.
    Zuplo,
    /// Keys of Unkey, as its API lists them, or rows of its database.
    Unkey,
}

impl Format {
    /// All of them, with the names that people give them.
    pub const ALL: [(&'static str, Self); 7] = [
        ("csv", Self::Csv),
        ("jsonl", Self::Jsonl),
        ("kong", Self::Kong),
        ("apisix", Self::Apisix),
        ("tyk", Self::Tyk),
        ("zuplo", Self::Zuplo),
        ("unkey", Self::Unkey),
    ];

    /// Whether it is another product's. Those bring their consumers along.
    #[must_use]
    pub fn is_of_another_product(self) -> bool {
        !matches!(self, Self::Csv | Self::Jsonl)
    }

    /// As people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// How Tyk stored the identifiers of its keys (`hash_keys` and `hash_key_function`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyHashing {
    /// They were not hashed: the identifier is the key.
    None,
    /// SHA-256, the one hash that can be carried over.
    Sha256,
    /// 32 bits of murmur3, the default.
    Murmur32,
    /// 64 bits of murmur3.
    Murmur64,
    /// 128 bits of murmur3.
    Murmur128,
}

impl KeyHashing {
    /// All of them, by the names that Tyk's configuration has for them.
    pub const ALL: [(&'static str, Self); 5] = [
        ("none", Self::None),
        ("sha256", Self::Sha256),
        ("murmur32", Self::Murmur32),
        ("murmur64", Self::Murmur64),
        ("murmur128", Self::Murmur128),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, hashing)| *hashing == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for KeyHashing {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, hashing)| *hashing).ok_or(())
    }
}

/// What the file itself does not say.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What has expired by then is left out.
    pub now: Timestamp,
    /// Of Tyk: how identifiers were hashed, where the file does not name it.
    pub hashing: Option<KeyHashing>,
}

/// Reads a whole file. What is wrong with it stands in the result, line by line.
#[must_use]
pub fn read(format: Format, bytes: &[u8], options: Options) -> Import {
    let mut collector = Collector::new(options.now);
    match text_of(bytes) {
        // Rows may be wrong one by one there.
        _ if utf16(bytes) => collector.reject(1, "the file is UTF-16: save it as UTF-8"),
        _ if format == Format::Csv => csv::read(without_bom(bytes), &mut collector),
        _ if format == Format::Jsonl => json_lines::read(without_bom(bytes), &mut collector),
        Err(line) => collector.reject(line, "is not UTF-8: save the file as UTF-8"),
        Ok(text) => match format {
            Format::Csv | Format::Jsonl => unreachable!("these were read above"),
            Format::Kong => kong::read(text, &mut collector),
            Format::Apisix => apisix::read(text, &mut collector),
            Format::Tyk => tyk::read(text, options.hashing, &mut collector),
            Format::Zuplo => zuplo::read(text, &mut collector),
            Format::Unkey => unkey::read(text, &mut collector),
        },
    }
    collector.finish()
}

/// The file as text, or the line that is none.
fn text_of(bytes: &[u8]) -> Result<&str, u64> {
    let bytes = without_bom(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        before.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>() + 1
    })
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// What Windows calls Unicode: spreadsheets save it when they are asked to. Every format begins with an ASCII character.
fn utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..])
}

#[cfg(test)]
mod tests;
