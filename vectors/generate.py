#!/usr/bin/env python3
"""Writes tokens.json and jwks.json: tokens and key sets with what a verifier must make of them.

Run it again after a change: what did not change stays as it is, byte for byte. README.md describes the files.
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from key_sets import key_sets
from signing import b64, compact, is_signature, public_jwk, public_pem, signature, unb64

HERE = Path(__file__).parent
NOW = 1_800_000_000
ISSUER = "https://issuer.example/tenant"
AUDIENCE = "orders"
CLAIMS = {
    "iss": ISSUER,
    "sub": "user-7",
    "aud": AUDIENCE,
    "iat": NOW,
    "exp": NOW + 300,
    "jti": "0123456789ABCDEFGHIJKL",
    "client_id": "alice",
    "scope": "orders:read orders:write",
}
JWKS = {
    "keys": [
        public_jwk("rsa-a", kid="rsa", alg="RS256", use="sig"),
        public_jwk("rsa-a", kid="rsa-free"),
        public_jwk("rsa-a", kid="rsa-pss", alg="PS256", use="sig"),
        public_jwk("p256", kid="p256", alg="ES256", key_ops=["verify"]),
        public_jwk("p384", kid="p384", alg="ES384"),
        public_jwk("ed25519", kid="ed25519", alg="EdDSA"),
        public_jwk("ed25519", kid="ed25519-rfc9864", alg="Ed25519"),
        public_jwk("p256", kid="shared"),
        public_jwk("ed25519", kid="shared"),
        public_jwk("rsa-a", kid="rsa-enc", use="enc"),
        public_jwk("rsa-a", kid="rsa-no-verify", key_ops=["encrypt"]),
        public_jwk("rsa-small", kid="rsa-small", alg="RS256"),
        {"kty": "oct", "kid": "secret", "k": b64(b"a secret that is published by mistake")},
        {"kty": "future", "kid": "future"},
        public_jwk("rsa-b", alg="RS256"),
    ]
}
NOT_DETERMINISTIC = ("PS", "ES")

cases = []
earlier = {}


def sign(header, payload, algorithm, key):
    """A token from a header (dict or bytes) and a payload (dict or bytes)."""
    parts = [part if isinstance(part, bytes) else compact(part) for part in (header, payload)]
    signed = f"{b64(parts[0])}.{b64(parts[1])}"
    if algorithm.startswith(NOT_DETERMINISTIC):
        for kept in earlier.get(signed, []):
            if is_signature(algorithm, key, signed.encode(), kept):
                return f"{signed}.{b64(kept)}"
    return f"{signed}.{b64(signature(algorithm, key, signed.encode()))}"


def header(**changes):
    merged = {"alg": "RS256", "kid": "rsa", "typ": "at+jwt", **changes}
    return {name: value for name, value in merged.items() if value is not ...}


def claims(**changes):
    return {name: value for name, value in {**CLAIMS, **changes}.items() if value is not ...}


def rs256(head=None, body=None):
    return sign(header() if head is None else head, claims() if body is None else body, "RS256", "rsa-a")


def accept(name, token, rule="", **policy):
    add(name, token, {"accepted": True}, rule, policy)


def refuse(name, reason, token, rule="", **policy):
    add(name, token, {"accepted": False, "reason": reason}, rule, policy)


def add(name, token, expected, rule, policy):
    given = {"pieces": token} if isinstance(token, list) else {"token": token}
    case = {"name": name, **({"rule": rule} if rule else {}), **given, **expected}
    if policy:
        case["policy"] = policy
    cases.append(case)


def good_tokens():
    for algorithm, kid, key in [
        ("RS256", "rsa", "rsa-a"),
        ("RS256", "rsa-free", "rsa-a"),
        ("RS384", "rsa-free", "rsa-a"),
        ("RS512", "rsa-free", "rsa-a"),
        ("PS256", "rsa-free", "rsa-a"),
        ("PS256", "rsa-pss", "rsa-a"),
        ("PS384", "rsa-free", "rsa-a"),
        ("PS512", "rsa-free", "rsa-a"),
        ("ES256", "p256", "p256"),
        ("ES384", "p384", "p384"),
        ("EdDSA", "ed25519", "ed25519"),
        ("Ed25519", "ed25519", "ed25519"),
        ("EdDSA", "ed25519-rfc9864", "ed25519"),
        ("ES256", "shared", "p256"),
        ("EdDSA", "shared", "ed25519"),
    ]:
        accept(f"{algorithm} with key {kid}", sign(header(alg=algorithm, kid=kid), claims(), algorithm, key))
    for typ in ("application/at+jwt", "AT+JWT", "Application/At+Jwt"):
        accept(f"typ {typ}", rs256(header(typ=typ)))
    accept("typ JWT where any is taken", rs256(header(typ="JWT")), typ="any")
    accept("no typ where any is taken", rs256(header(typ=...)), typ="any")
    accept("typ JWT where JWT is due", rs256(header(typ="JWT")), typ="JWT")
    accept("no kid", rs256(header(kid=...)))
    accept("no kid, and the key has none either", sign(header(kid=...), claims(), "RS256", "rsa-b"))
    accept("the audience is one of several", rs256(body=claims(aud=["billing", AUDIENCE])))
    accept("one of two audiences", rs256(body=claims(aud="billing")), audience=["orders", "billing"])
    accept("any audience", rs256(body=claims(aud="billing")), audience="any")
    accept("any issuer", rs256(body=claims(iss="https://else.example")), issuer="any")
    accept("a fractional exp", rs256(body=claims(exp=NOW + 0.5)))
    accept("exp within the leeway", rs256(body=claims(exp=NOW - 9)))
    accept("nbf within the leeway", rs256(body=claims(nbf=NOW + 9)))
    accept("iat within the leeway", rs256(body=claims(iat=NOW + 10)))
    accept("no iat", rs256(body=claims(iat=...)))
    accept("claims of every JSON type", rs256(body=claims(a=None, b=[1, -2.5, {"c": True}], d="Grüße 🚀")))
    accept("members nobody knows", rs256(header(cty="x", foo={"bar": 1})))
    accept(
        "white space in the JSON",
        rs256(json.dumps(header(), indent=2).encode(), json.dumps(claims(), indent=2).encode()),
    )
    accept("the scopes that are asked for", rs256(), scopes=["orders:read"])
    accept("only the configured algorithm", rs256(), algorithms=["RS256"])
    accept(
        "jku, x5u, jwk and x5c are not looked at",
        rs256(
            header(
                jku="https://evil.example/jwks",
                x5u="https://evil.example/x",
                jwk=public_jwk("rsa-b"),
                x5c=["AAAA"],
            )
        ),
        "R25",
    )


def algorithms():
    pem, jwk = public_pem("rsa-a"), compact(public_jwk("rsa-a", kid="rsa", alg="RS256", use="sig"))
    for name, secret in [("PEM", pem), ("PEM without its last line feed", pem.rstrip()), ("JWK", jwk)]:
        for kid in ("rsa", "rsa-free"):
            token = sign(header(alg="HS256", kid=kid), claims(), "HS256", secret)
            refuse(f"HS256 keyed with the public {name} of {kid}", "alg_symmetric", token, "R20")
    for algorithm in ("HS384", "HS512"):
        refuse(
            f"{algorithm} keyed with the public PEM",
            "alg_symmetric",
            sign(header(alg=algorithm), claims(), algorithm, pem),
            "R20",
        )
    secret = b"a secret that is published by mistake"
    refuse(
        "HS256 with a published secret",
        "alg_symmetric",
        sign(header(alg="HS256", kid="secret"), claims(), "HS256", secret),
        "R20",
    )
    refuse(
        "PS256 with a key bound to RS256",
        "alg_not_of_key",
        sign(header(alg="PS256"), claims(), "PS256", "rsa-a"),
        "R20",
    )
    refuse("RS256 with a key bound to PS256", "alg_not_of_key", rs256(header(kid="rsa-pss")), "R20")
    refuse(
        "ES256 with the kid of an RSA key",
        "alg_not_of_key",
        sign(header(alg="ES256"), claims(), "ES256", "p256"),
        "R20",
    )
    refuse(
        "an algorithm that is not configured",
        "alg_not_allowed",
        rs256(),
        "R20",
        algorithms=["ES256", "EdDSA"],
    )
    for none in ("none", "None", "NONE", "nOnE"):
        body = b64(compact(claims()))
        head = b64(compact(header(alg=none)))
        refuse(f"alg {none} without a signature", "alg_none", f"{head}.{body}.", "R21")
        refuse(f"alg {none} with a signature", "alg_none", f"{head}.{body}.{rs256().split('.')[2]}", "R21")
    refuse("an empty signature", "signature_missing", rs256().rsplit(".", 1)[0] + ".", "R21")
    refuse(
        "a JWE",
        "encrypted",
        ".".join(
            [
                b64(compact({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "rsa-enc"})),
                "AAAA",
                "AAAA",
                "AAAA",
                "AAAA",
            ]
        ),
        "R21",
    )
    refuse("the header of a JWE on a JWS", "encrypted", rs256(header(enc="A256GCM")), "R21")
    for name, value in [("missing", ...), ("null", None), ("a number", 5), ("an array", ["RS256"])]:
        refuse(f"alg {name}", "alg_missing", rs256(header(alg=value)), "R20")
    for name in ("rs256", "RS256 ", "", "ES256K", "RS1", "Ed448", "ES512"):
        refuse(f"alg {name!r}", "alg_unknown", rs256(header(alg=name)), "R20")


def headers():
    refuse("crit with an unknown extension", "critical_header", rs256(header(crit=["exp2"], exp2=1)), "R22")
    refuse("crit that is empty", "critical_header", rs256(header(crit=[])), "R22")
    refuse("crit that is null", "critical_header", rs256(header(crit=None)), "R22")
    refuse("b64 false with crit", "critical_header", rs256(header(crit=["b64"], b64=False)), "R22")
    refuse("b64 false without crit", "unencoded_payload", rs256(header(b64=False)), "R22")
    for name, value in [
        ("JWT", "JWT"),
        ("absent", ...),
        ("logout+jwt", "logout+jwt"),
        ("dpop+jwt", "dpop+jwt"),
        ("a number", 1),
        ("null", None),
        ("text/at+jwt", "text/at+jwt"),
        ("empty", ""),
    ]:
        refuse(f"typ {name}", "wrong_type", rs256(header(typ=value)))
    refuse("an ID token", "wrong_type", rs256(header(typ="JWT"), claims(nonce="n", at_hash="h", scope=...)))
    for name, kid in [
        ("a path", "../../../../dev/null"),
        ("SQL", "x' UNION SELECT 'secret'--"),
        ("a URL", "https://evil.example/jwks"),
        ("a command", "rsa; id"),
        ("another case", "RSA"),
    ]:
        refuse(f"kid is {name}", "unknown_key", rs256(header(kid=kid)), "R25")
    for name, kid in [
        ("empty", ""),
        ("a number", 1),
        ("null", None),
        ("an object", {"a": 1}),
        ("too long", "k" * 257),
        ("with NUL", "rsa\x00"),
        ("with a line feed", "rsa\n"),
    ]:
        refuse(f"kid is {name}", "kid_invalid", rs256(header(kid=kid)), "R25")
    theirs = public_jwk("rsa-b", kid="rsa", alg="RS256")
    refuse(
        "the attacker's key in jwk",
        "bad_signature",
        sign(header(jwk=theirs), claims(), "RS256", "rsa-b"),
        "R25",
    )
    refuse(
        "the attacker's key at jku",
        "unknown_key",
        sign(header(kid="evil", jku="https://evil.example/jwks"), claims(), "RS256", "rsa-b"),
        "R25",
    )
    refuse("a key for encryption", "unknown_key", rs256(header(kid="rsa-enc")))
    refuse("a key that may not verify", "unknown_key", rs256(header(kid="rsa-no-verify")))
    refuse(
        "an RSA key of 1024 bits",
        "unknown_key",
        sign(header(kid="rsa-small"), claims(), "RS256", "rsa-small"),
    )
    refuse("a key of an unknown type", "unknown_key", rs256(header(kid="future")))
    refuse(
        "no kid, and no key of that algorithm made it",
        "bad_signature",
        sign(header(kid=..., alg="ES384"), claims(), "ES256", "p256"),
    )
    twice = b'{"alg":"RS256","alg":"RS256","kid":"rsa","typ":"at+jwt"}'
    refuse("alg twice", "header_duplicate_member", rs256(twice))
    refuse(
        "alg twice, once escaped",
        "header_duplicate_member",
        rs256(b'{"alg":"RS256","\\u0061lg":"none","kid":"rsa","typ":"at+jwt"}'),
    )
    for name, head in [
        ("an array", b"[]"),
        ("empty", b""),
        ("cut", b'{"alg":"RS256"'),
        ("two values", compact(header()) + b"{}"),
        ("with a byte order mark", b"\xef\xbb\xbf" + compact(header())),
        ("not UTF-8", b'{"alg":"RS256","kid":"\xff"}'),
        ("in UTF-16", compact(header()).decode().encode("utf-16")),
    ]:
        refuse(f"the header is {name}", "header_not_json", rs256(head))
    refuse("the header is deep", "header_too_deep", rs256(b'{"alg":"RS256","a":' + b"[" * 40 + b"]" * 40 + b"}"))


def dates():
    for claim in ("exp", "nbf", "iat"):
        wrong = [
            ("a string", str(NOW)),
            ("null", None),
            ("true", True),
            ("an array", [NOW]),
            ("an object", {"v": NOW}),
            ("negative", -1),
            ("a negative fraction", -0.5),
            ("in milliseconds", NOW * 1000),
            ("10 to the 300th", 1e300),
            ("2 to the 63rd", 2**63),
        ]
        for name, value in wrong:
            refuse(f"{claim} is {name}", f"{claim}_malformed", rs256(body=claims(**{claim: value})), "R23")
        endless = compact(claims(**{claim: 0})).replace(f'"{claim}":0'.encode(), f'"{claim}":1e999'.encode())
        refuse(f"{claim} is beyond any number", "payload_not_json", rs256(body=endless), "R23")
    refuse("no exp", "exp_missing", rs256(body=claims(exp=...)), "R23")
    refuse("expired", "expired", rs256(body=claims(iat=NOW - 600, exp=NOW - 300)))
    refuse("exp is 0", "expired", rs256(body=claims(exp=0)))
    refuse("expired by exactly the leeway", "expired", rs256(body=claims(exp=NOW - 10)))
    refuse("expired by one second without leeway", "expired", rs256(body=claims(exp=NOW - 1)), leeway=0)
    refuse("nbf beyond the leeway", "not_yet_valid", rs256(body=claims(nbf=NOW + 11)))
    refuse("iat an hour ahead", "issued_in_future", rs256(body=claims(iat=NOW + 3600, exp=NOW + 7200)))


def names():
    for name, value in [
        ("missing", ...),
        ("null", None),
        ("a number", 1),
        ("empty", ""),
        ("an array", [ISSUER]),
    ]:
        outcome = "missing" if value is ... else "malformed"
        refuse(f"iss is {name}", f"iss_{outcome}", rs256(body=claims(iss=value)), "R24")
        sub = "user-7" if value == [ISSUER] else None
        refuse(f"sub is {name}", f"sub_{outcome}", rs256(body=claims(sub=[sub] if sub else value)))
    for issuer in (
        "https://else.example",
        ISSUER + "/",
        ISSUER.upper(),
        ISSUER + ".evil.example",
        ISSUER.replace("https", "http"),
    ):
        refuse(f"iss is {issuer}", "wrong_issuer", rs256(body=claims(iss=issuer)), "R24")
    for name, value in [
        ("missing", ...),
        ("null", None),
        ("a number", 1),
        ("empty", ""),
        ("an empty array", []),
        ("an array with a number", [AUDIENCE, 1]),
        ("an object", {AUDIENCE: True}),
        ("nested", [[AUDIENCE]]),
    ]:
        refuse(
            f"aud is {name}",
            "aud_missing" if value is ... else "aud_malformed",
            rs256(body=claims(aud=value)),
            "R24",
        )
    for name, value in [
        ("another origin", "billing"),
        ("other origins", ["billing", "users"]),
        ("a longer name", AUDIENCE + "-admin"),
        ("a shorter name", AUDIENCE[:-1]),
        ("in capitals", AUDIENCE.upper()),
        ("with a space", AUDIENCE + " "),
    ]:
        refuse(f"aud is {name}", "wrong_audience", rs256(body=claims(aud=value)), "R29")
    refuse("aud is missing where any is taken", "aud_missing", rs256(body=claims(aud=...)), "R24", audience="any")
    refuse("scope is an array", "scope_malformed", rs256(body=claims(scope=["orders:read"])))
    refuse("a scope is missing", "scope_missing", rs256(), scopes=["orders:read", "orders:admin"])
    refuse("no scope at all", "scope_missing", rs256(body=claims(scope=...)), scopes=["orders:read"])
    refuse("a scope is the beginning of another", "scope_missing", rs256(), scopes=["orders"])


def signatures():
    good = rs256()
    head, body, made = good.split(".")
    raw = bytearray(unb64(made))
    raw[0] ^= 1
    refuse("one bit of the signature differs", "bad_signature", f"{head}.{body}.{b64(bytes(raw))}")
    refuse("the signature is cut", "bad_signature", f"{head}.{body}.{b64(unb64(made)[:-1])}")
    refuse("the signature has a zero before it", "bad_signature", f"{head}.{body}.{b64(bytes(1) + unb64(made))}")
    refuse(
        "the signature is of another payload",
        "bad_signature",
        f"{head}.{b64(compact(claims(sub='admin')))}.{made}",
    )
    refuse("the signature is of another header", "bad_signature", f"{b64(compact(header(x=1)))}.{body}.{made}")
    refuse("another key with the same kid", "bad_signature", sign(header(), claims(), "RS256", "rsa-b"))
    refuse(
        "a key that was withdrawn",
        "unknown_key",
        sign(header(kid="withdrawn"), claims(), "RS256", "rsa-b"),
        "R26",
    )
    made = sign(header(alg="ES256", kid="p256"), claims(), "ES256", "p256")
    head, body, raw = made.split(".")
    r, s = (int.from_bytes(part, "big") for part in (unb64(raw)[:32], unb64(raw)[32:]))
    refuse("ES256 in DER", "bad_signature", f"{head}.{body}.{b64(encode_dss_signature(r, s))}")
    refuse("ES256 of zeros", "bad_signature", f"{head}.{body}.{b64(bytes(64))}")
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    refuse("ES256 of the curve's order", "bad_signature", f"{head}.{body}.{b64(order.to_bytes(32, 'big') * 2)}")
    ed = sign(header(alg="EdDSA", kid="ed25519"), claims(), "EdDSA", "ed25519")
    refuse("EdDSA of zeros", "bad_signature", f"{ed.rsplit('.', 1)[0]}.{b64(bytes(64))}")


def shapes():
    good = rs256()
    head, body, made = good.split(".")
    for name, token in [
        ("empty", ""),
        ("a word", "token"),
        ("two parts", f"{head}.{body}"),
        ("four parts", f"{good}.{made}"),
        ("six parts", good + ".a.b.c"),
        ("dots", "."),
    ]:
        refuse(f"the token is {name}", "not_three_parts", token)
    refuse("two dots", "header_not_json", "..")
    refuse("five empty parts", "encrypted", "....")
    refuse(
        "the JSON form of a JWS",
        "not_three_parts",
        json.dumps({"protected": head, "payload": body, "signature": made}),
    )
    refuse("a space before it", "header_not_base64url", " " + good)
    refuse("a line feed after it", "signature_not_base64url", good + "\n")
    refuse("padding", "signature_not_base64url", good + "==")
    refuse("letters beyond ASCII", "header_not_base64url", "é" + good)
    standard = made.replace("-", "+").replace("_", "/")
    refuse("the other base64 alphabet", "signature_not_base64url", f"{head}.{body}.{standard}")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = made[:-1] + alphabet[alphabet.index(made[-1]) + 1]
    refuse("spare bits in the signature", "signature_not_base64url", f"{head}.{body}.{spare}")
    for name, payload in [
        ("not JSON", b"hello"),
        ("an array", b"[]"),
        ("empty", b""),
        ("a string", b'"x"'),
        ("not UTF-8", b'{"iss":"\xff"}'),
        ("with NaN", b'{"exp":NaN}'),
    ]:
        refuse(f"the payload is {name}", "payload_not_json", rs256(body=payload))
    refuse("sub twice", "payload_duplicate_member", rs256(body=compact(claims())[:-1] + b',"sub":"admin"}'))
    refuse(
        "the payload is deep",
        "payload_too_deep",
        rs256(body=compact(claims())[:-1] + b',"a":' + b"[" * 400 + b"]" * 400 + b"}"),
    )
    refuse("a header of 64 KiB", "token_too_long", [["A", 65536], [f".{body}.{made}", 1]], "R28")
    refuse("a signature of 64 KiB", "token_too_long", [[f"{head}.{body}.", 1], ["A", 65536]], "R28")
    refuse("64 KiB of dots", "token_too_long", [[".", 65536]], "R28")
    refuse("16 KiB of dots", "not_three_parts", [[".", 16384]], "R28")
    refuse("a million dots", "token_too_long", [[".", 1000000]], "R28")
    refuse("a token of 1 MiB", "token_too_long", [[f"{head}.", 1], ["A", 1048576], [f".{made}", 1]], "R28")


def main():
    path = HERE / "tokens.json"
    if path.exists():
        for case in json.loads(path.read_text())["cases"]:
            signed, _, made = case.get("token", "").rpartition(".")
            if signed.count(".") == 1 and made:
                try:
                    earlier.setdefault(signed, []).append(unb64(made))
                except ValueError:
                    pass
    for part in (good_tokens, algorithms, headers, dates, names, signatures, shapes):
        part()
    assert len({case["name"] for case in cases}) == len(cases), "names must differ"
    document = {"now": NOW, "policy": {"issuer": ISSUER, "audience": AUDIENCE}, "jwks": JWKS, "cases": cases}
    path.write_text(json.dumps(document, indent=1) + "\n")
    (HERE / "jwks.json").write_text(json.dumps({"cases": key_sets()}, indent=1) + "\n")
    print(f"{len(cases)} tokens, {sum(case['accepted'] for case in cases)} of them good")


if __name__ == "__main__":
    main()
