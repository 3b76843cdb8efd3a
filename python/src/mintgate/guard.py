"""The decision about one request, for every server and framework.

A :class:`Guard` gets a request's :class:`Credentials`, and either gives the claims of a good token or raises
:class:`Refused`, which holds the whole answer: status, headers and body. Everything that is not a matter of one
framework is here, so that all of them refuse alike: ``application/problem+json`` with a fixed text, the headers of
RFC 6750, and never a traceback or a library's words. The reason goes to the log ``mintgate``.

A guard reads no body and keeps nothing. It believes one header, ``Authorization``, and takes exactly one token.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn, Protocol

from .errors import InsufficientScope, IssuerUnavailable, TokenExpired, TokenInvalid
from .verifier import Verifier

__all__ = ["Credentials", "Guard", "Log", "PublicPaths", "Refused", "scopes_of"]


class Credentials(NamedTuple):
    """What a request shows of who sent it."""

    lines: Sequence[str]
    """The values of its ``Authorization`` headers."""
    is_aliased: bool = False
    """Whether it carries a header that some framework would show as ``Authorization``."""


class Refused(Exception):
    """The answer to a request that may not pass."""

    def __init__(self, status: int, code: str, title: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(title)
        self.status, self.code, self.title = status, code, title
        problem = {"type": f"urn:mintgate:problem:{code}", "title": title, "status": status, "code": code}
        self.body = json.dumps(problem).encode()
        self.headers: list[tuple[str, str]] = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(self.body))),
            ("Cache-Control", "no-store"),
            *headers,
        ]


class Log(Protocol):
    """Where reasons go."""

    def __call__(self, message: str, *, severity: int, traceback: bool) -> None:
        """Writes one line; ``traceback``: and the exception that is being handled."""


def _to_logging(message: str, *, severity: int, traceback: bool) -> None:
    _LOGGER.log(severity, "%s", message, exc_info=traceback)


class Guard:
    """Lets a request pass only with a good access token.

    ``realm`` and ``resource_metadata`` (an address as in RFC 9728 §5.1) are shown to those who are refused; all other
    settings are those of :class:`mintgate.Verifier`.
    """

    def __init__(
        self, *, realm: str = "api", resource_metadata: str | None = None, log: Log = _to_logging, **verifier: Any
    ) -> None:
        self._realm = _quotable("realm", realm)
        self._metadata = resource_metadata and _quotable("resource_metadata", resource_metadata)
        self._log = log
        self.verifier = Verifier(**verifier)

    def check(self, credentials: Credentials, scopes: object = None) -> dict[str, Any]:
        """The claims of the one token among these credentials; ``scopes`` must all be in it."""
        wanted: list[str] = []
        try:
            wanted = scopes_of(scopes)
            return self.verifier.verify(self._token(credentials), scopes=wanted)
        except Exception as error:
            raise self._refusal(error, wanted) from None

    async def acheck(self, credentials: Credentials, scopes: object = None) -> dict[str, Any]:
        """As ``check``, without blocking an event loop."""
        wanted: list[str] = []
        try:
            wanted = scopes_of(scopes)
            return await self.verifier.averify(self._token(credentials), scopes=wanted)
        except Exception as error:
            raise self._refusal(error, wanted) from None

    def failed(self) -> Refused:
        """The answer to a mistake of ours, or in the configuration: it lets nobody in and does not show itself.

        To be called while the exception is handled; it goes to the log.
        """
        self._log("failed", severity=logging.ERROR, traceback=True)
        return Refused(500, "internal_error", "Internal server error")

    def _token(self, credentials: Credentials) -> str:
        """The one token of the request."""
        lines, is_aliased = credentials
        if is_aliased:
            self._malformed("cgi_authorization")
        if not lines:
            raise self._challenge(401, "no_token", "No token provided", None)
        if len(lines) > 1:
            self._malformed("two_credentials")
        scheme, _, token = lines[0].strip(" \t").partition(" ")
        if scheme.lower() != "bearer":
            raise self._challenge(401, "no_token", "No token provided", None)
        token = token.strip(" \t")
        # Most tokens are of these characters alone, and this is the quickest way to ask.
        if not token or not _TOKEN.issuperset(token):
            self._malformed("malformed_header")
        return token

    def _malformed(self, reason: str) -> NoReturn:
        self._log(reason, severity=logging.INFO, traceback=False)
        raise self._challenge(400, "invalid_request", "Malformed credentials", 'error="invalid_request"')

    def _refusal(self, error: Exception, scopes: list[str]) -> Refused:
        if isinstance(error, Refused):
            return error
        if isinstance(error, IssuerUnavailable):
            self._log(str(error), severity=logging.ERROR, traceback=False)
            retry_after = str(max(1, math.ceil(error.retry_after)))
            headers = [("Retry-After", retry_after)]
            return Refused(503, "issuer_unavailable", "Tokens cannot be verified now", headers)
        if not isinstance(error, (TokenExpired, TokenInvalid, InsufficientScope)):
            return self.failed()
        self._log(error.reason, severity=logging.INFO, traceback=False)
        if isinstance(error, TokenExpired):
            return self._challenge(401, "token_expired", "Token has expired", 'error="invalid_token"')
        if isinstance(error, TokenInvalid):
            return self._challenge(401, "token_invalid", "Invalid token", 'error="invalid_token"')
        wanted = f'error="insufficient_scope", scope="{" ".join(scopes)}"'
        return self._challenge(403, "insufficient_scope", "Insufficient scope", wanted)

    def _challenge(self, status: int, code: str, title: str, error: str | None) -> Refused:
        parts = [f'Bearer realm="{self._realm}"', *([error] if error else [])]
        if self._metadata:
            parts.append(f'resource_metadata="{self._metadata}"')
        return Refused(status, code, title, [("WWW-Authenticate", ", ".join(parts))])


class PublicPaths:
    """Paths that are open to everybody: each as it is written, or all below one that ends with ``/*``.

    A path that a server or an application may still shorten (``..``, ``//``, ``;``) is never public by its beginning.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        if isinstance(paths, str):
            raise TypeError("public: must be a list of paths")
        self._exact, self._below = set[str](), list[str]()
        for path in paths:
            if not path.startswith("/") or "*" in path.removesuffix("/*"):
                raise ValueError(f"public: {path!r} is neither a path nor one that ends with '/*'")
            if path.endswith("/*"):
                self._below.append(path[:-1])
            else:
                self._exact.add(path)

    def __contains__(self, path: str) -> bool:
        if path in self._exact:
            return True
        is_plain = not any(part in ("", ".", "..") for part in path[1:].rstrip("/").split("/"))
        if not is_plain or not _ODD.isdisjoint(path):
            return False
        return any(path.startswith(below) for below in self._below)


def scopes_of(scopes: object) -> list[str]:
    """Scopes from a list, or from a text with spaces as configuration files have it."""
    if scopes is None:
        return []
    if isinstance(scopes, str):
        scopes = scopes.split()
    if not isinstance(scopes, Iterable):
        raise TypeError("scopes: must be a text or a list of texts")
    wanted = [str(scope) for scope in scopes]
    for scope in wanted:
        if not scope or not _SCOPE.issuperset(scope):
            raise ValueError(f"scopes: {scope!r} is none: printable ASCII without spaces, quotes and backslashes")
    return wanted


def _quotable(name: str, text: str) -> str:
    if not text.isascii() or not text.isprintable() or '"' in text or "\\" in text:
        raise ValueError(f"{name}: must be printable ASCII without quotes and backslashes")
    return text


_LOGGER = logging.getLogger("mintgate")
# RFC 6750 §2.1, b64token.
_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=")
# RFC 6749 §3.3, scope-token.
_SCOPE = frozenset(map(chr, range(0x21, 0x7F))) - {'"', "\\"}
# What makes two servers read a path in two ways.
_ODD = frozenset("\\;%\0")
