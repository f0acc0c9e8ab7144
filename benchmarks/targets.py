"""Which figures are reached, judged on what was measured in this run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

type Judged = tuple[str, str, bool]

RECEIVER_TO_BOTO3, HANDLER_TO_BOTO3, UNZIPPED_MB, TO_VENDOR_CALLS, QUOTA_USE = 1.15, 1.3, 25, 1.5, 95
# Of the reference implementation that the project's seed describes.
REFERENCE_RECEIVER, REFERENCE_AWS = 1.47, 1.24
RECEIVER = "core: receive_webhook"


def judge(results: Mapping[str, Any]) -> list[Judged]:
    """``(target, measured, met)`` for every part that was measured."""
    parts = {
        "calls": _calls,
        "imports": _imports,
        "latency": _latency,
        "receiver": _receiver,
        "audit-report": _audit_report,
        "turned": lambda found: _burst(found, "in turned time"),
        "burst": lambda found: _burst(found, f"at {found['times_the_real_quota']:g} times the real quota"),
    }
    return [one for name, judged in parts.items() if name in results for one in judged(results[name])]


def _calls(found: Mapping[str, Any]) -> Iterator[Judged]:
    for change, one in found.items():
        yield f"no vendor call beyond the least: {change}", f"{one['beyond']} beyond", one["beyond"] == 0


def _imports(found: Mapping[str, Any]) -> Iterator[Judged]:
    ratios = {name: one["to_boto3"] for name, one in found["handlers"].items() if ": " in name}
    receiver = ratios[RECEIVER]
    yield f"receiver's import at most {RECEIVER_TO_BOTO3}× boto3", f"{receiver}×", receiver <= RECEIVER_TO_BOTO3
    yield (
        f"receiver's import below the reference's {REFERENCE_RECEIVER}×",
        f"{receiver}×",
        receiver < REFERENCE_RECEIVER,
    )
    worst = max(ratios, key=lambda name: ratios[name])
    yield (
        f"every handler's import at most {HANDLER_TO_BOTO3}× boto3",
        f"{ratios[worst]}× ({worst})",
        ratios[worst] <= HANDLER_TO_BOTO3,
    )
    aws = max((name for name in ratios if name.startswith("aws: ")), key=lambda name: ratios[name])
    yield (
        f"every AWS handler's import below the reference's {REFERENCE_AWS}×",
        f"{ratios[aws]}× ({aws})",
        ratios[aws] < REFERENCE_AWS,
    )
    for name, one in found["bundles"].items():
        size = one["unzipped_mb"]
        yield f"bundle {name} under {UNZIPPED_MB} MB unzipped", f"{size} MB", size < UNZIPPED_MB


def _latency(found: Mapping[str, Any]) -> Iterator[Judged]:
    ratio = found["warm"]["to_vendor_calls"]
    yield f"webhook to write-back at most {TO_VENDOR_CALLS}× the calls (warm)", f"{ratio}×", ratio <= TO_VENDOR_CALLS


def _receiver(found: Mapping[str, Any]) -> Iterator[Judged]:
    accepted, webhooks = found["accepted"], found["webhooks"]
    yield f"burst of {webhooks} webhooks: all accepted", str(accepted), accepted == webhooks
    yield f"burst of {webhooks} webhooks: none lost", str(found["lost"]), found["lost"] == 0


def _burst(found: Mapping[str, Any], how: str) -> Iterator[Judged]:
    used = found["quota_use_percent"]
    yield f"quota use at least {QUOTA_USE} %, {found['deals']} deals {how}", f"{used} %", used >= QUOTA_USE
    for name in ("lost", "duplicates", "order_violations", "failed_executions", "dead_lettered"):
        yield f"burst {how}: no {name.replace('_', ' ')}", str(found[name]), found[name] == 0


def _audit_report(found: Mapping[str, Any]) -> Iterator[Judged]:
    for name, one in found.items():
        if name != "most_mb":
            peak, most = one["peak_mb"], found["most_mb"]
            yield f"audit report of {name}: at most {most} MB", f"{peak} MB", peak <= most
