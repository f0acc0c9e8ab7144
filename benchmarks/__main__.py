"""Print the figures: one table for people, one JSON line at the end."""

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

from benchmarks import audit_report, burst, calls, imports, latency, metered, receiver, tables, targets, three_clouds

PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "calls": lambda _asked: calls.measure(),
    "imports": lambda asked: imports.measure(9 if asked.full else 2),
    "latency": lambda asked: latency.measure(30 if asked.full else 7, asked.hubspot_ms, asked.partner_central_ms),
    "clouds": lambda asked: three_clouds.measure(30 if asked.full else 2, asked.hubspot_ms, asked.partner_central_ms),
    "receiver": lambda asked: receiver.measure(10_000 if asked.full else 1_000),
    "turned": lambda asked: burst.turned(600 if asked.full else 60),
    "metered": lambda asked: metered.measure(
        20 if asked.full else 2,
        10_000 if asked.full else 1_000,
        hubspot_ms=asked.hubspot_ms,
        partner_ms=asked.partner_central_ms,
    ),
    "audit-report": lambda asked: audit_report.measure(1_000_000 if asked.full else 200_000),
    "burst": lambda asked: burst.measure(
        600 if asked.full else 60, asked.burst_quota, asked.hubspot_ms, asked.partner_central_ms
    ),
}


def main() -> int:
    """``python -m benchmarks [--quick | --full] [--only PART …] [--json FILE]``."""
    asked = _arguments()
    console = Console(soft_wrap=True, highlight=False)
    if asked.show:
        results = json.loads(asked.show.read_text())
        judged = [(one["target"], one["measured"], one["met"]) for one in results["targets"]]
        console.print(_when(results["machine"]), tables.whole(results, judged), sep="\n")
        return 0
    machine = {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
    results: dict[str, Any] = {"machine": machine}
    console.print(_when(machine))
    for name in asked.only or PARTS:
        began = time.monotonic()
        results[name] = PARTS[name](asked)
        load = os.getloadavg()[0]
        console.print(f"{name}: measured in {time.monotonic() - began:.0f} s, load {load:.1f} at its end", style="dim")
    judged = targets.judge(results)
    results["targets"] = [{"target": target, "measured": figure, "met": met} for target, figure, met in judged]
    console.print(tables.whole(results, judged))
    line = json.dumps(results)
    if asked.json:
        asked.json.write_text(line + "\n")
    print(line)
    return 0


def _when(machine: dict[str, Any]) -> str:
    return (
        f"{machine['date']}: Python {machine['python']}, {machine['cores']} cores, load {machine['load']} when it began"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="few runs, bursts of 60 deals and 1,000 webhooks (default)")
    size.add_argument("--full", action="store_true", help="more runs, bursts of 600 deals and 10,000 webhooks")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON line to FILE as well")
    parser.add_argument("--show", type=Path, metavar="FILE", help="measure nothing: the table of such a FILE")
    parser.add_argument("--hubspot-ms", type=int, default=120, help="HubSpot's time to answer")
    parser.add_argument(
        "--partner-central-ms", type=int, default=300, help="Partner Central's, and the other partners'"
    )
    parser.add_argument(
        "--burst-quota",
        type=float,
        default=2.0,
        metavar="WRITES",
        help="writes a second in the real burst: how many times Partner Central's own 1/s (2)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
