"""The same API guarded by hand, with python-jose, requests and cachetools: an origin needs nothing of ours.

    python plain_python.py --issuer http://127.0.0.1:8080/__mintgate/issuer --audience orders --port 8000

It works with every issuer that puts its keys at ISSUER/.well-known/jwks.json; a guard that was written for
https://HOST/__zuplo/issuer works with the gateway by changing the host, if the gateway's `issuer.path` is that path.
app.py does the same in one line, and handles what is left out here: rotation without a restart of the cache's clock,
an issuer that is down or slow, other algorithms, and answers that programs can read.
"""

import argparse
import threading

import cherrypy
import requests
from cachetools import TTLCache
from jose import jwt
from jose.exceptions import ExpiredSignatureError, JOSEError

SETTINGS = {}
# One lock for the cache: CherryPy answers from many threads.
KEYS, KEYS_LOCK = TTLCache(maxsize=1, ttl=300), threading.Lock()


def published_keys(fresh=False):
    """The issuer's keys by kid, kept for five minutes."""
    with KEYS_LOCK:
        if fresh or "keys" not in KEYS:
            answer = requests.get(f"{SETTINGS['issuer']}/.well-known/jwks.json", timeout=3, allow_redirects=False)
            answer.raise_for_status()
            KEYS["keys"] = {key["kid"]: key for key in answer.json()["keys"] if key.get("kid")}
        return KEYS["keys"]


def signing_key(kid):
    """The key of that kid; asks the issuer once more when it is new."""
    return published_keys().get(kid) or published_keys(fresh=True).get(kid)


def require_jwt():
    scheme, _, token = cherrypy.request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise cherrypy.HTTPError(401, "No token provided")
    try:
        key = signing_key(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise cherrypy.HTTPError(401, "Invalid token")
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=SETTINGS["audience"],
            issuer=SETTINGS["issuer"],
            options={f"require_{claim}": True for claim in ("exp", "iss", "aud", "sub")} | {"leeway": 10},
        )
    except ExpiredSignatureError:
        raise cherrypy.HTTPError(401, "Token has expired") from None
    except JOSEError:
        raise cherrypy.HTTPError(401, "Invalid token") from None
    except (requests.RequestException, ValueError, KeyError, TypeError):
        raise cherrypy.HTTPError(503, "Tokens cannot be verified now") from None
    cherrypy.request.user = claims


cherrypy.tools.require_jwt = cherrypy.Tool("before_request_body", require_jwt)


class ProtectedAPI:
    @cherrypy.expose
    @cherrypy.tools.json_out()
    def health(self):
        return {"status": "ok"}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.require_jwt()
    def protected(self):
        return {"message": "Access granted", "user": cherrypy.request.user}


def main():
    parser = argparse.ArgumentParser(description="A CherryPy API behind Mintgate, guarded by hand.")
    parser.add_argument("--issuer", required=True, help="who mints the tokens")
    parser.add_argument("--audience", required=True, help="what the gateway calls this origin")
    parser.add_argument("--port", type=int, default=8000)
    SETTINGS.update(vars(parser.parse_args()))

    cherrypy.config.update(
        {
            # Not the least of its settings: it keeps tracebacks out of the answers.
            "environment": "production",
            "server.socket_host": "127.0.0.1",
            "server.socket_port": SETTINGS["port"],
            "log.screen": True,
        }
    )
    cherrypy.quickstart(ProtectedAPI())


if __name__ == "__main__":
    main()
