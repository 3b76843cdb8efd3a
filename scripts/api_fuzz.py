#!/usr/bin/env python3
"""Schemathesis over the whole admin API: every operation of the OpenAPI document, with what fits it and what does not.

`make api-fuzz` runs this. Gates of its own, with embedded stores, serve on free loopback ports and end with the run. They are asked
as an owner; as an auditor; as an operator of one bucket, about another bucket; and by somebody without a token. It fails on a 5xx, a
status or media type that the document does not know for the operation, a reply that does not fit its schema, and an answer
that the document (`x-for`) does not give to whoever asked. What an auditor, nobody and that operator left behind is compared
with what was there before: everything of others is as it was. It does not judge whether each refusal was right: limits such as "not in the past"
are in no schema. The same document gives the same requests, their number bounds the time, and a run that takes much longer is a failure.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import xml.etree.ElementTree as xml
from pathlib import Path

from demo import ROOT, Failed, Server, command, expect, free_port, set_value

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,for_whom_it_is"
SECONDS = 300
# As an owner: what the document says at its edges first, then at random. The others get far with less: most is refused before it
# is read.
THOROUGH = ["--phases", "examples,coverage,fuzzing", "--max-examples", 10]
QUICK = ["--phases", "examples,fuzzing", "--max-examples", 6]
MINE, THEIRS = "mine", "theirs"


def main():
    # A polite end counts like Ctrl-C, so that nothing is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    mintgate = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target/debug/mintgate"
    folder = Path(tempfile.mkdtemp(prefix="mintgate-api-fuzz-"))
    started = time.monotonic()
    try:
        passed = everybody(mintgate, folder)
        print(f"{time.monotonic() - started:.0f} s")
        print(f"totals: {passed} passed, 0 failed")
    except Failed as problem:
        print(f"api-fuzz: {problem}", file=sys.stderr)
        sys.exit(1)
    finally:
        for server in reversed(Server.running):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def everybody(mintgate, folder):
    """The owner may break everything, so those who may not have a gate of their own; there is a core for each."""
    outcomes = {}

    def collect(name, run):
        try:
            outcomes[name] = run()
        except Exception as problem:  # noqa: BLE001: whatever it was, it is told where the threads have met
            outcomes[name] = problem

    runs = {"owner": lambda: as_owner(mintgate, folder / "owner"), "limited": lambda: as_others(mintgate, folder / "limited")}
    threads = [threading.Thread(target=collect, args=item, daemon=True) for item in runs.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes.values():
        if isinstance(outcome, Exception):
            raise outcome
    return sum(outcomes.values())


def as_owner(mintgate, folder):
    gate = Gate(mintgate, folder)
    return gate.fuzz("owner", gate.token, ROOT / "docs/openapi.json", ["owner", ""], THOROUGH)


def as_others(mintgate, folder):
    gate = Gate(mintgate, folder)
    for bucket in (MINE, THEIRS):
        gate.ask("POST", "/v1/buckets", {"name": bucket})
        made = gate.ask("POST", f"/v1/buckets/{bucket}/consumers", {"name": "victim", "managers": ["m@example.com"], "key": {}})
    victim = made["key"]["key"]["id"]
    auditor = gate.ask("POST", "/v1/admin-tokens", {"name": "a", "role": "auditor"})["token"]
    operator = gate.ask("POST", "/v1/admin-tokens", {"name": "o", "role": "operator", "buckets": [MINE]})
    # Examples are tried first: they are what there is, and not this operator's.
    document = folder / "openapi.json"
    examples = {"production": THEIRS, "alice": "victim", "8fJ2kQ0bZx5R": victim, "b7Qm1LtZ0xVd": operator["admin_token"]["id"]}
    document.write_text(json.dumps(with_examples(json.loads((ROOT / "docs/openapi.json").read_text()), examples)))
    before, passed = gate.everything(), 0
    expect(any(THEIRS in line for line in before), "there is something to be left alone")
    for name, token, whom, own in (
        ("auditor", auditor, ["auditor", ""], None),
        ("nobody", None, ["", ""], None),
        ("operator", operator["token"], ["operator", "limited"], MINE),
    ):
        passed += gate.fuzz(name, token, document, whom, QUICK)
        after = gate.everything()
        changed = set(without(before, own)).symmetric_difference(without(after, own))
        expect(not changed, f"what is not the {name}'s is as it was, but {sorted(changed)[:4]} is not")
    # They worked all the time, or nothing of this was tried.
    expect(gate.ask("GET", "/v1/whoami", token=auditor)["role"] == "auditor", "the auditor's token works")
    expect(gate.ask("GET", "/v1/whoami", token=operator["token"])["buckets"] == [MINE], "the operator's token works")
    return passed


class Gate:
    """A gate with an origin that nobody asks; Ed25519, since a new RSA key takes an unoptimised build seconds."""

    def __init__(self, mintgate, folder):
        folder.mkdir()
        self.mintgate, self.folder, self.port = mintgate, folder, free_port()
        command(mintgate, "init", folder / "gate", "--origin", "http://127.0.0.1:9")
        self.config = folder / "gate/mintgate.toml"
        config = set_value(self.config.read_text(), "[server]", "listen", f'["127.0.0.1:{free_port()}"]')
        config = set_value(config, "[admin]", "listen", f'"127.0.0.1:{self.port}"')
        self.config.write_text(set_value(config, "[issuer]", "algorithm", '"EdDSA"'))
        self.server = Server("mintgate", [mintgate, "serve", "--config", self.config], folder / "mintgate.log")
        self.server.wait_for(self.port)
        self.token = (folder / "gate/data/admin.token").read_text().strip()

    def ask(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def everything(self):
        """A line for each thing in the store but the audit log, and usage, which nobody caused."""
        command(self.mintgate, "export", "--config", self.config, "--output", self.folder / "export")
        lines = (self.folder / "export").read_text().splitlines()[1:]
        (self.folder / "export").unlink()
        return lines

    def fuzz(self, name, token, document, whom, thoroughness):
        """How many operations passed. `whom` is the role that asks, if any, and whether only of some buckets."""
        report = self.folder / f"{name}.xml"
        arguments = [
            Path(sys.executable).with_name("schemathesis"), "run", document, "--url", f"http://127.0.0.1:{self.port}",
            "--checks", CHECKS, "--mode", "all", *thoroughness,
            "--generation-deterministic", "--continue-on-failure", "--max-redirects", 0, "--request-timeout", 30,
            "--warnings", "off", "--no-color", "--report", "junit", "--report-junit-path", report,
        ]
        if token:
            arguments += ["--header", f"Authorization: Bearer {token}"]
        asks = {"FUZZ_ROLE": whom[0], "FUZZ_LIMITED": whom[1], "SCHEMATHESIS_HOOKS": "api_fuzz_checks", "PYTHONPATH": ROOT / "scripts"}
        try:
            done = subprocess.run(list(map(str, arguments)), cwd=self.folder, stdin=subprocess.DEVNULL, timeout=SECONDS,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env=os.environ | {key: str(value) for key, value in asks.items()})
        except subprocess.TimeoutExpired:
            raise Failed(f"as {name}: not done within {SECONDS} s") from None
        expect(self.server.is_running(), f"the gate outlives every request as {name}")
        if done.returncode != 0:
            print(done.stdout)
        expect(report.exists(), f"schemathesis writes its report as {name}; it ended with status {done.returncode}")
        passed, failed = totals(report)
        print(f"as {name}: {passed} operations passed, {failed} failed; {cases(done.stdout)}", flush=True)
        expect(done.returncode == 0, f"schemathesis as {name} ends with status 0, not {done.returncode}")
        expect(passed > 0 and failed == 0, f"as {name}, some operations were asked, and none failed")
        return passed


def without(lines, bucket):
    """Lines that are not of this bucket."""
    def is_of(line):
        item = json.loads(line)
        owner = item.get("consumer", item)
        return bucket is not None and owner.get("bucket", owner.get("name") if item["type"] == "bucket" else None) == bucket
    return [line for line in lines if not is_of(line)]


def with_examples(value, examples):
    """The document with other examples."""
    if isinstance(value, list):
        return [with_examples(item, examples) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: examples.get(item, item) if key == "example" and isinstance(item, str) else with_examples(item, examples)
            for key, item in value.items()}


def cases(output):
    """How many requests there were, as schemathesis says it."""
    return next((line.strip() for line in output.splitlines() if "generated" in line), "no request was made")


def totals(report):
    """Operations that passed and that failed, as the report has them."""
    cases = xml.parse(report).getroot().iter("testcase")
    results = [any(child.tag in ("failure", "error") for child in case) for case in cases]
    return results.count(False), results.count(True)


if __name__ == "__main__":
    main()
