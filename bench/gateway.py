"""Mintgate itself as a contestant: made with `mintgate init`, given its keys through the admin API, as a user would."""

import http.client
import json
import re
import secrets
import subprocess

from peers import Peer
from processes import Process, free_port

BUCKET = "production"


def start(bench, binary):
    """The gateway as it ships, with as many keys as the others have, issued by itself."""
    peer, admin_port = _serve(bench, binary, "mintgate", "Mintgate")
    secrets = list(_issue(bench.dir / "mintgate", admin_port, len(bench.pairs)))
    peer.keys_file.write_text("".join(f"{secret}\n" for secret in secrets))
    peer.good_key = secrets[0]
    return peer


def start_bare(bench, binary):
    """The gateway as a plain proxy: check and minting are compiled out (feature `bench-bare`)."""
    peer, _ = _serve(bench, binary, "mintgate-bare", "Mintgate, check and mint off")
    peer.keys_file.write_text("".join(f"{key}\n" for key, _ in bench.pairs))
    peer.swaps = False
    return peer


def _serve(bench, binary, name, label):
    folder = bench.dir / name
    origin = f"http://127.0.0.1:{bench.origin_port}"
    _run(binary, "init", folder, "--origin", origin)
    port, admin_port = free_port(), free_port()
    config = folder / "mintgate.toml"
    config.write_text(_with_settings(config.read_text(), port, admin_port))
    process = Process(name, [binary, "serve", "--config", config], bench.gateway_core, bench.dir / f"{name}.log")
    try:
        process.wait_for_port(port)
        process.wait_for_port(admin_port)
    except RuntimeError:
        process.stop()
        raise
    version = _run(binary, "--version").split()[-1]
    return Peer(name, label, port, process, bench.dir / f"{name}.keys", version, good_key=bench.pairs[0][0]), admin_port


def _with_settings(config, port, admin_port):
    """One worker, free ports; everything else as `init` wrote it."""
    config = _set(config, "server", "listen", f'["127.0.0.1:{port}"]')
    config = _set(config, "server", "public_url", f'"http://127.0.0.1:{port}"')
    config = _set(config, "server", "workers", "1")
    return _set(config, "admin", "listen", f'"127.0.0.1:{admin_port}"')


def _set(config, table, name, value):
    """Replaces a setting of a table, or adds it."""
    start = config.index(f"[{table}]") + len(f"[{table}]")
    end = next((match.start() for match in re.finditer(r"^\[", config[start:], re.MULTILINE)), len(config) - start) + start
    body, count = re.subn(rf"^{name}\s*=.*$", f"{name} = {value}", config[start:end], flags=re.MULTILINE)
    if count == 0:
        body = f"\n{name} = {value}" + body
    return config[:start] + body + config[end:]


def _issue(folder, admin_port, count):
    token = next(folder.rglob("admin*token*")).read_text().strip()
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=30)
    for number in range(count):
        wanted = json.dumps({"name": f"bench-{number}", "key": {}})
        connection.request("POST", f"/v1/buckets/{BUCKET}/consumers", wanted,
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        reply = connection.getresponse()
        body = reply.read().decode()
        if reply.status != 201:
            raise RuntimeError(f"making consumer {number}: {reply.status} {body}")
        yield json.loads(body)["key"]["secret"]
    connection.close()


def import_keys(folder, binary, keys_file, count):
    """Keys that the gateway has never seen used: made here in a foreign form, and imported."""
    keys = [f"bench-{secrets.token_hex(20)}" for _ in range(count)]
    rows = "".join(f'{{"consumer": "bench-0", "key": "{key}"}}\n' for key in keys)
    lines = keys_file.with_suffix(".jsonl")
    lines.write_text(rows)
    _run(binary, "keys", "import", lines, "--config", folder / "mintgate.toml")
    lines.unlink()
    keys_file.write_text("".join(f"{key}\n" for key in keys))


def _run(binary, *arguments):
    command = [str(binary), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout
