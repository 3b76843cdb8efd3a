"""The example applications, as their own processes."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "cherrypy"
BOTH = pytest.mark.parametrize("program", ["app.py", "plain_python.py"])


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


def wait_until_it_listens(port, process):
    deadline, pause = time.monotonic() + 20, threading.Event()
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(process.communicate()[0].decode())
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            pause.wait(0.05)
    pytest.fail(f"nothing listens on port {port}")


def ask(port, path, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@BOTH
def it_lets_good_tokens_in_and_states_why_others_stay_out(issuer, key, other_key, program):
    claims = issuer.claims()
    with running(program, issuer) as port:
        assert ask(port, "/health") == (200, b'{"status": "ok"}')
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


@BOTH
def r42_it_takes_tokens_of_a_key_that_is_new(issuer, key, other_key, program):
    with running(program, issuer) as port:
        assert ask(port, "/protected", key.sign(issuer.claims()))[0] == 200
        issuer.keys.append(other_key.jwk())
        assert ask(port, "/protected", other_key.sign(issuer.claims()))[0] == 200


def it_needs_nothing_of_ours_when_guarded_by_hand():
    source = (EXAMPLES / "plain_python.py").read_text()
    assert "mintgate" not in [
        line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    ]
