"""The product's state machine definitions, filled in, on the baton."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs_lib.definition import load_definition
from sandbox.local_cloud.interpreter import ExecutionResult, Interpreter, Machine
from sandbox.turned.baton import Actor, Baton, Died
from sandbox.turned.probe import Probe

_FOLDER = Path(__file__).parents[2] / "statemachines"


@dataclass(frozen=True, slots=True)
class Filled:
    """A definition ready to run: its text, its Parallel states with their branch count, and where branches end."""

    name: str
    text: str
    parallels: dict[str, int]
    ends: frozenset[str]


@functools.cache
def filled(name: str, parts: tuple[tuple[str, str], ...]) -> Filled:
    """Definition ``name`` with its placeholders filled in from ``parts``."""
    definition = load_definition(_FOLDER / f"{name}.asl.json")
    text = definition.text
    for placeholder in definition.placeholders:
        text = text.replace("${" + placeholder + "}", dict(parts)[placeholder])
    states = json.loads(text)["States"]
    parallels = {key: state["Branches"] for key, state in states.items() if state["Type"] == "Parallel"}
    ends = {
        key
        for branches in parallels.values()
        for one in branches
        for key, state in one["States"].items()
        if state.get("End")
    }
    return Filled(name, text, {key: len(branches) for key, branches in parallels.items()}, frozenset(ends))


def execute(
    definition: Filled,
    payload: Any,
    actor: Actor,
    baton: Baton,
    *,
    invoke: Callable[[str, Any], Any],
    call: Callable[[str, str, dict[str, Any]], dict[str, Any]],
    clock: Callable[[], float],
    probe: Probe,
    row: str,
) -> ExecutionResult:
    """Run one execution as ``actor``; ``row`` names its machine to the ``probe``."""
    here = threading.local()

    def invoked(name: str, event: Any) -> Any:
        baton.enter(actor)
        return probe.task(row, here.state, name, lambda: invoke(name, event))

    def called(service: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if actor.dead:
            raise Died(actor.name)
        return probe.task(row, here.state, f"{service}:{action}", lambda: call(service, action, arguments))

    def gate(_name: str, state: str, _resource: str, phase: str) -> None:
        if phase == "before":
            here.state = state
            baton.gate(actor, state)

    engine = Interpreter(
        invoke_function=invoked,
        call_service=called,
        gate=gate,
        watch=_watching(definition, actor, baton, probe, row),
        clock=clock,
        sleep=lambda seconds: baton.pause(actor, seconds),
    )
    return engine.run(definition.text, payload, name=actor.name, machine=Machine())


def _watching(
    definition: Filled, actor: Actor, baton: Baton, probe: Probe, row: str
) -> Callable[[str, str, str], None]:
    """Tells the probe what is entered, and the baton
    how many threads a Parallel state has open, so that it knows when all of them stand."""

    def watch(_name: str, state: str, what: str) -> None:
        if what == "entered" and not actor.dead:
            probe.entered(actor, row, state)
        if state in definition.parallels:
            if what == "entered":
                baton.moved(actor, definition.parallels[state])
            elif what in ("exited", "caught", "failed"):
                baton.moved(actor, 1)
        elif state in definition.ends and what == "exited":
            baton.moved(actor, actor.live - 1)

    return watch
