//! Honest callers, in every spelling that the standards allow.

use crate::{
    case::{Case, Draft, each, sent},
    forge::{Forge, Role},
    key::Algorithm,
    verdict::Expected,
};

const fn good(
    id: &'static str,
    sent: &'static str,
    marks: &'static [&'static str],
    why: &'static str,
    make: crate::case::Make,
) -> Case {
    Case::hostile(id, sent, marks, why, make).expecting(Expected::Accepted)
}

pub(super) const CASES: &[Case] = &[
    good("good/token", "a good token", &["guard 1"], "nothing else proves anything if this fails", |forge| {
        sent(forge.good()?)
    }),
    good("good/again", "the same token twice", &[], "callers reuse a token until it ends", |forge| {
        let token = forge.good()?;
        each([Some(token.clone()), Some(token)])
    }),
    good("good/ps256", "a token signed with PS256", &["guard 2"], "an issuer may sign so", |forge| {
        other(forge, Algorithm::Ps256)
    }),
    good("good/es256", "a token signed with ES256", &["guard 2"], "an issuer may sign so", |forge| {
        other(forge, Algorithm::Es256)
    }),
    good("good/eddsa", "a token signed with Ed25519", &["guard 2"], "an issuer may sign so", |forge| {
        other(forge, Algorithm::EdDsa)
    }),
    good(
        "good/audience-list",
        "an aud that is a list with the origin in it",
        &["guard 3"],
        "RFC 7519 §4.1.3 allows it",
        |forge| {
            let list = format!("[\"somebody-else\",{}]", crate::compact::quoted(&forge.profile.audience));
            sent(forge.with_claims(|claims| claims.set("aud", list))?)
        },
    ),
    good(
        "good/unknown-members",
        "header and claims that nobody has agreed on",
        &[],
        "RFC 7515 §4 and RFC 7519 §4 have them ignored",
        |forge| {
            let header = forge.header().text("note", "x");
            sent(forge.signed(&header, &forge.claims().set("plan", "{\"name\":\"gold\",\"seats\":[1,2]}"))?)
        },
    ),
    good(
        "good/typ-in-full",
        "the typ with application/ before it, in another case",
        &["guard 28"],
        "RFC 7515 §4.1.9: both are the same type",
        |forge| {
            let typ = format!("application/{}", forge.profile.typ.to_uppercase());
            sent(forge.with_header(|header| header.text("typ", &typ))?)
        },
    ),
    good(
        "good/scheme-case",
        "bearer and BEARER",
        &["guard 17"],
        "RFC 9110 §11.1: schemes have no case",
        |forge| {
            let token = forge.good()?;
            let lines = ["bearer", "BEARER"].map(|scheme| format!("Authorization: {scheme} {token}"));
            Some(lines.into_iter().map(Draft::line).collect())
        },
    ),
    good(
        "good/two-spaces",
        "two spaces behind Bearer",
        &["guard 18"],
        "RFC 9110 §11.4: one space or more",
        |forge| Some(vec![Draft::line(format!("Authorization: Bearer  {}", forge.good()?))]),
    ),
    good(
        "good/name-case",
        "authorization: and AUTHORIZATION:",
        &["R5"],
        "RFC 9110 §5.1: names have no case",
        |forge| {
            let token = forge.good()?;
            let lines = ["authorization", "AUTHORIZATION"].map(|name| format!("{name}: Bearer {token}"));
            Some(lines.into_iter().map(Draft::line).collect())
        },
    ),
    good(
        "good/leeway",
        "exp two seconds ago, nbf in three, iat in two",
        &["guard 23"],
        "clocks differ; RFC 7519 §4.1.4 grants a small leeway",
        |forge| {
            let now = forge.now();
            each([
                forge.with_claims(|claims| claims.set("exp", (now - 2).to_string())),
                forge.with_claims(|claims| claims.set("nbf", (now + 3).to_string())),
                forge.with_claims(|claims| claims.set("iat", (now + 2).to_string())),
            ])
        },
    ),
    good(
        "good/no-kid",
        "a good token without a kid",
        &["guard 5", "R27"],
        "try the few keys of that algorithm or refuse; a look-up that fails is a classic 500",
        |forge| sent(forge.with_header(|header| header.without("kid"))?),
    )
    .expecting(Expected::Either),
];

fn other(forge: &Forge, algorithm: Algorithm) -> Option<Vec<Draft>> {
    sent(forge.signed_by(Role::Other(algorithm), algorithm)?)
}
