"""What plays are made of: answers, errors and changes ordered in advance, and what a deal needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.local_cloud.failures import FunctionFailed
from sandbox.turned import World

TAG = {"aws": "#AWS", "microsoft": "#Microsoft", "google": "#GCP"}
ASK = {"rule": "ask", "remind_days": 3, "lead_qualified": "Qualified", "listed": {}}
READY = {
    "aws_use_case": "Migration / Database Migration",
    "aws_delivery_models": "SaaS or PaaS",
    "aws_sales_activities": "Conducted POC / Demo",
    "aws_primary_needs": "Co-Sell - Deal Support",
    "aws_submit": "true",
}
INVITATION: dict[str, Any] = {
    "catalog": "Sandbox",
    "title": "Shared harbour",
    "business_problem": "The customer wants to move its ERP to the cloud.",
    "company": "BigCorp",
    "industry": "Gaming",
    "country": "DE",
    "website": "bigcorp.example",
    "target_completion_date": "2027-03-31",
}
_RESTS = 8


def say(world: World, deal: str, **properties: str) -> None:
    """A person changes the deal, and what follows of it happens."""
    world.hubspot.account.update("deals", deal, properties)
    world.run_until_quiet()


def come_to_rest(world: World) -> None:
    """Sweep until two sweeps wrote nothing, or some hours are over."""
    world.run_until_quiet()
    quiet = 0
    for _ in range(_RESTS):
        before = world.writes()
        world.sweep()
        quiet = 0 if world.writes() - before else quiet + 1
        if quiet == 2:
            return


def answers(world: World, function: str, *changes: Callable[[Any], Mapping[str, Any]], instead: bool = False) -> None:
    """The first answers of a function come as ``changes`` make them; ``instead``: without its work."""
    work, left = world.functions[function], list(changes)

    def changed(event: Mapping[str, Any]) -> Any:
        if not left:
            return work(event)
        change = left.pop(0)
        return change(None if instead else work(event))

    world.functions[function] = changed


def fails(world: World, function: str, error: Exception, times: int) -> None:
    """The first calls of a function end so, without its work."""
    work, left = world.functions[function], [times]

    def failing(event: Mapping[str, Any]) -> Any:
        if left[0]:
            left[0] -= 1
            raise error
        return work(event)

    world.functions[function] = failing


def fails_for_minutes(world: World, function: str, minutes: int) -> None:
    """The function's process dies at once, time and again, until so many minutes after its first call."""
    work, since = world.functions[function], []

    def failing(event: Mapping[str, Any]) -> Any:
        since.append(world.clock.now_ms())
        if since[-1] - since[0] < minutes * 60_000:
            raise FunctionFailed({"errorType": "Runtime.ExitError", "errorMessage": "ordered"})
        return work(event)

    world.functions[function] = failing
