//! Base64url as RFC 7515 §2 has it: no padding, no white space, and one text only for each value (unused trailing
//! bits must be zero), so that a token has no second spelling.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Text that is not strict base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotBase64Url;

pub(crate) fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
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
        for bad in ["AQI=", "A+I", "A/I", "AQ I", "AQI\n", "AQJ", "A", "é"] {
            assert_eq!(decode(bad), Err(NotBase64Url), "{bad}");
        }
    }
}
