"""The class Verifier: settings, errors, threads and forks."""

import asyncio
import os
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import mintgate
from issuer import Issuer


def make(issuer, **settings):
    return mintgate.Verifier(**{"issuer": issuer.name, "audience": "orders", **settings})


def it_returns_the_claims_as_json_has_them(issuer, key):
    claims = issuer.claims(n=None, list=[1, -2, 2.5, True, {"deep": "Grüße 🚀"}], big=2**63, scope="a b")
    verified = make(issuer).verify(key.sign(claims))
    assert verified == claims
    assert type(verified["list"][0]) is int and type(verified["list"][3]) is bool


def it_gives_each_caller_claims_of_its_own(issuer, key):
    verifier, token = make(issuer), key.sign(issuer.claims())
    verifier.verify(token)["sub"] = "admin"
    assert verifier.verify(token)["sub"] == "user-7"


def it_asks_for_scopes_from_lists_sets_and_texts(issuer, key):
    verifier, token = make(issuer), key.sign(issuer.claims(scope="a b"))
    for scopes in (None, [], ["a"], {"a", "b"}, ("b",), "a b", iter(["b"])):
        assert verifier.verify(token, scopes=scopes)["sub"] == "user-7"
    for scopes in (["c"], "a c", ["ab"]):
        with pytest.raises(mintgate.InsufficientScope):
            verifier.verify(token, scopes=scopes)
    with pytest.raises(mintgate.InsufficientScope):
        make(issuer, scopes=["c"]).verify(token)


def it_tells_the_kinds_of_failure_apart(make_issuer, key):
    issuer = make_issuer(key)
    verifier = make(issuer)
    with pytest.raises(mintgate.TokenExpired) as expired:
        verifier.verify(key.sign(issuer.claims(exp=1)))
    assert expired.value.reason == "expired"
    with pytest.raises(mintgate.TokenInvalid) as invalid:
        verifier.verify("x")
    assert invalid.value.reason == "not_three_parts"
    issuer.reply = (500, {}, b"")
    with pytest.raises(mintgate.IssuerUnavailable) as unavailable:
        make(issuer).verify(key.sign(issuer.claims()))
    assert unavailable.value.reason == "issuer_unavailable"
    assert 0 < unavailable.value.retry_after <= 30
    assert "status 500" in str(unavailable.value)
    for error in (expired.value, invalid.value, unavailable.value):
        assert isinstance(error, mintgate.VerificationError)
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": []},
        {"audience": ""},
        {"audience": "two words"},
        {"issuer": []},
        {"issuer": ""},
        {"issuer": "issuer.example"},
        {"issuer": "http://issuer.example"},
        {"issuer": ["https://a.example", "https://a.example"]},
        {"jwks_uri": "ftp://issuer.example"},
        {"jwks_uri": "https://issuer.example", "jwks": {"keys": []}},
        {"jwks": "{}"},
        {"algorithms": []},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"typ": "a b"},
        {"leeway": -1},
        {"leeway": 3600},
        {"leeway": float("nan")},
        {"timeout": float("inf")},
        {"scopes": ['"']},
    ],
    ids=str,
)
def r24_settings_that_make_no_verifier_are_refused(wrong):
    with pytest.raises(ValueError):
        mintgate.Verifier(**{"issuer": "https://a.example", "audience": "b", **wrong})


def r24_issuer_and_audience_must_be_given():
    for left_out in ("issuer", "audience"):
        settings = {"issuer": "https://a.example", "audience": "b"}
        del settings[left_out]
        with pytest.raises(TypeError, match=left_out):
            mintgate.Verifier(**settings)


def it_takes_several_issuers_that_share_a_key_set(issuer, key):
    names = [issuer.name, "https://old.example"]
    keys = f"{issuer.name}/.well-known/jwks.json"
    verifier = mintgate.Verifier(issuer=names, audience="orders", jwks_uri=keys)
    for name in names:
        assert verifier.verify(key.sign(issuer.claims(iss=name)))["iss"] == name


def it_takes_several_issuers_each_with_keys_of_its_own(make_issuer, key, other_key):
    one, other = make_issuer(key), make_issuer(other_key)
    verifier = mintgate.Verifier(issuer=[one.name, other.name], audience="orders")
    assert verifier.verify(key.sign(one.claims()))["iss"] == one.name
    assert verifier.verify(other_key.sign(other.claims()))["iss"] == other.name
    for mixed_up in (key.sign(other.claims()), other_key.sign(one.claims(), kid=key.kid)):
        with pytest.raises(mintgate.TokenInvalid):
            verifier.verify(mixed_up)
    with pytest.raises(mintgate.TokenInvalid) as refused:
        verifier.verify(key.sign(one.claims(iss="https://nobody.example")))
    assert refused.value.reason == "wrong_issuer"


def it_lets_an_issuer_that_is_down_harm_no_other(make_issuer, key, other_key):
    one, other = make_issuer(key), make_issuer(other_key)
    verifier = mintgate.Verifier(issuer=[one.name, other.name], audience="orders")
    with one.down():
        with pytest.raises(mintgate.IssuerUnavailable):
            verifier.verify(key.sign(one.claims()))
        assert verifier.verify(other_key.sign(other.claims()))["iss"] == other.name


def it_takes_no_issuer_twice():
    with pytest.raises(ValueError, match="named twice"):
        mintgate.Verifier(issuer=["https://a.example", "https://a.example"], audience="orders")


def it_fetches_nothing_before_it_is_asked(issuer):
    verifier = make(issuer)
    assert issuer.fetches == 0
    verifier.warm_up()
    assert issuer.fetches == 1


def it_lets_other_threads_run_while_it_waits_for_the_network(make_issuer, key):
    issuer = make_issuer(key)
    issuer.reply = Issuer.HANG
    verifier, token = make(issuer, timeout=0.5), key.sign(issuer.claims())

    def wait():
        with pytest.raises(mintgate.IssuerUnavailable):
            verifier.verify(token)

    waiting = threading.Thread(target=wait)
    waiting.start()
    turns = 0
    while waiting.is_alive():
        turns += 1
    waiting.join()
    assert turns > 1000


def it_serves_asyncio_from_a_thread(issuer, key):
    verifier, token = make(issuer), key.sign(issuer.claims())
    assert asyncio.run(asyncio.to_thread(verifier.verify, token))["sub"] == "user-7"


def it_answers_many_threads_at_once(issuer, key):
    verifier = make(issuer, remember_tokens=8)
    tokens = [key.sign(issuer.claims(sub=f"user-{number}")) for number in range(30)]
    with ThreadPoolExecutor(8) as pool:
        subjects = list(pool.map(lambda number: verifier.verify(tokens[number % 30])["sub"], range(900)))
    assert subjects == [f"user-{number % 30}" for number in range(900)]
    assert issuer.fetches == 1


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def it_begins_anew_in_a_child_of_fork(issuer, key):
    verifier, token = make(issuer), key.sign(issuer.claims())
    verifier.warm_up()
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            verifier.verify(token)

    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                try:
                    os._exit(0 if verifier.verify(token)["sub"] == "user-7" else 1)
                finally:
                    os._exit(2)
            assert exit_code(child) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert issuer.fetches == 6, "the parent's fetch, and one in each child"


def exit_code(child):
    """Waits ten seconds at most: a child that hangs is what this is about."""
    deadline = time.monotonic() + 10
    pause = threading.Event()
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        pause.wait(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return "hung"


def it_shows_what_a_token_says_without_vouching_for_it(issuer, other_key):
    header, claims = mintgate.inspect(other_key.sign(issuer.claims()))
    assert (header["kid"], claims["sub"]) == (other_key.kid, "user-7")
    with pytest.raises(mintgate.TokenInvalid):
        mintgate.inspect("x")


def r43_a_flood_of_bad_kids_causes_one_fetch(issuer, key, other_key):
    verifier = make(issuer)
    verifier.verify(key.sign(issuer.claims()))
    before = issuer.fetches
    for number in range(100):
        with pytest.raises(mintgate.TokenInvalid):
            verifier.verify(other_key.sign(issuer.claims(), kid=f"bad-{number}"))
    assert issuer.fetches == before + 1
