"""What the adapters do beyond the list of what others get wrong, each on a real server."""

import http.client
import socket
import sys
from typing import Annotated

import pytest

import mintgate.asgi
import mintgate.flask
import mintgate.wsgi
from mintgate.guard import Guard, PublicPaths
from origin import KINDS, ask, read_to_end

SETTINGS = {"issuer": "https://a.example", "audience": "b"}
KEEPS_LAST = [kind for kind in KINDS if kind in ("cherrypy", "wsgi", "flask", "django")]


def it_leaves_public_paths_alone(origin):
    assert origin.ask(path="/health").body == b"ok"
    assert origin.ask("garbage", "/health").body == b"ok"


def it_asks_for_all_scopes_of_a_handler(origin, issuer, key):
    for scope, status in [(None, 403), ("orders:read", 403), ("orders:write orders:read", 200)]:
        assert origin.ask(key.sign(issuer.claims(scope=scope)), "/scoped").status == status


@pytest.mark.parametrize("name", ["Cgi-Authorization", "Cgi_Authorization", "CGI-AUTHORIZATION"])
def r07_a_request_with_cgi_authorization_is_refused(kind, origin, issuer, key, name):
    good = f"Bearer {key.sign(issuer.claims())}"
    assert origin.ask(headers=[(name, good)]).status in (400, 401)
    assert origin.ask(headers=[("Authorization", good), (name, good)]).status == 400
    assert origin.ask(headers=[("Authorization", "Bearer x"), (name, good)]).status in (400, 401)


def r02_of_two_lines_none_or_the_one_that_is_checked_counts(kind, origin, issuer, key):
    one, other = (f"Bearer {key.sign(issuer.claims(sub=sub))}" for sub in ("one", "other"))
    for second in ("Authorization", "authorization"):
        answer = origin.ask(headers=[("Authorization", one), (second, other)])
        if kind in KEEPS_LAST:
            assert answer.json["user"]["sub"] == "other"
        else:
            assert (answer.status, answer.json["code"]) == (400, "invalid_request")
        assert origin.ask(headers=[("Authorization", one), (second, "Bearer x")]).status in (400, 401)


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b", "Bearer é", 'Bearer "a"']
)
def it_calls_a_malformed_header_a_bad_request(origin, value):
    answer = origin.ask(headers=[("Authorization", value.encode("latin-1"))])
    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


def r28_oversized_tokens_are_refused(origin, issuer, key):
    for token in ("." * 50000, "a" * 50000, "a." * 20000, key.sign(issuer.claims()) + "A" * 50000):
        # What is too long for the server, it refuses itself.
        assert origin.ask(token).status in (400, 401, 413, 431)


def it_answers_head_without_a_body_and_guards_every_method(origin, issuer, key):
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        assert origin.ask(method=method, body=b"" if method in ("POST", "PUT", "PATCH") else None).status == 401
    answer = origin.ask(method="HEAD")
    assert (answer.status, answer.body) == (401, b"")


def it_reads_the_body_of_those_who_pass(kind, origin, issuer, key):
    media = "text/plain" if kind == "fastapi" else "application/x-www-form-urlencoded"
    answer = origin.ask(key.sign(issuer.claims()), method="POST", body=b"a=1&b=2", headers=[("Content-Type", media)])
    assert answer.json["parameters"] == {"a": "1", "b": "2"}


def it_keeps_a_connection_open_after_a_refusal_without_a_body(origin, issuer, key):
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=5)
    try:
        for headers, status in [({}, 401), ({"Authorization": f"Bearer {key.sign(issuer.claims())}"}, 200)]:
            connection.request("GET", "/protected", headers=headers)
            local = connection.sock.getsockname()
            response = connection.getresponse()
            response.read()
            assert response.status == status
            assert connection.sock is None or connection.sock.getsockname() == local
    finally:
        connection.close()


def r36_a_refused_body_is_never_read_as_a_request(origin, issuer, key):
    good = f"GET /protected HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.sign(issuer.claims())}\r\n\r\n".encode()
    for framing in (f"Content-Length: {len(good)}", "Content-Length: 5000000", "Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", origin.port), timeout=5) as connection:
            start = f"POST /protected HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n{framing}\r\n\r\n"
            connection.sendall(start.encode() + good)
            connection.shutdown(socket.SHUT_WR)
            answer = read_to_end(connection)
        assert b" 200 " not in answer and b"user-7" not in answer


def it_believes_no_header_about_who_asks(origin, issuer, key):
    spoofed = [("Remote-User", "admin"), ("Remote_User", "admin"), ("X-Remote-User", "admin")]
    assert origin.ask(headers=spoofed).status == 401
    answer = origin.ask(key.sign(issuer.claims()), headers=spoofed)
    assert (answer.json["login"], answer.json["user"]["sub"]) == ("user-7", "user-7")
    assert origin.ask(path="/health", headers=spoofed).body == b"ok"


def it_answers_500_without_details_when_it_breaks_itself(origin, issuer, key, monkeypatch):
    class Broken:
        def verify(self, token, scopes):
            raise RuntimeError("secret detail")

        averify = verify

        def start(self):
            pass

    monkeypatch.setattr(getattr(origin.tool, "guard", origin.tool), "verifier", Broken())
    answer = origin.ask(key.sign(issuer.claims()))
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert b"secret" not in answer.body


def it_points_to_the_metadata_of_the_resource_when_told(make_origin, issuer):
    address = "https://orders.example/.well-known/oauth-protected-resource"
    origin = make_origin(issuer, resource_metadata=address)
    assert origin.ask().challenge == f'Bearer realm="api", resource_metadata="{address}"'
    assert origin.ask("x").challenge == f'Bearer realm="api", error="invalid_token", resource_metadata="{address}"'


@pytest.mark.parametrize("kind", ["asgi", "fastapi", "hypercorn"])
def it_guards_web_sockets_before_they_are_accepted(origin, issuer, key):
    def shake_hands(token):
        with socket.create_connection(("127.0.0.1", origin.port), timeout=5) as connection:
            lines = ["GET /socket HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket"]
            lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
            lines += [f"Authorization: Bearer {token}"] if token else []
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            received = b""
            # Having closed, some servers wait for the other side to close as well.
            while b"user-7" not in received and (piece := connection.recv(65536)):
                received += piece
            return received

    for token in (None, "x", key.sign(issuer.claims(aud="billing"))):
        answer = shake_hands(token)
        assert answer.split(b"\r\n")[0].split()[1] in (b"401", b"403"), answer
        assert b"user-7" not in answer
    answer = shake_hands(key.sign(issuer.claims()))
    assert answer.startswith(b"HTTP/1.1 101") and b"user-7" in answer


@pytest.mark.parametrize("kind", ["asgi"])
def it_guards_no_connection_that_it_does_not_know(kind):
    import asyncio

    async def application(scope, receive, send):
        pytest.fail("reached")

    guarded = mintgate.asgi.JWTAuth(application, **SETTINGS)
    with pytest.raises(ValueError, match="'other'"):
        asyncio.run(guarded({"type": "other"}, None, None))


@pytest.mark.parametrize("kind", ["none"])
def it_refuses_settings_that_open_more_than_they_say(kind):
    for public in ("/health", ["health"], ["/*/x"], ["*"], ["/a*"]):
        for middleware in (mintgate.wsgi.JWTAuth, mintgate.asgi.JWTAuth):
            with pytest.raises((TypeError, ValueError), match="public"):
                middleware(None, public=public, **SETTINGS)
    with pytest.raises(TypeError, match="public"):
        mintgate.flask.JWTAuth(**SETTINGS).protect(None, public="health")
    with pytest.raises(TypeError, match="either guard or audience"):
        mintgate.wsgi.JWTAuth(None, guard=Guard(**SETTINGS), **SETTINGS)
    with pytest.raises(ValueError, match="resource_metadata"):
        Guard(resource_metadata='https://a.example/"', **SETTINGS)


@pytest.mark.parametrize("kind", ["none"])
def r15_a_path_that_may_still_be_shortened_is_not_public_by_its_beginning(kind):
    public = PublicPaths(["/health", "/docs/*"])
    for path in ("/health", "/docs/", "/docs/a", "/docs/a/b/"):
        assert path in public
    odd = ["/docs/../a", "/docs/./a", "/docs//a", "/docs/a;b", "/docs/%2e%2e/a", "/docs/..\\a", "/docs/a\0", "//docs/a"]
    for path in ("/", "", "/healthy", "/health/", "/docs", "/Docs/a", *odd):
        assert path not in public


@pytest.mark.parametrize("kind", ["none"])
def r29_a_router_with_bodies_of_its_own_asks_for_tokens_first(kind, issuer, key):
    import fastapi
    from fastapi import Body, Depends, Security

    from mintgate.fastapi import Claims, GuardedRoute, JWTAuth
    from servers import Uvicorn

    app, auth = fastapi.FastAPI(), JWTAuth(issuer=issuer.name, audience="orders")
    auth.install(app)

    def writer(user: Annotated[Claims, Security(auth, scopes=["orders:write"])]):
        return user["sub"]

    router = fastapi.APIRouter(route_class=GuardedRoute, prefix="/inner")

    @router.post("/upload")
    async def upload(who: Annotated[str, Depends(writer)], body: Annotated[bytes, Body(media_type="text/plain")]):
        return {"who": who, "bytes": len(body)}

    app.include_router(router)
    scheme = app.openapi()["components"]["securitySchemes"]["AccessToken"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert app.openapi()["paths"]["/inner/upload"]["post"]["security"] == [{"AccessToken": ["orders:write"]}]
    server = Uvicorn(app, 1)
    try:
        head = "POST /inner/upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 50000000\r\n"
        lacking = f"Authorization: Bearer {key.sign(issuer.claims(scope='orders:read'))}\r\n"
        for line, status in [("", b"401"), (lacking, b"403")]:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(f"{head}{line}\r\nhello".encode())
                answer = read_to_end(connection)
            assert answer.startswith(b"HTTP/1.1 " + status) and b"application/problem+json" in answer
        token = key.sign(issuer.claims(scope="orders:write"))
        sent = ask(server.port, token, "/inner/upload", method="POST", body=b"abc", headers=[TEXT])
        assert sent.json == {"who": "user-7", "bytes": 3}
    finally:
        server.close()


@pytest.mark.parametrize("kind", ["none"])
def it_asks_no_guard_that_dependency_overrides_replaces_and_all_others(kind, issuer, key):
    import fastapi
    from fastapi import Depends, Security

    from mintgate.fastapi import Claims, JWTAuth
    from servers import Uvicorn

    app, auth = fastapi.FastAPI(), JWTAuth(issuer=issuer.name, audience="orders")
    auth.install(app)

    def reader(user: Annotated[Claims, Security(auth, scopes=["orders:read"])]):
        return user["sub"]

    @app.get("/direct")
    async def direct(user: Annotated[Claims, Security(auth)]):
        return user["sub"]

    @app.get("/nested")
    async def nested(who: Annotated[str, Depends(reader)]):
        return who

    app.dependency_overrides[reader] = lambda: "tester"
    server = Uvicorn(app, 1)
    try:
        assert (ask(server.port, None, "/direct").status, ask(server.port, None, "/nested").json) == (401, "tester")
        app.dependency_overrides = {auth: lambda: {"sub": "tester"}}
        assert (ask(server.port, None, "/direct").json, ask(server.port, None, "/nested").json) == ("tester", "tester")
        app.dependency_overrides = {}
        assert (ask(server.port, None, "/direct").status, ask(server.port, None, "/nested").status) == (401, 401)
    finally:
        server.close()


@pytest.mark.parametrize("kind", ["none"])
def it_is_not_installed_after_guarded_routes_which_would_read_bodies_first(kind, issuer):
    import fastapi
    from fastapi import Security

    from mintgate.fastapi import Claims, JWTAuth

    app, auth = fastapi.FastAPI(), JWTAuth(issuer=issuer.name, audience="orders")

    @app.get("/health")
    async def health():
        return "ok"

    auth.install(app)
    late = fastapi.FastAPI()

    @late.get("/protected")
    async def protected(user: Annotated[Claims, Security(auth)]):
        return user

    with pytest.raises(RuntimeError, match="/protected"):
        auth.install(late)


@pytest.mark.parametrize("kind", ["none"])
def it_guards_asynchronous_views_of_django_and_bodies_outside_of_it(kind, issuer, key):
    from django.conf import settings
    from django.core.handlers.asgi import ASGIHandler
    from django.http import JsonResponse
    from django.urls import path

    import applications
    from servers import Uvicorn

    applications.of_django({"issuer": issuer.name, "audience": "orders"}, {})
    from mintgate import django as guarded

    @guarded.require(scopes=["orders:read"])
    async def view(request):
        return JsonResponse({"user": request.user_claims, "bytes": len(request.body)})

    urls = sys.modules[settings.ROOT_URLCONF]
    urls.urlpatterns.append(path("view", view))
    inner = ASGIHandler()
    server = Uvicorn(mintgate.asgi.JWTAuth(inner, guard=guarded.guard(), public=["/health"]), 1)
    bare = Uvicorn(inner, 1)
    try:
        good = key.sign(issuer.claims(scope="orders:read"))
        for port in (server.port, bare.port):
            assert ask(port, path="/health").body == b"ok"
            assert ask(port, path="/view").status == 401
            assert ask(port, key.sign(issuer.claims()), "/view").status == 403
            assert ask(port, good, "/view", method="POST", body=b"abc", headers=[TEXT]).json["bytes"] == 3
            line = ("Authorization", f"Bearer {good}")
            assert ask(port, path="/view", headers=[line, line]).status == 400
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(b"POST /view HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\nhello")
            assert read_to_end(connection).startswith(b"HTTP/1.1 401 ")
    finally:
        server.close()
        bare.close()


@pytest.mark.parametrize("kind", ["none"])
def it_guards_a_whole_flask_application_but_for_what_is_named(kind, issuer, key):
    import flask

    from servers import Cheroot

    app, auth = flask.Flask("origin"), mintgate.flask.JWTAuth(issuer=issuer.name, audience="orders")
    auth.protect(app, public=["health"])
    app.add_url_rule("/health", "health", lambda: "ok")
    app.add_url_rule("/protected", "protected", lambda: flask.g.user)
    server = Cheroot(app, 2)
    try:
        assert ask(server.port, path="/health").status == 200
        assert [ask(server.port, path=path).status for path in ("/protected", "/nowhere")] == [401, 401]
        good = key.sign(issuer.claims())
        assert ask(server.port, good).json["sub"] == "user-7"
        assert ask(server.port, good, "/nowhere").status == 404
    finally:
        server.close()


TEXT = ("Content-Type", "text/plain")
