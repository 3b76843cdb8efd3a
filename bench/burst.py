#!/usr/bin/env python3
"""What a burst of keys that nobody has seen before does to everybody else.

Each of those keys needs a signature. The latency of requests whose tokens are cached is measured in calm and while 10,000
other keys come for the first time. Gateway with worker and mint threads on one core, load on the other.
Usage: bench/burst.py --mintgate target/release/mintgate
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import gateway
import peers
from load import SCRIPT
from processes import free_port
from run import ready_made_key

PACED = Path(__file__).with_name("paced.lua")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mintgate", type=Path, required=True, help="the release binary")
    parser.add_argument("--keys", type=int, default=10_000, help="keys that come for the first time")
    parser.add_argument("--seconds", type=int, default=5, help="length of the calm measurement")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    gateway_core, load_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    running = []
    with tempfile.TemporaryDirectory(prefix="mintgate-burst-") as directory:
        directory = Path(directory)
        try:
            origin_port = free_port()
            running.append(peers.start_origin(directory, origin_port, load_core))
            bench = peers.Bench(directory, gateway_core, origin_port, [(ready_made_key(), "") for _ in range(1000)])
            contestant = gateway.start(bench, options.mintgate)
            running.append(contestant.process)
            fresh = directory / "fresh.keys"
            gateway.import_keys(bench.dir / "mintgate", options.mintgate, fresh, options.keys)
            report(measure(contestant, fresh, options, load_core))
        finally:
            for process in reversed(running):
                process.stop()


def measure(contestant, fresh, options, core):
    paced(contestant.port, contestant.keys_file, 1, core)
    calm = [paced(contestant.port, contestant.keys_file, options.seconds, core) for _ in range(3)]
    ended, burst = threading.Event(), {}
    thread = threading.Thread(target=storm, args=(contestant.port, fresh, core, burst, ended))
    thread.start()
    during = []
    while not ended.is_set():
        during.append(paced(contestant.port, contestant.keys_file, 1, core))
    thread.join()
    return calm, during, burst


def paced(port, keys_file, seconds, core):
    return wrk(port, keys_file, seconds, 16, core, PACED)


def storm(port, keys_file, core, burst, ended):
    """Every fresh key once: 64 connections, until each key has had its first request."""
    keys = keys_file.read_text().split()
    began = time.monotonic()
    try:
        command = [sys.executable, Path(__file__).with_name("first_requests.py"), str(port), keys_file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                              preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        burst.update(json.loads(done.stdout), keys=len(keys), seconds=time.monotonic() - began)
    finally:
        ended.set()


def wrk(port, keys_file, seconds, connections, core, script):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}", "--", keys_file, "/"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=seconds + 30,
                          env={**os.environ, "MINTGATE_BENCH_KEYS_LUA": str(SCRIPT)}, check=True,
                          preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}))
    counted = json.loads(done.stdout.strip().splitlines()[-1])
    if any(counted["errors"].values()):
        raise RuntimeError(f"errors under load: {counted['errors']}")
    return counted


def report(measured):
    calm, during, burst = measured
    quiet = sorted(run["p99_us"] for run in calm)[len(calm) // 2]
    loud = sorted(run["p99_us"] for run in during)
    print(f"warm requests, calm:   p99 {quiet / 1000:.2f} ms at {calm[0]['requests'] / calm[0]['seconds']:,.0f} requests/s")
    print(f"warm requests, burst:  p99 {loud[len(loud) // 2] / 1000:.2f} ms (median of {len(loud)} seconds; worst {loud[-1] / 1000:.2f})")
    print(f"ratio:                 {loud[len(loud) // 2] / quiet:.2f}")
    print(f"burst:                 {burst['keys']:,} first requests in {burst['seconds']:.1f} s, {burst['refused']} refused")


if __name__ == "__main__":
    main()
