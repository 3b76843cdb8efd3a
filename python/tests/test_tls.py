"""Keys come over TLS from whom the system trusts, and from nobody else."""

import datetime
import ipaddress
import json
import os
import ssl
import subprocess
import sys

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from issuer import Issuer

PROGRAM = """
import json, sys, mintgate
settings, token = json.load(sys.stdin)
try:
    print(mintgate.Verifier(**settings).verify(token)["sub"])
except mintgate.IssuerUnavailable as error:
    print("unavailable:", error)
"""


def certificate(folder, names):
    """A certificate authority's file and a server's context with a certificate of it for these names."""
    now = datetime.datetime.now(datetime.timezone.utc)
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))

    def build(subject, public, extension, *, signer, is_authority=False):
        named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A test authority")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(issuer if is_authority else named)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        return (builder.add_extension(extension, critical=False) if extension else builder).sign(
            signer, hashes.SHA256()
        )

    own = build("authority", authority.public_key(), None, signer=authority, is_authority=True)
    given = build("server", server.public_key(), x509.SubjectAlternativeName(names), signer=authority)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(own.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        given.public_bytes(pem)
        + server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "authority.pem", context


def verify_in_a_process(issuer, key, trusted):
    """The system's roots are read once a process, so each test has one of its own."""
    environment = {**os.environ, **({"SSL_CERT_FILE": str(trusted)} if trusted else {})}
    given = json.dumps([{"issuer": issuer.name, "audience": "orders"}, key.sign(issuer.claims())])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=given,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def secure_issuer(tmp_path, key):
    made = []

    def make(names):
        authority, context = certificate(tmp_path, names)
        made.append(Issuer(key, tls=context))
        return made[-1], authority

    yield make
    for issuer in made:
        issuer.close()


def it_fetches_keys_from_a_server_that_the_system_trusts(secure_issuer, key):
    issuer, authority = secure_issuer([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    assert verify_in_a_process(issuer, key, authority) == "user-7"


def it_fetches_none_from_one_that_it_does_not_trust(secure_issuer, key):
    issuer, _ = secure_issuer([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    assert verify_in_a_process(issuer, key, None).startswith("unavailable:")


def it_fetches_none_from_a_server_of_another_name(secure_issuer, key):
    issuer, authority = secure_issuer([x509.DNSName("else.example")])
    answer = verify_in_a_process(issuer, key, authority)
    assert answer.startswith("unavailable:") and "certificate" in answer.lower()
