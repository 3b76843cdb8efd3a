//! Headers that want to be believed.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    case::{Case, each, sent},
    compact::{self, Members},
    forge::Forge,
    verdict::Expected,
};

pub(super) const CASES: &[Case] = &[
    Case::hostile(
        "header/jwk",
        "the impostor's key inside of the token",
        &["R25"],
        "RFC 8725 §3.10; CVE-2018-0114: a token must not bring its own key",
        |forge| {
            let own = forge.header().set("jwk", forge.impostor.public_jwk().to_string());
            each([own.clone(), own.without("kid")].map(|header| forge.by_impostor(&rs256(header))))
        },
    ),
    Case::hostile(
        "header/x5c",
        "the impostor's certificate inside of the token",
        &["R25"],
        "RFC 8725 §3.10: a certificate that nobody vouches for is a key like any other",
        |forge| {
            let certificate = STANDARD.encode(forge.impostor.certificate()?);
            let own = forge.header().set("x5c", format!("[{}]", compact::quoted(&certificate)));
            each([own.clone(), own.without("kid")].map(|header| forge.by_impostor(&rs256(header))))
        },
    ),
    Case::hostile(
        "header/jku",
        "the address of the impostor's key set",
        &["R25"],
        "RFC 8725 §3.10: whoever fetches it asks a stranger whom to trust, from inside of the network",
        |forge| elsewhere(forge, "jku", "/jku"),
    ),
    Case::hostile(
        "header/x5u",
        "the address of the impostor's certificate",
        &["R25"],
        "RFC 8725 §3.10, as for jku",
        |forge| elsewhere(forge, "x5u", "/x5u"),
    ),
    Case::hostile(
        "header/crit",
        "an extension that must be understood and is not",
        &["R22", "guard 27"],
        "RFC 7515 §4.1.11; PyJWT CVE-2026-32597",
        |forge| {
            let known = forge.header().set("crit", "[\"exp2\"]").set("exp2", "true");
            each([
                forge.signed(&known, &forge.claims()),
                forge.with_header(|own| own.set("crit", "[\"alg2\"]")),
            ])
        },
    ),
    Case::hostile(
        "header/crit-malformed",
        "a crit that is empty, a text, null, or names alg",
        &["R22"],
        "RFC 7515 §4.1.11: all of these are malformed",
        |forge| {
            each(
                ["[]", "\"exp2\"", "null", "[\"alg\"]"]
                    .map(|raw| forge.with_header(|own| own.set("crit", raw))),
            )
        },
    )
    .expecting(Expected::Strict),
    Case::hostile(
        "header/b64",
        "b64 false with crit",
        &["R22", "guard 27"],
        "RFC 7797: the signature is then over other bytes than the claims that are read",
        |forge| {
            let header = forge.header().set("b64", "false").set("crit", "[\"b64\"]");
            sent(forge.signed(&header, &forge.claims())?)
        },
    ),
    Case::hostile(
        "header/zip",
        "compressed claims",
        &["R28"],
        "zip is for JWE (RFC 7516 §4.1.3); a verifier that unpacks can be made to unpack a lot",
        |forge| {
            let header = forge.header().text("zip", "DEF").json();
            sent(forge.signed_bytes(header.as_bytes(), &stored(forge.claims().json().as_bytes())?)?)
        },
    ),
    Case::hostile(
        "header/typ-jwt",
        "an ID token's typ: JWT",
        &["guard 28"],
        "RFC 9068 §4 and RFC 8725 §3.11: what was made for a log-in is no access token",
        |forge| {
            let is_usual = !forge.profile.typ.eq_ignore_ascii_case("JWT");
            sent(is_usual.then(|| forge.with_header(|header| header.text("typ", "JWT")))??)
        },
    ),
    Case::hostile(
        "header/typ-other",
        "the typ of a logout token and of a DPoP proof",
        &["guard 28"],
        "RFC 8725 §3.11: other kinds of tokens have the same issuer and keys",
        |forge| {
            each(["logout+jwt", "dpop+jwt"].map(|typ| forge.with_header(|header| header.text("typ", typ))))
        },
    ),
    Case::hostile(
        "header/typ-missing",
        "no typ, and a typ that is a number",
        &["guard 28"],
        "RFC 9068 §4: it must be there",
        |forge| {
            let is_usual = !forge.profile.typ.eq_ignore_ascii_case("JWT");
            is_usual.then_some(())?;
            each([
                forge.with_header(|header| header.without("typ")),
                forge.with_header(|header| header.set("typ", "7")),
            ])
        },
    ),
    Case::hostile(
        "header/twice",
        "alg, and kid, twice in one header",
        &["R23"],
        "RFC 7515 §4 has it refused: two programs read two headers",
        |forge| {
            let none = forge.header().json().replacen('{', "{\"alg\":\"none\",", 1);
            let kid = forge.header().json().replacen('{', "{\"kid\":\"x\",", 1);
            let claims = forge.claims().json();
            each([none, kid].map(|header| forge.signed_bytes(header.as_bytes(), claims.as_bytes())))
        },
    )
    .expecting(Expected::Strict),
];

fn rs256(header: Members) -> Members {
    header.text("alg", "RS256")
}

fn elsewhere(forge: &Forge, member: &str, path: &str) -> Option<Vec<crate::case::Draft>> {
    let url = format!("{}{path}", forge.impostors_url.as_ref()?);
    let header = rs256(forge.header()).text(member, &url);
    each([header.clone(), header.text("kid", "impostor")].map(|header| forge.by_impostor(&header)))
}

/// DEFLATE (RFC 1951 §3.2.4) without compressing: one stored block.
fn stored(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok()?;
    let (length, inverse) = (length.to_le_bytes(), (!length).to_le_bytes());
    Some([&[1], length.as_slice(), &inverse, bytes].concat())
}
