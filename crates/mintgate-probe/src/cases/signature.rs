//! Tokens that the issuer did not sign, or not so.

use crate::{
    case::{Case, each, sent},
    compact::{self, Members},
    der,
    forge::{Forge, Role},
    key::Algorithm,
    verdict::Expected,
};

pub(super) const CASES: &[Case] = &[
    Case::hostile(
        "signature/none",
        "alg none, None, NONE and nOnE, with no signature",
        &["R21"],
        "RFC 8725 §3.1; CVE-2015-9235: a token that anybody can write",
        |forge| {
            let spelled = |alg| Some(forge.unsigned(&forge.header_for(alg, forge.kid()), b""));
            each(["none", "None", "NONE", "nOnE"].map(spelled))
        },
    ),
    Case::hostile(
        "signature/none-signed",
        "alg none over a good token's signature",
        &["R21"],
        "a signature that is there must be checked",
        |forge| {
            let good = forge.good()?;
            let [_, payload, signature] = compact::parts(&good)?;
            let header = compact::encode(forge.header_for("none", forge.kid()).json());
            sent(format!("{header}.{payload}.{signature}"))
        },
    ),
    Case::hostile(
        "signature/empty",
        "a good token with its signature cut off",
        &["R21"],
        "RFC 8725 §3.2: nothing is no signature",
        |forge| {
            let good = forge.good()?;
            let [header, payload, _] = compact::parts(&good)?;
            sent(format!("{header}.{payload}."))
        },
    ),
    Case::hostile(
        "signature/other-key",
        "good claims signed by another key under the same kid",
        &["R20", "R30"],
        "what names the right key is not yet signed by it",
        |forge| sent(forge.by_impostor(&forge.header_for("RS256", forge.kid()))?),
    ),
    Case::hostile(
        "signature/other-claims",
        "a good signature under other claims",
        &["R30"],
        "Envoy CVE-2022-29226: present is not verified",
        |forge| {
            let good = forge.good()?;
            let [header, _, signature] = compact::parts(&good)?;
            let claims = compact::encode(forge.claims().text("sub", "admin").json());
            sent(format!("{header}.{claims}.{signature}"))
        },
    ),
    Case::hostile(
        "signature/other-header",
        "a good signature under another header",
        &["R30"],
        "RFC 7515 §5.2: the signature is over the header too",
        |forge| {
            let good = forge.good()?;
            let [_, payload, signature] = compact::parts(&good)?;
            let header = compact::encode(forge.header().text("note", "x").json());
            sent(format!("{header}.{payload}.{signature}"))
        },
    ),
    Case::hostile(
        "signature/cut",
        "a signature without its last ten bytes, and one with ten more",
        &["R21"],
        "a comparison must not stop where the shorter one ends",
        |forge| {
            let good = forge.good()?;
            let [header, payload, signature] = compact::parts(&good)?;
            let bytes = compact::decode(signature)?;
            let short = compact::encode(bytes.get(..bytes.len().checked_sub(10)?)?);
            let long = compact::encode([bytes.as_slice(), &[0; 10]].concat());
            each([short, long].map(|signature| Some(format!("{header}.{payload}.{signature}"))))
        },
    ),
    Case::hostile(
        "signature/zeros",
        "256 zeros for an RSA signature",
        &["R21"],
        "zero to any power is zero: some big-number code has accepted it",
        |forge| sent(forge.unsigned(&forge.header_for("RS256", forge.kid()), &[0; 256])),
    ),
    Case::hostile(
        "signature/hs256-pem",
        "HS256 with the public key in PEM as the secret",
        &["R20"],
        "python-jose CVE-2024-33663: the token chose how its key is used",
        |forge| {
            let pem = der::public_pem(&forge.public_der()?);
            each([Some(forge.hmac(pem.as_bytes())), Some(forge.hmac(pem.trim_end().as_bytes()))])
        },
    ),
    Case::hostile(
        "signature/hs256-der",
        "HS256 with the public key in DER as the secret",
        &["R20"],
        "the same confusion in libraries that keep keys in DER",
        |forge| sent(forge.hmac(&forge.public_der()?)),
    ),
    Case::hostile(
        "signature/hs256-jwk",
        "HS256 with the JWK, its modulus or its x as the secret",
        &["R20"],
        "the same confusion in libraries that keep keys as JWK",
        |forge| {
            let jwk = forge.public_jwk()?;
            let number = jwk["n"].as_str().or(jwk["x"].as_str())?;
            let secrets = [jwk.to_string().into_bytes(), number.into(), compact::decode(number)?];
            each(secrets.map(|secret| Some(forge.hmac(&secret))))
        },
    ),
    Case::hostile(
        "signature/hs256-empty",
        "HS256 with the secrets \"\", \"secret\" and the kid",
        &["R20"],
        "a key that was not found is an empty one in some programs",
        |forge| {
            each([b"".as_slice(), b"secret", forge.kid().as_bytes()].map(|secret| Some(forge.hmac(secret))))
        },
    ),
    Case::hostile(
        "signature/ps256-for-rs256",
        "a PS256 signature by a key that is published for RS256",
        &["R20"],
        "RFC 8725 §3.1: the algorithm is the key's, not the token's",
        |forge| algorithm_of_the_token(forge, Algorithm::Ps256),
    ),
    Case::hostile(
        "signature/rs384-for-rs256",
        "an RS384 signature by a key that is published for RS256",
        &["R20"],
        "RFC 8725 §3.1: the algorithm is the key's, not the token's",
        |forge| algorithm_of_the_token(forge, Algorithm::Rs384),
    ),
    Case::hostile(
        "signature/es256-for-rsa",
        "alg ES256 and EdDSA under the kid of an RSA key",
        &["R20"],
        "a key of another kind must be refused, not handed to a parser that panics",
        |forge| {
            let header = |alg| forge.header_for(alg, forge.key(Role::Main).map_or("", |main| &main.kid));
            forge.key(Role::Main)?;
            each(["ES256", "EdDSA"].map(|alg| Some(forge.unsigned(&header(alg), &[7; 64]))))
        },
    ),
    Case::hostile(
        "signature/es256-zeros",
        "ES256 with r and s zero",
        &["R21"],
        "CVE-2022-21449: Java accepted it for every message and key",
        |forge| {
            let kid = &forge.key(Role::Other(Algorithm::Es256))?.kid;
            sent(forge.unsigned(&forge.header_for("ES256", kid), &[0; 64]))
        },
    ),
    Case::hostile(
        "signature/es256-der",
        "a good ES256 signature in the form of X.509",
        &["R21"],
        "RFC 7518 §3.4 has one form; a second one makes two tokens of one",
        |forge| {
            let named = forge.key(Role::Other(Algorithm::Es256))?;
            let header = forge.header_for("ES256", &named.kid).json();
            let input = compact::signing_input(header.as_bytes(), forge.claims().json().as_bytes());
            let signature = compact::encode(named.key.sign_as_der(input.as_bytes())?);
            sent(format!("{input}.{signature}"))
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "signature/eddsa-zeros",
        "EdDSA with 64 zeros",
        &["R21"],
        "points of small order have signatures that fit any message",
        |forge| {
            let kid = &forge.key(Role::Other(Algorithm::EdDsa))?.kid;
            sent(forge.unsigned(&forge.header_for("EdDSA", kid), &[0; 64]))
        },
    ),
    Case::hostile(
        "signature/encryption-key",
        "a good signature by a key that is published for encryption",
        &["guard 28"],
        "RFC 7517 §4.2: `use` says what a key is for",
        |forge| sent(forge.signed_by(Role::Encryption, Algorithm::Rs256)?),
    ),
    Case::hostile(
        "signature/alg-strange",
        "alg rs256, RS255, empty, a number, a list and missing",
        &["R20"],
        "names have one spelling; what is no name must not reach a look-up",
        |forge| {
            let with = |raw: &'static str| move |header: Members| header.set("alg", raw);
            each([
                forge.with_header(with("\"rs256\"")),
                forge.with_header(with("\"RS255\"")),
                forge.with_header(with("\"\"")),
                forge.with_header(with("256")),
                forge.with_header(with("[\"RS256\"]")),
                forge.with_header(|header| header.without("alg")),
            ])
        },
    ),
];

fn algorithm_of_the_token(forge: &Forge, algorithm: Algorithm) -> Option<Vec<crate::case::Draft>> {
    let is_for_rs256 = forge.key(Role::Main)?.algorithm == Algorithm::Rs256;
    sent(is_for_rs256.then(|| forge.signed_by(Role::Main, algorithm))??)
}
