"""Signs anything with the test keys, right or wrong: no JWT library would make most of the vectors."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

KEYS = Path(__file__).parent / "keys"
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}

MAKERS = {
    "rsa-a": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-b": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-small": lambda: rsa.generate_private_key(65537, 1024),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def private_key(name):
    """Reads a test key, or makes it when there is none yet."""
    path = KEYS / f"{name}.pem"
    if not path.exists():
        KEYS.mkdir(exist_ok=True)
        path.write_bytes(
            MAKERS[name]().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    return serialization.load_pem_private_key(path.read_bytes(), None)


def public_pem(name):
    return (
        private_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def public_jwk(name, **members):
    key = private_key(name).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        jwk = {"kty": "RSA", "n": b64(big_endian(numbers.n)), "e": b64(big_endian(numbers.e))}
    elif isinstance(key, ec.EllipticCurvePublicKey):
        numbers, size = key.public_numbers(), (key.key_size + 7) // 8
        jwk = {
            "kty": "EC",
            "crv": f"P-{key.key_size}",
            "x": b64(numbers.x.to_bytes(size, "big")),
            "y": b64(numbers.y.to_bytes(size, "big")),
        }
    else:
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
    return {**jwk, **members}


def big_endian(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def signature(algorithm, key, message):
    """The raw JWS signature. `key` is a test key's name, or bytes for the HS family."""
    if algorithm.startswith("HS"):
        return hmac.new(key, message, getattr(hashlib, f"sha{algorithm[2:]}")).digest()
    private = private_key(key)
    if algorithm in ("EdDSA", "Ed25519"):
        return private.sign(message)
    digest = HASHES[algorithm[2:]]
    if algorithm.startswith("RS"):
        return private.sign(message, padding.PKCS1v15(), digest)
    if algorithm.startswith("PS"):
        return private.sign(message, pss(digest), digest)
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(digest)))
    size = (private.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def is_signature(algorithm, key, message, candidate):
    """Whether an earlier run's signature still holds, so that random ones need not change."""
    public, digest = private_key(key).public_key(), HASHES[algorithm[2:]]
    if len(candidate) % 2:
        return False
    try:
        if algorithm.startswith("PS"):
            public.verify(candidate, message, pss(digest), digest)
        else:
            half = len(candidate) // 2
            r, s = (int.from_bytes(part, "big") for part in (candidate[:half], candidate[half:]))
            public.verify(encode_dss_signature(r, s), message, ec.ECDSA(digest))
    except (InvalidSignature, ValueError):
        return False
    return True


def pss(digest):
    return padding.PSS(padding.MGF1(digest), digest.digest_size)
