"""A burst of tagged deals against Partner Central's write quota, each edited twice while the burst drains.

Twice: in the real local cloud (``measure``), at a multiple of the real quota that this machine can carry, and in turned
time (``turned``), where processing costs nothing and 600 deals meet the real quota. The first says what the whole
deployed path does, the second what the product's own waiting, booking of slots and waking leave of the quota.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.arithmetic import order_violations, quota_use_percent
from sandbox.demo import figures
from sandbox.hubspot.fixtures import RepDeal
from sandbox.partner_central.fields import get
from sandbox.scenarios import Stage
from sandbox.world import Options, World

_WRITES = ("CreateOpportunity", "UpdateOpportunity", "AssociateOpportunity")
_AMOUNTS = (50000, 50001, 50002)  # as created, and after each edit


@dataclass(frozen=True, slots=True)
class Write:
    """One write that Partner Central took: when it was done (s), about which opportunity, with which amount."""

    at: float
    opportunity: str
    amount: float | None


class PacedWorld(World):
    """A ``World`` whose limiter has another quota than the sandbox stage's."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.settings["partners"]["aws"]["quota"]["writes_per_second"] = options.writes_per_second

    def _start_vendors(self, stage: Any) -> None:
        super()._start_vendors(stage)
        folder = tempfile.TemporaryDirectory()
        self._stops.append(folder.cleanup)
        file = Path(folder.name) / "settings.json"
        file.write_text(json.dumps(self.settings))
        own = {**self.vendors.environment(), "COSELL_SETTINGS_FILE": str(file)}
        self.vendors.environment = lambda: own


def measure(
    deals: int = 60, writes_per_second: float = 2.0, hubspot_ms: int = 120, central_ms: int = 300
) -> dict[str, Any]:
    """How long the burst took over the quota's own minimum, what it cost, and whether each deal's order held.

    ``writes_per_second`` is the quota of the limiter and of the simulated account alike; the real one is 1.
    """
    options = Options(
        writes_per_second=writes_per_second, hubspot_latency_ms=hubspot_ms, partner_central_latency_ms=central_ms
    )
    with PacedWorld(options) as world:
        stage = Stage(world, patience=120 + 6 * deals * 3 / writes_per_second)
        stage.opportunity_of(stage.new_deal("Warm up #AWS").deal_id)
        world.settle(stage.patience)
        world.central.forget_calls()
        writes = _watch(world.central, time.monotonic)
        began, cpu = time.monotonic(), _cpu_seconds()
        made = [stage.new_deal(f"Burst {number} #AWS") for number in range(deals)]
        for amount in _AMOUNTS[1:]:
            for deal in made:
                stage.edit(deal.deal_id, amount=str(amount))
        _drain(stage, made)
        took, busy = time.monotonic() - began, _cpu_seconds() - cpu
        counted = figures(stage)
        throttled = sum(world.central.throttles.values())
    return _summary(deals, writes_per_second, took, writes) | {
        "machine_busy_percent": round(100 * busy / took / (os.cpu_count() or 1)),
        "throttled_by_vendor": throttled,
        **{name: counted[name] for name in ("failed_executions", "dead_lettered", "lost", "duplicates")},
    }


def turned(deals: int = 120, writes_per_second: float = 1.0) -> dict[str, Any]:
    """The same burst by a turned clock: every wait is as long as in earnest, and everything else takes no time."""
    from sandbox import turned as turned_time

    world = turned_time.World(
        turned_time.Options(seed=4, latency_ms=0, at_once=100, writes_per_second=writes_per_second)
    )
    account = world.central.account
    writes = _watch(account, lambda: world.clock.now_ms() / 1000)
    began = world.clock.now_ms()
    details = {"description": "Moving forty servers to the cloud this year.", "aws_contract_months": "12"}
    made = [world.new_deal(f"Burst {number} #AWS", deal=details, number=number + 1).deal_id for number in range(deals)]
    for amount in _AMOUNTS[1:]:
        world.advance(deals * 2 / 3 / writes_per_second)  # the creates alone take three times as long
        for deal in made:
            world.hubspot.account.update("deals", deal, {"amount": str(amount)})
    world.run_until_quiet()
    claimed = Counter(one.document["PartnerOpportunityIdentifier"] for one in world.opportunities().values())
    return _summary(deals, writes_per_second, (world.clock.now_ms() - began) / 1000, writes) | {
        "throttled_by_vendor": sum(account.throttles.values()),
        "failed_executions": world.statuses["aws.inbox", "FAILED"],
        "dead_lettered": len(world.dead_letters()),
        "lost": len(set(made) - set(claimed)),
        "duplicates": sum(claimed.values()) - len(claimed),
    }


def _cpu_seconds() -> float:
    """Seconds that this machine's processors were busy since it started, whoever it was."""
    ticks = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]))
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def _drain(stage: Stage, made: Iterable[RepDeal]) -> None:
    """Until each opportunity has its deal's last amount and nothing is under way."""
    last = f"{_AMOUNTS[-1]}.00"
    for deal in made:
        document = stage.opportunity_of(deal.deal_id).document
        stage.wait(lambda held=document: _amount(held) == last, f"the last amount of deal {deal.deal_id}")
    stage.world.settle(stage.patience)


def _amount(document: Any) -> Any:
    return get(document, "Project.ExpectedCustomerSpend")[0]["Amount"]


def _watch(account: Any, seconds: Any) -> list[Write]:
    """The writes that the simulated account takes from now on; refused ones are not among them."""
    writes: list[Write] = []
    handle = account.handle

    def watched(operation: str, body: dict[str, Any]) -> Any:
        answer = handle(operation, body)
        if operation in _WRITES:
            spend = body.get("Project", {}).get("ExpectedCustomerSpend") or [{}]
            identifier = answer.get("Id") or body.get("Identifier") or body["OpportunityIdentifier"]
            amount = spend[0].get("Amount")
            writes.append(Write(seconds(), identifier, None if amount is None else float(amount)))
        return answer

    account.handle = watched
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
