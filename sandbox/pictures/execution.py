"""One execution as a graph: the states of a definition, and the way that was taken through them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.pictures.drawing import Graph, arrow, box, page

_WAY = "#2b8a4b"
_WIDTH = 1.95
_LETTER = 0.09
"""Inches of a title for each of its letters, in a wide font."""
_FEW = 4
"""Catches that lead to one state."""
_LOOKS = {"Succeed": "good", "Fail": "bad", "Choice": "plain", "Wait": "plain", "Pass": "plain", "Parallel": "plain"}


class NoSuchWay(Exception):
    """The states are no way through the definition; the text names the step."""


@dataclass(frozen=True)
class Step:
    """From one state to another, ``caught`` after an error. Branches lead from a parallel state to the one after it."""

    tail: str
    head: str
    caught: bool = False


def states_of(definition: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Every state by name, those of branches too."""
    found = dict(definition["States"])
    for state in definition["States"].values():
        for branch in state.get("Branches", ()):
            found |= states_of(branch)
    return found


def steps_of(definition: Mapping[str, Any]) -> list[Step]:
    """Every step that the definition allows."""
    return list(dict.fromkeys(step for name, state in states_of(definition).items() for step in _steps(name, state)))


def _steps(name: str, state: Mapping[str, Any]) -> Iterator[Step]:
    ends = [name]
    if branches := state.get("Branches", ()):
        yield from (Step(name, branch["StartAt"]) for branch in branches)
        ends = [inner for branch in branches for inner, one in branch["States"].items() if one.get("End")]
    yield from (Step(name, choice["Next"]) for choice in state.get("Choices", ()))
    yield from (Step(end, state[after]) for after in ("Next", "Default") if after in state for end in ends)
    yield from (Step(name, catch["Next"], caught=True) for catch in state.get("Catch", ()))


def way_of(definition: Mapping[str, Any], states: Sequence[str]) -> list[Step]:
    """The steps that an execution took, by the states that it entered in their order.

    Raises:
        NoSuchWay: no step of the definition leads from what was entered to the next state.
    """
    steps, outer = steps_of(definition), definition["States"]
    if not states or states[0] != definition["StartAt"]:
        raise NoSuchWay(f"the way does not begin with {definition['StartAt']!r}")
    taken, before = [], {states[0]}
    for state in states[1:]:
        found = [one for one in steps if one.head == state and one.tail in before]
        if not found:
            raise NoSuchWay(f"no step leads from {', '.join(sorted(before))} to {state!r}")
        taken += [one for one in found if not one.caught] or found[:1]
        # What was entered inside a parallel state leads on together.
        before = {state} if state in outer else {*before, state}
    return taken


def execution(definition: Mapping[str, Any], states: Sequence[str]) -> Graph:
    """The graph of the states and the way.

    Where errors of many states lead alike, only those that were met have an arrow: nearly every state has them.
    """
    way, steps = way_of(definition, states), steps_of(definition)
    caught = Counter(step.head for step in steps if step.caught)
    graph = page(layout="dot", rankdir="TB", nodesep=0.18, ranksep=0.26, splines=True)
    for name, state in states_of(definition).items():
        graph["nodes"].append(_box(name, state, name in states))
    for step in steps:
        style = "dashed" if step.caught else "solid"
        if step in way:
            colour = {"color": _WAY, "penwidth": 2.2, "weight": 12}
        elif step.caught and (caught[step.head] > _FEW or Step(step.tail, step.head) in steps):
            continue
        else:
            colour = {"color": "#bcc6cf", "weight": 1}
        graph["edges"].append(arrow(step.tail, step.head, style=style, **colour))
    return graph


def _box(name: str, state: Mapping[str, Any], entered: bool) -> Graph:
    look = _LOOKS.get(state["Type"], "function" if "lambda" in state.get("Resource", "") else "table")
    return box(name, name, look=look if entered else "quiet", width=max(_WIDTH, _LETTER * len(name)), fontsize=9)
