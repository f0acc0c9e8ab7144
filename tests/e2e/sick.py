"""A world in which several things are broken at once, as they break in an account, and put right again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from lambdas.shared.adapters.hubspot import HubSpot
from sandbox.world import APP_TOKEN, World

PROPERTY, STAGE, SCHEDULE, LETTER = "aws_sync_status", "contractsent", "cosell-sandbox-aws-due", "letter-for-a-person"
_PATH = f"/crm/properties/2026-09/deals/{PROPERTY}"


@contextmanager
def sick(world: World) -> Iterator[dict[str, str]]:
    """Inside ``with`` all of it is broken; gives the names of the pipe and the option that are."""
    with ExitStack() as stack:
        names = {"pipe": stack.enter_context(_stopped_pipe(world)), "option": stack.enter_context(_lost_option(world))}
        for broken in (_lost_stage, _dead_consent, _disabled_schedule, _letter_that_waits):
            stack.enter_context(broken(world))
        yield names


@contextmanager
def _stopped_pipe(world: World) -> Iterator[str]:
    pipes = world.cloud.client("pipes")
    name = next(each["Name"] for each in pipes.list_pipes()["Pipes"] if "google" in each["Target"])
    pipes.stop_pipe(Name=name)
    yield name
    pipes.start_pipe(Name=name)


@contextmanager
def _lost_option(world: World) -> Iterator[str]:
    hubspot = HubSpot(lambda _fresh: APP_TOKEN, world.hubspot_server.url)
    options: list[dict[str, Any]] = hubspot.call("GET", _PATH, "to read the property")["options"]
    hubspot.call("PATCH", _PATH, "to change the property", body={"options": options[1:]})
    yield str(options[0]["value"])
    hubspot.call("PATCH", _PATH, "to change the property", body={"options": options})


@contextmanager
def _lost_stage(world: World) -> Iterator[None]:
    stages = world.hubspot.state.pipelines.pipelines["default"].stages
    before = dict(stages)
    del stages[STAGE]
    yield
    stages.clear()
    stages.update(before)


@contextmanager
def _dead_consent(world: World) -> Iterator[None]:
    world.microsoft.kill_consent(access_tokens_too=True)
    yield
    world.consent_to_microsoft()


@contextmanager
def _disabled_schedule(world: World) -> Iterator[None]:
    scheduler, group = world.cloud.client("scheduler"), "cosell-sandbox"
    found = scheduler.get_schedule(GroupName=group, Name=SCHEDULE)
    kept = {name: found[name] for name in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(GroupName=group, Name=SCHEDULE, State="DISABLED", **kept)
    yield
    scheduler.update_schedule(GroupName=group, Name=SCHEDULE, State="ENABLED", **kept)


@contextmanager
def _letter_that_waits(world: World) -> Iterator[None]:
    letters = world.dead_letters()
    letters.record(LETTER, world.outputs["NoticesQueueUrl"], "{}", 3, queue="notices")
    letters.change(LETTER, kind="permanent", due_at=None)
    yield
    letters.change(LETTER, state="dropped")
