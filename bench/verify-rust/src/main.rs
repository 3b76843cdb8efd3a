//! What verifying a token costs on one core: the bare signature check, our verifier for tokens never seen and seen
//! before, and the crate `jsonwebtoken`, all over the same tokens in turns. `--json` for programs.

#[cfg(feature = "metrics")]
mod counting;

use std::{env, hint::black_box, time::SystemTime};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use jsonwebtoken::{DecodingKey, Validation};
use mintgate_verify::{Expected, KeySource, TokenPolicy, Verifier};
use serde_json::{Value, json};

/// Distinct tokens of one RS256 key of 2048 bits.
struct Tokens {
    texts: Vec<String>,
    /// What is signed and its signature, decoded beforehand.
    signed: Vec<(Vec<u8>, Vec<u8>)>,
    n: Vec<u8>,
    e: Vec<u8>,
}

/// Nanoseconds for each token.
type Measure = fn(&Tokens) -> f64;

/// What `jsonwebtoken` decodes into; ours keeps all claims and reads these of them.
#[derive(serde::Deserialize)]
struct Claims {
    sub: String,
    #[serde(flatten)]
    _rest: serde_json::Map<String, Value>,
}

fn main() {
    #[cfg(feature = "metrics")]
    metrics::set_global_recorder(counting::Counts::default()).expect("there is no other");
    let tokens = Tokens::sign(COUNT);
    let mut results: Vec<(&'static str, Vec<f64>)> = Vec::new();
    for round in 0..ROUNDS {
        // Another one goes first each time, so that none has the quiet moments to itself.
        let mut contestants: [(&'static str, Measure); 4] =
            [("bare", bare), ("cold", cold), ("warm", warm), ("jsonwebtoken", other)];
        contestants.rotate_left(round % 4);
        for (name, measure) in contestants {
            let nanos = measure(&tokens);
            match results.iter_mut().find(|(known, _)| *known == name) {
                Some((_, all)) => all.push(nanos),
                None => results.push((name, vec![nanos])),
            }
        }
    }
    let figures = ["bare", "cold", "warm", "jsonwebtoken"].map(|name| {
        let (_, all) = results.iter_mut().find(|(known, _)| *known == name).expect("measured above");
        all.sort_by(f64::total_cmp);
        Figure { name, median: all[all.len() / 2], least: all[0] }
    });
    if env::args().any(|argument| argument == "--json") {
        print_json(&tokens, &figures);
    } else {
        print_table(&tokens, &figures);
    }
}

/// The signature alone, with key and input ready.
fn bare(tokens: &Tokens) -> f64 {
    let key = aws_lc_rs::rsa::PublicKeyComponents { n: &tokens.n, e: &tokens.e };
    let key: ParsedPublicKey = key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).expect("a key");
    each(tokens.signed.iter(), |(message, signature)| {
        key.verify_sig(black_box(message), black_box(signature)).expect("a good signature");
    })
}

/// Tokens never seen, by a verifier as it comes, remembering included.
fn cold(tokens: &Tokens) -> f64 {
    let verifier = tokens.verifier();
    each(tokens.texts.iter(), |token| {
        black_box(verifier.verify(black_box(token)).expect("a good token"));
    })
}

/// Tokens seen before.
fn warm(tokens: &Tokens) -> f64 {
    let verifier = tokens.verifier();
    let few = &tokens.texts[..64];
    for token in few {
        verifier.verify(token).expect("a good token");
    }
    each(few.iter().cycle().take(COUNT * 8), |token| {
        black_box(verifier.verify(black_box(token)).expect("a good token"));
    })
}

fn other(tokens: &Tokens) -> f64 {
    let key = DecodingKey::from_rsa_raw_components(&tokens.n, &tokens.e);
    let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    each(tokens.texts.iter(), |token| {
        let claims: Claims =
            jsonwebtoken::decode(black_box(token), &key, &validation).expect("a good token").claims;
        black_box(claims.sub);
    })
}

/// Nanoseconds of this thread's CPU for each: what other programs do meanwhile is not counted.
fn each<T>(all: impl Iterator<Item = T>, mut one: impl FnMut(T)) -> f64 {
    let start = spent();
    let mut count = 0_u32;
    for item in all {
        one(item);
        count += 1;
    }
    (spent() - start) / f64::from(count)
}

#[expect(clippy::cast_precision_loss, reason = "seconds of CPU in nanoseconds are far below 2^52")]
fn spent() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

impl Tokens {
    fn sign(count: usize) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key pair");
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let random = SystemRandom::new();
        let (mut texts, mut signed) = (Vec::new(), Vec::new());
        for number in 0..count {
            let header = json!({ "alg": "RS256", "kid": KID, "typ": "at+jwt" });
            let claims = json!({
                "iss": ISSUER, "sub": format!("user-{number:05}"), "aud": AUDIENCE, "iat": now, "exp": now + 3600,
            });
            let message =
                format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()));
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).expect("a signature");
            texts.push(format!("{message}.{}", BASE64URL.encode(&signature)));
            signed.push((message.into_bytes(), signature));
        }
        let public = pair.public_key();
        let n = public.modulus().big_endian_without_leading_zero().to_vec();
        let e = public.exponent().big_endian_without_leading_zero().to_vec();
        Self { texts, signed, n, e }
    }

    fn verifier(&self) -> Verifier {
        let key = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID,
            "n": BASE64URL.encode(&self.n), "e": BASE64URL.encode(&self.e),
        });
        let source = KeySource::json(json!({ "keys": [key] }).to_string().as_bytes()).expect("a key set");
        let policy = TokenPolicy::new(
            Expected::exactly(ISSUER.parse().expect("an issuer")),
            Expected::exactly(AUDIENCE.parse().expect("an audience")),
        );
        Verifier::builder(policy, source).build()
    }
}

/// Nanoseconds for each token.
struct Figure {
    name: &'static str,
    median: f64,
    /// The best round: what other programs on the machine disturbed least.
    least: f64,
}

fn print_json(tokens: &Tokens, figures: &[Figure; 4]) {
    let [bare, cold, ..] = figures;
    let results: Vec<_> = figures
        .iter()
        .map(|Figure { name, median, least }| {
            json!({
                "name": name,
                "nanoseconds": median.round(),
                "least_nanoseconds": least.round(),
                "ratio_to_bare": median / bare.median,
            })
        })
        .collect();
    let document = json!({
        "token_bytes": tokens.texts[0].len(),
        "tokens": COUNT,
        "rounds": ROUNDS,
        "versions": VERSIONS.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        "results": results,
        "overhead_cold_nanoseconds": (cold.median - bare.median).round(),
        "overhead_cold_least_nanoseconds": (cold.least - bare.least).round(),
    });
    println!("{document:#}");
}

fn print_table(tokens: &Tokens, figures: &[Figure; 4]) {
    let versions: Vec<_> = VERSIONS.iter().map(|(name, version)| format!("{name} {version}")).collect();
    println!("RS256, 2048 bits, {COUNT} tokens of {} bytes, {ROUNDS} rounds", tokens.texts[0].len());
    println!("{}", versions.join(", "));
    println!("{:14} {:>9} {:>9} {:>8}", "", "median", "least", "× bare");
    let [bare, cold, ..] = figures;
    for Figure { name, median, least } in figures {
        println!("{name:14} {:6.2} µs {:6.2} µs {:8.3}", median / 1e3, least / 1e3, median / bare.median);
    }
    let (median, least) = (cold.median - bare.median, cold.least - bare.least);
    println!("{:14} {:6.2} µs {:6.2} µs", "cold - bare", median / 1e3, least / 1e3);
}

const ISSUER: &str = "https://api.example.com";
const AUDIENCE: &str = "orders";
const KID: &str = "u9bOXIc9xVRgvqlnIUdyzbMGcjtGUQ6rGmZ0JZJZ1_o";
const COUNT: usize = 4000;
const ROUNDS: usize = 20;
include!(concat!(env!("OUT_DIR"), "/versions.rs"));
