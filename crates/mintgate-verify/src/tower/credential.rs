//! The one token of a request.

use http::{HeaderMap, header};

use super::reply::Refused;

/// Takes exactly one token from `Authorization: Bearer`; the scheme may be written in any case (RFC 9110 §11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Refused> {
    if headers.keys().any(|name| is_alias(name.as_str())) {
        return Err(Refused::Malformed("cgi_authorization"));
    }
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let line = lines.next().ok_or(Refused::NoToken)?;
    if lines.next().is_some() {
        return Err(Refused::Malformed("two_credentials"));
    }
    let line = trim(line.as_bytes());
    let (scheme, token) = line.split_at(line.iter().position(|byte| *byte == b' ').unwrap_or(line.len()));
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Err(Refused::NoToken);
    }
    let token = trim(token);
    if token.is_empty() || !token.iter().copied().all(is_of_token) {
        return Err(Refused::Malformed("malformed_header"));
    }
    Ok(str::from_utf8(token).expect("its characters are ASCII"))
}

/// Whether CGI and WSGI servers show a header of this name as `HTTP_CGI_AUTHORIZATION`, and some frameworks that in turn
/// as `Authorization`. Names are in small letters here.
fn is_alias(name: &str) -> bool {
    name.len() == ALIAS.len()
        && name
            .bytes()
            .zip(ALIAS.bytes())
            .all(|(given, alias)| given == alias || alias == b'-' && matches!(given, b'_' | b'.'))
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// RFC 6750 §2.1, `b64token`.
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

const ALIAS: &str = "cgi-authorization";

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn read(lines: &[(&'static str, &[u8])]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value).expect("a header value");
            headers.append(HeaderName::from_bytes(name.as_bytes()).expect("a name"), value);
        }
        match bearer(&headers) {
            Ok(token) => Ok(token.to_owned()),
            Err(Refused::NoToken) => Err("none"),
            Err(Refused::Malformed(reason)) => Err(reason),
            Err(Refused::NotVerified(_) | Refused::InsufficientScope(_) | Refused::Unguarded) => {
                unreachable!("nothing is verified yet")
            }
        }
    }

    #[test]
    fn a_token_is_taken_whatever_the_case_of_its_scheme_and_the_spaces_around_it() {
        for line in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c\t", "bEaReR \t a.b.c "]
        {
            assert_eq!(read(&[("authorization", line.as_bytes())]), Ok("a.b.c".into()), "{line}");
        }
    }

    #[test]
    fn what_is_no_bearer_credential_is_none() {
        assert_eq!(read(&[]), Err("none"));
        for line in ["", "Basic dXNlcg==", "Bearertoken", "Bearer\ta.b.c", "Token a.b.c", "a.b.c"] {
            assert_eq!(read(&[("authorization", line.as_bytes())]), Err("none"), "{line}");
        }
        assert_eq!(read(&[("x-authorization", b"Bearer a.b.c")]), Err("none"));
    }

    #[test]
    fn what_has_two_readings_is_malformed() {
        for line in
            ["Bearer", "Bearer ", "Bearer a b", "Bearer a.b.c, Bearer d.e.f", "Bearer \"a\"", "Bearer a\tb"]
        {
            assert_eq!(read(&[("authorization", line.as_bytes())]), Err("malformed_header"), "{line}");
        }
        assert_eq!(read(&[("authorization", b"Bearer a\xff")]), Err("malformed_header"));
        let two: [(&str, &[u8]); 2] = [("authorization", b"Bearer a"), ("authorization", b"Bearer a")];
        assert_eq!(read(&two), Err("two_credentials"));
    }

    #[test]
    fn r07_a_request_with_an_alias_of_authorization_is_refused() {
        for alias in ["cgi-authorization", "Cgi_Authorization", "CGI.AUTHORIZATION"] {
            assert_eq!(
                read(&[("authorization", b"Bearer a"), (alias, b"Bearer b")]),
                Err("cgi_authorization")
            );
            assert_eq!(read(&[(alias, b"Bearer b")]), Err("cgi_authorization"), "{alias}");
        }
    }
}
