"""A CherryPy application that says what it sees of a request.

    seen.py ISSUER PORT

/seen is for everybody; /guarded is guarded by the tool, with no leeway.
"""

import sys

try:
    import cherrypy

    from mintgate.cherrypy import JWTAuth
except ImportError as error:
    sys.exit(f"{error}: `make .venv/installed` installs what is missing")

ISSUER, PORT = sys.argv[1], int(sys.argv[2])
cherrypy.tools.jwt_auth = JWTAuth(issuer=ISSUER, audience="orders", leeway=0)


def seen():
    request = cherrypy.request
    return {
        # As applications ask for headers, and as WSGI hands them over.
        "headers": dict(request.headers),
        "environ": {name: value for name, value in request.wsgi_environ.items() if isinstance(value, str)},
        "remote": request.remote.ip,
        "base": request.base,
        "method": request.method,
        "path": request.path_info,
        # As far as WSGI says that it goes.
        "body": request.rfile.read(int(request.wsgi_environ.get("CONTENT_LENGTH") or 0)).decode("latin-1"),
        "user": getattr(request, "user", None),
        "login": request.login,
    }


class Application:
    @cherrypy.expose
    @cherrypy.tools.json_out()
    def seen(self):
        return seen()

    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth()
    def guarded(self):
        return seen()


cherrypy.config.update(
    {
        "environment": "production",
        "server.socket_host": "127.0.0.1",
        "server.socket_port": PORT,
        # What applications behind a proxy switch on; it believes X-Forwarded-Host and its kin.
        "tools.proxy.on": True,
        "request.process_request_body": False,
        "log.screen": True,
    }
)
cherrypy.quickstart(Application())
