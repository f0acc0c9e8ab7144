"""One table of all figures, in sections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table

from benchmarks.targets import Judged

type Row = tuple[object, ...]


def whole(results: Mapping[str, Any], judged: list[Judged]) -> Table:
    """What was measured, a section for each part, the figures to reach last."""
    table = Table(title="Figures", title_justify="left", show_lines=False)
    for heading in ("What", "Figure", "Beside", "Note"):
        table.add_column(heading, overflow="fold")
    for name, rows in _SECTIONS.items():
        if name in results:
            _section(table, name, rows(results[name]))
    _section(
        table, "figures to reach", ((target, figure, "", "yes" if met else "NO") for target, figure, met in judged)
    )
    return table


def _section(table: Table, name: str, rows: Iterator[Row] | Any) -> None:
    table.add_row(f"[bold]{name}[/bold]")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    table.add_section()


def _calls(found: Mapping[str, Any]) -> Iterator[Row]:
    for change, one in found.items():
        made, follows = sum(one["made"].values()), ", ".join(f"{n} {name}" for name, n in one["contracts"].items() if n)
        yield f"calls of one {change}", made, f"beyond the least: {one['beyond']}", follows
        for operation in sorted(set(one["made"]) | set(one["least"])):
            least, why = one["least"].get(operation, 0), one["why"].get(operation, "more than the least")
            yield f"  {operation}", one["made"].get(operation, 0), f"least {least}", why


def _imports(found: Mapping[str, Any]) -> Iterator[Row]:
    yield "  (CPU of a fresh process)", "ratio to import boto3", "CPU ms", "initialised, with clients and settings"
    for name, one in found["handlers"].items():
        whole_start = one["initialised_to_boto3"]
        yield f"  {name}", one["to_boto3"], f"{one['cpu_ms']:.0f} ms", "" if whole_start is None else f"{whole_start}×"
    for name, one in found["bundles"].items():
        yield f"  bundle {name}", f"{one['unzipped_mb']} MB unzipped", f"{one['zipped_mb']} MB zipped", ""


def _latency(found: Mapping[str, Any]) -> Iterator[Row]:
    baseline = f"baseline: the calls it waits for, {found['vendor_calls_ms']} ms"
    yield (
        "new deal to write-back",
        f"HubSpot {found['hubspot_ms']} ms",
        f"Partner Central {found['partner_central_ms']} ms",
        baseline,
    )
    for name in ("warm", "cold"):
        one = found[name]
        figures = f"p50 {one['p50_ms']} ms, p95 {one['p95_ms']} ms"
        yield f"  {name}", f"{one['to_vendor_calls']}× the calls", figures, f"{one['deals']} deals"
    for name, milliseconds in found.get("cold_path", {}).items():
        yield (
            f"  cold: {name}",
            f"{round(milliseconds / found['vendor_calls_ms'], 2)}× the calls",
            f"{milliseconds} ms",
            "start",
        )


def _clouds(found: Mapping[str, Any]) -> Iterator[Row]:
    alone = next(iter(found["deals"].values()))["p50_ms"]
    for tags, one in found["deals"].items():
        ratio = f"{round(one['p50_ms'] / alone, 2)}× #AWS alone"
        yield f"  {tags}", ratio, f"p50 {one['p50_ms']} ms, p95 {one['p95_ms']} ms", f"{one['deals']} deals, warm"


def _receiver(found: Mapping[str, Any]) -> Iterator[Row]:
    yield "webhooks", found["webhooks"], f"accepted {found['accepted']}", f"{found['per_second']} a second here"
    yield "  by status", _statuses(found.get("answered") or {}), "", ""
    yield "notices in the queue", found["notices"], f"lost {found['lost']}", f"duplicates {found['duplicates']}"
    for what in ("function", "request"):
        for share in ("p50", "p99"):
            ratio = f"{found[f'{what}_{share}_to_baseline']}×"
            yield (
                f"  {what} {share}",
                ratio,
                f"{found[f'{what}_{share}_ms']} ms",
                f"baseline: {found['baselines'][what]}",
            )


def _statuses(answered: Mapping[str, int]) -> str:
    return ", ".join(f"{status}: {count}" for status, count in answered.items())


def _plain(found: Mapping[str, Any]) -> Iterator[Row]:
    for name, value in found.items():
        yield f"  {name.replace('_', ' ')}", value, "", ""


def _audit_report(found: Mapping[str, Any]) -> Iterator[Row]:
    tenth = next(one for name, one in found.items() if name != "most_mb")
    for name, one in found.items():
        if name != "most_mb":
            ratios = f"{round(one['seconds'] / (tenth['seconds'] or 1), 1)}× the time of a tenth of them"
            peak = f"peak {one['peak_mb']} MB, {round(one['peak_mb'] / (tenth['peak_mb'] or 1), 2)}×"
            yield f"audit report of {name}", ratios, peak, f"{one['written_mb']} MB written in {one['seconds']} s"


def _metered(found: Mapping[str, Any]) -> Iterator[Row]:
    for poll, one in found["polls"].items():
        yield (
            f"poll {poll}, {one['records']} records, {one['changed']} changed",
            f"{one['calls']} calls",
            f"{one['bytes_in']} bytes in, {one['bytes_out']} out",
            f"ledger units: {one['ledger_reads']:g} read, {one['ledger_writes']:g} written; {one['messages']} messages",
        )
    yield from _cost(found["cost"])


def _cost(found: Mapping[str, Any]) -> Iterator[Row]:
    for region, services in found["per_1000"].items():
        doubt = found["unconfirmed"][region]
        yield (
            f"1,000 synced deals, {region}",
            f"${sum(services.values()):.2f}",
            f"prices of {found['prices']}",
            f"each {found['life']}; {len(doubt)} prices unconfirmed",
        )
        yield from _shares(services)
    for stage, month in found["month"].items():
        yield (
            f"a month of {stage}, {month['region']}",
            f"${sum(month['services'].values()):.2f}",
            f"{month['queues']} polled queues, {month['polls_a_month']} polls",
            f"{month['alarm_metrics']} metrics of alarms, {month['custom_metrics']} custom metrics seen",
        )
        yield from _shares(month["services"])
    for name, quantity in found["used_per_deal"].items():
        yield f"  one deal uses {name.replace('_', ' ')}", f"{quantity:g}", "", ""


def _shares(services: Mapping[str, float]) -> Iterator[Row]:
    total = sum(services.values()) or 1
    for service, dollars in sorted(services.items(), key=lambda one: -one[1]):
        yield f"  {service}", f"${dollars:.4f}", f"{100 * dollars / total:.1f} %", ""


_SECTIONS: dict[str, Callable[[Mapping[str, Any]], Iterator[Row]]] = {
    "calls": _calls,
    "imports": _imports,
    "latency": _latency,
    "clouds": _clouds,
    "receiver": _receiver,
    "burst": _plain,
    "turned": _plain,
    "metered": _metered,
    "audit-report": _audit_report,
}
