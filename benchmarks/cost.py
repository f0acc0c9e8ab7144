"""What 1,000 synced deals and a month of each deployment stage cost, from what a run used and what is deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import config
from benchmarks import prices
from benchmarks.metered_world import MeteredWorld, month_of
from benchmarks.templates import resources
from sandbox.assembly import STAGE, stage_assembly
from sandbox.partner_central.fields import get
from sandbox.scenarios import Stage
from sandbox.world import CATALOG

# What one synced deal lives through here.
LIFE = "created in HubSpot, edited twice there and once by AWS, with all echoes and looks"
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}


def measure(
    world: MeteredWorld, deals: int, latencies_ms: Mapping[str, int], stages: tuple[str, ...]
) -> dict[str, Any]:
    """``{"per_1000": {region: {service: dollars}}, "month": {stage: …}, "used_per_deal": {row: quantity}}``."""
    listed = prices.load()
    stage = Stage(world)
    _live(stage)  # every function warm, every secret read
    world.settle()
    world.begin()
    for _ in range(deals):
        _live(stage)
    world.settle()
    used = world.used(latencies_ms)
    per_deal = prices.scaled(used, 1 / deals)
    polls = _polls(world, latencies_ms)
    return {
        "life": LIFE,
        "deals": deals,
        "prices": listed["date"],
        "unconfirmed": {region: prices.unconfirmed(listed, region) for region in listed["regions"]},
        "used_per_deal": {name: round(quantity, 6) for name, quantity in per_deal.items()},
        "per_1000": {
            region: prices.by_service(listed, region, prices.scaled(per_deal, 1000)) for region in listed["regions"]
        },
        "month": {name: _month(listed, name, polls, len(world.metrics)) for name in stages},
    }


def _live(stage: Stage) -> None:
    world = stage.world
    deal = stage.new_deal("Costed #AWS")
    opportunity = stage.opportunity_of(deal.deal_id)
    world.settle()
    for amount in ("61000", "62000"):
        stage.edit(deal.deal_id, amount=amount)
        text = f"{amount}.00"
        stage.wait(lambda want=text: _amount(opportunity.document) == want, f"the amount {text} at AWS")
        world.settle()
    world.central.edit_as_aws(opportunity.id, next_steps="Count the cost")
    stage.wait(lambda: world.deal(deal.deal_id).get("hs_next_step") == "Count the cost", "AWS's edit on the deal")
    world.settle()


def _amount(document: Any) -> Any:
    return get(document, "Project.ExpectedCustomerSpend")[0]["Amount"]


def _polls(world: MeteredWorld, latencies_ms: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """What each poll uses that finds nothing new."""
    used = {}
    for poll in _schedules(stage_assembly(STAGE)):
        for _ in range(2):  # the first one may only set a watermark, or find what the deals left
            world.begin()
            world.poll(poll)
            world.settle()
        used[poll] = world.used(latencies_ms)
    return used


def _schedules(assembly: Path) -> dict[str, float]:
    """Minutes between two polls, by poll."""
    found = {}
    for kind, has in resources(assembly):
        if kind != "AWS::Scheduler::Schedule" or '"poll"' not in str(has["Target"].get("Input")):
            continue
        match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", has["ScheduleExpression"])
        if match:
            found[json.loads(has["Target"]["Input"])["poll"]] = int(match[1]) * _MINUTES[match[2]]
    return found


def _month(
    listed: Mapping[str, Any], stage: str, polls: Mapping[str, Mapping[str, float]], metrics: int
) -> dict[str, Any]:
    """The month of a stage in its own region; a region without prices is reckoned as us-east-1."""
    assembly = stage_assembly(stage)
    home = config.load().stage(stage).region
    region = home if home in listed["regions"] else "us-east-1"
    held = month_of(assembly)
    queues = int(held.pop("pollers"))
    runs = {poll: prices.MONTH_MINUTES / minutes for poll, minutes in _schedules(assembly).items()}
    asked = prices.added(
        {"schedules": sum(runs.values())},
        *(prices.scaled(polls[poll], times) for poll, times in runs.items() if poll in polls),
    )
    use = prices.added(held, {"custom_metrics": metrics}, prices.polling(queues), asked)
    return {
        "region": home,
        "prices_of": region,
        "services": prices.by_service(listed, region, use),
        "queues": queues,
        "polls_a_month": round(sum(runs.values())),
        "alarm_metrics": held["alarm_metrics"],
        "custom_metrics": metrics,
        "catalog": CATALOG,
    }
