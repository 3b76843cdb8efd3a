"""What the benchmark leaves behind: JSON with every round, a Markdown table and an SVG chart."""

import json
import os
import platform
import statistics
from pathlib import Path
from xml.sax.saxutils import escape

BASELINE = "nginx-map"
OURS = {"mintgate", "mintgate-bare"}


def machine():
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "load_before": round(os.getloadavg()[0], 2)}


def summarise(peer):
    """Medians over the rounds; the spread of the main number is kept beside it."""
    def median(what):
        return statistics.median(entry[what] for entry in peer.rounds)

    cpu = [entry["cpu_us"] for entry in peer.rounds]
    return {"name": peer.name, "label": peer.label, "version": peer.version,
            "cpu_us": round(median("cpu_us"), 2), "cpu_us_min": round(min(cpu), 2), "cpu_us_max": round(max(cpu), 2),
            "rps": round(median("rps")), "p50_us": round(median("p50_us")), "p99_us": round(median("p99_us")),
            "resident_mib": round(median("resident_mib"), 1), "rounds": peer.rounds}


def write(results, directory):
    directory.mkdir(exist_ok=True)
    (directory / "gateways.json").write_text(json.dumps(results, indent=2) + "\n")
    (directory / "gateways.md").write_text(markdown(results))
    (directory / "gateways.svg").write_text(chart(results))


def markdown(results):
    base = next((row["cpu_us"] for row in results["peers"] if row["name"] == BASELINE), None)
    lines = ["| gateway | CPU µs a request (min to max) | times nginx with a map | requests/s | p50 ms | p99 ms | MiB |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for row in sorted(results["peers"], key=lambda row: row["cpu_us"]):
        name = f"{row['label']} ({row['version']})"
        times = f"{row['cpu_us'] / base:.2f}" if base else "-"
        lines.append(
            f"| {'**' + name + '**' if row['name'] in OURS else name} "
            f"| {row['cpu_us']:.1f} ({row['cpu_us_min']:.1f} to {row['cpu_us_max']:.1f}) | {times} "
            f"| {row['rps']:,} | {row['p50_us'] / 1000:.2f} | {row['p99_us'] / 1000:.2f} | {row['resident_mib']:.0f} |")
    m, s = results["machine"], results["settings"]
    lines += ["", f"{m['cpu']}, {m['cores']} cores, Linux {m['kernel']}; {s['date']}. Medians of {s['rounds']} rounds of "
              f"{s['seconds']} s in alternating order, one worker each, {s['connections']} keep-alive connections, "
              f"{s['keys']:,} keys in rotation, tokens of about {s['token_bytes']} bytes. Gateway on core "
              f"{s['gateway_core']}; load generator and origin on core {s['load_core']}. "
              f"Load average before: {m['load_before']}.", ""]
    return "\n".join(lines)


def chart(results):
    """Horizontal bars of CPU per request with the spread of the rounds; readable on light and dark pages."""
    rows = sorted(results["peers"], key=lambda row: row["cpu_us"])
    bar, gap, left, width, top = 22, 14, 260, 760, 46
    scale = (width - left - 90) / max(row["cpu_us_max"] for row in rows)
    height = top + len(rows) * (bar + gap) + 34
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
           f'aria-label="CPU microseconds per request by gateway" font-family="system-ui, sans-serif" font-size="13">',
           f'<rect width="{width}" height="{height}" rx="6" fill="#ffffff"/>',
           '<text x="16" y="26" font-size="15" font-weight="600" fill="#1f2937">'
           'CPU per request, microseconds (less is better)</text>']
    for index, row in enumerate(rows):
        y = top + index * (bar + gap)
        length, low, high = (row[what] * scale for what in ("cpu_us", "cpu_us_min", "cpu_us_max"))
        fill = "#0f766e" if row["name"] in OURS else "#94a3b8"
        middle = y + bar / 2
        out += [f'<text x="{left - 10}" y="{middle + 4.5}" text-anchor="end" fill="#1f2937">{escape(row["label"])}</text>',
                f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{bar}" rx="3" fill="{fill}"/>',
                f'<line x1="{left + low:.1f}" x2="{left + high:.1f}" y1="{middle}" y2="{middle}" '
                f'stroke="#1f2937" stroke-width="1.5"/>',
                f'<text x="{left + high + 8:.1f}" y="{middle + 4.5}" fill="#1f2937">{row["cpu_us"]:.1f}</text>']
    note = f'{results["machine"]["cpu"]}; line: lowest to highest round'
    out += [f'<text x="16" y="{height - 12}" font-size="11" fill="#6b7280">{escape(note)}</text>', "</svg>", ""]
    return "\n".join(out)
