"""Servers that run as processes of their own: gunicorn's kinds of workers, and waitress."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from origin import ask, read_to_end
from servers import wait_until_it_listens

APPLICATION = """
import os
from flask import Flask, g, request
from mintgate.flask import JWTAuth

app = Flask("origin")
auth = JWTAuth(issuer=os.environ["ISSUER"], audience="orders")
if os.environ.get("WARM"):
    auth.guard.verifier.warm_up()


@app.get("/protected")
@auth.require()
def protected():
    return {"user": g.user, "process": os.getpid(), "imported_by": IMPORTED_BY}


@app.post("/upload")
@auth.require()
def upload():
    return {"bytes": len(request.get_data())}


IMPORTED_BY = os.getpid()
"""


@pytest.fixture
def serve(tmp_path, issuer):
    (tmp_path / "served.py").write_text(APPLICATION)

    @contextmanager
    def run(*command, **environment):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        own = {**os.environ, "ISSUER": issuer.name, "PYTHONDONTWRITEBYTECODE": "1", **environment}
        process = subprocess.Popen(
            [sys.executable, "-m", *(part.replace("PORT", str(port)) for part in command)],
            cwd=tmp_path,
            env=own,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_it_listens(port, process)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)

    return run


GUNICORN = ["gunicorn", "--bind", "127.0.0.1:PORT", "--no-control-socket", "served:app"]


@pytest.mark.parametrize("worker", ["sync", "gthread"])
def it_works_in_preforked_workers_that_share_what_was_loaded_before(serve, issuer, key, worker):
    command = [*GUNICORN, "--preload", "--workers", "2", "--worker-class", worker, "--threads", "4"]
    with serve(*command, WARM="1") as port:
        token = key.sign(issuer.claims())
        seen = set()
        deadline = time.monotonic() + 20
        while len(seen) < 2 and time.monotonic() < deadline:
            answer = ask(port, token)
            assert answer.status == 200
            assert answer.json["process"] != answer.json["imported_by"]
            seen.add(answer.json["process"])
            assert ask(port, key.sign(issuer.claims(aud="billing"))).status == 401
        assert issuer.fetches == 1 + len(seen), "the parent's fetch, and one in each child"


@pytest.mark.parametrize("worker", ["sync", "gthread"])
@pytest.mark.parametrize("framing", ["Content-Length: 50000000", "Transfer-Encoding: chunked"])
def line_29_gunicorn_answers_and_closes_without_the_body(serve, issuer, key, worker, framing):
    with serve(*GUNICORN, "--worker-class", worker, "--threads", "2") as port:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            start = f"POST /upload HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n"
            connection.sendall(start.encode() + b"5\r\nhello\r\n")
            answer = read_to_end(connection)
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert answer.count(b"HTTP/1.1 ") == 1, "nothing of the body was taken for a request"
        token = key.sign(issuer.claims())
        sent = ask(port, token, "/upload", method="POST", body=bytes(300_000))
        assert sent.json == {"bytes": 300_000}


@pytest.mark.parametrize("worker", ["sync", "gthread"])
def r02_gunicorn_joins_two_lines_and_neither_counts(serve, issuer, key, worker):
    with serve(*GUNICORN, "--worker-class", worker) as port:
        line = ("Authorization", f"Bearer {key.sign(issuer.claims())}")
        for pair in ([line, line], [line, ("Authorization", "Bearer x")], [line, ("Cgi-Authorization", "Bearer x")]):
            assert ask(port, headers=pair).status == 400
        assert ask(port, headers=[line]).status == 200


def it_works_on_waitress_which_reads_bodies_first(serve, issuer, key):
    command = ["waitress", "--listen=127.0.0.1:PORT", "--max-request-body-size=1000", "served:app"]
    with serve(*command) as port:
        token = key.sign(issuer.claims())
        assert ask(port, token).status == 200
        assert ask(port).status == 401
        assert ask(port, token, "/upload", method="POST", body=b"abc").json == {"bytes": 3}
        # The limit of its own is what keeps anonymous callers from uploading.
        assert ask(port, path="/upload", method="POST", body=bytes(2000)).status == 413
        line = ("Authorization", f"Bearer {token}")
        assert ask(port, headers=[line, line]).status == 400


def it_answers_many_threads_of_a_process_at_once(serve, issuer, key):
    with serve(*GUNICORN, "--worker-class", "gthread", "--threads", "8") as port:
        tokens = [key.sign(issuer.claims(sub=f"user-{number}")) for number in range(40)]
        wrong = []

        def go(part):
            for number in range(part, 200, 8):
                answer = ask(port, tokens[number % 40])
                if answer.status != 200 or json.loads(answer.body)["user"]["sub"] != f"user-{number % 40}":
                    wrong.append(answer)

        threads = [threading.Thread(target=go, args=(part,)) for part in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert issuer.fetches == 1
