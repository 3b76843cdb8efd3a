"""The same small application in every framework: ``/protected``, ``/scoped``, and ``/health`` for everybody.

Each gives the application and the object that guards it, which has a ``verifier``.
"""

import json
import sys
import types
from typing import Annotated
from urllib.parse import parse_qsl

import cherrypy
import django
import fastapi
import flask
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, JsonResponse
from django.urls import path

import mintgate.asgi
import mintgate.fastapi
import mintgate.flask
import mintgate.wsgi
from mintgate.cherrypy import JWTAuth
from mintgate.guard import Guard

SCOPES = ["orders:read", "orders:write"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]


def granted(user, login, parameters):
    return {"message": "Access granted", "user": user, "login": login, "parameters": parameters}


class Application:
    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth()
    def protected(self, **parameters):
        return granted(cherrypy.request.user, cherrypy.request.login, parameters)

    @cherrypy.expose
    @cherrypy.tools.json_out()
    @cherrypy.tools.jwt_auth(scopes=SCOPES)
    def scoped(self):
        return {"user": cherrypy.request.user}

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def configured(self):
        return {"user": cherrypy.request.user}

    @cherrypy.expose
    def health(self):
        return "ok"


def of_cherrypy(settings, config):
    tool = cherrypy.tools.jwt_auth = JWTAuth(**settings)
    return cherrypy.Application(Application(), "", config), tool


def of_wsgi(settings, _):
    def reply(start_response, body, kind="application/json"):
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    def protected(environ, start_response):
        form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        answer = granted(environ["mintgate.claims"], environ["REMOTE_USER"], dict(parse_qsl(form)))
        return reply(start_response, json.dumps(answer).encode())

    def application(environ, start_response):
        if environ["PATH_INFO"] == "/health":
            assert "REMOTE_USER" not in environ and "mintgate.claims" not in environ
            return reply(start_response, b"ok", "text/plain")
        return (scoped if environ["PATH_INFO"] == "/scoped" else protected)(environ, start_response)

    guard = Guard(**settings)
    scoped = mintgate.wsgi.JWTAuth(protected, guard=guard, scopes=SCOPES)
    return mintgate.wsgi.JWTAuth(application, guard=guard, public=["/health"]), guard


def of_flask(settings, _):
    app, auth = flask.Flask("origin"), mintgate.flask.JWTAuth(**settings)

    @app.route("/protected", methods=METHODS)
    @auth.require()
    def protected():
        return granted(flask.g.user, flask.g.user["sub"], dict(flask.request.form))

    @app.get("/scoped")
    @auth.require(scopes=SCOPES)
    async def scoped():
        return {"user": flask.g.user}

    @app.get("/health")
    def health():
        return "ok"

    return app, auth.guard


def of_django(settings, _):
    """Django has its settings once a process, so each origin's views and guard are put into them when it is made."""
    if not django_settings.configured:
        django_settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="of tests", LOGGING_CONFIG=None, USE_TZ=True)
        django.setup()
    from mintgate import django as guarded

    guarded._MADE.clear()
    name = f"urls_{len(sys.modules)}"
    urls = sys.modules[name] = types.ModuleType(name)

    def use_own_urls(get_response):
        def middleware(request):
            request.urlconf = name
            return get_response(request)

        return middleware

    urls.use_own_urls = use_own_urls
    own = [f"{name}.use_own_urls", "mintgate.django.JWTAuthMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
    django_settings.MIDDLEWARE = own
    django_settings.ROOT_URLCONF = name
    django_settings.MINTGATE = {**settings, "public": ["/health"]}

    def protected(request):
        return JsonResponse(granted(request.user_claims, request.user_claims["sub"], request.POST.dict()))

    @guarded.require(scopes=SCOPES)
    def scoped(request):
        return JsonResponse({"user": request.user_claims})

    def health(request):
        return HttpResponse("ok")

    urls.urlpatterns = [path("protected", protected), path("scoped", scoped), path("health", health)]
    return WSGIHandler(), guarded.guard()


def of_asgi(settings, _):
    async def reply(send, body, kind=b"application/json"):
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def protected(scope, receive, send):
        if scope["type"] == "websocket":
            assert (await receive())["type"] == "websocket.connect"
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": scope["mintgate.claims"]["sub"]})
            return await send({"type": "websocket.close"})
        form, more = b"", True
        while more:
            message = await receive()
            form, more = form + message.get("body", b""), message.get("more_body", False)
        claims = scope["mintgate.claims"]
        answer = granted(claims, claims["sub"], dict(parse_qsl(form.decode())))
        await reply(send, json.dumps(answer).encode())

    async def application(scope, receive, send):
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            return await send({"type": "lifespan.shutdown.complete"})
        if scope["path"] == "/health":
            assert scope["mintgate.claims"] is None
            return await reply(send, b"ok", b"text/plain")
        await (scoped if scope["path"] == "/scoped" else protected)(scope, receive, send)

    guard = Guard(**settings)
    scoped = mintgate.asgi.JWTAuth(protected, guard=guard, scopes=SCOPES)
    return mintgate.asgi.JWTAuth(application, guard=guard, public=["/health"]), guard


def of_fastapi(settings, _):
    app, auth = fastapi.FastAPI(), mintgate.fastapi.JWTAuth(**settings)
    auth.install(app)
    user = Annotated[mintgate.fastapi.Claims, fastapi.Security(auth)]

    def of_form(body: Annotated[bytes | None, fastapi.Body(media_type="text/plain")] = None):
        return dict(parse_qsl((body or b"").decode()))

    parameters = Annotated[dict, fastapi.Depends(of_form)]

    @app.api_route("/protected", methods=METHODS)
    def protected(user: user, parameters: parameters):
        return granted(user, user["sub"], parameters)

    @app.get("/scoped")
    async def scoped(user: Annotated[mintgate.fastapi.Claims, fastapi.Security(auth, scopes=SCOPES)]):
        return {"user": user}

    @app.websocket("/socket")
    async def socket(socket: fastapi.WebSocket, user: user):
        await socket.accept()
        await socket.send_text(user["sub"])
        await socket.close()

    @app.get("/health", response_class=fastapi.responses.PlainTextResponse)
    def health():
        return "ok"

    return app, auth.guard
