#!/usr/bin/env python3
"""Schemathesis over the whole admin API: every operation of the OpenAPI document, with what fits it and what does not.

`make api-fuzz` runs this. A gate of its own, with an embedded store, serves on free loopback ports and ends with the run.
The run asks as an owner, and fails on a 5xx, a status or media type that the document does not know for the operation,
or a reply that does not fit its schema. It does not judge whether each refusal was right: limits such as "not in the past"
are in no schema. The same document gives the same requests, their number bounds the time, and a run that takes much longer is a failure.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from pathlib import Path

from demo import ROOT, Failed, Server, command, expect, free_port, set_value

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Positive and negative: what the document says at its edges first, then at random.
PHASES = "examples,coverage,fuzzing"
EXAMPLES = 10
SECONDS = 180


def main():
    # A polite end counts like Ctrl-C, so that nothing is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    mintgate = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target/debug/mintgate"
    folder = Path(tempfile.mkdtemp(prefix="mintgate-api-fuzz-"))
    try:
        run(mintgate, folder)
    except Failed as problem:
        print(f"api-fuzz: {problem}", file=sys.stderr)
        sys.exit(1)
    finally:
        for server in reversed(Server.running):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(mintgate, folder):
    admin_port = free_port()
    config = gate(mintgate, folder, admin_port)
    server = Server("mintgate", [mintgate, "serve", "--config", config], folder / "mintgate.log")
    server.wait_for(admin_port)
    token = (folder / "gate/data/admin.token").read_text().strip()
    report = folder / "report.xml"
    started = time.monotonic()
    arguments = [
        Path(sys.executable).with_name("schemathesis"), "run", ROOT / "docs/openapi.json",
        "--url", f"http://127.0.0.1:{admin_port}", "--header", f"Authorization: Bearer {token}",
        "--checks", CHECKS, "--phases", PHASES, "--mode", "all", "--max-examples", EXAMPLES,
        "--generation-deterministic", "--continue-on-failure", "--max-redirects", 0,
        "--request-timeout", 30, "--warnings", "off", "--no-color", "--report", "junit", "--report-junit-path", report,
    ]
    try:
        status = subprocess.run(list(map(str, arguments)), cwd=folder, stdin=subprocess.DEVNULL, timeout=SECONDS).returncode
    except subprocess.TimeoutExpired:
        raise Failed(f"not done within {SECONDS} s") from None
    expect(server.is_running(), "the gate outlives every request")
    expect(report.exists(), f"schemathesis writes its report; it ended with status {status}")
    passed, failed = totals(report)
    print(f"{time.monotonic() - started:.0f} s")
    print(f"totals: {passed} passed, {failed} failed")
    expect(status == 0, f"schemathesis ends with status 0, not {status}")
    expect(passed > 0 and failed == 0, "some operations were asked, and none failed")


def gate(mintgate, folder, admin_port):
    """A gate with an origin that nobody asks; Ed25519, since a new RSA key takes an unoptimised build seconds."""
    command(mintgate, "init", folder / "gate", "--origin", "http://127.0.0.1:9")
    path = folder / "gate/mintgate.toml"
    config = set_value(path.read_text(), "[server]", "listen", f'["127.0.0.1:{free_port()}"]')
    config = set_value(config, "[admin]", "listen", f'"127.0.0.1:{admin_port}"')
    path.write_text(set_value(config, "[issuer]", "algorithm", '"EdDSA"'))
    return path


def totals(report):
    """Operations that passed and that failed, as the report has them."""
    cases = xml.parse(report).getroot().iter("testcase")
    results = [any(child.tag in ("failure", "error") for child in case) for case in cases]
    return results.count(False), results.count(True)


if __name__ == "__main__":
    main()
