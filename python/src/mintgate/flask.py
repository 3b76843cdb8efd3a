"""Guards Flask views with access tokens.

>>> from mintgate.flask import JWTAuth
>>> auth = JWTAuth(issuer="https://api.example.com/__mintgate/issuer", audience="orders")

Then ``@auth.require()`` or ``@auth.require(scopes=["orders:read"])`` below ``@app.route(..)``, or
``auth.protect(app, public=["health"])`` for all views but those named. A view that runs finds the claims in
``flask.g.user``. The check runs before the body is read, which Flask does when a view asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from .guard import Guard, Refused, scopes_of
from .unread import leave_body_unread
from .wsgi import credentials

__all__ = ["JWTAuth"]

_Parameters = ParamSpec("_Parameters")


class JWTAuth:
    """Lets a request pass only with a good access token. All settings are those of :class:`mintgate.guard.Guard`."""

    def __init__(self, **settings: Any) -> None:
        self.guard = Guard(**settings)

    def require(
        self, *, scopes: Iterable[str] | None = None
    ) -> Callable[[Callable[_Parameters, Any]], Callable[_Parameters, ResponseReturnValue]]:
        """Guards a view; ``scopes`` must all be in the token."""
        wanted = scopes_of(scopes)

        def decorate(view: Callable[_Parameters, Any]) -> Callable[_Parameters, ResponseReturnValue]:
            @wraps(view)
            def guarded(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> ResponseReturnValue:
                refusal = self._refusal(wanted)
                if refusal is not None:
                    return refusal
                answer: ResponseReturnValue = current_app.ensure_sync(view)(*args, **kwargs)
                return answer

            return guarded

        return decorate

    def protect(
        self, what: Flask | Blueprint, *, public: Iterable[str] = (), scopes: Iterable[str] | None = None
    ) -> None:
        """Guards all views of an application or a blueprint but those whose endpoints are ``public``.

        A path that no view answers needs a token too.
        """
        if isinstance(public, str):
            raise TypeError("public: must be a list of endpoints")
        open_to_all, wanted = frozenset(public), scopes_of(scopes)

        def check() -> ResponseReturnValue | None:
            return None if request.endpoint in open_to_all else self._refusal(wanted)

        what.before_request(check)

    def _refusal(self, scopes: list[str]) -> Response | None:
        try:
            g.user = self.guard.check(credentials(request.environ), scopes)
        except Refused as refused:
            leave_body_unread(request.environ)
            return Response(refused.body, refused.status, refused.headers)
        return None
