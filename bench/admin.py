#!/usr/bin/env python3
"""How long an import of a million hashed keys takes, and then making consumers in bulk, and the lists of the admin API.

    cargo build --release -p mintgate
    python3 bench/admin.py [--keys 1000000] [--keys-per-consumer 10] [--mintgate target/release/mintgate]

The import is the command's, into a fresh gateway: `--dry-run` is the pass that checks, `--resume` the one that writes, and
without either it is both. Consumers are made a thousand in a call, each with a key. Then each list is asked for over HTTP on one connection, one request after the other, among them
pages further on. Writes `results/admin.md`. Standard library only.
"""

import argparse
import hashlib
import http.client
import json
import math
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from report import machine
from scale import Node, Origin

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).with_name("results")
MOST_IMPORT_SECONDS, MOST_MILLISECONDS = 60, 50
# Consumers in one call, and how many keys a second are aimed at.
BATCH, LEAST_CREATED = 1_000, 1_000
# How many callers have been seen before usage is asked for.
CALLERS = 2_000
# The first requests fill SQLite's caches; they are not counted.
WARM_UP = 3

# Title and path. {n} is another number for each request.
LISTS = [
    ("consumers", "/v1/consumers"),
    ("consumers, 1,000 on a page", "/v1/consumers?limit=1000"),
    ("consumers, q: in one name", "/v1/consumers?q=consumer-{n}"),
    ("consumers, q: a label of many keys", "/v1/consumers?q=billing"),
    ("consumers, q: nowhere", "/v1/consumers?q=nowhere-{n}"),
    ("consumers, tag of 2 in 100", "/v1/consumers?tag=team:team-{team}"),
    ("consumers, tag that nobody has", "/v1/consumers?tag=team:none"),
    ("consumers, metadata of 1 in 3", "/v1/consumers?metadata=" + quote("/plan:gold")),
    ("consumers, metadata of one", "/v1/consumers?metadata=" + quote("/account:") + "{n}"),
    ("consumers, tag and sort=created", "/v1/consumers?tag=team:team-{team}&sort=created"),
    ("consumers, disabled (none)", "/v1/consumers?state=disabled"),
    ("consumers, sort=created", "/v1/consumers?sort=created"),
    ("consumers, sort=last_used", "/v1/consumers?sort=last_used"),
    ("keys", "/v1/keys"),
    ("keys, state=active", "/v1/keys?state=active"),
    ("keys, state=revoked (none)", "/v1/keys?state=revoked"),
    ("keys, foreign=true", "/v1/keys?foreign=true"),
    ("keys, foreign=false (none)", "/v1/keys?foreign=false"),
    ("keys, q: a label", "/v1/keys?q=billing"),
    ("keys, q: nowhere", "/v1/keys?q=nowhere-{n}"),
    ("keys, expires_before (none)", "/v1/keys?expires_before=2030-01-01T00:00:00Z"),
    ("keys, unused_for=30d (none)", "/v1/keys?unused_for=30d"),
    ("usage/top by consumer", "/v1/usage/top?by=consumer"),
    ("usage/top by key", "/v1/usage/top?by=key"),
    ("audit", "/v1/audit"),
    ("audit, action=key", "/v1/audit?action=key"),
    ("audit, actor that nobody is", "/v1/audit?actor=nobody"),
]


def main():
    options = arguments()
    began, load = time.strftime("%Y-%m-%d"), [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="mintgate-admin-", dir=options.folder) as folder, Origin() as origin:
        node = Node(Path(folder), options.mintgate.resolve(), origin)
        rows = write_rows(Path(folder) / "keys.jsonl", options)
        node.start_and_serve(None)
        try:
            check, write = (run_import(node, rows, how) for how in ("--dry-run", "--resume"))
            load.append(os.getloadavg()[0])
            admin = Admin(node)
            use_some(node, admin, options)
            if options.real_time:
                before_others(node.process._child.pid)
            lists = [(title, path, measure(admin, path, options)) for title, path in LISTS]
            created = [create(admin, number) for number in range(options.batches)]
        finally:
            node.stop()
    load.append(os.getloadavg()[0])
    table = markdown(options, began, load, (check, write), created, lists)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "admin.md").write_text(table)
    print(table)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--keys-per-consumer", type=int, default=10)
    parser.add_argument("--real-time", action="store_true",
                        help="after the import, gateway and callers go before other programs, as if the machine were quiet")
    parser.add_argument("--batches", type=int, default=20, help="calls that make consumers")
    parser.add_argument("--requests", type=int, default=100, help="of each list")
    parser.add_argument("--most-seconds", type=float, default=10, help="a list gets no more time than this")
    parser.add_argument("--mintgate", type=Path, default=ROOT / "target/release/mintgate")
    parser.add_argument("--folder", type=Path, help="where the store is put; the system's temporary folder if left out")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--note", default="", help="a sentence for the table, such as what else ran")
    return parser.parse_args()


def secret(number):
    return f"admin_{number:09}_{number * 2654435761 % 2**32:08x}"


def write_rows(path, options):
    with path.open("w") as file:
        for number in range(options.keys):
            consumer = number // options.keys_per_consumer
            row = {"consumer": f"consumer-{consumer}", "sha256": hashlib.sha256(secret(number).encode()).hexdigest(),
                   "label": ("", "billing", "continuous integration", "mobile")[number % 4],
                   "scopes": ["orders:read", "orders:write"]}
            if number % options.keys_per_consumer == 0:
                row |= {"tags": {"team": f"team-{consumer % 50}"},
                        "metadata": {"plan": ("gold", "silver", "bronze")[consumer % 3], "account": consumer}}
            file.write(json.dumps(row) + "\n")
    return path


def run_import(node, rows, how):
    """Seconds by the clock, and of processor time of gateway and command together."""
    spent = lambda: node.process.cpu_seconds() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    began, before = time.monotonic(), spent()
    node.run("keys", "import", rows, "--create-consumers", how, "--config", node.config)
    return time.monotonic() - began, spent() - before


class Admin:
    """One connection to the admin API, as an owner."""

    def __init__(self, node):
        self._token = next(node.home.rglob("admin*token*")).read_text().strip()
        self._connection = http.client.HTTPConnection("127.0.0.1", node.admin_port, timeout=60)

    def get(self, path):
        return self._ask("GET", path, None, {})

    def post(self, path, body):
        return self._ask("POST", path, json.dumps(body), {"Content-Type": "application/json"})

    def _ask(self, method, path, body, headers):
        self._connection.request(method, path, body, {"Authorization": f"Bearer {self._token}", **headers})
        reply = self._connection.getresponse()
        body = reply.read()
        if reply.status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {reply.status} {body.decode()}")
        return json.loads(body)


def use_some(node, admin, options):
    """Lets some callers in, and waits until their requests are written."""
    step = max(1, options.keys // CALLERS)
    for number in range(0, options.keys, step):
        if node.ask(secret(number)) != 200:
            raise RuntimeError(f"key {number} is not let through")
    deadline = time.monotonic() + 90
    while not admin.get("/v1/usage/top?by=key")["data"]:
        if time.monotonic() > deadline:
            raise RuntimeError("no usage is written")
        time.sleep(0.5)


def measure(admin, path, options):
    taken, cursor, items, began = [], None, 0, time.monotonic()
    consumers = max(1, options.keys // options.keys_per_consumer)
    for number in range(WARM_UP + options.requests):
        asked = path.replace("{n}", str(number * 7919 % consumers)).replace("{team}", str(number % 50))
        if cursor and "{" not in path:
            asked += ("&" if "?" in asked else "?") + f"cursor={quote(cursor)}"
        start = time.perf_counter()
        reply = admin.get(asked)
        taken.append((time.perf_counter() - start) * 1000)
        cursor, items = reply.get("next_cursor"), max(items, len(reply["data"]))
        if len(taken) > WARM_UP + 1 and time.monotonic() - began > options.most_seconds:
            break
    taken = sorted(taken[WARM_UP:])
    at = lambda part: taken[max(0, math.ceil(part * len(taken)) - 1)]
    return {"requests": len(taken), "items": items, "p50": at(0.5), "p99": at(0.99)}


def before_others(process):
    """Real-time priority for this program and the threads of another one."""
    for thread in [0, *(int(task.name) for task in Path(f"/proc/{process}/task").iterdir())]:
        os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(1))


def create(admin, number):
    """Seconds for a thousand consumers with a key each, in one call."""
    consumers = [{"name": f"made-{number}-{at}", "tags": {"team": "bulk"}, "metadata": {"plan": "gold"},
                  "key": {"label": "first", "scopes": ["orders:read"]}} for at in range(BATCH)]
    began = time.perf_counter()
    made = admin.post("/v1/buckets/production/consumers:batch", {"consumers": consumers})
    if sum("secret" in one["key"] for one in made["consumers"]) != BATCH:
        raise RuntimeError("not every consumer has a key")
    return time.perf_counter() - began


def markdown(options, began, load, passes, created, lists):
    (check, checking), (write, writing) = passes
    host = machine()
    consumers = -(-options.keys // options.keys_per_consumer)
    verdict = "reached" if check + write <= MOST_IMPORT_SECONDS else "missed"
    lines = [
        f"{host['cpu']}, {host['cores']} cores, Linux {host['kernel']}; {began}; load average {', '.join(f'{value:.1f}' for value in load)} at the start, after the import, at the "
        f"end. {options.note}".strip(), "",
        f"`mintgate keys import` of {options.keys:,} hashed keys over {consumers:,} consumers: check {check:.1f} s, write "
        f"{write:.1f} s, together {check + write:.1f} s, with {checking + writing:.1f} s of processor time (aimed at: {MOST_IMPORT_SECONDS} s; {verdict}).", "",
        f"Lists of that store over HTTP, one request at a time, following the pages (aimed at: a p99 of {MOST_MILLISECONDS} ms):", "",
        "| list | p50 | p99 | requests | most on a page | |", "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for title, _, found in lists:
        missed = "" if found["p99"] <= MOST_MILLISECONDS else "missed"
        lines.append(f"| {title} | {found['p50']:.1f} ms | {found['p99']:.1f} ms | {found['requests']} | "
                     f"{found['items']} | {missed} |")
    lines += ["",
        f"`POST …/consumers:batch` of {BATCH:,} consumers with a key each, {len(created)} times: {BATCH / statistics.median(created):,.0f} keys a second "
        f"by the median call, {BATCH / max(created):,.0f} by the slowest (aimed at: {LEAST_CREATED:,}; "
        f"{'reached' if BATCH / statistics.median(created) >= LEAST_CREATED else 'missed'})."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
