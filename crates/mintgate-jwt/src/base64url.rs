//! Base64url as RFC 7515 §2 has it: no padding, no white space, and one text only for each value (unused trailing
//! bits must be zero), so that a token has no second spelling.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Text that is not strict base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

pub(crate) fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}

/// Decodes into `room` if it fits there, which spares an allocation.
pub(crate) fn decode_within<'room>(
    text: &str,
    room: &'room mut [u8],
) -> Result<Cow<'room, [u8]>, NotBase64Url> {
    // What the decoder may touch: four characters make three bytes, the last ones fewer.
    if text.len().div_ceil(4) * 3 > room.len() {
        return decode(text).map(Cow::Owned);
    }
    let length = URL_SAFE_NO_PAD.decode_slice(text, room).map_err(|_| NotBase64Url)?;
    Ok(Cow::Borrowed(&room[..length]))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_other_alphabets_white_space_and_spare_bits_are_refused() {
        assert_eq!(decode("AQI"), Ok(vec![1, 2]));
        for room in 0..9 {
            assert_eq!(decode_within("AQI", &mut vec![0; room]).as_deref(), Ok(&[1, 2][..]), "{room}");
            assert_eq!(decode_within("", &mut vec![0; room]).as_deref(), Ok(&[][..]), "{room}");
        }
        for bad in ["AQI=", "A+I", "A/I", "AQ I", "AQI\n", "AQJ", "A", "é"] {
            assert_eq!(decode(bad), Err(NotBase64Url), "{bad}");
            assert_eq!(decode_within(bad, &mut [0; 64]), Err(NotBase64Url), "{bad}");
        }
    }
}
