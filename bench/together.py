#!/usr/bin/env python3
"""What managing a million keys does to the requests of everybody else.

    cargo build --release -p mintgate
    python3 bench/together.py [--keys 1000000] [--mintgate target/release/mintgate]

The gateway, with one worker, its admin API and its store, is on one core; load generator, origin and admins share the other.
Requests come at a steady rate, a quarter of what the worker can do. Rounds take turns: calm, then with lists and
searches, consumers made a thousand at a time with a key each, and an import, all at once and as fast as they are answered.
All of it for each value of `admin.priority`, with the same store.
Writes `results/together.md`. Standard library only.
"""

import argparse
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import admin
import peers
import scale
from burst import wrk
from gateway import _set as with_setting
from load import SCRIPT, run_wrk
from processes import Process, free_port
from report import machine

POISSON = Path(__file__).with_name("poisson.lua")
MOST_RATIO = 1.1
PRIORITIES = ("normal", "idle")
SEARCHES = ["/v1/consumers?q=consumer-{n}", "/v1/consumers?limit=1000", "/v1/consumers?metadata=" + quote("/account:") + "{n}",
            "/v1/consumers?q=nowhere-{n}", "/v1/keys?q=billing", "/v1/keys?state=active", "/v1/audit", "/v1/usage/top"]


def main():
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("this needs two cores")
    gateway_core, load_core = cores[0], cores[1]
    began, load = time.strftime("%Y-%m-%d"), [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="mintgate-together-", dir=options.folder) as folder:
        port = free_port()
        origin = peers.start_origin(Path(folder), port, load_core)
        origin.port = port
        first(origin._child.pid)
        node = Node(Path(folder), options.mintgate.resolve(), origin, gateway_core)
        os.sched_setaffinity(0, {load_core})
        try:
            node.start("normal")
            node.fill_up(options)
            measured = {}
            for priority in options.priority:
                node.stop()
                node.start(priority)
                measured[priority] = measure(node, options, load_core)
        finally:
            node.stop()
            origin.stop()
    load.append(os.getloadavg()[0])
    table = markdown(options, began, load, measured)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "together.md").write_text(table)
    print(table)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--keys-per-consumer", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=7, help="of each kind")
    parser.add_argument("--seconds", type=int, default=5, help="length of a round")
    parser.add_argument("--part", type=float, default=0.25, help="of what the worker can do")
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--mintgate", type=Path, default=admin.ROOT / "target/release/mintgate")
    parser.add_argument("--folder", type=Path, help="where the store is put; the system's temporary folder if left out")
    parser.add_argument("--results", type=Path, default=admin.RESULTS)
    parser.add_argument("--priority", nargs="+", default=PRIORITIES, choices=PRIORITIES, help="of admin.priority")
    parser.add_argument("--note", default="", help="a sentence for the table, such as what else ran")
    return parser.parse_args()


def first(pid):
    """Before everything else on its core, so that its own waiting is not measured; without the right to that, as it is."""
    try:
        os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(10))
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(task.name), os.SCHED_FIFO, os.sched_param(10))
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            first(int(child))
    except PermissionError:
        pass


class Node(scale.Node):
    """The gateway on its core."""

    def __init__(self, folder, binary, origin, core):
        super().__init__(folder, binary, origin)
        self.core, self.keys_file = core, folder / "callers.keys"
        self.config.write_text(with_setting(self.config.read_text(), "server", "workers", "1"))

    def start(self, priority):
        self.config.write_text(with_setting(self.config.read_text(), "admin", "priority", f'"{priority}"'))
        self.process = Process("mintgate", [self.binary, "serve", "--config", self.config], self.core, self.folder / "log")
        self.process.wait_for_port(self.admin_port, 60)

    def fill_up(self, options):
        rows = admin.write_rows(self.folder / "keys.jsonl", options)
        self.run("keys", "import", rows, "--create-consumers", "--resume", "--config", self.config)
        rows.unlink()
        made, _ = create(admin.Admin(self), "caller", 1000)
        self.keys_file.write_text("".join(f"{key}\n" for key in made))

    def cpu(self):
        return self.process.cpu_seconds()


def create(who, name, count):
    """Consumers with a key each, in one call; gives back the keys, and the seconds that it took."""
    wanted = {"consumers": [{"name": f"{name}-{number}", "tags": {"team": "bulk"}, "metadata": {"batch": name}, "key": {}}
                            for number in range(count)]}
    began = time.perf_counter()
    made = who.post("/v1/buckets/production/consumers:batch", wanted)
    return [consumer["key"]["secret"] for consumer in made["consumers"]], time.perf_counter() - began


class Load:
    """Admins at work until they are stopped."""

    def __init__(self, node, options, number):
        self.node, self.options, self.number = node, options, number
        self.ended = threading.Event()
        self.lists, self.created, self.create_seconds = [], 0, 0.0
        self.imported = 0
        self.errors = []
        self.threads = [threading.Thread(target=self.guard, args=(work,)) for work in
                        (self.search, self.search, self.create, self.bring)]

    def __enter__(self):
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.began
        self.ended.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def guard(self, work):
        try:
            work(admin.Admin(self.node))
        except Exception as error:
            self.errors.append(error)

    def search(self, who):
        number = secrets.randbelow(1000)
        while not self.ended.is_set():
            path = SEARCHES[number % len(SEARCHES)].replace("{n}", str(number * 7919 % 100_000))
            began = time.perf_counter()
            who.get(path)
            self.lists.append((time.perf_counter() - began) * 1000)
            number += 1

    def create(self, who):
        while not self.ended.is_set():
            made, seconds = create(who, f"made-{secrets.token_hex(6)}", 1000)
            self.created += len(made)
            self.create_seconds += seconds

    def bring(self, who):
        """What `mintgate keys import` sends."""
        while not self.ended.is_set():
            name = secrets.token_hex(6)
            rows = [{"consumer": f"moved-{name}-{number // 10}", "sha256": secrets.token_hex(32), "label": "billing",
                     "scopes": ["orders:read"]} for number in range(5000)]
            wanted = {"consumers": [], "keys": rows, "create_consumers": True, "skip_existing": True, "dry_run": False}
            self.imported += who.post("/v1/buckets/production/keys/import", wanted)["imported"]


def measure(node, options, core):
    full = run_wrk(node.port, node.keys_file, 3, 32, core)
    rate = full["requests"] / full["seconds"] * options.part
    pause = options.connections / rate * 1000
    print(f"at most {rate / options.part:,.0f} requests/s; paced at {rate:,.0f}", file=sys.stderr)
    paced(node, options, core, pause, 2)
    rounds = {"calm": [], "managed": []}
    for number in range(2 * options.rounds):
        # Calm, managed, managed, calm, ...: neither is always first.
        kind = "managed" if (number + 1) // 2 % 2 else "calm"
        settle(node)
        before = node.cpu()
        if kind == "managed":
            with Load(node, options, number) as load:
                time.sleep(0.5)
                found = paced(node, options, core, pause, options.seconds)
            found |= {"lists": len(load.lists) / load.seconds, "list_p99": at(load.lists, 0.99), "list_p50": at(load.lists, 0.5),
                      "created": load.created / load.create_seconds if load.create_seconds else 0,
                      "imported": load.imported / load.seconds}
        else:
            found = paced(node, options, core, pause, options.seconds)
        found["core"] = (node.cpu() - before) / options.seconds
        rounds[kind].append(found)
        print(kind, found, file=sys.stderr)
    return rounds, rate


def settle(node):
    """Waits until what was begun is done: a core that is hardly used for half a second."""
    for _ in range(60):
        before = node.cpu()
        time.sleep(0.5)
        if node.cpu() - before < 0.03:
            return


def paced(node, options, core, pause, seconds):
    os.environ["MINTGATE_BENCH_PAUSE_MS"] = str(pause)
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{seconds}s", "-s", POISSON, f"http://127.0.0.1:{node.port}", "--",
               node.keys_file, "/"]
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, "MINTGATE_BENCH_KEYS_LUA": str(SCRIPT)},
                             preexec_fn=lambda: (os.sched_setaffinity(0, {core}), first(os.getpid())))
    out, err = child.communicate(timeout=seconds + 60)
    counted = json.loads(out.strip().splitlines()[-1])
    if child.returncode != 0 or any(counted["errors"].values()):
        raise RuntimeError(f"errors under load: {err} {counted}")
    return {"rate": counted["requests"] / counted["seconds"], "p50": counted["p50_us"], "p99": counted["p99_us"],
            "max": counted["max_us"]}


def at(values, part):
    values = sorted(values) or [0]
    return values[min(len(values) - 1, int(part * len(values)))]


def middle(rounds, name):
    return statistics.median(found[name] for found in rounds)


def markdown(options, began, load, measured):
    host = machine()
    rates = ", ".join(f"{rate:,.0f}" for _, rate in measured.values())
    lines = [
        f"{host['cpu']}, {host['cores']} cores, Linux {host['kernel']}; {began}; load average {load[0]:.1f} at the start, {load[1]:.1f} at "
        f"the end. {options.note}".strip(), "",
        f"{options.keys:,} keys of {-(-options.keys // options.keys_per_consumer):,} consumers; requests at a steady rate, {options.part:.0%} of what "
        f"the worker can do ({rates} a second); medians of {options.rounds} rounds of {options.seconds} s (lowest to highest). Aimed at: a "
        f"p99 of {MOST_RATIO} times the calm one.", "",
        "| `admin.priority` | | p50 | p99 | p99 to calm | gateway's core in use |", "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for priority, (rounds, _) in measured.items():
        for title, kind in (("nobody manages", "calm"), ("lists, creation, import at once", "managed")):
            found = rounds[kind]
            ratio = middle(found, "p99") / middle(rounds["calm"], "p99")
            lines.append(f"| {priority} | {title} | {in_ms(found, 'p50')} | {in_ms(found, 'p99')} | {ratio:.2f} | {middle(found, 'core'):.0%} |")
    for priority, (rounds, _) in measured.items():
        found = rounds["managed"]
        lines += ["", f"Meanwhile, with `{priority}`: {middle(found, 'lists'):,.0f} lists and searches a second (p50 {middle(found, 'list_p50'):.0f} ms, "
                  f"p99 {middle(found, 'list_p99'):.0f} ms), consumers with a key made at {middle(found, 'created'):,.0f} a second, "
                  f"{middle(found, 'imported'):,.0f} keys imported a second."]
    return "\n".join(lines) + "\n"


def in_ms(found, name):
    values = [one[name] / 1000 for one in found]
    return f"{statistics.median(values):.2f} ms ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
