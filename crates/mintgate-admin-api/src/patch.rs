//! What `null` means in a partial update.

use serde::{Deserialize, Deserializer};

/// An absent field stays absent; a field that is `null` is refused by the field's own type.
///
/// In a merge patch `null` removes (RFC 7396), and most fields of ours cannot be removed. Plain `Option` would take
/// `null` for "leave it as it is". Where `T` is itself an `Option`, `null` removes.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
