"""Vendor calls for one create, one update from each side and one echo, counted by the simulated vendors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import minimum
from benchmarks.arithmetic import beyond, split_at_last_write
from sandbox.partner_central.fields import get
from sandbox.scenarios import Stage
from sandbox.world import World

_LAST_WRITE = "deals.update"  # every change ends with the status on the deal
_LATE_EVENTS_SECONDS = 1.0


def measure() -> dict[str, Any]:
    """``{change: {"made", "minimum", "beyond", "runs"}}``; calls after a change's last write are its echoes'."""
    with World() as world:
        stage = Stage(world, patience=60)
        stage.opportunity_of(stage.new_deal("Warm up #AWS").deal_id)
        results = _parts(stage, "create", lambda: _create(stage), minimum.CREATE)
        deal = stage.new_deal("Counted #AWS")
        opportunity = stage.opportunity_of(deal.deal_id)

        def edit() -> None:
            stage.edit(deal.deal_id, amount="61000")
            stage.wait(
                lambda: get(opportunity.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "61000.00", "it"
            )

        def aws_edit() -> None:
            world.central.edit_as_aws(opportunity.id, next_steps="Count the calls")
            stage.wait(lambda: world.deal(deal.deal_id).get("hs_next_step") == "Count the calls", "it")

        results |= _parts(stage, "update from HubSpot", edit, minimum.UPDATE)
        results |= _parts(stage, "update from AWS", aws_edit, minimum.AWS_EDIT)
    return results


def _create(stage: Stage) -> None:
    stage.opportunity_of(stage.new_deal("One create #AWS").deal_id)


def _quiet(world: World) -> None:
    world.settle(60)
    time.sleep(_LATE_EVENTS_SECONDS)
    world.settle(60)


def _parts(stage: Stage, name: str, change: Callable[[], None], least: Mapping[str, str]) -> dict[str, Any]:
    """The change's own calls, and those of the runs that our own writes' events caused afterwards."""
    world = stage.world
    _quiet(world)
    hubspot, central = len(world.hubspot.call_log), len(world.central.calls)
    before = len(world.cloud.executions("aws-sync"))
    change()
    _quiet(world)
    log = [(float(at), operation) for at, operation, *_ in list(world.hubspot.call_log)[hubspot:]]
    log += [(float(at), operation) for operation, at in world.central.calls[central:]]
    own, echo = split_at_last_write([one for one in log if not _is_poll(one[1])], _LAST_WRITE)
    fresh = world.cloud.executions("aws-sync")[before:]
    runs = sum("Fetch both sides" in one.result.states for one in fresh)
    echoes = runs - 1
    found = {name: _figures(own, least, 1)}
    if echoes:
        found[f"echo after the {name}"] = _figures(echo, minimum.ECHO, echoes)
    return found


def _figures(made: Mapping[str, int], least: Mapping[str, str], runs: int) -> dict[str, Any]:
    return {"made": dict(sorted(made.items())), "minimum": least, "runs": runs, "beyond": beyond(made, least, runs)}


def _is_poll(operation: str) -> bool:
    return operation.startswith("List") or operation == "deals.search"
