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

import json
import logging
import math
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import cherrypy
from cherrypy._cperror import clean_headers

from ._native import Verifier
from .errors import InsufficientScope, IssuerUnavailable, TokenExpired, TokenInvalid

__all__ = ["JWTAuth"]


class JWTAuth(cherrypy.Tool):  # type: ignore[misc]
    """A CherryPy tool that lets a request pass only with a good access token.

    All settings but ``realm`` are those of :class:`mintgate.Verifier`.
    """

    def __init__(self, *, realm: str = "api", **verifier: Any) -> None:
        self.realm = _quotable(realm)
        self.verifier = Verifier(**verifier)
        # Before the body, and before other tools at that point, such as sessions.
        super().__init__("before_request_body", self._guard, priority=10)
        # After CherryPy's Daemonizer (65), which forks, and before the server (75).
        cherrypy.engine.subscribe("start", self.verifier.start, priority=70)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """Guards a handler; ``scopes`` must all be in the token."""
        unknown = settings.keys() - _SETTINGS
        if unknown:
            raise TypeError(f"jwt_auth has no setting {sorted(unknown)[0]!r}")
        if "scopes" in settings:
            settings["scopes"] = _scopes(settings["scopes"])
        return super().__call__(*args, **settings)

    def _guard(self, scopes: str | Iterable[str] | None = None, **unknown: Any) -> None:
        request = cherrypy.serving.request
        try:
            if unknown:
                raise TypeError(f"jwt_auth has no setting {sorted(unknown)[0]!r}")
            claims = self.verifier.verify(self._token(request), scopes=_scopes(scopes))
        except cherrypy.HTTPError:
            raise
        except TokenExpired as error:
            self._refuse("token_expired", 401, "Token has expired", 'error="invalid_token"', cause=error)
        except TokenInvalid as error:
            self._refuse("token_invalid", 401, "Invalid token", 'error="invalid_token"', cause=error)
        except InsufficientScope as error:
            wanted = " ".join(_scopes(scopes))
            challenge = f'error="insufficient_scope", scope="{wanted}"'
            self._refuse("insufficient_scope", 403, "Insufficient scope", challenge, cause=error)
        except IssuerUnavailable as error:
            self._unavailable(error)
        except Exception:
            # A mistake of ours, or in the configuration: it must neither let anybody in nor show itself.
            _log("failed", severity=logging.ERROR, traceback=True)
            raise _Refused(500, "internal_error", "Internal server error") from None
        request.user = claims
        request.login = claims["sub"]

    def _token(self, request: Any) -> str:
        """The one token of the request."""
        if "HTTP_CGI_AUTHORIZATION" in getattr(request, "wsgi_environ", {}):
            self._malformed("cgi_authorization")
        # The lines as they came: CherryPy's own header map decodes RFC 2047, a second way to spell a token.
        values = [value for name, value in request.header_list if name.lower() == "authorization"]
        if not values:
            self._missing()
        if len(values) > 1:
            self._malformed("two_credentials")
        scheme, _, token = values[0].strip(" \t").partition(" ")
        if scheme.lower() != "bearer":
            self._missing()
        token = token.strip(" \t")
        if not token or not _TOKEN.issuperset(token):
            self._malformed("malformed_header")
        return str(token)

    def _missing(self) -> NoReturn:
        self._refuse("no_token", 401, "No token provided", None)

    def _malformed(self, reason: str) -> NoReturn:
        _log(reason)
        self._refuse("invalid_request", 400, "Malformed credentials", 'error="invalid_request"')

    def _unavailable(self, error: IssuerUnavailable) -> NoReturn:
        _log(str(error), severity=logging.ERROR)
        retry_after = str(max(1, math.ceil(error.retry_after)))
        refused = _Refused(503, "issuer_unavailable", "Tokens cannot be verified now")
        refused.headers["Retry-After"] = retry_after
        raise refused from None

    def _refuse(self, code: str, status: int, title: str, challenge: str | None, *, cause: Any = None) -> NoReturn:
        if cause is not None:
            _log(cause.reason)
        parts = [f'Bearer realm="{self.realm}"', *([challenge] if challenge else [])]
        refused = _Refused(status, code, title)
        refused.headers["WWW-Authenticate"] = ", ".join(parts)
        raise refused from None


class _Refused(cherrypy.HTTPError):  # type: ignore[misc]
    """An answer that is the same in every CherryPy environment: no error page, no traceback."""

    def __init__(self, status: int, code: str, title: str) -> None:
        super().__init__(status, title)
        self.headers: dict[str, str] = {}
        problem = {"type": f"urn:mintgate:problem:{code}", "title": title, "status": status, "code": code}
        self.body = json.dumps(problem).encode()

    def set_response(self) -> None:
        response = cherrypy.serving.response
        clean_headers(self.code)
        response.status = self.status
        response.headers["Content-Type"] = "application/problem+json"
        response.headers["Content-Length"] = str(len(self.body))
        response.headers["Cache-Control"] = "no-store"
        response.headers.update(self.headers)
        response.body = self.body
        _leave_body_unread(cherrypy.serving.request)


def _leave_body_unread(request: Any) -> None:
    """Makes cheroot close the connection instead of reading what an anonymous caller still wants to upload.

    Before it sends an answer, cheroot reads the rest of a body, all at once into memory; and of a chunked body it reads
    nothing, so the rest would be taken for the next request. A short body is left to it, so that connections from a
    proxy stay open. cheroot offers no way to ask for this, so its request is found on the stack.
    """
    environ = getattr(request, "wsgi_environ", {})
    remaining = getattr(environ.get("wsgi.input"), "remaining", 0)
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if not is_chunked and remaining <= _SHORT_BODY:
        return
    server = sys.modules.get("cheroot.server")
    frame = sys._getframe()
    while server is not None and frame.f_back is not None:
        frame = frame.f_back
        gateway = frame.f_locals.get("self") if frame.f_code.co_name == "respond" else None
        if isinstance(gateway, server.Gateway):
            gateway.req.close_connection = True
            return


def _scopes(scopes: str | Iterable[str] | None) -> list[str]:
    """Scopes from a list, or from a text with spaces as configuration files have it."""
    if scopes is None:
        return []
    return scopes.split() if isinstance(scopes, str) else [str(scope) for scope in scopes]


def _quotable(realm: str) -> str:
    if not realm.isascii() or not realm.isprintable() or '"' in realm or "\\" in realm:
        raise ValueError("realm: must be printable ASCII without quotes and backslashes")
    return realm


def _log(message: str, *, severity: int = logging.INFO, traceback: bool = False) -> None:
    cherrypy.log(message, context="JWT_AUTH", severity=severity, traceback=traceback)


_SETTINGS = {"scopes", "priority"}
# RFC 6750 §2.1, b64token.
_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=")
_SHORT_BODY = 64 * 1024
