"""The vectors that the Rust verifier is tested with too."""

import base64
import json
from pathlib import Path

import pytest

import mintgate

VECTORS = Path(__file__).parents[2] / "vectors"
DOCUMENT = json.loads((VECTORS / "tokens.json").read_text())


def token(case):
    if "token" in case:
        return case["token"]
    return "".join(text * times for text, times in case["pieces"])


def verifier(case):
    policy = {**DOCUMENT["policy"], **case.get("policy", {})}
    if policy.get("typ") == "any":
        policy["typ"] = None
    return mintgate.Verifier(**policy, jwks=DOCUMENT["jwks"])


def is_for_python(case):
    """A Python verifier cannot be told to take any issuer or audience: that is for tools."""
    return "any" not in (case.get("policy", {}).get("issuer"), case.get("policy", {}).get("audience"))


@pytest.mark.parametrize("case", list(filter(is_for_python, DOCUMENT["cases"])), ids=lambda case: case["name"])
def it_gives_the_answer_that_the_vector_states(case):
    given = token(case)
    if case["accepted"]:
        claims = verifier(case).verify(given, now=DOCUMENT["now"])
        assert claims == json.loads(payload(given))
        return
    with pytest.raises(mintgate.VerificationError) as caught:
        verifier(case).verify(given, now=DOCUMENT["now"])
    assert caught.value.reason == case["reason"]
    kinds = {"expired": mintgate.TokenExpired}
    if case["reason"] == "scope_missing":
        kinds["scope_missing"] = mintgate.InsufficientScope
    assert type(caught.value) is kinds.get(case["reason"], mintgate.TokenInvalid)


@pytest.mark.parametrize("case", json.loads((VECTORS / "jwks.json").read_text())["cases"], ids=lambda c: c["name"])
def it_reads_a_key_set_as_the_vector_states(case):
    def read():
        return mintgate.Verifier(issuer="https://a.example", audience="b", jwks=case["text"])

    if case["usable"] is None:
        with pytest.raises(ValueError, match="JWK set"):
            read()
    else:
        read()


def payload(given):
    text = given.split(".")[1]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
