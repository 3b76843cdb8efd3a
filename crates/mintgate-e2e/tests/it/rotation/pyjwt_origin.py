"""An origin that verifies every token as PyJWT's users do: a JWKS that is kept for so long, and fetched anew then.

    pyjwt_origin.py JWKS ISSUER AUDIENCE PORT LIFESPAN

A kid that is not in the set it has brings no fetch, because each fetch starts PyJWT's cool-down of 30 s: it has to know
a new key before that signs. No leeway either. What it refuses is answered with 401 and the reason.
"""

import http.server
import sys

try:
    import jwt
except ImportError as error:
    sys.exit(f"{error}: `make .venv/installed` installs what is missing")

JWKS, ISSUER, AUDIENCE, PORT, LIFESPAN = sys.argv[1:]
CLIENT = jwt.PyJWKClient(JWKS, lifespan=float(LIFESPAN))


class Guard(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            key = CLIENT.get_signing_key_from_jwt(token)
            jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)
            status, said = 200, "accepted"
        except Exception as error:
            status, said = 401, f"{type(error).__name__}: {error}"
        body = said.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


Server(("127.0.0.1", int(PORT)), Guard).serve_forever()
