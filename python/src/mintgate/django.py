"""Guards Django views with access tokens.

In the settings::

    MINTGATE = {"issuer": "https://api.example.com/__mintgate/issuer", "audience": "orders"}

Then ``@require()`` or ``@require(scopes=["orders:read"])`` on a view, or, for all paths but those of
``MINTGATE["public"]``, ``"mintgate.django.JWTAuthMiddleware"`` as the first of ``MIDDLEWARE``. Both take asynchronous
views. A view that runs finds the claims in ``request.user_claims``.

Under WSGI the check runs before the body is read. Under ASGI Django itself reads the whole body before any of this
runs: wrap the application in :class:`mintgate.asgi.JWTAuth` there.

A guarded view is exempt from the check against cross-site forgery, which reads the body, and which a view that believes
no cookie does not need.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django import conf
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from .guard import Guard, PublicPaths, Refused, scopes_of
from .unread import leave_body_unread
from .wsgi import credentials

__all__ = ["JWTAuthMiddleware", "guard", "require"]

_View = Callable[..., Any]
_MADE: list[Guard] = []


def guard() -> Guard:
    """The guard of ``settings.MINTGATE``; one a process."""
    if not _MADE:
        given = getattr(conf.settings, "MINTGATE", None)
        if given is None:
            raise ImproperlyConfigured("MINTGATE is not among the settings")
        _MADE.append(Guard(**{name: value for name, value in given.items() if name != "public"}))
    return _MADE[0]


def require(*, scopes: Iterable[str] | None = None) -> Callable[[_View], _View]:
    """Guards a view; ``scopes`` must all be in the token."""
    wanted, own = scopes_of(scopes), guard()

    def decorate(view: _View) -> _View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                try:
                    claims = await own.acheck(credentials(request.META), wanted)
                except Refused as refused:
                    return _answer(refused, request)
                return await view(_with(request, claims), *args, **kwargs)
        else:

            @wraps(view)
            def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                try:
                    claims = own.check(credentials(request.META), wanted)
                except Refused as refused:
                    return _answer(refused, request)
                return view(_with(request, claims), *args, **kwargs)

        guarded.csrf_exempt = True  # type: ignore[attr-defined]
        return guarded

    return decorate


class JWTAuthMiddleware:
    """Lets a request pass only with a good access token, unless its path is among ``MINTGATE["public"]``."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._next = get_response
        self._guard = guard()
        self._public = PublicPaths(conf.settings.MINTGATE.get("public", ()))
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._ask(request)
        if request.path not in self._public:
            try:
                _with(request, self._guard.check(credentials(request.META)))
            except Refused as refused:
                return _answer(refused, request)
        return self._next(request)

    async def _ask(self, request: HttpRequest) -> HttpResponseBase:
        if request.path not in self._public:
            try:
                _with(request, await self._guard.acheck(credentials(request.META)))
            except Refused as refused:
                return _answer(refused, request)
        return await self._next(request)

    def process_view(self, request: HttpRequest, view: _View, *_: Any) -> None:
        """Exempts what is guarded from the check against cross-site forgery."""
        if hasattr(request, "user_claims"):
            request.csrf_processing_done = True


def _with(request: HttpRequest, claims: dict[str, Any]) -> HttpRequest:
    request.user_claims = claims
    return request


def _answer(refused: Refused, request: HttpRequest) -> HttpResponse:
    leave_body_unread(request.META)
    return HttpResponse(refused.body, status=refused.status, headers=dict(refused.headers))
