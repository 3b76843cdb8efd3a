"""Guards FastAPI handlers with access tokens.

>>> from fastapi import FastAPI
>>> from mintgate.fastapi import Claims, JWTAuth
>>> auth = JWTAuth(issuer="https://api.example.com/__mintgate/issuer", audience="orders")
>>> app = FastAPI()
>>> auth.install(app)

Then ``user: Annotated[Claims, Security(auth, scopes=["orders:read"])]`` among a handler's parameters, or
``dependencies=[Security(auth)]`` on a router. The scheme shows in the OpenAPI document.

FastAPI reads a body before it asks dependencies. ``install`` lets the routes of the application ask first; for a router
of its own that takes bodies, write ``APIRouter(route_class=GuardedRoute)``. Without either, callers without a token can
upload to handlers with a body parameter before they are refused, and refusals are FastAPI's own JSON.
"""

from collections.abc import Callable, Container, Coroutine, Iterator
from typing import Any, TypeAlias

from fastapi import FastAPI, HTTPException, Request, Response, WebSocketException
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from .asgi import answer_headers, credentials
from .guard import Guard, Refused

__all__ = ["Claims", "GuardedRoute", "JWTAuth"]

Claims: TypeAlias = dict[str, Any]


class JWTAuth(SecurityBase):
    """A dependency that gives the claims of a good access token, and otherwise ends the request.

    All settings but ``scheme_name``, its name in the OpenAPI document, are those of :class:`mintgate.guard.Guard`.
    """

    def __init__(self, *, scheme_name: str = "AccessToken", **settings: Any) -> None:
        self.guard = Guard(**settings)
        self.scheme_name = scheme_name
        self.model = HTTPBearer(bearerFormat="JWT")

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Claims:
        return await self._claims(connection, security_scopes.scopes)

    def install(self, app: FastAPI) -> None:
        """Lets the application's own routes ask for tokens before they read bodies, and sends refusals as they are.

        To be called before guarded routes are added: those that are there already would read bodies first.
        """
        for route in app.routes:
            if isinstance(route, APIRoute) and not isinstance(route, GuardedRoute) and any(_guards_of(route)):
                raise RuntimeError(f"install must come before guarded routes, and {route.path!r} is one")
        app.router.route_class = GuardedRoute
        app.add_exception_handler(_RefusedRequest, _answer)

    async def _claims(self, connection: HTTPConnection, scopes: list[str]) -> Claims:
        try:
            return await self.guard.acheck(credentials(connection.scope), scopes)
        except Refused as refused:
            if connection.scope["type"] == "websocket":
                raise WebSocketException(1008, refused.title) from None
            raise _RefusedRequest(refused, connection) from None


class GuardedRoute(APIRoute):
    """A route that asks for tokens before it reads a body.

    What ``dependency_overrides`` replaces, as tests do, is not asked.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with the check before it."""
        handle = super().get_route_handler()
        guards = list(_guards_of(self))

        async def check_and_handle(request: Request) -> Response:
            overrides = getattr(self.dependency_overrides_provider, "dependency_overrides", None)
            try:
                for auth, scopes in _guards_of(self, overrides) if overrides else guards:
                    await auth._claims(request, scopes)
                return await handle(request)
            except _RefusedRequest as refused:
                return refused.answer()

        return check_and_handle


class _RefusedRequest(HTTPException):
    def __init__(self, refused: Refused, connection: HTTPConnection) -> None:
        self._refused = refused
        lines = dict(answer_headers(refused, connection.scope))
        self._lines = lines
        # For FastAPI's own handler, which writes a body of its own.
        own = {name: value for name, value in lines.items() if name not in ("Content-Type", "Content-Length")}
        super().__init__(refused.status, refused.title, own)

    def answer(self) -> Response:
        return Response(self._refused.body, self._refused.status, self._lines)


async def _answer(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, _RefusedRequest)
    return refused.answer()


def _guards_of(route: APIRoute, overrides: Container[Any] = ()) -> Iterator[tuple[JWTAuth, list[str]]]:
    """The guards among a route's dependencies, with the scopes that were asked for on the way to them."""
    return _guards_below(route.dependant, [], overrides)


def _guards_below(dependant: Any, scopes: list[str], overrides: Container[Any]) -> Iterator[tuple[JWTAuth, list[str]]]:
    for one in dependant.dependencies:
        if one.call in overrides:
            continue
        wanted = [*scopes, *(getattr(one, "own_oauth_scopes", None) or [])]
        if isinstance(one.call, JWTAuth):
            yield one.call, wanted
        yield from _guards_below(one, wanted, overrides)
