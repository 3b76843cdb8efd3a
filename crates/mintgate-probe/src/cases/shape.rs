//! Things that are no compact JWS, or too much of one.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    case::{Case, Draft, each, sent},
    compact::{encode, parts},
    verdict::Expected,
};

pub(super) const CASES: &[Case] = &[
    Case::hostile(
        "shape/garbage",
        "words, dots and signs in place of a token",
        &["R27"],
        "the first split is a classic 500",
        |_| {
            let garbage = ["garbage", ".", "..", "...", "a.b", "x.y.z", "-._~+/=", "e30.e30.e30", "null"];
            each(garbage.map(|token| Some(token.to_owned())))
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/parts",
        "a good token with a part too few, and one with a part too many",
        &["R21"],
        "RFC 7515 §7.1: three parts",
        |forge| {
            let good = forge.good()?;
            let (two, _) = good.rsplit_once('.')?;
            each([Some(two.to_owned()), Some(format!("{good}.{}", encode("x"))), Some(format!("{good}."))])
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/jwe",
        "an encrypted token",
        &["R21"],
        "RFC 8725 §3: a JWE proves nothing about who made it",
        |forge| {
            let header = forge.header_for("RSA-OAEP", forge.kid()).text("enc", "A256GCM").json();
            let direct = forge.header_for("dir", forge.kid()).text("enc", "A128CBC-HS256").json();
            let rest = [encode([1; 256]), encode([2; 12]), encode([3; 64]), encode([4; 16])].join(".");
            each([
                Some(format!("{}.{rest}", encode(header))),
                Some(format!("{}..{}", encode(direct), &rest[344..])),
            ])
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/json",
        "a good token in the JSON form of JWS",
        &["R21"],
        "RFC 7515 §7.2 is another format, with signatures that may be of different people",
        |forge| {
            let good = forge.good()?;
            let [header, payload, signature] = parts(&good)?;
            sent(format!(
                "{{\"protected\":\"{header}\",\"payload\":\"{payload}\",\"signature\":\"{signature}\"}}"
            ))
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/header",
        "headers that are no JSON, a list, null, not UTF-8, cut off",
        &["R27"],
        "what is read before it is proven must be read with care",
        |forge| {
            let good = forge.good()?;
            let [_, payload, signature] = parts(&good)?;
            let headers: [&[u8]; 7] =
                [b"garbage", b"[]", b"null", b"\xff\xfe{}", b"{\"alg\":", b"\"x\"", b"{\"alg\":\"RS256\"}}"];
            each(headers.map(|header| Some(format!("{}.{payload}.{signature}", encode(header)))))
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/dots",
        "64 KiB of dots",
        &["R28"],
        "go-jose CVE-2025-22868: a list of 65,536 parts before anybody counts them",
        |_| sent(".".repeat(64 * 1024)),
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/signature-64k",
        "a signature of 64 KiB",
        &["R28"],
        "costs memory in proportion, and no more",
        |forge| {
            let good = forge.good()?;
            let [header, payload, _] = parts(&good)?;
            sent(format!("{header}.{payload}.{}", encode(vec![7; 48 * 1024])))
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/megabyte",
        "a token of 1 MiB",
        &["R28"],
        "a limit has to be somewhere: in the server, or in the verifier",
        |_| sent(format!("{}.e30.x", "A".repeat(1 << 20))),
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/deep-header",
        "a header with 5,000 lists in lists",
        &["R28"],
        "parsers that call themselves run out of stack",
        |forge| {
            let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
            let header = forge.header().set("x", deep);
            each([
                Some(forge.unsigned(&header, &[7; 256])),
                Some(format!("{}.e30.x", encode("[".repeat(9000)))),
            ])
        },
    )
    .expecting(Expected::Refused),
    Case::hostile(
        "shape/deep-claims",
        "a good token with 2,000 lists in lists in a claim",
        &["R28"],
        "parsers that call themselves run out of stack; passing and refusing are both fine",
        |forge| {
            let deep = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
            sent(forge.with_claims(|claims| claims.set("x", deep))?)
        },
    )
    .expecting(Expected::Either),
    Case::hostile(
        "shape/padding",
        "a good token with = behind its parts",
        &["R21"],
        "RFC 7515 §2: without padding; two spellings are two tokens to whoever remembers tokens",
        |forge| {
            let good = forge.good()?;
            let [header, payload, signature] = parts(&good)?;
            let pad = |part: &str| format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4));
            each([
                Some(format!("{header}.{payload}.{}", pad(signature))),
                Some(format!("{}.{}.{}", pad(header), pad(payload), pad(signature))),
            ])
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "shape/spare-bits",
        "a good token whose last letter has other spare bits",
        &["R21"],
        "RFC 4648 §3.5: two spellings are two tokens to whoever remembers tokens",
        |forge| {
            let good = forge.good()?;
            let [_, _, signature] = parts(&good)?;
            (signature.len() % 4 != 0).then_some(())?;
            let last = ALPHABET.find(signature.chars().last()?)?;
            // The lowest bit is spare whatever is left over.
            let other = ALPHABET.get(last ^ 1..=last ^ 1)?;
            sent(format!("{}{other}", good.get(..good.len() - 1)?))
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "shape/alphabet",
        "a good token in the alphabet of plain base64, and with strange signs in its signature",
        &["R21"],
        "RFC 7515 §2: what is skipped or mapped makes many tokens of one",
        |forge| {
            let good = forge.good()?;
            let [header, payload, signature] = parts(&good)?;
            let bytes = crate::compact::decode(signature)?;
            let (first, rest) = signature.split_at_checked(9)?;
            let plain = STANDARD.encode(&bytes);
            let is_other = plain.trim_end_matches('=') != signature;
            let mapped = format!("{header}.{payload}.{plain}");
            let spaced = format!("{header}.{payload}.{first} {rest}");
            let dirty = format!("{header}.{payload}.{first}!{rest}");
            each(is_other.then_some(mapped).into_iter().chain([spaced, dirty]).map(Some))
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "shape/bytes",
        "bytes over 127 in the token",
        &["R27"],
        "headers are bytes; a decoder that fails on them is a classic 500",
        |forge| {
            let good = forge.good()?;
            let line = |bytes: &[u8]| [b"Authorization: Bearer ", good.as_bytes(), bytes].concat();
            Some(vec![Draft::line(line(b"\xff")), Draft::line(line("\u{e9}".as_bytes()))])
        },
    )
    .expecting(Expected::Strict),
];

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
