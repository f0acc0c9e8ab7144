"""How a partner's poll fares: where only the functions may ask a partner, their calls are asked about instead."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cli.doctor_checks.check import Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment

POLL_NEEDS = "cloudwatch:GetMetricStatistics, lambda:GetFunctionConfiguration, logs:FilterLogEvents"


def poll_fares(d: Deployment, partner: str, every_minutes: int, runbook: str) -> Iterator[Finding]:
    """The calls of the partner's poll in the last hour, or in three rounds of it; ``runbook`` is about its refusals."""
    name, minutes = f"cosell-{d.name}-{partner}-list-opportunities", max(60, 3 * every_minutes)
    came = d.metric_sum("AWS/Lambda", "Invocations", {"FunctionName": name}, minutes)
    failed = d.metric_sum("AWS/Lambda", "Errors", {"FunctionName": name}, minutes)
    if not came:
        do = f"see the schedule cosell-{d.name}-{partner}-opportunities: cosell doctor --only flow --stage {d.name}"
        yield warning(f"the poll did not run for {minutes} minutes, and only its role may ask the partner", name, do)
    elif failed:
        make = error if failed == came else warning
        said = _last_reason(d, name, minutes)
        what = f"{failed:.0f} of {came:.0f} polls failed in {minutes} minutes{f': {said}' if said else ''}"
        yield make(what, name, f"docs/operations.md#token-dead-rotation; {runbook}")
    else:
        yield ok(f"{came:.0f} polls in {minutes} minutes went well (only its role may ask the partner)", name)


def _last_reason(d: Deployment, function: str, minutes: int) -> str:
    """The reason in the function's last word of a named error: a text of ours, without a value."""
    held = d.client("lambda").get_function_configuration(FunctionName=function)
    group = held.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function}"
    answer = d.client("logs").filter_log_events(
        logGroupName=group, startTime=d.now_ms() - minutes * 60_000, filterPattern='"named error"', limit=100
    )
    for event in reversed(answer.get("events", [])):
        try:
            return str(json.loads(event["message"]).get("reason", ""))[:300]
        except (ValueError, AttributeError):
            continue
    return ""
