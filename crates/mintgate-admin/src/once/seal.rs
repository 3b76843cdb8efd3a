//! What a receipt is found by, and how its reply rests.
//!
//! Three keys are derived for each idempotency key of each admin and operation, with HMAC-SHA-256 under a secret that
//! comes from the master key: one is what the receipt is found by, one marks the request, one seals the reply
//! (AES-256-GCM, bound to the other two). The store has the first, and nothing that leads back to the idempotency key. So
//! neither the store nor the master key nor both give a reply, nor say whether a guessed body was sent.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use http::{Method, StatusCode, Uri};
use mintgate_store::{MasterKey, Purpose, ReceiptId, RequestMark, SealedReply};
use mintgate_types::{BucketName, ConsumerId, Revision};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{header::IdempotencyKey, rendered::Rendered};

/// Finds and seals receipts under one master key.
pub struct ReceiptSeal(hmac::Key);

impl ReceiptSeal {
    /// The one of this master key.
    #[must_use]
    pub fn new(master_key: &MasterKey) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &master_key.derive(Purpose::Receipts)[..]))
    }

    /// What belongs to an idempotency key of an admin, for one operation.
    pub(super) fn key(&self, admin: &[u8], operation: &'static str, key: &IdempotencyKey) -> ReceiptKey {
        let derive = |what: &[u8]| tag(&self.0, &[what, admin, operation.as_bytes(), key.as_bytes()]);
        let (marks, seals) = (derive(b"request"), derive(b"reply"));
        ReceiptKey {
            id: ReceiptId::from_bytes(*derive(b"id")),
            marks: hmac::Key::new(hmac::HMAC_SHA256, &marks[..]),
            seals: RandomizedNonceKey::new(&AES_256_GCM, &seals[..]).expect("AES-256 takes 32 bytes"),
            operation,
            admin: admin.to_vec(),
        }
    }
}

impl fmt::Debug for ReceiptSeal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReceiptSeal(..)")
    }
}

/// What belongs to one idempotency key of one admin, for one operation.
pub(super) struct ReceiptKey {
    id: ReceiptId,
    marks: hmac::Key,
    seals: RandomizedNonceKey,
    operation: &'static str,
    admin: Vec<u8>,
}

/// A request under an idempotency key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    id: ReceiptId,
    mark: RequestMark,
}

impl Asked {
    pub(super) fn id(&self) -> ReceiptId {
        self.id
    }

    pub(super) fn mark(&self) -> RequestMark {
        self.mark
    }
}

/// Where something lives that was made: what those may reach who are told of it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bucket: Option<BucketName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) consumer: Option<ConsumerId>,
}

impl Place {
    /// In a bucket.
    pub(crate) fn bucket(bucket: &BucketName) -> Self {
        Self { bucket: Some(bucket.clone()), consumer: None }
    }

    /// With a consumer.
    pub(crate) fn consumer(consumer: &mintgate_store::Consumer) -> Self {
        Self { bucket: Some(consumer.bucket.clone()), consumer: Some(consumer.id) }
    }
}

/// What is sealed before the reply's body.
#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    revision: Option<Revision>,
    #[serde(flatten)]
    place: Place,
}

impl ReceiptKey {
    pub(super) fn operation(&self) -> &'static str {
        self.operation
    }

    /// Marks a request: by its method, its path, the pairs of its query in any order, and its body to the byte.
    pub(super) fn asked(&self, method: &Method, uri: &Uri, body: &[u8]) -> Asked {
        let mut pairs: Vec<_> =
            uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
        pairs.sort_unstable();
        let query = pairs.join("&");
        let parts = [method.as_str().as_bytes(), uri.path().as_bytes(), query.as_bytes(), body];
        Asked { id: self.id, mark: RequestMark::from_bytes(*tag(&self.marks, &parts)) }
    }

    /// Version, nonce, ciphertext, tag.
    pub(super) fn seal(&self, asked: &Asked, place: Place, reply: &Rendered) -> SealedReply {
        let head = Head { status: reply.status().as_u16(), revision: reply.revision(), place };
        let head = serde_json::to_vec(&head).expect("names and numbers can be written");
        let length = u32::try_from(head.len()).expect("names are short").to_be_bytes();
        let capacity = length.len() + head.len() + reply.body().len() + AES_256_GCM.tag_len();
        // Room for all of it, so that nothing is moved and leaves a copy behind.
        let mut buffer = Zeroizing::new(Vec::with_capacity(capacity));
        for part in [&length[..], &head, reply.body()] {
            buffer.extend_from_slice(part);
        }
        let sealed = self.seals.seal_in_place_append_tag(Aad::from(self.bound_to(asked)), &mut *buffer);
        let nonce = sealed.expect("AES-256-GCM seals what fits in memory");
        SealedReply([&[VERSION], &nonce.as_ref()[..], &buffer[..]].concat())
    }

    /// Opens what was sealed for this request.
    pub(super) fn open(&self, asked: &Asked, sealed: &SealedReply) -> Option<(Place, Rendered)> {
        let (nonce, ciphertext) = sealed.0.strip_prefix(&[VERSION])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut in_out = Zeroizing::new(ciphertext.to_vec());
        let opened = self.seals.open_in_place(nonce, Aad::from(self.bound_to(asked)), &mut in_out).ok()?;
        let (length, rest) = opened.split_first_chunk::<4>()?;
        let (head, body) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let Head { status, revision, place } = serde_json::from_slice(head).ok()?;
        let status = StatusCode::from_u16(status).ok()?;
        Some((place, Rendered::from_parts(status, revision, Zeroizing::new(body.to_vec()))))
    }

    fn bound_to(&self, asked: &Asked) -> Vec<u8> {
        let mut bound = vec![VERSION];
        for part in [self.operation.as_bytes(), &self.admin, asked.id.as_bytes(), asked.mark.as_bytes()] {
            write_part(part, |bytes| bound.extend_from_slice(bytes));
        }
        bound
    }
}

/// An HMAC over parts, none of which can pass for a piece of another.
fn tag(key: &hmac::Key, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        write_part(part, |bytes| context.update(bytes));
    }
    Zeroizing::new(context.sign().as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes"))
}

/// Its length, and then itself.
pub(super) fn write_part(part: &[u8], mut write: impl FnMut(&[u8])) {
    write(&(part.len() as u64).to_be_bytes());
    write(part);
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn idempotency_key(text: &'static str) -> IdempotencyKey {
        let mut headers = HeaderMap::new();
        headers.insert(super::super::header::NAME, text.parse().expect("a value"));
        IdempotencyKey::of(&headers).ok().flatten().expect("a key")
    }

    fn key_of(master: u8, admin: &[u8], operation: &'static str, key: &'static str) -> ReceiptKey {
        let seal = ReceiptSeal::new(&MasterKey::from_bytes([master; 32]));
        seal.key(admin, operation, &idempotency_key(key))
    }

    fn asked(key: &ReceiptKey, uri: &str, body: &str) -> Asked {
        key.asked(&Method::POST, &uri.parse().expect("a target"), body.as_bytes())
    }

    fn reply() -> Rendered {
        Rendered::created(Revision(7), &serde_json::json!({"secret": "mgk_a-secret-text"}))
    }

    fn place() -> Place {
        Place { bucket: Some("production".parse().expect("a name")), consumer: None }
    }

    #[test]
    fn a_sealed_reply_opens_as_itself_and_shows_nothing() {
        let key = key_of(1, b"ann", "key.create", "k");
        let asked = asked(&key, "/v1/keys", "{}");
        let sealed = key.seal(&asked, place(), &reply());
        assert_eq!(key.open(&asked, &sealed), Some((place(), reply())));
        for part in ["secret", "production", "mgk_"] {
            assert!(!sealed.0.windows(part.len()).any(|window| window == part.as_bytes()), "{part}");
        }
        assert_ne!(key.seal(&asked, place(), &reply()).0, sealed.0, "each has a nonce of its own");
    }

    #[test]
    fn it_takes_the_same_master_key_admin_operation_idempotency_key_and_request() {
        let key = key_of(1, b"ann", "key.create", "k");
        let first = asked(&key, "/v1/keys", "{}");
        let sealed = key.seal(&first, place(), &reply());
        for other in [
            key_of(2, b"ann", "key.create", "k"),
            key_of(1, b"bob", "key.create", "k"),
            key_of(1, b"ann", "key.roll", "k"),
            key_of(1, b"ann", "key.create", "l"),
            // What ends one part is not what begins the next.
            key_of(1, b"annk", "ey.create", "k"),
        ] {
            assert_ne!(other.id, key.id);
            assert_ne!(asked(&other, "/v1/keys", "{}").mark, first.mark, "a guessed body says nothing");
            assert_eq!(other.open(&first, &sealed), None);
            assert_eq!(other.open(&asked(&other, "/v1/keys", "{}"), &sealed), None);
        }
        assert_eq!(key.open(&asked(&key, "/v1/keys", "{ }"), &sealed), None);
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let key = key_of(1, b"ann", "key.create", "k");
        let asked = asked(&key, "/v1/keys", "{}");
        let sealed = key.seal(&asked, place(), &reply()).0;
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(key.open(&asked, &SealedReply(changed)), None, "{position}");
            assert_eq!(key.open(&asked, &SealedReply(sealed[..position].to_vec())), None, "{position}");
        }
    }

    #[test]
    fn requests_differ_by_path_query_and_body_and_not_by_the_order_of_the_query() {
        let key = key_of(1, b"ann", "key.create", "k");
        let first = asked(&key, "/v1/keys?a=1&b=2", "{}").mark;
        assert_eq!(asked(&key, "/v1/keys?b=2&a=1&", "{}").mark, first);
        for (uri, body) in [
            ("/v1/keys?a=1&b=2", "{} "),
            ("/v1/keys?a=1", "{}"),
            ("/v1/keys?a=2&b=1", "{}"),
            ("/v1/keyS?a=1&b=2", "{}"),
            ("/v1/keys", "a=1&b=2{}"),
        ] {
            assert_ne!(asked(&key, uri, body).mark, first, "{uri} {body}");
        }
    }

    #[test]
    fn r38_nothing_of_a_receipt_shows_itself() {
        let key = key_of(1, b"ann", "key.create", "k");
        let asked = asked(&key, "/v1/keys", "{}");
        let shown = format!(
            "{:?} {asked:?} {:?} {:?}",
            ReceiptSeal::new(&MasterKey::from_bytes([1; 32])),
            reply(),
            key.seal(&asked, place(), &reply())
        );
        assert!(!shown.contains("secret-text") && !shown.contains("[1, 1"), "{shown}");
    }
}
