//! What a signed-in browser holds, and what it proves.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use mintgate_store::SessionFingerprint;
use mintgate_types::Entropy;
use zeroize::Zeroizing;

/// The secret of a session: it is in the browser's cookie and nowhere else.
pub(crate) struct SessionSecret(Zeroizing<[u8; 32]>);

/// What a page sends along with every change. A page of another site can make a browser send the cookie, but cannot
/// read this. It follows from the cookie, so that nothing has to be kept for it, and the cookie does not follow from it.
pub(crate) struct CsrfToken(Zeroizing<String>);

impl SessionSecret {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(&mut bytes[..]);
        Self(bytes)
    }

    /// The secret in a cookie's value, if there is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes[..]).ok()?;
        (length == bytes.len()).then_some(Self(bytes))
    }

    /// A cookie's value.
    pub(crate) fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(&self.0[..]))
    }

    /// What the store knows it by. A plain hash is enough: it is 256 random bits.
    pub(crate) fn fingerprint(&self) -> SessionFingerprint {
        let digest = digest::digest(&digest::SHA256, &self.0[..]);
        SessionFingerprint::from_bytes(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }

    pub(crate) fn csrf_token(&self) -> CsrfToken {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0[..]), b"mintgate v1 csrf token");
        CsrfToken(Zeroizing::new(URL_SAFE_NO_PAD.encode(tag.as_ref())))
    }
}

impl CsrfToken {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether that is what was presented. In constant time.
    pub(crate) fn matches(&self, presented: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(self.0.as_bytes(), presented).is_ok()
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionSecret(..)")
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CsrfToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use mintgate_types::OsEntropy;

    use super::*;

    #[test]
    fn a_cookie_reads_back_and_nothing_else_does() {
        let secret = SessionSecret::generate(&OsEntropy);
        let text = secret.reveal();
        let again = SessionSecret::parse(&text).expect("what we wrote");
        assert_eq!(again.fingerprint(), secret.fingerprint());
        for bad in ["", "a", &text[1..], &format!("{}A", &*text), &text.replace(&text[..1], "!")] {
            assert!(SessionSecret::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn each_session_has_its_own_token_against_forged_requests() {
        let (one, other) = (SessionSecret::generate(&OsEntropy), SessionSecret::generate(&OsEntropy));
        assert!(one.csrf_token().matches(one.csrf_token().reveal().as_bytes()));
        assert!(!one.csrf_token().matches(other.csrf_token().reveal().as_bytes()));
        assert!(!one.csrf_token().matches(b""));
    }

    #[test]
    fn r38_a_session_does_not_show_itself() {
        let secret = SessionSecret::generate(&OsEntropy);
        assert_eq!(format!("{secret:?} {:?}", secret.csrf_token()), "SessionSecret(..) CsrfToken(..)");
    }
}
