"""A CherryPy application on a free port, guarded by the tool."""

import http.client
import json
import logging
import threading
from dataclasses import dataclass

import cherrypy
from cheroot.wsgi import Server

from mintgate.cherrypy import JWTAuth

cherrypy.config.update({"log.screen": False})


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def challenge(self):
        return self.headers["WWW-Authenticate"]


class Application:
    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth()
    def protected(self, **parameters):
        user, login = cherrypy.request.user, cherrypy.request.login
        return {"message": "Access granted", "user": user, "login": login, "parameters": parameters}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth(scopes=["orders:read", "orders:write"])
    def scoped(self):
        return {"user": cherrypy.request.user}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def configured(self):
        return {"user": cherrypy.request.user}

    @cherrypy.expose
    def health(self):
        return "ok"


class Origin:
    """Starts the application; ``settings`` go to the tool, ``config`` to CherryPy."""

    def __init__(self, issuer, *, config=None, threads=10, **settings):
        given = {"issuer": issuer.name, "audience": "orders", **settings}
        self.tool = cherrypy.tools.jwt_auth = JWTAuth(**given)
        self.log = []
        self._handler = logging.Handler()
        self._handler.emit = lambda record: self.log.append(record.getMessage())
        cherrypy.log.error_log.addHandler(self._handler)
        application = cherrypy.Application(Application(), "", config or {})
        self._server = Server(("127.0.0.1", 0), application, numthreads=threads, timeout=5)
        # How long it sleeps between two looks at its own state, and so how long stopping takes.
        self._server.expiration_interval = 0.02
        self._server.prepare()
        self.port = self._server.bind_addr[1]
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()

    def close(self):
        self._server.stop()
        self._thread.join(10)
        cherrypy.log.error_log.removeHandler(self._handler)
        cherrypy.engine.unsubscribe("start", self.tool.verifier.start)

    def ask(self, token=None, path="/protected", *, method="GET", body=None, headers=()):
        """One request; ``headers`` are pairs and may repeat."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path)
            lines = [*headers, *([("Authorization", f"Bearer {token}")] if token is not None else [])]
            if body is not None:
                lines.append(("Content-Length", str(len(body))))
            for name, value in lines:
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
