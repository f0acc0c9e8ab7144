"""``cosell doctor``: looks at everything that a deployment stage needs, and says what to do about what is not well."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import config
from cli.doctor_checks import ALL, AREAS, RUNBOOKS, Deployment, Examined, Finding, Level, examine
from cli.stage import add_stage, place_of

_STYLES: dict[Level, str] = {"ok": "green", "warning": "yellow", "error": "bold red"}


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell doctor``."""
    add_stage(parser)
    parser.add_argument("--only", action="append", choices=AREAS, metavar="AREA", help="only this one; may be repeated")
    parser.add_argument("--json", action="store_true", help="one finding per line as JSON")
    parser.add_argument("--quiet", action="store_true", help="leave out what is well")
    parser.epilog = f"AREA is one of {', '.join(AREAS)}. Reads only. The exit status is 1 when there is an error."
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings, area by area; 1 when one of them is an error."""
    deployment = Deployment(place_of(arguments.stage), config.load())
    found = examined(deployment, arguments.only)
    levels = [each.level for one in found for each in one.findings]
    if arguments.json:
        _print_json(found, quiet=arguments.quiet)
    else:
        _print_table(found, quiet=arguments.quiet)
    counted = ", ".join(f"{levels.count(level)} {level}" for level in ("error", "warning", "ok"))
    print(f"{arguments.stage}: {len(found)} checks, {counted}", file=sys.stderr)
    return 1 if "error" in levels else 0


def examined(deployment: Deployment, only: Sequence[str] | None = None) -> Sequence[Examined]:
    """What the checks of these areas, or of all, found; the runbook is named by the stage's own address."""
    url = deployment.stage.runbooks_url
    found = list(examine([check for check in ALL if not only or check.area in only], deployment))
    return [replace(one, findings=[_led(each, url) for each in one.findings]) for one in found]


def _led(finding: Finding, runbooks_url: str) -> Finding:
    return replace(finding, do=finding.do.replace(RUNBOOKS, runbooks_url))


def _print_json(found: Sequence[Examined], *, quiet: bool) -> None:
    for one in found:
        for each in one.findings:
            if not (quiet and each.level == "ok"):
                row: dict[str, Any] = {"area": one.area, "check": one.name, "level": each.level}
                print(json.dumps(row | {"what": each.what, "where": each.where, "do": each.do}, ensure_ascii=False))


def _print_table(found: Sequence[Examined], *, quiet: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    for area in dict.fromkeys(one.area for one in found):
        rows = [each for one in found if one.area == area for each in one.findings]
        rows = [each for each in rows if not (quiet and each.level == "ok")]
        if not rows:
            continue
        table = Table(title=area, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False)
        table.add_column("level", no_wrap=True)
        table.add_column("finding", overflow="fold")
        for each in rows:
            text = Text.assemble((each.where, "bold"), f" {each.what}" if each.where else each.what)
            if each.do:
                text.append(f"\n  → {each.do}", style="cyan")
            table.add_row(Text(each.level, style=_STYLES[each.level]), text)
        console.print(table)
        console.print()
