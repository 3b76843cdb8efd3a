#!/usr/bin/env python3
"""CPU, throughput and latency of the key-to-token swap: Mintgate beside nginx, HAProxy and Envoy.

One worker each, the gateway on one core, load generator and origin on the other, alternating order, medians.
Standard library only. `make bench` installs the peers and builds the binaries first. See bench/README.md.
"""

import argparse
import base64
import json
import os
import secrets
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import gateway
import peers
import report
from load import run_wrk
from processes import free_port

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RESULTS = Path(__file__).with_name("results")


def main():
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    gateway_core, load_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    running = []
    with tempfile.TemporaryDirectory(prefix="mintgate-bench-") as directory:
        directory = Path(directory)
        try:
            origin_port = free_port()
            running.append(peers.start_origin(directory, origin_port, load_core))
            pairs = [(ready_made_key(), ready_made_token()) for _ in range(options.keys)]
            bench = peers.Bench(directory, gateway_core, origin_port, pairs)
            contestants = []
            for start in starters(options):
                contestants.append(start(bench))
                running.append(contestants[-1].process)
            before = report.machine()
            measure(contestants, options, load_core)
        finally:
            for process in reversed(running):
                process.stop()
    results = {
        "machine": before,
        "settings": {"date": datetime.now(timezone.utc).strftime("%Y-%m-%d"), "rounds": options.rounds,
                     "seconds": options.seconds, "connections": options.connections, "keys": options.keys,
                     "token_bytes": len(pairs[0][1]), "gateway_core": gateway_core, "load_core": load_core},
        "peers": [report.summarise(peer) for peer in contestants],
    }
    report.write(results, options.results)
    print(report.markdown(results))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="length of one measured run")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--only", action="append", metavar="NAME", help="measure only this gateway (may be repeated)")
    parser.add_argument("--mintgate", type=Path, help="the release binary")
    parser.add_argument("--mintgate-bare", type=Path, help="the release binary built with --features bench-bare")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def starters(options):
    """Which gateways take part, by name."""
    known = {
        "nginx-map": peers.start_nginx_map,
        "haproxy-map": peers.start_haproxy,
        "nginx-lua": peers.start_nginx_lua,
        "envoy-api-key": peers.start_envoy,
    }
    if options.mintgate:
        known["mintgate"] = lambda bench: gateway.start(bench, options.mintgate)
    if options.mintgate_bare:
        known["mintgate-bare"] = lambda bench: gateway.start_bare(bench, options.mintgate_bare)
    wanted = options.only or list(known)
    if unknown := set(wanted) - set(known):
        sys.exit(f"unknown gateways: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    return [known[name] for name in wanted]


def measure(contestants, options, load_core):
    for peer in contestants:
        peer.prove_that_it_works()
        # Opens the connections to the origin, fills caches, mints each token once.
        run_wrk(peer.port, peer.keys_file, 1, options.connections, load_core)
    for number in range(options.rounds):
        # Another gateway goes first each round, and every second round runs backwards.
        turn = number % len(contestants)
        order = contestants[turn:] + contestants[:turn]
        for peer in order if number % 2 == 0 else reversed(order):
            entry = one_round(peer, options, load_core)
            peer.rounds.append(entry)
            print(f"round {number + 1}: {peer.name:14} {entry['cpu_us']:6.2f} µs {entry['rps']:8,.0f} requests/s "
                  f"p99 {entry['p99_us'] / 1000:.2f} ms", file=sys.stderr)


def one_round(peer, options, load_core):
    before = peer.process.cpu_seconds()
    counted = run_wrk(peer.port, peer.keys_file, options.seconds, options.connections, load_core)
    spent = peer.process.cpu_seconds() - before
    return {"cpu_us": spent / counted["requests"] * 1e6, "rps": counted["requests"] / counted["seconds"],
            "p50_us": counted["p50_us"], "p99_us": counted["p99_us"], "requests": counted["requests"],
            "resident_mib": peer.process.resident_mib()}


def ready_made_key():
    return f"mgk_{_random_text(12)}_{_random_text(38)}"


def ready_made_token():
    """A token for the peers, of the form and size of ours. Its signature is random: no peer and no origin looks."""
    header = {"alg": "RS256", "typ": "at+jwt", "kid": _random_text(43)}
    now = int(time.time())
    claims = {"iss": "http://127.0.0.1:8080/__mintgate/issuer", "sub": f"consumer-{_random_text(8)}", "aud": "bench",
              "iat": now, "exp": now + 300, "jti": _random_text(22), "client_id": f"con_{_random_text(12)}",
              "key_id": _random_text(12)}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)] + [secrets.token_bytes(256)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _random_text(length):
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


if __name__ == "__main__":
    main()
