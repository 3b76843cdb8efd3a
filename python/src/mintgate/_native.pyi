from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import Self, disjoint_base

__all__ = ["Verifier", "_after_fork", "inspect"]

@disjoint_base
class Verifier:
    def __new__(
        cls,
        *,
        issuer: str | Sequence[str],
        audience: str | Sequence[str],
        jwks_uri: str | None = None,
        jwks: str | bytes | Mapping[str, Any] | None = None,
        algorithms: Sequence[str] | None = None,
        typ: str | None = "at+jwt",
        leeway: float = 10.0,
        scopes: Iterable[str] | None = None,
        timeout: float = 2.5,
        max_age: float = 300.0,
        cool_down: float = 30.0,
        stale_limit: float = 3600.0,
        remember_tokens: int = 4096,
        allow_plain_http: bool = False,
    ) -> Self: ...
    def verify(
        self, token: str, *, scopes: Iterable[str] | None = None, now: float | None = None
    ) -> dict[str, Any]: ...
    def try_verify(self, token: str, *, scopes: Iterable[str] | None = None) -> dict[str, Any] | None: ...
    def start(self) -> None: ...
    def warm_up(self) -> None: ...

def inspect(token: str) -> tuple[dict[str, Any], dict[str, Any]]: ...
def _after_fork() -> None: ...
