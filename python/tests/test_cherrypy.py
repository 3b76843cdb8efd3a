"""What the CherryPy tool does beyond the list of what others get wrong."""

import http.client

import cherrypy
import pytest

from mintgate.cherrypy import JWTAuth


@pytest.fixture
def kind():
    return "cherrypy"


def it_leaves_other_handlers_alone(origin):
    assert origin.ask(path="/health").body == b"ok"


def it_is_switched_on_by_configuration(make_origin, issuer, key):
    config = {"/configured": {"tools.jwt_auth.on": True, "tools.jwt_auth.scopes": "orders:read"}}
    origin = make_origin(issuer, config=config)
    assert origin.ask(path="/configured").status == 401
    assert origin.ask(key.sign(issuer.claims()), "/configured").status == 403
    answer = origin.ask(key.sign(issuer.claims(scope="orders:read")), "/configured")
    assert answer.json["user"]["scope"] == "orders:read"


def it_asks_for_all_scopes_of_a_handler(origin, issuer, key):
    for scope, status in [(None, 403), ("orders:read", 403), ("orders:write orders:read", 200)]:
        assert origin.ask(key.sign(issuer.claims(scope=scope)), "/scoped").status == status


def it_refuses_unknown_settings_when_the_handler_is_written():
    tool = JWTAuth(issuer="https://a.example", audience="b")
    with pytest.raises(TypeError, match="'scope'"):
        tool(scope=["a"])
    with pytest.raises(ValueError, match="realm"):
        JWTAuth(issuer="https://a.example", audience="b", realm='a"b')


@pytest.mark.parametrize("name", ["Cgi-Authorization", "Cgi_Authorization", "CGI-AUTHORIZATION"])
def r07_a_request_with_cgi_authorization_is_refused(origin, issuer, key, name):
    good = f"Bearer {key.sign(issuer.claims())}"
    assert origin.ask(headers=[(name, good)]).status == 400
    assert origin.ask(headers=[("Authorization", good), (name, good)]).status == 400
    assert origin.ask(headers=[("Authorization", "Bearer x"), (name, good)]).status == 400
    assert origin.ask(headers=[("Authorization", good), (name, "Bearer x")]).status == 400


def r02_of_two_lines_the_one_that_is_checked_is_the_one_that_handlers_see(origin, issuer, key):
    one, other = (f"Bearer {key.sign(issuer.claims(sub=sub))}" for sub in ("one", "other"))
    for second in ("Authorization", "authorization", "AUTHORIZATION "):
        answer = origin.ask(headers=[("Authorization", one), (second, other)])
        assert answer.status == 400 or answer.json["user"]["sub"] == "other"
        assert origin.ask(headers=[("Authorization", one), (second, "Bearer x")]).status in (400, 401)


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer a, Bearer b", "Bearer é", 'Bearer "a"']
)
def it_calls_a_malformed_header_a_bad_request(origin, value):
    answer = origin.ask(headers=[("Authorization", value.encode("latin-1"))])
    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("value", ["Basic YTpi", "Bearertoken", "", "Token abc"])
def it_takes_another_scheme_for_no_token(origin, value):
    answer = origin.ask(headers=[("Authorization", value)])
    assert (answer.status, answer.json["title"]) == (401, "No token provided")


def r30_an_encoded_word_is_no_second_way_to_spell_a_token(origin, issuer, key):
    import base64

    word = base64.b64encode(f"Bearer {key.sign(issuer.claims())}".encode()).decode()
    assert origin.ask(headers=[("Authorization", f"=?utf-8?b?{word}?=")]).status == 401


def r28_oversized_tokens_are_refused(origin, issuer, key):
    for token in ("." * 65536, "a" * 65536, "a." * 20000, key.sign(issuer.claims()) + "A" * 65536):
        assert origin.ask(token).status in (400, 401)


def r29_a_token_for_another_origin_is_refused(origin, issuer, key):
    assert origin.ask(key.sign(issuer.claims(aud="billing"))).status == 401


def it_answers_head_without_a_body_and_guards_every_method(origin, issuer, key):
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert origin.ask(method=method, body=b"" if method in ("POST", "PUT", "PATCH") else None).status == 401
    answer = origin.ask(method="HEAD")
    assert (answer.status, answer.body) == (401, b"")


def it_reads_the_body_of_those_who_pass(origin, issuer, key):
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    answer = origin.ask(key.sign(issuer.claims()), method="POST", body=b"a=1&b=2", headers=form)
    assert answer.json["parameters"] == {"a": "1", "b": "2"}


def it_keeps_a_connection_open_after_a_refusal_without_a_body(origin, issuer, key):
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=5)
    try:
        for headers, status in [({}, 401), ({"Authorization": f"Bearer {key.sign(issuer.claims())}"}, 200)]:
            connection.request("GET", "/protected", headers=headers)
            response = connection.getresponse()
            response.read()
            assert response.status == status
        assert connection.sock is not None
    finally:
        connection.close()


def it_does_not_let_anybody_in_when_it_breaks_itself(origin, issuer, key, monkeypatch):
    class Broken:
        def verify(self, token, scopes):
            raise RuntimeError("secret detail")

        def start(self):
            pass

    monkeypatch.setattr(origin.tool.guard, "verifier", Broken())
    answer = origin.ask(key.sign(issuer.claims()))
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert b"secret" not in answer.body


def it_starts_to_fetch_when_the_engine_starts(issuer):
    tool = JWTAuth(issuer=issuer.name, audience="orders")
    listeners = cherrypy.engine.listeners["start"]
    assert tool.verifier.start in listeners
    cherrypy.engine.unsubscribe("start", tool.verifier.start)


@pytest.mark.parametrize("mode", ["usual", "any type", "fixed keys", "no keys", "stale keys"])
def r30_a_token_that_is_present_but_not_good_opens_nothing_in_any_mode(make_issuer, make_origin, key, other_key, mode):
    issuer = make_issuer(key)
    settings = {"any type": {"typ": None}, "fixed keys": {"jwks": {"keys": [key.jwk()]}}}.get(mode, {})
    if mode == "no keys":
        issuer.reply = (500, {}, b"")
    origin = make_origin(issuer, **settings)
    if mode == "stale keys":
        origin.tool.verifier.warm_up()
        issuer.reply = (500, {}, b"")
    good = key.sign(issuer.claims())
    head, body, signature = good.split(".")
    forged = [
        other_key.sign(issuer.claims()),
        other_key.sign(issuer.claims(), kid=key.kid),
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        key.sign(issuer.claims(), alg="none"),
        "x",
    ]
    for token in forged:
        assert origin.ask(token).status in (401, 503)
    assert origin.ask(good).status == (503 if mode == "no keys" else 200)


def r27_two_tokens_and_a_failing_issuer_are_a_clean_refusal(make_issuer, make_origin, key):
    issuer = make_issuer(key)
    issuer.reply = (500, {}, b"<html>")
    origin = make_origin(issuer)
    token = key.sign(issuer.claims())
    two = [("Authorization", f"Bearer {token}"), ("Cgi-Authorization", f"Bearer {token}")]
    for headers, status in [
        (two, 400),
        ([("Authorization", f"Bearer {token}, Bearer {token}")], 400),
        (two[:1], 503),
    ]:
        answer = origin.ask(headers=headers)
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("environment", [None, "production", "staging", "embedded", "test_suite"])
def line_21_no_environment_shows_a_traceback(make_issuer, make_origin, key, environment):
    issuer = make_issuer(key)
    shown = {"request.show_tracebacks": True, "request.show_mismatched_params": True}
    config = {"/": shown if environment is None else {"environment": environment}}
    origin = make_origin(issuer, config=config)
    answers = [origin.ask(token) for token in (None, "x", "x.y.z", key.sign({}), key.sign(issuer.claims(exp="x")))]
    issuer.reply = (500, {}, b"")
    answers.append(make_origin(issuer, config=config).ask(key.sign(issuer.claims())))
    wrong = {"/protected": {"tools.jwt_auth.scope": "typo"}, **config}
    answers.append(make_origin(issuer, config=wrong).ask(key.sign(issuer.claims())))
    assert [answer.status for answer in answers] == [401, 401, 401, 401, 401, 503, 500]
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/problem+json"
        for trace in (b"Traceback", b".py", b"CherryPy", b"line ", b"Error:"):
            assert trace not in answer.body
