"""Verifier.averify: event loops are never kept, whatever the issuer does."""

import asyncio
import threading
import time

import pytest
import trio

import mintgate
from issuer import Issuer
from origin import wait_for_fetches


def make(issuer, **settings):
    return mintgate.Verifier(**{"issuer": issuer.name, "audience": "orders", **settings})


def threads_of_ours():
    """Those that wait for verifiers; verifiers of other tests may still have some."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("mintgate_")}


@pytest.mark.parametrize("run", [asyncio.run, lambda coroutine: trio.run(lambda: coroutine)], ids=["asyncio", "trio"])
def it_fetches_keys_and_answers_on_any_loop(issuer, key, run):
    verifier = make(issuer)
    assert run(verifier.averify(key.sign(issuer.claims())))["sub"] == "user-7"
    assert run(verifier.averify(key.sign(issuer.claims(scope="a b")), scopes=iter(["b"])))["scope"] == "a b"
    assert issuer.fetches == 1
    with pytest.raises(mintgate.InsufficientScope):
        run(verifier.averify(key.sign(issuer.claims(scope="a")), scopes="a b"))
    with pytest.raises(mintgate.TokenExpired):
        run(verifier.averify(key.sign(issuer.claims(exp=1))))


def it_needs_no_thread_when_the_keys_are_at_hand(issuer, key):
    verifier = make(issuer)
    verifier.warm_up()

    async def ask():
        for number in range(50):
            await verifier.averify(key.sign(issuer.claims(sub=f"user-{number}")))
            with pytest.raises(mintgate.TokenInvalid):
                await verifier.averify("x.y.z")

    before = threads_of_ours()
    asyncio.run(ask())
    assert threads_of_ours() <= before


def r43_it_needs_no_thread_for_a_flood_of_bad_kids(issuer, key, other_key):
    verifier = make(issuer)
    verifier.warm_up()

    async def flood():
        for number in range(100):
            with pytest.raises(mintgate.TokenInvalid):
                await verifier.averify(other_key.sign(issuer.claims(), kid=f"bad-{number}"))

    before = threads_of_ours()
    asyncio.run(flood())
    assert issuer.fetches == 2
    # The first waits for the fetch that all others are spared.
    assert len(threads_of_ours() - before) <= 1


def it_keeps_the_loop_free_while_the_issuer_hangs(make_issuer, key):
    issuer = make_issuer(key)
    issuer.reply = Issuer.HANG
    verifier, token = make(issuer, timeout=0.5), key.sign(issuer.claims())
    before = threads_of_ours()

    async def ask():
        waiting = [asyncio.create_task(verifier.averify(token)) for _ in range(100)]
        turns, longest, last = 0, 0.0, time.monotonic()
        while not all(task.done() for task in waiting):
            await asyncio.sleep(0.001)
            now = time.monotonic()
            turns, longest, last = turns + 1, max(longest, now - last), now
        # The loop's own threads are free as well.
        assert await asyncio.to_thread(lambda: True)
        return turns, longest, await asyncio.gather(*waiting, return_exceptions=True)

    start = time.monotonic()
    turns, longest, results = asyncio.run(ask())
    assert {type(result) for result in results} == {mintgate.IssuerUnavailable}
    assert time.monotonic() - start < 3, "the hundred waited together"
    assert turns > 50 and longest < 0.3
    assert len(threads_of_ours() - before) <= 4
    assert issuer.fetches == 1


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def it_lets_those_who_are_cancelled_go_and_serves_the_others(make_issuer, key, library):
    issuer = make_issuer(key)
    issuer.gate.clear()
    verifier, token = make(issuer, timeout=10), key.sign(issuer.claims())

    async def ask_asyncio():
        gone, stays = (asyncio.create_task(verifier.averify(token)) for _ in range(2))
        await asyncio.to_thread(wait_for_fetches, issuer, 1)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert not stays.done()
        issuer.gate.set()
        return await stays

    async def ask_trio():
        with trio.move_on_after(0.2) as scope:
            await verifier.averify(token)
        assert scope.cancelled_caught
        issuer.gate.set()
        return await verifier.averify(token)

    run = asyncio.run(ask_asyncio()) if library == "asyncio" else trio.run(ask_trio)
    assert run["sub"] == "user-7"
    assert issuer.fetches == 1


def r42_a_new_kid_is_awaited(issuer, key, other_key):
    verifier = make(issuer)
    verifier.warm_up()
    issuer.keys.append(other_key.jwk())
    assert asyncio.run(verifier.averify(other_key.sign(issuer.claims())))["sub"] == "user-7"
    assert issuer.fetches == 2
