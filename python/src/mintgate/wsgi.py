"""Guards a WSGI application with access tokens.

>>> from mintgate.wsgi import JWTAuth
>>> def application(environ, start_response): ...
>>> application = JWTAuth(
...     application, issuer="https://api.example.com/__mintgate/issuer", audience="orders", public=["/health"]
... )

Who passes is in ``environ["mintgate.claims"]``, and in ``environ["REMOTE_USER"]`` by the subject. The check runs before
the body is read. For scopes of their own, handlers are wrapped one by one with one :class:`mintgate.guard.Guard`:
``JWTAuth(write, guard=guard, scopes=["orders:write"])``.

Servers join several ``Authorization`` lines with commas, which no token holds, or keep one of them; what is checked
here is what the application sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .guard import Credentials, Guard, PublicPaths, Refused, scopes_of
from .unread import leave_body_unread

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["JWTAuth"]


class JWTAuth:
    """A WSGI middleware that lets a request pass only with a good access token.

    ``public`` paths are open to everybody: ``/health``, or ``/docs/*`` for all below. All settings but these, ``guard``
    and ``scopes`` are those of :class:`mintgate.guard.Guard`; or a guard is given.
    """

    def __init__(
        self,
        app: WSGIApplication,
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

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Nobody is who a header or an outer server says.
        for name in _IDENTITY:
            environ.pop(name, None)
        if environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") in self._public:
            return self.app(environ, start_response)
        try:
            claims = self.guard.check(credentials(environ), self._scopes)
        except Refused as refused:
            leave_body_unread(environ)
            start_response(f"{refused.status} {HTTPStatus(refused.status).phrase}", refused.headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [refused.body]
        environ["mintgate.claims"] = claims
        environ["REMOTE_USER"] = claims["sub"]
        environ["AUTH_TYPE"] = "Bearer"
        return self.app(environ, start_response)


def credentials(environ: WSGIEnvironment) -> Credentials:
    """The lines of ``Authorization``, and whether another header passes for it."""
    line = environ.get("HTTP_AUTHORIZATION")
    return Credentials([] if line is None else [line], "HTTP_CGI_AUTHORIZATION" in environ)


_IDENTITY = ("mintgate.claims", "REMOTE_USER", "AUTH_TYPE", "HTTP_REMOTE_USER")
