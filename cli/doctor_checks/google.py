"""Google: a cheap read with the stage's key, or, where only the functions' roles may sign in, how their poll fares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.doctor_checks.check import Check, Finding, error, ok
from cli.doctor_checks.deployment import Deployment
from cli.doctor_checks.polls import POLL_NEEDS, poll_fares

AREA = "google"
_RUNBOOK = "docs/operations.md#setting-up-google"


def access(d: Deployment) -> Iterator[Finding]:
    """Google gives a token and answers it."""
    ours = d.partner("google")
    if ours is None:
        return
    if d.stage.google is not None and d.stage.google.key:
        yield from _by_key(d, ours)
    else:
        # Only the roles of the functions may sign in, so nobody else can try.
        yield from poll_fares(d, "google", d.stage.intervals.google_minutes, _RUNBOOK)


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


CHECKS = [Check(area=AREA, name="access", run=access, needs=POLL_NEEDS)]
