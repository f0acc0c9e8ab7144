"""The matrix: rows from the definitions and the vendors' lists, scenarios by what they pass, cases, and their run."""

from __future__ import annotations

import contextlib
import functools
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sandbox.faults_matrix import faults as f
from sandbox.faults_matrix.judge import portrait, wrong_in
from sandbox.faults_matrix.scenarios import Scenario, every
from sandbox.faults_matrix.stumbling import Case, Stumbling
from sandbox.faults_matrix.watching import Call, State, Watching
from sandbox.google.routes import ROUTES as GOOGLE_ROUTES
from sandbox.hubspot.routes import OPERATION_NAMES
from sandbox.microsoft.entra_api import OPERATIONS as ENTRA_OPERATIONS
from sandbox.microsoft.wire import WireApi
from sandbox.partner_central.account import OPERATIONS as AWS_OPERATIONS
from sandbox.turned import Options, World
from sandbox.turned.probe import DOORS, Probe
from sandbox.turned.sqs import Message

DEFINITIONS = Path(__file__).parents[2] / "statemachines"
PARTNERS = ("aws", "microsoft", "google")


@dataclass
class Passed:
    """What the undisturbed run of a scenario passed, and how it ended."""

    scenario: Scenario
    watching: Watching
    portrait: Mapping[str, list[str]]
    wrong: list[str]


@dataclass
class Matrix:
    """Cases to run, and what is not applicable, with the reason."""

    cases: list[Case] = field(default_factory=list)
    not_applicable: list[tuple[f.Row, str, str]] = field(default_factory=list)
    uncovered: list[f.Row] = field(default_factory=list)


@functools.cache
def whole_world() -> World:
    """All partners, looks and dead letters: what machines there are."""
    return World(Options(partners=PARTNERS, looks=True, letters=True))


def polls() -> dict[str, str]:
    """Every poll, and the partner in whose world it is played."""
    names = whole_world()._schedules()
    return {name: name.partition(".")[0] if name.partition(".")[0] in PARTNERS else "aws" for name in names}


def machines() -> dict[str, str]:
    """Every deployed machine by its row, and its definition; the polls' once for each poll."""
    world = whole_world()
    found: dict[str, str] = {}
    for queue, definition in world.queues.items():
        for poll in polls() if definition == "poll" else (None,):
            found[world.row_of(queue, Message("m", json.dumps({"poll": poll}), 0))] = definition
    return found


def states_of(definition: str) -> list[str]:
    """The states of a definition, those in branches too."""
    return list(_states(json.loads((DEFINITIONS / f"{definition}.asl.json").read_text())["States"]))


def _states(states: Mapping[str, Any]) -> Iterable[str]:
    for name, state in states.items():
        yield name
        for branch in state.get("Branches", ()):
            yield from _states(branch["States"])


def operations() -> dict[str, tuple[str, ...]]:
    """Every operation that the simulated vendors have."""
    return {
        "aws": tuple(AWS_OPERATIONS),
        "microsoft": (*WireApi(whole_world().microsoft.account).operations, *ENTRA_OPERATIONS),
        "google": tuple(method for _, _, method, _ in GOOGLE_ROUTES),
        "hubspot": OPERATION_NAMES,
    }


def scenarios() -> dict[str, Scenario]:
    """By name."""
    return {one.name: one for one in every(polls())}


def world_of(scenario: Scenario, probe: Probe) -> World:
    """A fresh one."""
    world = World(replace(Options(seed=1, letters=True, probe=probe), **scenario.options))
    if isinstance(probe, Watching):
        probe.watch(world)
    return world


def _silence() -> contextlib.AbstractContextManager[Any]:
    """The product writes its metrics to the standard output."""
    return contextlib.redirect_stdout(io.StringIO())


@functools.cache
def passed(name: str) -> Passed:
    """The scenario's undisturbed run."""
    scenario, probe = scenarios()[name], Watching()
    world = world_of(scenario, probe)
    with _silence():
        scenario.play(world)
    return Passed(scenario, probe, portrait(world), wrong_in(world, None))


def build(names: Iterable[str] | None = None) -> Matrix:
    """The whole matrix; ``names``: of these scenarios alone."""
    states: dict[State, str] = {}
    calls: dict[Call, str] = {}
    for name in names or scenarios():
        watching = passed(name).watching
        for state in watching.passed:
            states.setdefault(state, name)
        for call in watching.calls:
            calls.setdefault(call, name)
    matrix = Matrix()
    rows = {row: states_of(definition) for row, definition in machines().items()}
    for row, names_of_states in (rows | {door: [function] for door, function in DOORS.items()}).items():
        for state in names_of_states:
            _add(matrix, f.Row(False, row, state), states.get((row, state)))
    for vendor, known in operations().items():
        for operation in known:
            where = [call for call in calls if call[:2] == (vendor, operation)]
            for call in where:
                _add(matrix, f.Row(True, *call), calls[call])
            if not where:
                matrix.uncovered.append(f.Row(True, vendor, operation))
    return matrix


def _add(matrix: Matrix, row: f.Row, scenario: str | None) -> None:
    if scenario is None:
        matrix.uncovered.append(row)
        return
    watching = passed(scenario).watching
    state = (row.group, row.name)
    for fault in f.FAULTS:
        found = f.variants(row, fault, watching.resources.get(state), watching.effects[state])
        if isinstance(found, str):
            matrix.not_applicable.append((row, fault, found))
        else:
            matrix.cases += [Case(row, fault, variant, scenario) for variant in found]


def run(case: Case) -> list[str]:
    """What does not hold after the case; nothing when it held."""
    twin, probe = passed(case.scenario), Stumbling(case)
    world = world_of(twin.scenario, probe)
    try:
        with _silence():
            twin.scenario.play(world)
        wrong = wrong_in(world, twin.portrait, probe.breaks, probe.doubted)
    except Exception as error:  # a world that cannot go on has not held
        wrong = [f"{type(error).__name__}: {error}"[:600]]
    return wrong if probe.hits else [*wrong, "the fault met nothing"]
