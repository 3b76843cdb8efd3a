"""Verifies tokens with a library that is not ours, as its users do: keys over HTTP, one key by kid, issuer and audience.

    verify.py LIBRARY < question > answer

The question is JSON with jwks, issuer, audience, algorithm and tokens; the answer has, for each token, its claims or
the name of what the library raised.
"""

import json
import sys


def pyjwt(question):
    import jwt

    client = jwt.PyJWKClient(question["jwks"])

    def verify(token):
        key = client.get_signing_key_from_jwt(token)
        return jwt.decode(
            token,
            key,
            algorithms=[question["algorithm"]],
            audience=question["audience"],
            issuer=question["issuer"],
            options={"require": ["exp", "iat", "sub", "jti"]},
        )

    return verify


def python_jose(question):
    import requests
    from jose import jwt

    answer = requests.get(question["jwks"], timeout=10)
    answer.raise_for_status()
    keys = {key["kid"]: key for key in answer.json()["keys"]}

    def verify(token):
        return jwt.decode(
            token,
            keys[jwt.get_unverified_header(token)["kid"]],
            algorithms=[question["algorithm"]],
            audience=question["audience"],
            issuer=question["issuer"],
        )

    return verify


def joserfc(question):
    import requests
    from joserfc import jwt
    from joserfc.jwk import KeySet

    answer = requests.get(question["jwks"], timeout=10)
    answer.raise_for_status()
    keys = KeySet.import_key_set(answer.json())
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": question["issuer"]},
        aud={"essential": True, "value": question["audience"]},
        exp={"essential": True},
        sub={"essential": True},
    )

    def verify(token):
        decoded = jwt.decode(token, keys, algorithms=[question["algorithm"]])
        registry.validate(decoded.claims)
        return decoded.claims

    return verify


def main():
    question = json.load(sys.stdin)
    try:
        verify = {"pyjwt": pyjwt, "python-jose": python_jose, "joserfc": joserfc}[sys.argv[1]](question)
    except ImportError as error:
        sys.exit(f"{error}: `make .venv/installed` installs what is missing")
    answer = []
    for token in question["tokens"]:
        try:
            answer.append({"claims": verify(token)})
        except Exception as error:  # Whatever it is, it is this library's way to refuse.
            answer.append({"refused": type(error).__name__})
    json.dump(answer, sys.stdout)


main()
