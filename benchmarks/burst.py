"""A burst of tagged deals against Partner Central's write quota, each edited twice while the burst drains."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.arithmetic import order_violations, quota_use_percent
from sandbox.demo import figures
from sandbox.hubspot.fixtures import RepDeal
from sandbox.partner_central.fields import get
from sandbox.scenarios import Stage
from sandbox.world import World

_WRITES = ("CreateOpportunity", "UpdateOpportunity", "AssociateOpportunity")
_AMOUNTS = (50000, 50001, 50002)  # as created, and after each edit


@dataclass(frozen=True, slots=True)
class Write:
    """One write that Partner Central took: when it was done (s), about which opportunity, with which amount."""

    at: float
    opportunity: str
    amount: float | None


def measure(deals: int = 60) -> dict[str, Any]:
    """How long the burst took over the quota's own minimum, what it cost, and whether each deal's order held.

    The quota is the sandbox stage's, a multiple of the real 1/s; limiter and simulated account have the same.
    """
    with World() as world:
        quota = world.settings["partners"]["aws"]["quota"]["writes_per_second"]
        stage = Stage(world, patience=60 + 6 * deals * 3 / quota)
        stage.opportunity_of(stage.new_deal("Warm up #AWS").deal_id)
        world.settle(60)
        world.central.forget_calls()
        writes = _watch(world)
        began = time.monotonic()
        made = [stage.new_deal(f"Burst {number} #AWS") for number in range(deals)]
        for amount in _AMOUNTS[1:]:
            for deal in made:
                stage.edit(deal.deal_id, amount=str(amount))
        _drain(stage, made)
        took = time.monotonic() - began
        counted = figures(stage)
        throttled = sum(world.central.throttles.values())
    return _summary(deals, quota, took, writes) | {
        "throttled_by_vendor": throttled,
        **{name: counted[name] for name in ("failed_executions", "dead_lettered", "lost", "duplicates")},
    }


def _drain(stage: Stage, made: Iterable[RepDeal]) -> None:
    """Until each opportunity has its deal's last amount and nothing is under way."""
    last = f"{_AMOUNTS[-1]}.00"
    for deal in made:
        document = stage.opportunity_of(deal.deal_id).document
        stage.wait(lambda held=document: _amount(held) == last, f"the last amount of deal {deal.deal_id}")
    stage.world.settle(stage.patience)


def _amount(document: Any) -> Any:
    return get(document, "Project.ExpectedCustomerSpend")[0]["Amount"]


def _watch(world: World) -> list[Write]:
    """The writes that the simulated account takes from now on; refused ones are not among them."""
    writes: list[Write] = []
    handle = world.central.handle

    def watched(operation: str, body: dict[str, Any]) -> Any:
        answer = handle(operation, body)
        if operation in _WRITES:
            spend = body.get("Project", {}).get("ExpectedCustomerSpend") or [{}]
            identifier = answer.get("Id") or body.get("Identifier") or body["OpportunityIdentifier"]
            amount = spend[0].get("Amount")
            writes.append(Write(time.monotonic(), identifier, None if amount is None else float(amount)))
        return answer

    world.central.handle = watched
    return writes


def _summary(deals: int, quota: float, took: float, writes: list[Write]) -> dict[str, Any]:
    span = max(one.at for one in writes) - min(one.at for one in writes)
    minimum = (len(writes) - 1) / quota
    amounts: dict[str, list[float]] = {}
    for one in writes:
        if one.amount is not None:
            amounts.setdefault(one.opportunity, []).append(one.amount)
    return {
        "deals": deals,
        "edits": deals * (len(_AMOUNTS) - 1),
        "writes_per_second": quota,
        "times_the_real_quota": quota,
        "writes": len(writes),
        "quota_minimum_s": round(minimum, 1),
        "first_to_last_write_s": round(span, 1),
        "time_over_minimum": round(span / minimum, 2),
        "quota_use_percent": quota_use_percent(len(writes), quota, span),
        "until_quiet_s": round(took, 1),
        "order_violations": sum(order_violations(sent, _AMOUNTS[-1]) for sent in amounts.values()),
    }
