use mintgate_jwt::{Expected, Refusal, TokenPolicy, verify};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::{RsaKeySize, SigningAlgorithm};

struct Facts {
    subject: Subject,
    audience: Audience,
    client_id: ConsumerName,
    key_id: KeyId,
    scopes: ScopeSet,
    extra: MappedClaims,
}

impl Facts {
    fn usual() -> Self {
        Self {
            subject: "alice".parse().expect("a subject"),
            audience: "orders".parse().expect("an audience"),
            client_id: "alice-service".parse().expect("a name"),
            key_id: "aB3dE5gH7jK9".parse().expect("a key id"),
            scopes: "orders:write orders:read".parse().expect("scopes"),
            extra: MappedClaims::new(&serde_json::from_value(json!({ "plan": "gold" })).expect("claims"))
                .expect("nothing reserved"),
        }
    }

    fn request(&self) -> TokenRequest<'_> {
        let Self { subject, audience, client_id, key_id, scopes, extra } = self;
        TokenRequest { subject, audience, client_id, key_id: *key_id, scopes, extra }
    }
}

fn issuer() -> IssuerUrl {
    "https://api.example.com/__mintgate/issuer".parse().expect("an issuer")
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_999).expect("in range")
}

fn token_id() -> TokenId {
    "0123456789abcdefghijKL".parse().expect("a token id")
}

fn signer(algorithm: SigningAlgorithm) -> ActiveSigner {
    let pair = SigningKeyPair::generate(algorithm, RsaKeySize::Bits2048).expect("a key");
    let lifetime = TokenLifetime::new(SignedDuration::from_secs(300)).expect("in range");
    ActiveSigner::new(Arc::new(pair), &issuer(), lifetime)
}

fn claims_of(
    minted: &Minted,
    signer: &ActiveSigner,
    audience: &Audience,
) -> Result<Map<String, Value>, Refusal> {
    let policy = TokenPolicy::new(Expected::exactly((&issuer()).into()), Expected::exactly(audience.clone()));
    let verified = verify(minted.token(), signer.pair.public(), &policy, now())?;
    Ok(verified.claims().all().clone())
}

#[test]
fn a_token_of_each_algorithm_verifies_and_says_what_was_asked() {
    for algorithm in SigningAlgorithm::ALL {
        let (signer, facts) = (signer(algorithm), Facts::usual());
        let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
        let claims = claims_of(&minted, &signer, &facts.audience).expect("a good token");
        let expected = json!({
            "iss": "https://api.example.com/__mintgate/issuer", "sub": "alice", "aud": "orders",
            "iat": 1_700_000_000, "exp": 1_700_000_300, "jti": "0123456789abcdefghijKL",
            "client_id": "alice-service", "key_id": "aB3dE5gH7jK9",
            "scope": "orders:read orders:write", "plan": "gold",
        });
        assert_eq!(Value::Object(claims), expected, "{algorithm}");
    }
}

#[test]
fn the_header_names_the_algorithm_the_key_and_the_type_and_nothing_else() {
    for algorithm in SigningAlgorithm::ALL {
        let signer = signer(algorithm);
        let minted = signer.mint(&Facts::usual().request(), now(), token_id()).expect("a token");
        let header = minted.token().split('.').next().expect("a first part");
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON");
        assert_eq!(header, json!({ "alg": algorithm, "kid": signer.kid(), "typ": "at+jwt" }));
    }
}

#[test]
fn what_the_caller_learns_of_the_token_is_what_the_token_says() {
    let (signer, facts) = (signer(SigningAlgorithm::EdDsa), Facts::usual());
    let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
    assert_eq!(minted.kid(), signer.kid());
    assert_eq!(minted.issued_at().as_millisecond(), 1_700_000_000_000);
    assert_eq!(minted.expires_at().as_millisecond(), 1_700_000_300_000);
}

#[test]
fn without_scopes_there_is_no_scope_claim() {
    let (signer, facts) =
        (signer(SigningAlgorithm::EdDsa), Facts { scopes: ScopeSet::none(), ..Facts::usual() });
    let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
    assert!(!claims_of(&minted, &signer, &facts.audience).expect("a good token").contains_key("scope"));
}

#[test]
fn r29_a_token_for_one_origin_does_not_verify_for_another() {
    let (signer, facts) = (signer(SigningAlgorithm::EdDsa), Facts::usual());
    let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
    assert!(claims_of(&minted, &signer, &"billing".parse().expect("an audience")).is_err());
}

#[test]
fn a_signature_that_was_made_elsewhere_completes_a_token() {
    let (signer, facts) = (signer(SigningAlgorithm::Es256), Facts::usual());
    let unsigned = signer.prepare(&facts.request(), now(), token_id());
    let signature = signer.pair.sign(unsigned.signing_input()).expect("a signature");
    let minted = unsigned.signed(&signature);
    assert!(claims_of(&minted, &signer, &facts.audience).is_ok());
}

#[test]
fn r38_debug_of_a_token_shows_none_of_its_parts() {
    let (signer, facts) = (signer(SigningAlgorithm::EdDsa), Facts::usual());
    let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
    let shown = format!("{minted:?}");
    for part in minted.token().split('.') {
        assert!(!shown.contains(part));
    }
}

#[test]
fn r38_debug_of_the_signer_shows_no_private_key() {
    let signer = signer(SigningAlgorithm::Rs256);
    let shown = format!("{signer:?}");
    let private = signer.pair.to_pkcs8().expect("bytes");
    let forms = [URL_SAFE_NO_PAD.encode(&private[..]), format!("{:?}", &private[30..40])];
    assert!(forms.iter().all(|form| !shown.contains(form.as_str())));
    assert!(shown.len() < 500, "{shown}");
}

#[test]
fn a_lifetime_is_whole_seconds_up_to_a_day() {
    for bad in [SignedDuration::ZERO, SignedDuration::from_millis(1500), SignedDuration::from_secs(86_401)] {
        assert_eq!(TokenLifetime::new(bad), Err(InvalidTokenLifetime));
    }
    assert!(TokenLifetime::new(SignedDuration::from_hours(24)).is_ok());
}

proptest! {
    /// Subjects and audiences are the only texts of ours that may hold quotes, backslashes and other alphabets.
    #[test]
    fn r41_no_text_breaks_out_of_its_claim(subject in "\\PC{1,80}", audience in "[!-~]{1,80}") {
        let Ok(subject) = subject.parse::<Subject>() else { return Ok(()) };
        let audience: Audience = audience.parse().expect("visible ASCII");
        let facts = Facts { subject, audience, ..Facts::usual() };
        let signer = signer(SigningAlgorithm::EdDsa);
        let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
        let claims = claims_of(&minted, &signer, &facts.audience).expect("a good token");
        prop_assert_eq!(&claims["sub"], facts.subject.as_str());
        prop_assert_eq!(&claims["aud"], facts.audience.as_str());
        prop_assert_eq!(claims.len(), 10);
    }

    #[test]
    fn r41_no_metadata_value_breaks_out_of_its_claim(name in "[!-~]{1,40}", value in "\\PC{0,80}") {
        let mapped = [(name.parse().expect("a claim name"), Value::from(value.clone()))].into();
        let Ok(extra) = MappedClaims::new(&mapped) else { return Ok(()) };
        let facts = Facts { extra, ..Facts::usual() };
        let signer = signer(SigningAlgorithm::EdDsa);
        let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
        let claims = claims_of(&minted, &signer, &facts.audience).expect("a good token");
        prop_assert_eq!(&claims[&name], &Value::from(value));
        prop_assert_eq!(&claims["sub"], "alice");
        prop_assert_eq!(claims.len(), 10);
    }
}

#[test]
fn the_page_for_those_who_verify_names_every_claim_that_we_mint_and_every_one_that_we_reserve() {
    let page = include_str!("../../../../docs/tokens.md");
    let (signer, facts) =
        (signer(SigningAlgorithm::EdDsa), Facts { extra: MappedClaims::none(), ..Facts::usual() });
    let minted = signer.mint(&facts.request(), now(), token_id()).expect("a token");
    let claims = claims_of(&minted, &signer, &facts.audience).expect("a good token");
    let names = claims.keys().map(String::as_str).chain(crate::mapped_claims::RESERVED.iter().copied());
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    assert!(page.contains(&format!("at most {} bytes", MappedClaims::LONGEST)));
    assert!(page.contains(&format!("at most {} levels", MappedClaims::DEEPEST)));
}
