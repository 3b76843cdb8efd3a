"""Whatever a token or a key set is: a clear exception, in bounded time and memory."""

import json
import resource
import socket
import threading
import time

import pytest

import mintgate
import mintgate.asgi
import mintgate.flask
import mintgate.wsgi
from issuer import Issuer, b64


def make(issuer, **settings):
    return mintgate.Verifier(**{"issuer": issuer.name, "audience": "orders", "timeout": 0.5, **settings})


def signed(key, payload):
    """A token over any bytes as its payload."""
    head = b64(json.dumps({"alg": key.algorithm, "kid": key.kid, "typ": "at+jwt"}).encode())
    message = f"{head}.{b64(payload)}"
    return f"{message}.{b64(key._signature(message.encode()))}"


TOKENS = {
    "a megabyte": "a" * 2**20,
    "a megabyte in three parts": ".".join(["a" * 350_000] * 3),
    "a million dots": "." * 10**6,
    "a million empty parts": "a." * 10**6,
    "empty": "",
    "spaces": " " * 1000,
    "not ASCII": "é.ü.🚀",
    "a null": "a\0.b.c",
    "a line break": "a.b.c\r\nX: y",
}


@pytest.mark.parametrize("name", TOKENS)
def r28_a_token_that_is_none_is_invalid_at_once(issuer, name):
    verifier = make(issuer)
    verifier.warm_up()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    for _ in range(20):
        with pytest.raises(mintgate.TokenInvalid) as caught:
            verifier.verify(TOKENS[name])
        assert len(str(caught.value)) < 200, "it does not repeat the token"
    assert time.monotonic() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert issuer.fetches == 1


def r28_a_token_that_python_cannot_write_as_utf_8_is_refused(issuer):
    with pytest.raises((UnicodeEncodeError, mintgate.TokenInvalid)):
        make(issuer).verify("\ud800.b.c")
    for wrong in (None, b"a.b.c", 7):
        with pytest.raises(TypeError):
            make(issuer).verify(wrong)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        b"[" * 5000 + b"]" * 5000,
        b'{"exp":1e999}',
        b'{"exp":' + b"9" * 4000 + b"}",
        b'{"sub":"a","sub":"b"}',
        b"\xff\xfe",
        b"",
        b"null",
        b'{"iss":"\\ud800"}',
    ],
    ids=lambda payload: payload[:12].decode("latin-1"),
)
def r23_r28_signed_nonsense_is_invalid(issuer, key, payload):
    with pytest.raises(mintgate.TokenInvalid):
        make(issuer).verify(signed(key, payload))


@pytest.mark.parametrize("minutes", [-30, -5, 5, 30])
def it_says_what_a_clock_that_is_off_by_minutes_makes_of_a_token(issuer, key, minutes):
    now = int(time.time())
    token = key.sign(issuer.claims(iat=now, nbf=now, exp=now + 60))
    verifier = make(issuer)
    assert verifier.verify(token, now=now)["sub"] == "user-7"
    kind, reasons = (
        (mintgate.TokenInvalid, ("not_yet_valid", "issued_in_future"))
        if minutes < 0
        else (mintgate.TokenExpired, ("expired",))
    )
    with pytest.raises(kind) as caught:
        verifier.verify(token, now=now + 60 * minutes)
    assert caught.value.reason in reasons


JSON_TYPE = {"Content-Type": "application/json"}
REPLIES = {
    "HTML": (200, {"Content-Type": "text/html"}, b"<!doctype html><title>Sign in</title>"),
    "HTML called JSON": (200, JSON_TYPE, b"<!doctype html>"),
    "oversized": (200, JSON_TYPE, b'{"keys":[' + b" " * 5_000_000 + b"]}"),
    "too deep": (200, JSON_TYPE, b'{"keys":' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    "redirect": (302, {"Location": "http://127.0.0.1:9/else"}, b""),
    "redirect to itself": (307, {"Location": "/issuer/.well-known/jwks.json"}, b""),
    "not found": (404, {}, b"not found"),
    "empty": (200, JSON_TYPE, b""),
    "no content": (204, {}, b""),
}


@pytest.mark.parametrize("name", REPLIES)
def it_calls_an_issuer_unavailable_whose_answer_is_no_key_set(issuer, key, name):
    issuer.reply = REPLIES[name]
    verifier, token = make(issuer), key.sign(issuer.claims())
    for _ in range(3):
        with pytest.raises(mintgate.IssuerUnavailable) as caught:
            verifier.verify(token)
        assert caught.value.retry_after > 0
    assert issuer.fetches <= 2


def it_gives_up_on_an_issuer_that_sends_a_byte_now_and_then(key):
    stop = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]

    def trickle():
        while not stop.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                    while not stop.wait(0.02):
                        connection.sendall(b" ")
                except OSError:
                    continue

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    try:
        verifier = mintgate.Verifier(issuer=f"http://127.0.0.1:{port}/i", audience="orders", timeout=0.4)
        start = time.monotonic()
        with pytest.raises(mintgate.IssuerUnavailable):
            verifier.verify(key.sign({"iss": f"http://127.0.0.1:{port}/i"}))
        assert time.monotonic() - start < 2
    finally:
        stop.set()
        listening.close()
        thread.join(5)


@pytest.mark.parametrize("where", ["https://no-such-host.invalid/issuer", "https://127.0.0.1:1/issuer"])
def it_calls_an_issuer_unavailable_that_is_not_there(key, where):
    verifier = mintgate.Verifier(issuer=where, audience="orders", timeout=1)
    with pytest.raises(mintgate.IssuerUnavailable):
        verifier.verify(key.sign({"iss": where}))


def it_calls_an_issuer_unavailable_that_speaks_no_tls(make_issuer, key):
    issuer = make_issuer(key)
    where = issuer.name.replace("http:", "https:")
    with pytest.raises(mintgate.IssuerUnavailable):
        mintgate.Verifier(issuer=where, audience="orders", timeout=1).verify(key.sign(issuer.claims(iss=where)))


def it_takes_a_set_of_ten_thousand_keys_or_says_that_it_is_too_large(make_issuer, key):
    issuer = make_issuer()
    point = key.jwk()
    issuer.keys = [{**point, "kid": f"other-{number}"} for number in range(9_999)] + [point]
    verifier = make(issuer, timeout=5)
    start = time.monotonic()
    with pytest.raises(mintgate.VerificationError):
        verifier.verify(key.sign(issuer.claims(), kid="none"))
    assert time.monotonic() - start < 6


@pytest.mark.parametrize("how", [Issuer.HANG, *[REPLIES[name] for name in ("HTML", "oversized", "redirect")]])
@pytest.mark.parametrize("kind", ["flask", "fastapi", "django"])
def it_answers_503_or_401_and_never_500(make_issuer, make_origin, key, how):
    issuer = make_issuer(key)
    issuer.reply = how
    origin = make_origin(issuer, timeout=0.3)
    for token, status in [(key.sign(issuer.claims()), 503), ("x.y.z", 401), ("." * 8000, 401), (None, 401)]:
        assert origin.ask(token).status == status


@pytest.mark.parametrize("token", ["\udc80", "{good}\udfff", "\ud800.{good}"])
def it_calls_half_a_surrogate_pair_a_bad_token(issuer, key, token):
    verifier, good = make(issuer), key.sign(issuer.claims())
    token = token.format(good=good)
    verifier.verify(good)
    for ask in (verifier.verify, verifier.try_verify):
        with pytest.raises(mintgate.TokenInvalid):
            ask(token)
    with pytest.raises(mintgate.TokenInvalid):
        mintgate.inspect("\udc80")


@pytest.mark.parametrize("name", ["max_age", "timeout"])
def it_takes_no_setting_that_would_fetch_without_a_pause_or_in_no_time(name):
    with pytest.raises(ValueError, match=name):
        mintgate.Verifier(issuer="https://a.example", audience="orders", **{name: 0})


def it_takes_no_time_that_is_no_number(issuer, key):
    with pytest.raises(ValueError, match="now"):
        make(issuer).verify(key.sign(issuer.claims()), now=float("nan"))


def _nothing(*_request):
    raise AssertionError("nobody gets here")


@pytest.mark.parametrize("scopes", ['orders"', "a\\b", "é", "a\tb\0", [""], ["orders:read "], ["a,b", "ü"]])
@pytest.mark.parametrize("kind", [mintgate.wsgi, mintgate.asgi, mintgate.flask], ids=lambda kind: kind.__name__)
def it_says_at_the_start_which_scope_no_token_can_have(kind, scopes):
    settings = {"issuer": "https://a.example", "audience": "orders"}
    with pytest.raises(ValueError, match="scopes: "):
        if kind is mintgate.flask:
            kind.JWTAuth(**settings).require(scopes=scopes)
        else:
            kind.JWTAuth(_nothing, scopes=scopes, **settings)
