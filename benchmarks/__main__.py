"""Print the figures: tables for people, one JSON line at the end."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import audit_report, burst, calls, imports, latency, minimum, targets, three_clouds

PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "calls": lambda _asked: calls.measure(),
    "imports": lambda asked: imports.measure(21 if asked.full else 9),
    "latency": lambda asked: latency.measure(30 if asked.full else 10, asked.hubspot_ms, asked.partner_central_ms),
    "clouds": lambda asked: three_clouds.measure(30 if asked.full else 5, asked.hubspot_ms, asked.partner_central_ms),
    "burst": lambda asked: burst.measure(600 if asked.full else 60),
    "audit-report": lambda _asked: audit_report.measure(1_000_000),
}


def main() -> int:
    """``python -m benchmarks [--quick | --full] [--only PART …] [--json FILE]``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="few runs, a burst of 60 deals (the default)")
    size.add_argument("--full", action="store_true", help="more runs, and a burst of 600 deals")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON line to FILE as well")
    parser.add_argument("--hubspot-ms", type=int, default=120, help="HubSpot's time to answer (latency)")
    parser.add_argument(
        "--partner-central-ms", type=int, default=300, help="Partner Central's, and the other partners'"
    )
    arguments = parser.parse_args()
    console = Console(soft_wrap=True, highlight=False)
    machine = {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
    results: dict[str, Any] = {"machine": machine}
    console.print(
        f"{machine['date']}: Python {machine['python']}, {machine['cores']} cores, load {machine['load']} when it began"
    )
    for name in arguments.only or PARTS:
        results[name] = PARTS[name](arguments)
        for table in _SHOWN[name](results[name]):
            console.print(table)
    judged = targets.judge(results)
    results["targets"] = [{"target": target, "measured": figure, "met": met} for target, figure, met in judged]
    console.print(_targets(judged))
    line = json.dumps(results)
    if arguments.json:
        arguments.json.write_text(line + "\n")
    print(line)
    return 0


def _calls(found: dict[str, Any]) -> list[Table]:
    tables = []
    for change, one in found.items():
        title = f"Vendor calls of one {change} ({one['runs']} runs, {one['beyond']} calls beyond the least)"
        table = _table(title, "Call", "Made", "Least", "Why it is needed")
        for operation in sorted(set(one["made"]) | set(one["minimum"])):
            least = one["runs"] * (operation in one["minimum"])
            why = one["minimum"].get(operation) or minimum.BEYOND.get(operation, "more than the least")
            table.add_row(operation, str(one["made"].get(operation, 0)), str(least), why)
        tables.append(table)
    return tables


def _imports(found: dict[str, Any]) -> list[Table]:
    handlers = _table(
        "Import (CPU, fresh process, only the bundle on the path)",
        "What",
        "CPU ms",
        "Wall ms",
        "CPU to import boto3",
        "Bundle",
    )
    for name, one in found["handlers"].items():
        handlers.add_row(name, f"{one['cpu_ms']:.0f}", f"{one['wall_ms']:.0f}", f"{one['to_boto3']:.2f}", one["bundle"])
    bundles = _table("Bundles", "Bundle", "Unzipped MB", "Zipped MB")
    for name, one in found["bundles"].items():
        bundles.add_row(name, str(one["unzipped_mb"]), str(one["zipped_mb"]))
    return [handlers, bundles]


def _latency(found: dict[str, Any]) -> list[Table]:
    title = (
        f"New deal to write-back; HubSpot answers in {found['hubspot_ms']} ms, Partner Central in "
        f"{found['partner_central_ms']} ms, so the calls it waits for take {found['vendor_calls_ms']} ms; "
        f"one deal at a time, write quota {found['writes_per_second']}/s, so nobody waits for quota"
    )
    table = _table(title, "Functions", "p50 ms", "p95 ms", "p50 to the calls", "Deals")
    for name in ("warm", "cold"):
        one = found[name]
        table.add_row(name, str(one["p50_ms"]), str(one["p95_ms"]), str(one["to_vendor_calls"]), str(one["deals"]))
    return [table]


def _clouds(found: dict[str, Any]) -> list[Table]:
    title = (
        f"New deal to the write-back of every partner it names; HubSpot answers in {found['hubspot_ms']} ms, each "
        f"partner in {found['partner_ms']} ms; warm, one deal at a time"
    )
    table = _table(title, "Tags", "p50 ms", "p95 ms", "Deals")
    for tags, one in found["deals"].items():
        table.add_row(tags, str(one["p50_ms"]), str(one["p95_ms"]), str(one["deals"]))
    return [table]


def _burst(found: dict[str, Any]) -> list[Table]:
    table = _table("A burst of tagged deals against the write quota", "What", "Figure")
    for name, value in found.items():
        table.add_row(name.replace("_", " "), str(value))
    return [table]


def _audit_report(found: dict[str, Any]) -> list[Table]:
    table = _table(
        "A report of the audit, streamed", "Report", "Records", "MB written", "Seconds", "Peak MB", "At most"
    )
    for name, one in found.items():
        if name != "most_mb":
            figures = (one[each] for each in ("records", "written_mb", "seconds", "peak_mb"))
            table.add_row(name, *map(str, figures), str(found["most_mb"]))
    return [table]


def _targets(judged: list[targets.Judged]) -> Table:
    table = _table("Figures to reach", "Target", "Measured", "Met")
    for target, figure, met in judged:
        table.add_row(target, figure, "yes" if met else "NO")
    return table


_SHOWN: dict[str, Callable[[dict[str, Any]], list[Table]]] = {
    "calls": _calls,
    "imports": _imports,
    "latency": _latency,
    "clouds": _clouds,
    "burst": _burst,
    "audit-report": _audit_report,
}


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading)
    return table


if __name__ == "__main__":
    sys.exit(main())
