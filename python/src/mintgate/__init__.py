"""Verifies access tokens at an origin.

>>> from mintgate import Verifier
>>> verifier = Verifier(issuer="https://api.example.com/__mintgate/issuer", audience="orders")
>>> claims = verifier.verify(token)  # doctest: +SKIP

Make one :class:`Verifier` and share it between threads. It fetches the issuer's keys, follows their rotation, and
serves on while the issuer is down. Every way to fail is a :class:`VerificationError`; a token is only ever called bad
when that is known. For CherryPy see :mod:`mintgate.cherrypy`.
"""

import os as _os

from . import _native
from ._native import inspect
from .errors import InsufficientScope, IssuerUnavailable, TokenExpired, TokenInvalid, VerificationError
from .verifier import Verifier

__all__ = [
    "InsufficientScope",
    "IssuerUnavailable",
    "TokenExpired",
    "TokenInvalid",
    "VerificationError",
    "Verifier",
    "inspect",
]

# A child of fork() has none of its parent's threads, and may have their locks: its verifiers begin anew.
if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(after_in_child=_native._after_fork)
