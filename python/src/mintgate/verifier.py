"""The class :class:`Verifier`: the native one, and a way to ask it from an event loop."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from . import _native

__all__ = ["Verifier"]


class Verifier(_native.Verifier):
    __doc__ = _native.Verifier.__doc__

    async def averify(self, token: str, *, scopes: Iterable[str] | None = None) -> dict[str, Any]:
        """As ``verify``, for asyncio and trio: never blocks the event loop.

        Answers at once when the keys are at hand. A fetch is waited for in a thread, of which there are few and
        which are nobody else's: while an issuer hangs, the loop's own executor stays free. Whoever is cancelled
        stops waiting; the fetch goes on for the others.
        """
        # Gone through twice, perhaps.
        wanted = scopes if scopes is None or isinstance(scopes, str) else list(scopes)
        claims = self.try_verify(token, scopes=wanted)
        if claims is not None:
            return claims
        return await self._wait(partial(self.verify, token, scopes=wanted))

    async def _wait(self, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Of the event loops that are not asyncio's, trio's is the one that is known here.
            trio = sys.modules["trio"]
            claims: dict[str, Any] = await trio.to_thread.run_sync(call, abandon_on_cancel=True)
            return claims
        return await loop.run_in_executor(self._threads(), call)

    def _threads(self) -> ThreadPoolExecutor:
        """This verifier's threads, in this process: a child of ``fork`` has none of its parent's."""
        name = f"_threads_of_{os.getpid()}"
        made: ThreadPoolExecutor | None = vars(self).get(name)
        if made is None:
            # Of two that are made at once one is dropped, without ever having had a thread. A lock might be held
            # for ever in a child of fork.
            made = vars(self).setdefault(name, ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="mintgate"))
        return made


# Those who wait share one fetch, and once it has failed all others are answered without one.
_MOST_THREADS = 4
