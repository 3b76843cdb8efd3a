"""Guards CherryPy handlers with access tokens.

>>> import cherrypy
>>> from mintgate.cherrypy import JWTAuth
>>> cherrypy.tools.jwt_auth = JWTAuth(
...     issuer="https://api.example.com/__mintgate/issuer", audience="orders"
... )

Then ``@cherrypy.tools.jwt_auth()`` or ``@cherrypy.tools.jwt_auth(scopes=["orders:read"])`` on a handler or a class, or
``tools.jwt_auth.on: True`` and ``tools.jwt_auth.scopes`` in the configuration. A handler that runs finds the claims in
``cherrypy.request.user`` and the subject in ``cherrypy.request.login``.

The check runs before the request's body is read. Who is refused gets a fixed text as ``application/problem+json`` with
the headers of RFC 6750, never a traceback or a library's words; the reason goes to CherryPy's log.

One header is believed: ``Authorization``. A request that also or only carries ``Cgi-Authorization`` is refused, because
CherryPy shows that to applications as ``Authorization``. Of two ``Authorization`` lines cheroot keeps the last alone,
which is the one that is checked here and the only one that handlers see; servers that join them are refused.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import cherrypy
from cherrypy._cperror import clean_headers

from .guard import Credentials, Guard, Refused, scopes_of
from .unread import leave_body_unread
from .verifier import Verifier

__all__ = ["JWTAuth"]


class JWTAuth(cherrypy.Tool):  # type: ignore[misc]
    """A CherryPy tool that lets a request pass only with a good access token.

    All settings are those of :class:`mintgate.guard.Guard`.
    """

    def __init__(self, **settings: Any) -> None:
        self.guard = Guard(log=_log, **settings)
        # Before the body, and before other tools at that point, such as sessions.
        super().__init__("before_request_body", self._guard, priority=10)
        # After CherryPy's Daemonizer (65), which forks, and before the server (75).
        cherrypy.engine.subscribe("start", self.verifier.start, priority=70)

    @property
    def verifier(self) -> Verifier:
        """What judges the tokens."""
        return self.guard.verifier

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """Guards a handler; ``scopes`` must all be in the token."""
        _refuse_unknown(settings.keys() - _SETTINGS)
        if "scopes" in settings:
            settings["scopes"] = scopes_of(settings["scopes"])
        return super().__call__(*args, **settings)

    def _guard(self, scopes: object = None, **unknown: Any) -> None:
        request = cherrypy.serving.request
        # The lines as they came: CherryPy's own header map decodes RFC 2047, a second way to spell a token.
        lines = [value for name, value in request.header_list if name.lower() == "authorization"]
        credentials = Credentials(lines, "HTTP_CGI_AUTHORIZATION" in getattr(request, "wsgi_environ", {}))
        try:
            _refuse_unknown(unknown.keys())
            claims = self.guard.check(credentials, scopes)
        except Refused as refused:
            raise _Refused(refused) from None
        except TypeError:
            raise _Refused(self.guard.failed()) from None
        request.user = claims
        request.login = claims["sub"]


class _Refused(cherrypy.HTTPError):  # type: ignore[misc]
    """An answer that is the same in every CherryPy environment: no error page, no traceback."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.status, refused.title)
        self.refused = refused

    def set_response(self) -> None:
        response = cherrypy.serving.response
        clean_headers(self.code)
        response.status = self.status
        response.headers.update(self.refused.headers)
        response.body = self.refused.body
        leave_body_unread(getattr(cherrypy.serving.request, "wsgi_environ", {}))


def _refuse_unknown(settings: Set[str]) -> None:
    if settings:
        raise TypeError(f"jwt_auth has no setting {sorted(settings)[0]!r}")


def _log(message: str, *, severity: int, traceback: bool) -> None:
    cherrypy.log(message, context="JWT_AUTH", severity=severity, traceback=traceback)


_SETTINGS = {"scopes", "priority"}
