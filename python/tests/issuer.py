"""An issuer on a free port of this machine, whose answers the tests choose."""

import base64
import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class SigningKey:
    """A key pair with a kid."""

    def __init__(self, kid, algorithm="RS256"):
        self.kid, self.algorithm = kid, algorithm
        if algorithm == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        elif algorithm == "ES256":
            self.private = ec.generate_private_key(ec.SECP256R1())
        else:
            self.private = rsa.generate_private_key(65537, 2048)

    def jwk(self, **members):
        public = self.private.public_key()
        if self.algorithm == "EdDSA":
            own = {"kty": "OKP", "crv": "Ed25519", "x": b64(public.public_bytes_raw())}
        elif self.algorithm == "ES256":
            point = public.public_numbers()
            own = {"kty": "EC", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)}
        else:
            parts = public.public_numbers()
            own = {"kty": "RSA", "n": number(parts.n), "e": number(parts.e)}
        merged = {**own, "kid": self.kid, "alg": self.algorithm, "use": "sig", **members}
        return {name: value for name, value in merged.items() if value is not None}

    def sign(self, claims, **header):
        merged = {"alg": self.algorithm, "kid": self.kid, "typ": "at+jwt", **header}
        head = {name: value for name, value in merged.items() if value is not None}
        signed = b64(json.dumps(head).encode()) + "." + b64(json.dumps(claims).encode())
        return signed + "." + b64(self._signature(signed.encode()))

    def _signature(self, message):
        if self.algorithm == "EdDSA":
            return self.private.sign(message)
        if self.algorithm == "ES256":
            r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())


class Issuer:
    """Publishes ``keys``, or answers with ``reply``: (status, headers, body), or HANG."""

    HANG = object()

    def __init__(self, *keys, tls=None):
        self._tls = tls
        self.keys = [key if isinstance(key, dict) else key.jwk() for key in keys]
        self.reply = None
        self.fetches = 0
        self.max_age = 300
        self.gate = threading.Event()
        self.gate.set()
        self._closing = threading.Event()
        self._server = self._listen(0)
        self.port = self._server.server_address[1]

    @property
    def name(self):
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/issuer"

    def claims(self, **changes):
        now = int(time.time())
        merged = {"iss": self.name, "sub": "user-7", "aud": "orders", "iat": now, "exp": now + 300, **changes}
        return {name: value for name, value in merged.items() if value is not None}

    @contextmanager
    def down(self):
        """Refuses connections meanwhile."""
        self._stop()
        try:
            yield
        finally:
            self._server = self._listen(self.port)

    def close(self):
        self._closing.set()
        self.gate.set()
        self._stop()

    def _stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _listen(self, port):
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler(), bind_and_activate=False)
        server.daemon_threads = True
        server.block_on_close = False
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._tls:
            server.socket = self._tls.wrap_socket(server.socket, server_side=True)
        server.server_bind()
        server.server_activate()
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    def _handler(self):
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, headers, body = issuer._answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # Whoever asked was done with us.

            def log_message(self, *args):
                pass

        return Handler

    def _answer(self, path):
        if path == "/issuer/.well-known/openid-configuration":
            found = {"issuer": self.name, "jwks_uri": f"{self.name}/.well-known/jwks.json"}
            return 200, {}, json.dumps(found).encode()
        if path != "/issuer/.well-known/jwks.json":
            return 404, {}, b""
        self.fetches += 1
        if self.reply is self.HANG:
            self._closing.wait(30)
            return 500, {}, b""
        self.gate.wait(30)
        if self.reply:
            return self.reply
        headers = {"Cache-Control": f"public, max-age={self.max_age}"}
        return 200, headers, json.dumps({"keys": self.keys}).encode()
