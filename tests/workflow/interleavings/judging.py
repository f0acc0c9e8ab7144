"""What does not hold in a world of one partner, AWS, once it is quiet."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.partner_central.fields import get
from sandbox.turned import World


def wrong_in(world: World) -> list[str]:
    """What does not hold once the world is quiet."""
    deals = {one.id: one.values() for one in world.hubspot.account.records("deals")}
    opportunities = {key: one.document for key, one in world.opportunities().items()}
    named = Counter(values.get("aws_opportunity_id") for values in deals.values())
    wrong = [f"{count} deals name {name}" for name, count in named.items() if name and count > 1]
    wrong += [f"no deal names {key}" for key in opportunities if key not in named]
    for deal_id, values in deals.items():
        document = opportunities.get(values.get("aws_opportunity_id", ""))
        if document is None:
            wrong.append(f"deal {deal_id} has no opportunity: {values.get('aws_sync_message')}")
            continue
        wrong += [
            f"{name}: deal {ours!r}, AWS {theirs!r}"
            for name, ours, theirs in _pairs(values, document)
            if ours != theirs
        ]
        if values["aws_sync_status"] != "synced":
            wrong.append(f"status {values['aws_sync_status']}: {values.get('aws_sync_message')}")
    told = Counter(one.values()["hs_task_body"] for one in world.hubspot.account.records("tasks"))
    wrong += [f"told {count} times: {body[:80]}" for body, count in told.items() if count > 1]
    return [*wrong, *world.dead_letters(), *map(str, world.unsettled()), *world.unexpected]


def _pairs(values: dict[str, str], document: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    rows = [row for row in get(document, "Project.ExpectedCustomerSpend") or () if row["TargetCompany"] == "Self"]
    pairs = [
        ("next step", values.get("hs_next_step"), get(document, "LifeCycle.NextSteps")),
        ("close date", values.get("closedate", "")[:10], get(document, "LifeCycle.TargetCloseDate")),
    ]
    if rows:
        pairs.append(("amount", f"{float(values['amount']):.2f}", rows[0]["Amount"]))
    return pairs
