"""Why a token was not verified.

The texts are for logs. Whoever sent the token should learn no more than the kind of error.
"""

from __future__ import annotations


class VerificationError(Exception):
    """A token could not be verified. ``reason`` is one stable word for logs and metrics."""

    reason: str

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (*self.args, self.reason), None


class TokenExpired(VerificationError):
    """The token was good until it expired: its holder may fetch a new one. Answer 401."""


class TokenInvalid(VerificationError):
    """The token is not acceptable; ``reason`` says why. Answer 401."""


class InsufficientScope(VerificationError):
    """The token is good but lacks a scope that was asked for. Answer 403."""


class IssuerUnavailable(VerificationError):
    """The issuer's keys cannot be had, so nothing is known about the token. Answer 503.

    ``retry_after`` is the number of seconds after which it is worth asking again.
    """

    retry_after: float

    def __init__(self, message: str, reason: str, retry_after: float) -> None:
        super().__init__(message, reason)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (*self.args, self.reason, self.retry_after), None
