"""Guarded applications on free ports, each on a real server in a thread."""

import http.client
import json
import logging
import threading
import time
from dataclasses import dataclass

import cherrypy

import applications
import servers

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


# Which application runs on which server.
KINDS = {
    "cherrypy": (applications.of_cherrypy, servers.Cheroot),
    "wsgi": (applications.of_wsgi, servers.Cheroot),
    "flask": (applications.of_flask, servers.Cheroot),
    "django": (applications.of_django, servers.Cheroot),
    "asgi": (applications.of_asgi, servers.Uvicorn),
    "fastapi": (applications.of_fastapi, servers.Uvicorn),
    "hypercorn": (applications.of_asgi, servers.Hypercorn),
}


class Origin:
    """Starts an application; ``settings`` go to its guard, ``config`` to CherryPy."""

    def __init__(self, kind, issuer, *, config=None, threads=10, **settings):
        given = {"issuer": issuer.name, "audience": "orders", **settings}
        build, serve = KINDS[kind]
        self.log = []
        self._handler = logging.Handler()
        self._handler.emit = lambda record: self.log.append(record.getMessage())
        self._logger = cherrypy.log.error_log if kind == "cherrypy" else logging.getLogger("mintgate")
        self._logger.addHandler(self._handler)
        self._logger.setLevel(logging.INFO)
        application, self.tool = build(given, config or {})
        self._server = serve(application, threads)
        self.port = self._server.port

    def close(self):
        self._server.close()
        self._logger.removeHandler(self._handler)
        cherrypy.engine.unsubscribe("start", self.tool.verifier.start)

    def ask(self, token=None, path="/protected", *, method="GET", body=None, headers=()):
        """One request; ``headers`` are pairs and may repeat."""
        return ask(self.port, token, path, method=method, body=body, headers=headers)


def ask(port, token=None, path="/protected", *, method="GET", body=None, headers=()):
    """One request to whatever listens there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
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


def read_to_end(connection):
    """What comes until the other side closes."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass  # It closed while bytes of ours were on their way.
    return received


def wait_for_fetches(issuer, count):
    """Returns once the issuer was asked so often; fails after ten seconds."""
    deadline = time.monotonic() + 10
    pause = threading.Event()
    while issuer.fetches < count:
        assert time.monotonic() < deadline, f"{issuer.fetches} fetches, not {count}"
        pause.wait(0.005)
