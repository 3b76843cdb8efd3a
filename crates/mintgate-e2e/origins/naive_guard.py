"""A guard as it is copied from page to page: what `mintgate verify-origin` finds in it stands in docs/verify-origin.md.

It is here to fail. Take examples/cherrypy/ instead.
"""

import argparse

import cachetools
import cherrypy
import requests
from jose import jwt

arguments = argparse.ArgumentParser()
arguments.add_argument("--issuer", required=True)
arguments.add_argument("--audience", required=True)
arguments.add_argument("--port", type=int, required=True)
options = arguments.parse_args()

jwks_cache = cachetools.TTLCache(maxsize=1, ttl=600)


def get_jwks():
    if "jwks" not in jwks_cache:
        response = requests.get(options.issuer + "/.well-known/jwks.json")
        jwks_cache["jwks"] = response.json()
    return jwks_cache["jwks"]


def find_key(token):
    kid = jwt.get_unverified_header(token)["kid"]
    for key in get_jwks()["keys"]:
        if key["kid"] == kid:
            return key
    raise Exception("Unable to find a signing key")


def require_jwt():
    header = cherrypy.request.headers.get("Authorization", "")
    if not header.startswith("Bearer "):
        raise cherrypy.HTTPError(401, "Missing or invalid Authorization header")
    token = header.split(" ")[1]
    key = find_key(token)
    try:
        cherrypy.request.user = jwt.decode(
            token, key, algorithms=["RS256"], audience=options.audience, issuer=options.issuer
        )
    except Exception as error:
        raise cherrypy.HTTPError(401, f"Invalid token: {error}") from error


cherrypy.tools.require_jwt = cherrypy.Tool("before_handler", require_jwt)


class API:
    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.require_jwt()
    def protected(self, **parameters):
        return {"message": "Access granted", "user": cherrypy.request.user}


cherrypy.config.update({"server.socket_host": "127.0.0.1", "server.socket_port": options.port})
cherrypy.quickstart(API())
