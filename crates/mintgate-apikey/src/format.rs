//! The shape `{prefix}_{id}_{secret}{check}` and its checksum.
//!
//! The checksum lets scanners and the gateway refuse garbage without a look-up. It is no security: anybody can
//! compute it.

use mintgate_types::{KeyId, KeyPrefix, base62};

/// Base62 characters of the secret: 190 random bits.
pub(crate) const SECRET_LENGTH: usize = 32;
/// Base62 characters of the CRC-32 of everything before it.
pub(crate) const CHECK_LENGTH: usize = 6;
const TAIL_LENGTH: usize = SECRET_LENGTH + CHECK_LENGTH;

/// What the text of a key turned out to be.
pub(crate) enum Shape {
    /// Ours, with a checksum that holds.
    Native { id: KeyId },
    /// Ours in shape, with a checksum that does not.
    BadChecksum,
    /// Something else; perhaps a key that another system issued.
    Foreign,
}

pub(crate) fn classify(text: &str) -> Shape {
    let Some((head, id)) = split(text) else { return Shape::Foreign };
    let (before, check) = text.split_at(head);
    if checksum(before.as_bytes()) == check.as_bytes() { Shape::Native { id } } else { Shape::BadChecksum }
}

pub(crate) fn checksum(text: &[u8]) -> [u8; CHECK_LENGTH] {
    base62::encode(u64::from(crc32fast::hash(text)))
}

/// The position of the checksum and the id, if `text` has the shape of a key.
fn split(text: &str) -> Option<(usize, KeyId)> {
    let tail = text.len().checked_sub(TAIL_LENGTH)?;
    let (head, secret_and_check) = text.split_at_checked(tail)?;
    let (prefix, id) = head.strip_suffix('_')?.split_at_checked((tail - 1).checked_sub(KeyId::LENGTH)?)?;
    let prefix = prefix.strip_suffix('_')?;
    if !secret_and_check.bytes().fold(true, |holds, byte| holds & byte.is_ascii_alphanumeric()) {
        return None;
    }
    if !KeyPrefix::accepts(prefix) {
        return None;
    }
    Some((tail + SECRET_LENGTH, id.parse().ok()?))
}
