#!/usr/bin/env python3
"""How long a node takes to start, and how much memory it needs, with many keys in the embedded store.

    cargo build --release -p mintgate
    python3 bench/scale.py [--keys 1000000 10000000] [--mintgate target/release/mintgate]

Keys come in as a team would bring them from elsewhere: `mintgate keys import` with SHA-256 hashes. Then the node is
started a few times; the clock runs from the start of the process to the first request that reaches the origin with a
token, with the key that was imported last. The file is in the page cache, as it is after a restart; memory is what
Linux calls VmRSS at that moment, and VmHWM, the most that it ever was. Standard library only.
"""

import argparse
import hashlib
import http.client
import http.server
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from gateway import _set as with_setting
from processes import Process, free_port
from report import machine

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).with_name("results")
# What issue and README promise for a million keys.
MOST_SECONDS, MOST_MEGABYTES, PROMISED_KEYS = 5.0, 400.0, 1_000_000
# What a key takes on the disk at the most: its row, its indices, its line in the file that is imported, the log.
DISK_BYTES_A_KEY = 1200
ROWS_A_FILE = 1_000_000


def main():
    options = arguments()
    results = {"machine": machine(), "starts": options.starts, "sizes": []}
    for count in options.keys:
        with tempfile.TemporaryDirectory(prefix="mintgate-scale-", dir=options.folder) as folder:
            if shutil.disk_usage(folder).free < count * DISK_BYTES_A_KEY:
                print(f"{count:,} keys are left out: {folder} has no room for them", file=sys.stderr)
                continue
            results["sizes"].append(measure(Path(folder), options, count))
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "scale.json").write_text(json.dumps(results, indent=2) + "\n")
    table = markdown(results)
    (options.results / "scale.md").write_text(table)
    print(table)
    sys.exit(any(not kept(size) for size in results["sizes"]))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, nargs="+", default=[1_000_000], help="how many, once for each size")
    parser.add_argument("--keys-per-consumer", type=int, default=100)
    parser.add_argument("--starts", type=int, default=5, help="the median of so many starts is told")
    parser.add_argument("--mintgate", type=Path, default=ROOT / "target/release/mintgate")
    parser.add_argument("--folder", type=Path, help="where the store is put; the system's temporary folder if left out")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def measure(folder, options, count):
    with Origin() as origin:
        node = Node(folder, options.mintgate.resolve(), origin)
        empty = node.start_and_serve(None)
        node.stop()
        node.start_and_serve(None)
        key, importing = node.fill(count, options.keys_per_consumer)
        node.stop()
        starts = []
        for _ in range(options.starts):
            starts.append(node.start_and_serve(key))
            node.stop()
        size = node.file_bytes()
    middle = {name: statistics.median(start[name] for start in starts) for name in starts[0]}
    return {
        "keys": count,
        "consumers": -(-count // options.keys_per_consumer),
        "import_seconds": round(importing, 2),
        "import_keys_per_second": round(count / importing),
        "file_bytes_per_key": round(size / count),
        "start_seconds": round(middle["seconds"], 3),
        "start_seconds_all": [round(start["seconds"], 3) for start in starts],
        "resident_mb": round(middle["resident_kb"] / 1000, 1),
        "peak_mb": round(middle["peak_kb"] / 1000, 1),
        "empty_start_seconds": round(empty["seconds"], 3),
        "empty_resident_mb": round(empty["resident_kb"] / 1000, 1),
        "memory_bytes_per_key": round((middle["resident_kb"] - empty["resident_kb"]) * 1024 / count),
    }


class Node:
    """A folder of `mintgate init`, and the process that serves it."""

    def __init__(self, folder, binary, origin):
        self.binary, self.folder, self.home = binary, folder, folder / "node"
        self.port, self.admin_port = free_port(), free_port()
        self.run("init", self.home, "--origin", f"http://127.0.0.1:{origin.port}")
        self.config = self.home / "mintgate.toml"
        text = self.config.read_text()
        text = with_setting(text, "server", "listen", f'["127.0.0.1:{self.port}"]')
        text = with_setting(text, "server", "public_url", f'"http://127.0.0.1:{self.port}"')
        self.config.write_text(with_setting(text, "admin", "listen", f'"127.0.0.1:{self.admin_port}"'))
        self.process = None

    def start_and_serve(self, key):
        """Seconds until the first request is served (or, with no key, refused), and the memory then."""
        began = time.monotonic()
        self.process = Process("mintgate", [self.binary, "serve", "--config", self.config], None, self.folder / "log")
        wanted, deadline = 200 if key else 401, began + 600
        while self.ask(key) != wanted:
            if time.monotonic() > deadline or self.process._child.poll() is not None:
                raise RuntimeError(f"it does not serve:\n{self.process.tail()}")
            time.sleep(0.002)
        seconds = time.monotonic() - began
        if key and self.ask(key[:-1] + "!") != 401:
            raise RuntimeError("a key that nobody has is let through")
        status = Path(f"/proc/{self.process._child.pid}/status").read_text()
        kilobytes = {name: int(re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)[1]) for name in ("VmRSS", "VmHWM")}
        return {"seconds": seconds, "resident_kb": kilobytes["VmRSS"], "peak_kb": kilobytes["VmHWM"]}

    def ask(self, key):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/x", headers={"Authorization": f"Bearer {key}"} if key else {})
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def fill(self, count, keys_per_consumer):
        """Imports so many keys; gives back the last, and the seconds that the imports took."""
        key, seconds = None, 0.0
        for first in range(0, count, ROWS_A_FILE):
            rows = self.folder / "keys.csv"
            with rows.open("w") as file:
                file.write("consumer,sha256\n")
                for number in range(first, min(first + ROWS_A_FILE, count)):
                    key = f"scale_{number:09}_{number * 2654435761 % 2**32:08x}"
                    digest = hashlib.sha256(key.encode()).hexdigest()
                    file.write(f"consumer-{number // keys_per_consumer},{digest}\n")
            began = time.monotonic()
            self.run("keys", "import", rows, "--create-consumers", "--batch-size", "10000", "--config", self.config)
            seconds += time.monotonic() - began
            rows.unlink()
        return key, seconds

    def run(self, *words):
        done = subprocess.run([self.binary, *map(str, words)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"mintgate {' '.join(map(str, words))}:\n{done.stderr}")

    def stop(self):
        self.process.stop()

    def file_bytes(self):
        return sum(os.path.getsize(path) for path in (self.home / "data").glob("mintgate.db*"))


class Origin:
    """A server that answers everything with a constant, if there is a token."""

    def __enter__(self):
        class Answer(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                has_token = self.headers.get("Authorization", "").count(".") == 2
                self.send_response(200 if has_token else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def kept(size):
    """Whether what is promised for a million keys holds; of other sizes nothing is promised."""
    if size["keys"] != PROMISED_KEYS:
        return True
    return size["start_seconds"] <= MOST_SECONDS and size["resident_mb"] <= MOST_MEGABYTES


def markdown(results):
    on = results["machine"]
    lines = [
        f"Medians of {results['starts']} starts; {on['cpu']}, {on['cores']} cores, Linux {on['kernel']}.",
        "",
        "| keys | start to first served request | resident | at the most | bytes a key in memory | on disk | import |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for size in results["sizes"]:
        mark = "" if kept(size) else " (over what is promised)"
        lines.append(
            f"| {size['keys']:,} | {size['start_seconds']:.2f} s{mark} | {size['resident_mb']:.0f} MB | {size['peak_mb']:.0f} MB "
            f"| {size['memory_bytes_per_key']} | {size['file_bytes_per_key']} B a key "
            f"| {size['import_seconds']:.0f} s, {size['import_keys_per_second']:,} keys/s |"
        )
        if size is results["sizes"][0]:
            lines.insert(4, f"| 0 | {size['empty_start_seconds']:.2f} s | {size['empty_resident_mb']:.0f} MB | | | | |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
