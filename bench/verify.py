"""What it costs to verify a token in Python, beside other libraries, in one run on one core.

    .venv-bench/bin/python bench/verify.py [--rounds 9] [--tokens 1000]

``make bench-verify`` builds what it needs. Every library checks signature, issuer, audience and times, with a key that
was parsed before. In each round every library verifies the same tokens once, another one first each time. Our verifier
is made anew for each round, so that no token was seen before; then it is asked a second time, when all were.
"""

import argparse
import base64
import json
import os
import platform
import statistics
import subprocess
import threading
import time
from importlib.metadata import version
from pathlib import Path

import authlib.jose
import jose.jwt
import joserfc.jwk
import joserfc.jwt
import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import mintgate

HERE = Path(__file__).parent
ISSUER, AUDIENCE, KID = "https://api.example.com/__mintgate/issuer", "orders", "zB4Cc6PLt4d5m2fV"
OURS_NEW, OURS_SEEN = "mintgate, never seen", "mintgate, seen before"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """A 2048-bit RS256 key and tokens of it."""

    def __init__(self):
        self._private = rsa.generate_private_key(65537, 2048)
        numbers = self._private.public_key().public_numbers()
        n, e = (b64(value.to_bytes((value.bit_length() + 7) // 8, "big")) for value in (numbers.n, numbers.e))
        self.jwk = {"kty": "RSA", "kid": KID, "alg": "RS256", "use": "sig", "n": n, "e": e}

    def tokens(self, count):
        now = int(time.time())
        common = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 3600, "scope": "orders:read"}
        return [self._sign({**common, "sub": f"customer-{n:05}", "jti": f"5XbQ0mTq3sJ8{n:05}"}) for n in range(count)]

    def _sign(self, claims):
        parts = ({"alg": "RS256", "kid": KID, "typ": "at+jwt"}, claims)
        signed = ".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        return signed + "." + b64(self._private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))


def mintgate_verifier(issuer):
    return mintgate.Verifier(issuer=ISSUER, audience=AUDIENCE, jwks={"keys": [issuer.jwk]}).verify


def others(issuer):
    """By name, a function that gives a token's claims after the checks that ours makes too."""
    parsed = jwt.PyJWK(issuer.jwk).key
    required = {"require": ["exp", "iss", "aud", "sub"]}

    def of_pyjwt(token):
        return jwt.decode(
            token, parsed, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER, leeway=10, options=required
        )

    key = joserfc.jwk.RSAKey.import_key(issuer.jwk)
    essential = {name: {"essential": True} for name in ("exp", "sub")}
    registry = joserfc.jwt.JWTClaimsRegistry(
        leeway=10,
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        **essential,
    )

    def of_joserfc(token):
        claims = joserfc.jwt.decode(token, key, algorithms=["RS256"]).claims
        registry.validate(claims)
        return claims

    own = authlib.jose.JsonWebKey.import_key(issuer.jwk)
    codec = authlib.jose.JsonWebToken(["RS256"])
    wanted = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": AUDIENCE}, **essential}

    def of_authlib(token):
        claims = codec.decode(token, own, claims_options=wanted)
        claims.validate(leeway=10)
        return claims

    built = jose.jwk.construct(issuer.jwk)
    options = {f"require_{name}": True for name in ("exp", "iss", "aud", "sub")} | {"leeway": 10}

    def of_python_jose(token):
        return jose.jwt.decode(token, built, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER, options=options)

    return {"joserfc": of_joserfc, "pyjwt": of_pyjwt, "authlib": of_authlib, "python-jose": of_python_jose}


def microseconds(verify, tokens):
    """Of the processor's time, so that what else runs on the machine counts little."""
    start = time.process_time()
    for token in tokens:
        verify(token)
    return (time.process_time() - start) * 1e6 / len(tokens)


def on_one_core(issuer, tokens, rounds):
    """By name, the microseconds a token of each round."""
    measured = {name: [] for name in (OURS_NEW, OURS_SEEN, *others(issuer))}
    known = others(issuer)
    for name, verify in [("mintgate", mintgate_verifier(issuer)), *known.items()]:
        assert verify(tokens[0])["sub"] == "customer-00000", name
    names = ["mintgate", *known]
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if name == "mintgate":
                fresh = mintgate_verifier(issuer)
                measured[OURS_NEW].append(microseconds(fresh, tokens))
                measured[OURS_SEEN].append(microseconds(fresh, tokens))
            else:
                measured[name].append(microseconds(known[name], tokens))
    return measured


def on_two_cores(issuer, tokens, rounds):
    """Tokens a second of one thread and of eight, never seen before, in alternating rounds."""
    rates = {1: [], 8: []}
    for _ in range(rounds):
        for threads, seen in rates.items():
            verify = mintgate_verifier(issuer)
            parts = [tokens[number::threads] for number in range(threads)]
            workers = [threading.Thread(target=microseconds, args=(verify, part)) for part in parts]
            start = time.perf_counter()
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            seen.append(len(tokens) / (time.perf_counter() - start))
    return rates


def in_rust():
    """What the Rust benchmark of the same says, when it is built."""
    program = HERE.parent / "target" / "verify-rust" / "release" / "mintgate-bench-verify"
    if not program.exists():
        return None
    done = subprocess.run([program, "--json"], capture_output=True, text=True, check=True, timeout=300)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description="What it costs to verify a token in Python.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tokens", type=int, default=1000)
    settings = parser.parse_args()
    issuer, cores = Issuer(), sorted(os.sched_getaffinity(0))
    tokens = issuer.tokens(settings.tokens)

    os.sched_setaffinity(0, cores[:1])
    measured = on_one_core(issuer, tokens, settings.rounds)
    os.sched_setaffinity(0, cores[:2])
    rates = on_two_cores(issuer, issuer.tokens(4 * settings.tokens), settings.rounds)
    os.sched_setaffinity(0, cores)

    report = {
        "machine": {"processor": processor(), "python": platform.python_version(), "cores": len(cores)},
        "token_bytes": len(tokens[0]),
        "versions": {name: version(name) for name in ("mintgate", "joserfc", "pyjwt", "authlib", "python-jose")},
        "microseconds": measured,
        "tokens_per_second_on_two_cores": {str(threads): seen for threads, seen in rates.items()},
        "rust": in_rust(),
    }
    results = HERE / "results"
    (results / "verify.json").write_text(json.dumps(report, indent=1) + "\n")
    text = table(report)
    (results / "verify.md").write_text(text)
    print(text, end="")


def table(report):
    """The report for people."""
    middle = {name: statistics.median(seen) for name, seen in report["microseconds"].items()}
    lines = [
        f"RS256, 2048 bits, tokens of {report['token_bytes']} bytes, one core, medians of "
        f"{len(report['microseconds'][OURS_NEW])} rounds; CPython {report['machine']['python']}, "
        f"{report['machine']['processor']}.",
        "",
        "| library | µs a token | lowest to highest | times ours, never seen |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, value in sorted(middle.items(), key=lambda one: one[1]):
        library, _, state = name.partition(", ")
        seen = report["microseconds"][name]
        title = f"{library} {report['versions'][library]}" + (f", {state}" if state else "")
        spread = f"{min(seen):.1f} to {max(seen):.1f}"
        lines.append(f"| {title} | {value:.1f} | {spread} | {value / middle[OURS_NEW]:.2f} |")
    lines += ["", "| aimed at | measured | reached |", "| --- | ---: | --- |"]
    rates = {threads: statistics.median(seen) for threads, seen in report["tokens_per_second_on_two_cores"].items()}
    for aim, least, value in [
        ("never seen: at least 2 times as fast as joserfc", 2, middle["joserfc"] / middle[OURS_NEW]),
        ("never seen: at least 3 times as fast as PyJWT", 3, middle["pyjwt"] / middle[OURS_NEW]),
        ("seen before: at least 10 times as fast as joserfc", 10, middle["joserfc"] / middle[OURS_SEEN]),
        ("never seen, eight threads on two cores: at least 1.7 times one", 1.7, rates["8"] / rates["1"]),
    ]:
        lines.append(f"| {aim} | {value:.2f} | {'yes' if value >= least else 'no'} |")
    return "\n".join(lines) + "\n"


def processor():
    """The processor's name, as the kernel has it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
