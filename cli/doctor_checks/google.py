"""Google: a cheap read with the stage's key, or, where only the functions' roles may sign in, how their poll fares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment

AREA = "google"
_FUNCTION = "google-list-opportunities"
_RUNBOOK = "docs/operations.md#setting-up-google"


def access(d: Deployment) -> Iterator[Finding]:
    """Google gives a token and answers it."""
    ours = d.partner("google")
    if ours is None:
        return
    if d.stage.google is not None and d.stage.google.key:
        yield from _by_key(d, ours)
    else:
        yield from _by_the_poll(d)


def _by_key(d: Deployment, ours: Any) -> Iterator[Finding]:
    from lambdas.google.adapters.cloud_channel import BASE_URL, SCOPE, CloudChannel
    from lambdas.google.adapters.sign_in import KEY_VARIABLE, google_session
    from lambdas.shared.adapters.secrets import Secrets
    from lambdas.shared.errors import Unauthorized

    told = d.place.vendors.get("google")
    variables = {KEY_VARIABLE: d.place.output("GoogleKeySecret")}
    variables |= {"COSELL_GOOGLE_TOKEN_URL": f"{told}/token"} if told else {}
    session = google_session(SCOPE, ours, lambda: Secrets(d.client("secretsmanager")), variables)
    channel = CloudChannel(session, ours["partner_hub_id"], told or BASE_URL, filters=bool(ours.get("filters")))
    try:
        channel.query()
    except Unauthorized as caught:
        do = f"the key, its Integrator role, Google's list of partners: {_RUNBOOK}"
        yield error(f"Google refuses: {caught}", f"partner {ours['partner_hub_id']}", do)
        return
    yield ok("token and opportunities are given", f"partner {ours['partner_hub_id']}")


def _by_the_poll(d: Deployment) -> Iterator[Finding]:
    """Only the roles of the functions may sign in, so nobody else can try: the poll's own calls are asked about."""
    name, minutes = f"cosell-{d.name}-{_FUNCTION}", max(60, 3 * d.stage.intervals.google_minutes)
    came = d.metric_sum("AWS/Lambda", "Invocations", {"FunctionName": name}, minutes)
    failed = d.metric_sum("AWS/Lambda", "Errors", {"FunctionName": name}, minutes)
    if not came:
        do = f"see the schedule cosell-{d.name}-google-opportunities and `cosell doctor --only flow`"
        yield warning(f"its poll did not run for {minutes} minutes, and only its role may ask Google", name, do)
    elif failed:
        make = error if failed == came else warning
        said = _last_reason(d, name, minutes)
        what = f"{failed:.0f} of {came:.0f} polls failed in {minutes} minutes{f': {said}' if said else ''}"
        yield make(what, name, f"docs/operations.md#token-dead-rotation (Google refuses), {_RUNBOOK}")
    else:
        yield ok(f"{came:.0f} polls in {minutes} minutes went well (only its role may ask Google)", name)


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


CHECKS = [Check(area=AREA, name="access", run=access, needs="cloudwatch:GetMetricStatistics, logs:FilterLogEvents")]
