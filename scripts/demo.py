#!/usr/bin/env python3
"""The main job, for real: a caller's API key goes into the gate, a short-lived token reaches a CherryPy origin.

`make demo` runs this. It stays up until Ctrl-C; with --once it ends with status 0 only if everything was right.
Everything lives in .demo/ inside the checkout and on free loopback ports, and ends when this ends.
"""

import argparse
import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AUDIENCE = "orders"
CONSUMER = "alice"
SECONDS_TO_START = 30


class Failed(Exception):
    """Something was not as it must be."""


class Server:
    """A process of the demo, with a log that a failure prints."""

    running = []

    def __init__(self, name, command, log):
        self.name, self.log = name, log
        self._file = log.open("wb")
        self._child = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=self._file,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        Server.running.append(self)

    def wait_for(self, port):
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                raise Failed(f"{self.name} ended with status {self._child.returncode}")
            with socket.socket() as probe:
                probe.settimeout(0.5)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise Failed(f"{self.name} did not listen on port {port} within {SECONDS_TO_START} s")

    def is_running(self):
        return self._child.poll() is None

    def stop(self):
        if self.is_running():
            self._child.terminate()
            try:
                self._child.wait(15)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait(5)
        self._file.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--once", action="store_true", help="check everything, then end")
    once = options.parse_args().once
    # A polite end counts like Ctrl-C, so that nothing is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    (ROOT / ".demo").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=ROOT / ".demo"))
    try:
        gate, console = run(folder)
        if not once:
            stay(gate, console, folder / "gate/data/admin.token")
    except Failed as problem:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
        for server in Server.running:
            print(f"\n--- log of {server.name}\n{server.log.read_text(errors='replace')}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nStopping.")
    finally:
        for server in reversed(Server.running):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(folder):
    step("Building the gateway (the first time takes minutes)")
    tell("cargo build --bin mintgate")
    if subprocess.run(["cargo", "build", "--quiet", "--locked", "--bin", "mintgate"], cwd=ROOT).returncode != 0:
        raise Failed("the gateway does not build")
    mintgate = ROOT / "target/debug/mintgate"
    data_port, admin_port, origin_port = free_port(), free_port(), free_port()
    gate = f"http://127.0.0.1:{data_port}"

    step("Setting up a gate in front of an origin")
    command(mintgate, "init", folder / "gate", "--origin", f"http://127.0.0.1:{origin_port}")
    config = folder / "gate/mintgate.toml"
    config.write_text(with_settings(config.read_text(), data_port, admin_port))
    command(mintgate, "check", "--config", config)

    step("Starting the gate")
    server = Server("mintgate", [mintgate, "serve", "--config", config], folder / "mintgate.log")
    tell(f"mintgate serve --config {shown(config)}")
    server.wait_for(data_port)
    server.wait_for(admin_port)

    step("Starting the origin: CherryPy, guarded by our tool")
    app = ROOT / "examples/cherrypy/app.py"
    issuer = issuer_of(config, gate)
    arguments = ["--issuer", issuer, "--audience", AUDIENCE, "--port", origin_port]
    origin = Server("CherryPy", [ROOT / ".venv/bin/python", app, *arguments], folder / "cherrypy.log")
    tell(" ".join(map(str, ["python", shown(app), *arguments])))
    origin.wait_for(origin_port)

    step("Making a consumer and its key")
    command(mintgate, "consumers", "create", CONSUMER, "--config", config)
    key = command(mintgate, "keys", "create", "--consumer", CONSUMER, "--config", config).strip()
    tell(f"the key, shown this once: {key}")

    step("Calling the origin without a key, then with it")
    tell(f"curl {gate}/protected")
    status, body = ask(data_port)
    print(f"{status} {body}")
    expect(status == 401, f"without a key the answer is 401, not {status}")
    tell(f'curl -H "Authorization: Bearer $KEY" {gate}/protected')
    status, body = ask(data_port, key)
    expect(status == 200, f"with a key the answer is 200, not {status}: {body}")
    check(body, key, issuer)
    print(json.dumps(json.loads(body), indent=2))
    # The origin answers a caller who goes round the gate with the key: it knows tokens only.
    status, _ = ask(origin_port, key)
    expect(status == 401, f"the origin refuses the key itself with 401, not {status}")
    print("\nThe key stopped at the gate; CherryPy saw a token that says who is calling.")
    return gate, f"http://127.0.0.1:{admin_port}/console/"


def check(body, key, issuer):
    """The origin's answer names the caller and shows no trace of the key."""
    answer = json.loads(body)
    user = answer.get("user", {})
    expect(answer.get("message") == "Access granted", f"the origin granted access: {body}")
    expect(user.get("sub") == CONSUMER, f"the token's subject is {CONSUMER}: {body}")
    expect(user.get("aud") == AUDIENCE and user.get("iss") == issuer, f"the token is for this origin: {body}")
    expect(0 < user.get("exp", 0) - time.time() <= 300, f"the token is short-lived: {body}")
    secret = key.rsplit("_", 1)[-1]
    expect(key not in body and secret not in body, "the origin saw nothing of the key")


def stay(gate, console, token):
    print(f"\nStill up: {gate}  (Ctrl-C ends it)")
    print(f"The console: {console}  (sign in with the admin token: {shown(token)})", flush=True)
    while all(server.is_running() for server in Server.running):
        time.sleep(0.5)
    raise Failed("a server ended by itself")


def command(mintgate, *arguments):
    """Runs a command of ours; its talk goes to the terminal, its data comes back."""
    tell(" ".join(["mintgate", *map(shown, arguments)]))
    done = subprocess.run([mintgate, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True, timeout=60)
    if done.returncode != 0:
        raise Failed(f"the command ended with status {done.returncode}")
    return done.stdout


def ask(port, key=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/protected", headers={"Authorization": f"Bearer {key}"} if key else {})
    reply = connection.getresponse()
    body = reply.read().decode(errors="replace")
    connection.close()
    return reply.status, body


def with_settings(config, data_port, admin_port):
    """Free ports and the audience of this origin; everything else as `init` wrote it."""
    config = set_value(config, "[server]", "listen", f'["127.0.0.1:{data_port}"]')
    config = set_value(config, "[server]", "public_url", f'"http://127.0.0.1:{data_port}"')
    config = set_value(config, "[admin]", "listen", f'"127.0.0.1:{admin_port}"')
    config = set_value(config, "[[origin]]", "audience", f'"{AUDIENCE}"')
    return set_value(config, "[[origin]]", "profile", '"cherrypy"')


def set_value(config, table, name, value):
    start = config.index(f"\n{table}\n") + len(f"\n{table}\n") if f"\n{table}\n" in config else config.index(table) + len(table) + 1
    following = re.search(r"^\[", config[start:], re.MULTILINE)
    end = start + following.start() if following else len(config)
    body, count = re.subn(rf"^(# *)?{name}\s*=.*$", f"{name} = {value}", config[start:end], count=1, flags=re.MULTILINE)
    return config[:start] + (body if count else f"{name} = {value}\n{body}") + config[end:]


def issuer_of(config, gate):
    path = re.search(r"^\[issuer\][^\[]*?^path\s*=\s*\"([^\"]+)\"", config.read_text(), re.MULTILINE)
    return gate + (path.group(1) if path else "/__mintgate/issuer")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def shown(argument):
    text = str(argument)
    return text.removeprefix(f"{ROOT}/")


def step(text):
    print(f"\n== {text}", flush=True)


def tell(text):
    print(f"$ {text}" if not text.startswith("the key") else text, flush=True)


def expect(holds, text):
    if not holds:
        raise Failed(f"expected: {text}")


if __name__ == "__main__":
    main()
