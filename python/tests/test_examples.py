"""The example applications, as their own processes."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from servers import wait_until_it_listens

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
OURS = ["cherrypy/app.py", "flask/app.py", "fastapi/app.py", "django/app.py"]
ALL = pytest.mark.parametrize("program", [*OURS, "cherrypy/plain_python.py"])
EACH_OF_OURS = pytest.mark.parametrize("program", OURS)


@contextmanager
def running(program, issuer):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(EXAMPLES / program), "--issuer", issuer.name, "--audience", "orders"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    try:
        wait_until_it_listens(port, process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=20)


def ask(port, path, token=None, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/octet-stream"
        connection.request("GET" if body is None else "POST", path, body, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@ALL
def it_lets_good_tokens_in_and_states_why_others_stay_out(issuer, key, other_key, program):
    claims = issuer.claims()
    with running(program, issuer) as port:
        status, body = ask(port, "/health")
        assert (status, json.loads(body)) == (200, {"status": "ok"})
        status, body = ask(port, "/protected", key.sign(claims))
        assert (status, json.loads(body)) == (200, {"message": "Access granted", "user": claims})
        refusals = [
            (None, b"No token provided"),
            (key.sign(issuer.claims(exp=int(time.time()) - 60)), b"Token has expired"),
            (key.sign(issuer.claims(aud="billing")), b"Invalid token"),
            (key.sign(issuer.claims(aud=None)), b"Invalid token"),
            (key.sign(issuer.claims(iss="https://else.example")), b"Invalid token"),
            (key.sign(issuer.claims(exp=None)), b"Invalid token"),
            (other_key.sign(issuer.claims(), kid=key.kid), b"Invalid token"),
            (key.sign(issuer.claims(), kid="unknown"), b"Invalid token"),
            ("garbage", b"Invalid token"),
        ]
        for token, text in refusals:
            status, body = ask(port, "/protected", token)
            assert status == 401 and text in body, (text, body)
            assert b"Traceback" not in body


@ALL
def r42_it_takes_tokens_of_a_key_that_is_new(issuer, key, other_key, program):
    with running(program, issuer) as port:
        assert ask(port, "/protected", key.sign(issuer.claims()))[0] == 200
        issuer.keys.append(other_key.jwk())
        assert ask(port, "/protected", other_key.sign(issuer.claims()))[0] == 200


@EACH_OF_OURS
def it_asks_for_scopes_and_reads_uploads_only_of_those_who_may(issuer, key, program):
    with running(program, issuer) as port:
        good = key.sign(issuer.claims(scope="orders:read"))
        assert ask(port, "/public")[0] == 200
        assert ask(port, "/orders", key.sign(issuer.claims()))[0] == 403
        assert json.loads(ask(port, "/orders", good)[1])["orders"] == []
        assert json.loads(ask(port, "/upload", good, bytes(200_000))[1]) == {"bytes": 200_000}
        assert ask(port, "/upload", body=b"x")[0] == 401
        for framing in ("Content-Length: 50000000", "Transfer-Encoding: chunked"):
            with socket.create_connection(("127.0.0.1", port), timeout=8) as connection:
                start = (
                    f"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n{framing}"
                )
                connection.sendall(start.encode() + b"\r\n\r\n5\r\nhello\r\n")
                assert connection.recv(65536).startswith(b"HTTP/1.1 401 "), "it answers before the body has come"


@EACH_OF_OURS
def it_stands_in_the_documentation_as_it_is_here(program):
    page = (ROOT / "docs" / "origins" / program.replace("/app.py", ".md")).read_text()
    assert f"```python\n{(EXAMPLES / program).read_text()}```\n" in page


def it_needs_nothing_of_ours_when_guarded_by_hand():
    source = (EXAMPLES / "cherrypy" / "plain_python.py").read_text()
    assert "mintgate" not in [
        line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    ]
