"""Key sets as text: how many keys of each are usable, or that it is no set."""

import json

from signing import b64, private_key, public_jwk, unb64


def key_sets():
    rsa = public_jwk("rsa-a", kid="a", alg="RS256")
    private = private_key("rsa-a").private_numbers()
    size = len(unb64(rsa["n"]))
    with_private = {**rsa, "d": b64(private.d.to_bytes(size, "big"))}
    padded = {**rsa, "n": b64(b"\0" + unb64(rsa["n"]))}
    p256 = public_jwk("p256", kid="b")
    off = bytearray(unb64(p256["y"]))
    off[-1] ^= 1
    sets = [
        ("one key", [rsa], 1),
        ("no key", [], 0),
        ("a private key: its public part counts", [with_private], 1),
        ("the same key twice", [rsa, rsa], 1),
        ("two keys of one kid", [rsa, {**p256, "kid": "a"}], 2),
        ("a key without kid", [public_jwk("rsa-a")], 1),
        ("a leading zero in n", [padded], 1),
        ("values that are no keys", [None, 1, "x", [], {}, rsa], 1),
        (
            "keys of other types",
            [
                {"kty": "oct", "k": "AAAA"},
                {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
                {**public_jwk("ed25519"), "crv": "X25519"},
                {**p256, "crv": "secp256k1"},
            ],
            0,
        ),
        ("a point off its curve", [{**p256, "y": b64(bytes(off))}, p256], 1),
        ("a coordinate that is too short", [{**p256, "x": b64(unb64(p256["x"])[1:])}], 0),
        (
            "an exponent of 1, an even one and a long one",
            [{**rsa, "e": e} for e in ("AQ", "BA", "AQAAAAAB")],
            0,
        ),
        ("an even modulus", [{**rsa, "n": b64(unb64(rsa["n"])[:-1] + b"\0")}], 0),
        ("RSA of 1024 bits", [public_jwk("rsa-small", kid="a")], 0),
        ("alg of another key type", [{**rsa, "alg": "ES256"}], 0),
        ("alg for encryption", [{**rsa, "alg": "RSA-OAEP-256"}], 0),
        ("use enc, key_ops without verify", [{**rsa, "use": "enc"}, {**rsa, "key_ops": ["wrapKey"]}], 0),
        (
            "members of wrong types",
            [
                {**rsa, "kid": 5},
                {**rsa, "alg": 5},
                {**rsa, "use": 5},
                {**rsa, "n": 5},
                {**rsa, "key_ops": "verify"},
            ],
            0,
        ),
    ]
    made = [{"name": name, "text": json.dumps({"keys": keys}), "usable": usable} for name, keys, usable in sets]
    for name, text in [
        ("HTML", "<html><body>Bad gateway</body></html>"),
        ("broken JSON", '{"keys":['),
        ("an empty object", "{}"),
        ("keys that is no array", '{"keys":{}}'),
        ("an array", "[]"),
        ("nothing", ""),
        ("keys twice", '{"keys":[],"keys":[]}'),
    ]:
        made.append({"name": name, "text": text, "usable": None})
    return made
