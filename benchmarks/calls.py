"""Vendor calls for one create and one update from each side with all that follows, counted by the simulated vendors."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks import minimum
from benchmarks.arithmetic import beyond
from sandbox.partner_central.fields import get
from sandbox.scenarios import Stage
from sandbox.world import World

_LATE_EVENTS_SECONDS = 1.0
_QUEUES = ("NoticesQueue", "AwsInbox", "AwsSummary", "AwsNotifications", "AwsEngagement", "AwsResources")
_CENTRAL_WRITES = ("CreateOpportunity", "AssociateOpportunity", "UpdateOpportunity")


def measure() -> dict[str, Any]:
    """``{change: {"made", "least", "why", "contracts", "beyond"}}``; what follows a change (echoes, looks) is in it."""
    with World() as world:
        stage = Stage(world, patience=60)
        stage.opportunity_of(stage.new_deal("Warm up #AWS").deal_id)
        results = {"create": _count(stage, lambda: _create(stage), "create", minimum.CREATE, related=2)}
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

        results["update from HubSpot"] = _count(stage, edit, "update", minimum.UPDATE)
        results["update from AWS"] = _count(stage, aws_edit, "update", minimum.AWS_EDIT)
    return results


def _create(stage: Stage) -> None:
    stage.opportunity_of(stage.new_deal("One create #AWS").deal_id)


def _quiet(world: World) -> None:
    """Until nothing is under way, and no message waits for a later moment either (a look that comes back)."""
    world.settle()
    time.sleep(_LATE_EVENTS_SECONDS)
    world.wait_for(lambda: not _delayed(world), "no message that waits for its time")
    world.settle()


def _delayed(world: World) -> bool:
    name, read = "ApproximateNumberOfMessagesDelayed", world.cloud.client("sqs").get_queue_attributes
    urls = [world.outputs[f"{queue}Url"] for queue in _QUEUES]
    return any(int(read(QueueUrl=url, AttributeNames=[name])["Attributes"][name]) for url in urls)


def _count(
    stage: Stage, change: Callable[[], None], name: str, contract: minimum.Contract, related: int = 0
) -> dict[str, Any]:
    """All calls until everything is quiet again, against the change's contract and those of what followed it.

    ``related``: how many notices of companies and contacts the change sends (a new deal brings one of each).
    """
    world = stage.world
    _quiet(world)
    hubspot, central = len(world.hubspot.call_log), len(world.central.calls)
    before = len(world.cloud.executions())
    change()
    _quiet(world)
    made = Counter(operation for _, operation, *_ in list(world.hubspot.call_log)[hubspot:])
    made += Counter(operation for operation, _ in world.central.calls[central:])
    made = Counter({operation: count for operation, count in made.items() if not _is_poll(operation)})
    fresh = world.cloud.executions()[before:]
    # Each write of ours is announced once, and so is the change: what runs oftener is beyond the least.
    ours = sum(made[one] for one in _CENTRAL_WRITES)
    announced = ours + (contract is minimum.AWS_EDIT)
    contracts = {
        name: (1, contract),
        "no-op": (min(_runs(fresh, "aws-sync", "Fetch both sides") - 1, ours + made["deals.update"]), minimum.NO_OP),
        "notice": (related, minimum.RELATED),
        "summary look": (min(_runs(fresh, "aws-summary", "Gather"), announced), minimum.SUMMARY_LOOK),
        "notifications look": (
            min(_runs(fresh, "aws-notifications", "Gather"), announced),
            minimum.NOTIFICATIONS_LOOK,
        ),
    }
    least = minimum.total(contracts)
    return {
        "made": dict(sorted(made.items())),
        "least": {operation: count for operation, (count, _) in least.items()},
        "why": {operation: why for operation, (_, why) in least.items()},
        "contracts": {one: times for one, (times, _) in contracts.items()},
        "beyond": beyond(made, {operation: count for operation, (count, _) in least.items()}),
    }


def _runs(executions: list[Any], machine: str, state: str) -> int:
    """Executions of that machine that came to a state whose name begins so."""
    return sum(
        one.machine.endswith(machine) and any(each.startswith(state) for each in one.result.states)
        for one in executions
    )


def _is_poll(operation: str) -> bool:
    return operation.startswith("List") or operation == "deals.search"
