"""What hand-written guards get wrong, line by line; each name begins with the line's number in naive-guard.md."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from issuer import Issuer, SigningKey
from mintgate import Verifier
from origin import read_to_end, wait_for_fetches


def refused(answer, title="Invalid token", status=401):
    """Whether an answer is exactly the refusal that is documented."""
    return answer.status == status and answer.json["title"] == title


def line_01_a_good_token_passes_with_its_claims(origin, issuer, key):
    claims = issuer.claims(scope="orders:read")
    answer = origin.ask(key.sign(claims))
    assert answer.status == 200
    assert answer.json["message"] == "Access granted"
    assert answer.json["user"] == claims
    assert answer.json["login"] == "user-7"


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def line_02_other_algorithms_than_rsa_are_known(make_issuer, make_origin, algorithm):
    key = SigningKey("curve", algorithm)
    issuer = make_issuer(key)
    assert make_origin(issuer).ask(key.sign(issuer.claims())).status == 200


def line_03_the_audience_is_checked(origin, issuer, key):
    assert origin.ask(key.sign(issuer.claims(aud="orders"))).status == 200
    assert origin.ask(key.sign(issuer.claims(aud=["billing", "orders"]))).status == 200
    assert refused(origin.ask(key.sign(issuer.claims(aud="billing"))))


def line_04_a_token_without_audience_is_refused(origin, issuer, key):
    assert refused(origin.ask(key.sign(issuer.claims(aud=None))))
    assert any("aud_missing" in line for line in origin.log)


def line_05_a_token_without_kid_is_tried_with_the_keys_of_its_algorithm(origin, issuer, key, other_key):
    assert origin.ask(key.sign(issuer.claims(), kid=None)).status == 200
    assert refused(origin.ask(other_key.sign(issuer.claims(), kid=None)))


def line_06_a_published_key_without_kid_is_passed_over(make_issuer, make_origin, key, other_key):
    issuer = make_issuer(other_key.jwk(kid=None), key)
    origin = make_origin(issuer)
    assert origin.ask(key.sign(issuer.claims())).status == 200
    assert refused(origin.ask(other_key.sign(issuer.claims())))


def line_07_r42_a_new_kid_is_fetched_once_and_then_answered(origin, issuer, key, other_key):
    assert origin.ask(key.sign(issuer.claims())).status == 200
    issuer.keys.append(other_key.jwk())
    before = issuer.fetches
    assert origin.ask(other_key.sign(issuer.claims())).status == 200
    assert origin.ask(key.sign(issuer.claims())).status == 200
    assert issuer.fetches == before + 1


def line_08_a_withdrawn_key_is_gone_at_the_next_refresh(make_issuer, make_origin, key, other_key):
    issuer = make_issuer(key, other_key)
    origin = make_origin(issuer, max_age=0.2)
    issuer.max_age = 0
    token = key.sign(issuer.claims())
    assert origin.ask(token).status == 200
    issuer.keys = [other_key.jwk()]
    wait_for_fetches(issuer, issuer.fetches + 2)
    assert refused(origin.ask(token))


@pytest.mark.parametrize("how", ["refused", 500, 503])
def line_09_without_keys_the_answer_is_503_with_retry_after(make_issuer, make_origin, key, how):
    issuer = make_issuer(key)
    if how == "refused":
        with issuer.down():
            answer = make_origin(issuer).ask(key.sign(issuer.claims()))
    else:
        issuer.reply = (how, {}, b"<html>")
        answer = make_origin(issuer).ask(key.sign(issuer.claims()))
    assert refused(answer, "Tokens cannot be verified now", 503)
    assert int(answer.headers["Retry-After"]) >= 1


def line_10_with_the_issuer_down_known_keys_serve_on(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    issuer.max_age = 0
    origin = make_origin(issuer, max_age=0.1)
    assert origin.ask(key.sign(issuer.claims())).status == 200
    issuer.reply = (503, {}, b"")
    wait_for_fetches(issuer, issuer.fetches + 2)
    assert origin.ask(key.sign(issuer.claims())).status == 200


def line_10_but_not_beyond_the_limit(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    issuer.max_age = 0
    origin = make_origin(issuer, max_age=0.05, stale_limit=0)
    assert origin.ask(key.sign(issuer.claims())).status == 200
    issuer.reply = (503, {}, b"")
    wait_for_fetches(issuer, issuer.fetches + 2)
    assert origin.ask(key.sign(issuer.claims())).status == 503


@pytest.mark.parametrize("body", [b"<html>", b'{"keys":[', b"{}", b'{"keys":{}}', b"[]", b""])
def line_11_what_is_no_key_set_means_503(make_issuer, make_origin, key, body):
    issuer = make_issuer(key)
    issuer.reply = (200, {"Content-Type": "application/json"}, body)
    assert make_origin(issuer).ask(key.sign(issuer.claims())).status == 503


def line_12_a_malformed_key_is_passed_over(make_issuer, make_origin, key):
    broken = [{"kty": "RSA", "kid": "x", "n": "!", "e": 3}, {"kid": "y"}, None, key.jwk(kid="z", e="AQ")]
    issuer = make_issuer(key)
    issuer.keys = [*broken, *issuer.keys]
    assert make_origin(issuer).ask(key.sign(issuer.claims())).status == 200


def line_13_an_issuer_that_hangs_costs_at_most_three_seconds_and_others_go_on(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    issuer.reply = Issuer.HANG
    origin = make_origin(issuer, threads=10)
    token = key.sign(issuer.claims())
    with ThreadPoolExecutor(12) as pool:
        start = time.monotonic()
        waiting = [pool.submit(origin.ask, token) for _ in range(12)]
        assert {one.result().status for one in waiting} == {503}
        # Ten wait together for the one fetch; the last two begin when that has failed, and do not wait again.
        assert time.monotonic() - start < 4
    start = time.monotonic()
    assert origin.ask(token).status == 503
    assert origin.ask(path="/health").body == b"ok"
    assert refused(origin.ask(), "No token provided")
    assert time.monotonic() - start < 1


def line_14_ten_cold_requests_cause_one_fetch(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    issuer.gate.clear()
    origin = make_origin(issuer, threads=10)
    token = key.sign(issuer.claims())
    with ThreadPoolExecutor(10) as pool:
        waiting = [pool.submit(origin.ask, token) for _ in range(10)]
        wait_for_fetches(issuer, 1)
        issuer.gate.set()
        assert {one.result().status for one in waiting} == {200}
    assert issuer.fetches == 1


def line_15_a_failing_issuer_is_not_asked_for_each_request(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    issuer.reply = (500, {}, b"")
    origin = make_origin(issuer)
    for _ in range(50):
        assert origin.ask(key.sign(issuer.claims())).status == 503
    # The first, and those of the growing pauses (1 s, 2 s) that may have passed meanwhile.
    assert issuer.fetches <= 3


def line_16_threads_find_no_gap_while_keys_are_replaced(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    issuer.max_age = 0
    origin = make_origin(issuer, max_age=0.01, threads=8)
    tokens = [key.sign(issuer.claims(sub=f"user-{number}")) for number in range(20)]
    assert origin.ask(tokens[0]).status == 200
    before = issuer.fetches
    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda number: origin.ask(tokens[number % 20]).status, range(400)))
    assert statuses == {200}
    assert issuer.fetches > before + 3, "the keys were replaced meanwhile"


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "BeArEr"])
def line_17_the_scheme_is_known_in_any_case(origin, issuer, key, scheme):
    line = ("Authorization", f"{scheme} {key.sign(issuer.claims())}")
    assert origin.ask(headers=[line]).status == 200


@pytest.mark.parametrize("spaces", ["  ", "     "])
def line_18_more_than_one_space_is_no_fault(origin, issuer, key, spaces):
    line = ("Authorization", f"Bearer{spaces}{key.sign(issuer.claims())} ")
    assert origin.ask(headers=[line]).status == 200


def line_19_every_refusal_has_the_header_of_rfc_6750(make_origin, issuer, key):
    origin = make_origin(issuer, realm="orders")
    assert origin.ask().challenge == 'Bearer realm="orders"'
    basic = origin.ask(headers=[("Authorization", "Basic YTpi")])
    assert (basic.status, basic.challenge) == (401, 'Bearer realm="orders"')
    assert origin.ask("garbage").challenge == 'Bearer realm="orders", error="invalid_token"'
    expired = issuer.claims(exp=int(time.time()) - 60)
    assert origin.ask(key.sign(expired)).challenge == 'Bearer realm="orders", error="invalid_token"'
    two = origin.ask(headers=[("Authorization", "Bearer a, Bearer b")])
    assert (two.status, two.challenge) == (400, 'Bearer realm="orders", error="invalid_request"')
    lacking = origin.ask(key.sign(issuer.claims(scope="orders:read")), "/scoped")
    wanted = 'Bearer realm="orders", error="insufficient_scope", scope="orders:read orders:write"'
    assert (lacking.status, lacking.challenge) == (403, wanted)


def line_20_refusals_are_problem_json(origin, issuer, key):
    expired = key.sign(issuer.claims(exp=int(time.time()) - 60))
    for token, title in [
        (None, "No token provided"),
        (expired, "Token has expired"),
        ("x.y.z", "Invalid token"),
    ]:
        answer = origin.ask(token)
        assert refused(answer, title)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert set(answer.json) == {"type", "title", "status", "code"}


def line_21_no_answer_shows_a_traceback(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    origin = make_origin(issuer)
    answers = [origin.ask(token) for token in (None, "x", "x.y.z", key.sign({}), key.sign(issuer.claims(exp="x")))]
    issuer.reply = (500, {}, b"")
    answers.append(make_origin(issuer).ask(key.sign(issuer.claims())))
    assert [answer.status for answer in answers] == [401, 401, 401, 401, 401, 503]
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/problem+json"
        for trace in (b"Traceback", b".py", b"line ", b"Error:"):
            assert trace not in answer.body


def line_22_the_caller_reads_a_fixed_text_and_the_log_the_reason(origin, issuer, key, other_key):
    bodies = set()
    bad = {
        "wrong_audience": key.sign(issuer.claims(aud="billing")),
        "wrong_issuer": key.sign(issuer.claims(iss="https://else.example")),
        "bad_signature": other_key.sign(issuer.claims(), kid=key.kid),
        "unknown_key": key.sign(issuer.claims(), kid="evil"),
        "alg_none": key.sign(issuer.claims(), alg="none"),
        "not_three_parts": "evil",
    }
    for reason, token in bad.items():
        origin.log.clear()
        answer = origin.ask(token)
        bodies.add((answer.status, answer.body, answer.challenge))
        assert any(reason in line for line in origin.log), reason
        assert not any("evil" in line or token in line for line in origin.log)
    assert len(bodies) == 1


def line_23_clocks_may_be_ten_seconds_apart(origin, issuer, key):
    now = int(time.time())
    assert origin.ask(key.sign(issuer.claims(exp=now - 1))).status == 200
    assert origin.ask(key.sign(issuer.claims(nbf=now + 5))).status == 200
    assert refused(origin.ask(key.sign(issuer.claims(exp=now - 11))), "Token has expired")
    assert refused(origin.ask(key.sign(issuer.claims(nbf=now + 20))))


def line_24_a_token_without_end_is_refused(origin, issuer, key):
    assert refused(origin.ask(key.sign(issuer.claims(exp=None))))


def line_25_a_token_about_nobody_is_refused(origin, issuer, key):
    assert refused(origin.ask(key.sign(issuer.claims(sub=None))))
    assert refused(origin.ask(key.sign(issuer.claims(sub=""))))


def line_26_a_token_from_the_future_is_refused(origin, issuer, key):
    now = int(time.time())
    assert refused(origin.ask(key.sign(issuer.claims(iat=now + 3600, exp=now + 7200))))


def line_27_an_unknown_extension_is_refused(origin, issuer, key):
    assert refused(origin.ask(key.sign(issuer.claims(), crit=["exp2"], exp2=True)))
    assert refused(origin.ask(key.sign(issuer.claims(), crit=["b64"], b64=False)))


def line_28_another_type_of_token_and_a_key_for_encryption_are_refused(make_issuer, make_origin, key, other_key):
    issuer = make_issuer(key, other_key.jwk(use="enc"))
    origin = make_origin(issuer)
    for typ in ("JWT", "logout+jwt", None):
        assert refused(origin.ask(key.sign(issuer.claims(), typ=typ)))
    assert origin.ask(key.sign(issuer.claims(), typ="application/AT+JWT")).status == 200
    assert refused(origin.ask(other_key.sign(issuer.claims())))


@pytest.mark.parametrize(
    "framing", ["Content-Length: 50000000", "Transfer-Encoding: chunked"], ids=["length", "chunked"]
)
def line_29_an_anonymous_body_is_not_read(origin, framing):
    with socket.create_connection(("127.0.0.1", origin.port), timeout=3) as connection:
        start = f"POST /protected HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n{framing}\r\n\r\n"
        connection.sendall(start.encode() + b"5\r\nhello\r\n")
        answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in answer.lower()
    assert answer.count(b"HTTP/1.1 ") == 1, "nothing of the body was taken for a request"


def line_29_a_short_body_leaves_the_connection_open(origin, issuer, key):
    with socket.create_connection(("127.0.0.1", origin.port), timeout=3) as connection:
        body = b'{"a":1}'
        start = f"POST /protected HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
        good = f"GET /protected HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key.sign(issuer.claims())}\r\n"
        connection.sendall(start.encode() + b"\r\n" + body + good.encode() + b"Connection: close\r\n\r\n")
        answer = read_to_end(connection)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"HTTP/1.1 200 " in answer


def line_30_the_issuer_is_configuration_and_its_keys_come_over_a_safe_way(make_issuer, make_origin, key):
    issuer, other = make_issuer(key), make_issuer(key)
    assert (
        make_origin(issuer, jwks_uri=f"{other.name}/.well-known/jwks.json").ask(key.sign(issuer.claims())).status == 200
    )
    assert (issuer.fetches, other.fetches) == (0, 1)
    for where in ({"issuer": "http://issuer.example"}, {"jwks_uri": "http://issuer.example/jwks"}):
        with pytest.raises(ValueError, match="https"):
            Verifier(**{"issuer": issuer.name, "audience": "orders", **where})
    issuer.reply = (302, {"Location": f"{other.name}/.well-known/jwks.json"}, b"")
    fetched = other.fetches
    assert make_origin(issuer).ask(key.sign(issuer.claims())).status == 503
    assert other.fetches == fetched
