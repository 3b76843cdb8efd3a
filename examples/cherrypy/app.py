"""A CherryPy API that only callers with a good token of the gateway reach.

python app.py --issuer http://127.0.0.1:8080/__mintgate/issuer --audience orders --port 8000
"""

import argparse

import cherrypy

from mintgate.cherrypy import JWTAuth

parser = argparse.ArgumentParser(description="A CherryPy API behind Mintgate.")
parser.add_argument("--issuer", required=True, help="who mints the tokens; its keys are found by discovery")
parser.add_argument("--audience", required=True, help="what the gateway calls this origin")
parser.add_argument("--port", type=int, default=8000)
settings = parser.parse_args()

cherrypy.tools.jwt_auth = JWTAuth(issuer=settings.issuer, audience=settings.audience)


class ProtectedAPI:
    @cherrypy.expose
    @cherrypy.tools.json_out()
    def health(self):
        return {"status": "ok"}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def public(self):
        return {"message": "For everybody"}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth()
    def protected(self):
        return {"message": "Access granted", "user": cherrypy.request.user}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth(scopes=["orders:read"])
    def orders(self):
        return {"orders": [], "user": cherrypy.request.user}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth()
    def upload(self):
        return {"bytes": len(cherrypy.request.body.fp.read())}


if __name__ == "__main__":
    cherrypy.config.update(
        {
            "environment": "production",
            "server.socket_host": "127.0.0.1",
            "server.socket_port": settings.port,
            "log.screen": True,
        }
    )
    cherrypy.quickstart(ProtectedAPI())
