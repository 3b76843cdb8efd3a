"""Guards an ASGI application with access tokens.

>>> from mintgate.asgi import JWTAuth
>>> async def application(scope, receive, send): ...
>>> application = JWTAuth(
...     application, issuer="https://api.example.com/__mintgate/issuer", audience="orders", public=["/health"]
... )

Who passes is in ``scope["mintgate.claims"]``. The check runs before the body is read, for web sockets before they are
accepted, and never blocks the event loop. For scopes of their own, handlers are wrapped one by one with one
:class:`mintgate.guard.Guard`: ``JWTAuth(write, guard=guard, scopes=["orders:write"])``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from .guard import Credentials, Guard, PublicPaths, Refused, scopes_of
from .unread import must_close

__all__ = ["JWTAuth"]

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_Application = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


class JWTAuth:
    """An ASGI middleware that lets a request or a web socket pass only with a good access token.

    ``public`` paths are open to everybody: ``/health``, or ``/docs/*`` for all below. All settings but these, ``guard``
    and ``scopes`` are those of :class:`mintgate.guard.Guard`; or a guard is given.
    """

    def __init__(
        self,
        app: _Application,
        *,
        guard: Guard | None = None,
        public: Iterable[str] = (),
        scopes: Iterable[str] | None = None,
        **settings: Any,
    ) -> None:
        if guard is not None and settings:
            raise TypeError(f"give either guard or {sorted(settings)[0]}")
        self.app = app
        self.guard = guard or Guard(**settings)
        self._public = PublicPaths(public)
        self._scopes = scopes_of(scopes)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "lifespan":
            # The first request need not wait for the keys, then.
            self.guard.verifier.start()
            return await self.app(scope, receive, send)
        if scope["type"] not in ("http", "websocket"):
            raise ValueError(f"a connection of type {scope['type']!r} cannot be guarded")
        # Nobody is who a header or an outer application says.
        headers = [line for line in scope["headers"] if _name(line) != "remote-user"]
        inner = {**scope, "headers": headers, "mintgate.claims": None}
        if scope["path"] in self._public:
            return await self.app(inner, receive, send)
        try:
            inner["mintgate.claims"] = await self.guard.acheck(credentials(scope), self._scopes)
        except Refused as refused:
            return await _refuse(refused, scope, receive, send)
        return await self.app(inner, receive, send)


def credentials(scope: Mapping[str, Any]) -> Credentials:
    """The lines of ``Authorization``, and whether another header passes for it."""
    lines = [line[1].decode("latin-1") for line in scope["headers"] if _name(line) == "authorization"]
    return Credentials(lines, any(_name(line) == "cgi-authorization" for line in scope["headers"]))


def answer_headers(refused: Refused, scope: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers of a refusal on this connection."""
    return [*refused.headers, *([("Connection", "close")] if must_close(scope) else [])]


async def _refuse(refused: Refused, scope: _Scope, receive: _Receive, send: _Send) -> None:
    kind = "http"
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            # The server makes a 403 of it.
            await send({"type": "websocket.close", "code": 1008, "reason": refused.title})
            return
        kind = "websocket.http"
    lines = answer_headers(refused, scope)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in lines]
    await send({"type": f"{kind}.response.start", "status": refused.status, "headers": headers})
    body = b"" if scope.get("method") == "HEAD" else refused.body
    await send({"type": f"{kind}.response.body", "body": body, "more_body": False})


def _name(line: tuple[bytes, bytes]) -> str:
    """The name as a framework that makes variables of headers would read it."""
    return line[0].decode("latin-1").lower().replace("_", "-")
