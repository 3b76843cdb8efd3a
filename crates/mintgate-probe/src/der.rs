//! As much of DER and PEM (X.690, RFC 7468) as keys and a certificate for nobody need.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// A tag, a length and contents.
pub(crate) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut bytes = vec![tag];
    if let (Ok(short), true) = (u8::try_from(length), length < 0x80) {
        bytes.push(short);
    } else {
        let digits = length.to_be_bytes();
        let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
        bytes.push(0x80 | u8::try_from(digits.len()).expect("a length has at most eight bytes"));
        bytes.extend_from_slice(digits);
    }
    bytes.extend_from_slice(contents);
    bytes
}

/// A sequence of elements.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// A positive number, given by its digits to the base of 256.
pub(crate) fn positive(digits: &[u8]) -> Vec<u8> {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    let mut contents = digits[zeros..].to_vec();
    if contents.first().is_none_or(|first| first & 0x80 != 0) {
        contents.insert(0, 0);
    }
    element(0x02, &contents)
}

/// A certificate that `key` gives to itself; `sign` signs with RSA and SHA-256.
pub(crate) fn self_signed(public_key: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let algorithm = sequence(&[SHA256_WITH_RSA, &[0x05, 0x00]]);
    let nobody = sequence(&[]);
    let validity = sequence(&[&element(0x17, b"200101000000Z"), &element(0x17, b"491231235959Z")]);
    let to_be_signed = sequence(&[&positive(&[1]), &algorithm, &nobody, &validity, &nobody, public_key]);
    let signature = element(0x03, &[&[0], sign(&to_be_signed).as_slice()].concat());
    sequence(&[&to_be_signed, &algorithm, &signature])
}

/// An RSA key as X.509 has it, from its encoded modulus and exponent.
pub(crate) fn rsa_public(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = sequence(&[modulus, exponent]);
    let algorithm = sequence(&[RSA_ENCRYPTION, &[0x05, 0x00]]);
    sequence(&[&algorithm, &element(0x03, &[&[0], key.as_slice()].concat())])
}

/// A public key in PEM, as tools write it.
pub(crate) fn public_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
        pem.push('\n');
    }
    pem + "-----END PUBLIC KEY-----\n"
}

/// The label and the contents of the first PEM block of a text.
pub(crate) fn read_pem(text: &str) -> Option<(&str, Zeroizing<Vec<u8>>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let digits: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
    Some((label, Zeroizing::new(STANDARD.decode(digits.as_bytes()).ok()?)))
}

const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const SHA256_WITH_RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_their_one_shortest_form() {
        assert_eq!(element(0x04, &[7])[..2], [0x04, 1]);
        assert_eq!(element(0x04, &[0; 200])[..3], [0x04, 0x81, 200]);
        assert_eq!(element(0x04, &[0; 300])[..4], [0x04, 0x82, 1, 44]);
    }

    #[test]
    fn numbers_are_positive_and_without_leading_zeros() {
        assert_eq!(positive(&[0, 0, 0x80]), [0x02, 2, 0, 0x80]);
        assert_eq!(positive(&[0, 1]), [0x02, 1, 1]);
        assert_eq!(positive(&[0]), [0x02, 1, 0]);
    }

    #[test]
    fn what_was_written_as_pem_reads_back() {
        let pem = public_pem(&[1; 100]);
        let (label, contents) = read_pem(&pem).unwrap();
        assert_eq!((label, contents.as_slice()), ("PUBLIC KEY", [1; 100].as_slice()));
        assert!(read_pem("no key").is_none());
    }
}
