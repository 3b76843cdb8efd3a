"""The load: wrk with a fixed number of keep-alive connections and all keys in rotation."""

import json
import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).with_name("keys.lua")


def run_wrk(port, keys_file, seconds, connections, core):
    """One run of wrk; returns what it counted. Any error, or any answer that is not a success, is fatal."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", SCRIPT,
               f"http://127.0.0.1:{port}", "--", keys_file, "/"]
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        preexec_fn=None if core is None else lambda: os.sched_setaffinity(0, {core}),
    )
    if done.returncode != 0:
        raise RuntimeError(f"wrk failed: {done.stderr or done.stdout}")
    counted = json.loads(done.stdout.strip().splitlines()[-1])
    if any(counted["errors"].values()):
        raise RuntimeError(f"errors under load on port {port}: {counted['errors']}")
    return counted
