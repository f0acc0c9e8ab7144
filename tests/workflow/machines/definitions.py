"""The real definitions, loaded as data: whole, or one state at a time with stubs around it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

FOLDER = Path(__file__).resolve().parents[3] / "statemachines"
NAMES = sorted(path.name.removesuffix(".asl.json") for path in FOLDER.glob("*.asl.json"))


def load(name: str) -> dict[str, Any]:
    """A definition with every placeholder replaced by its own name."""
    text = (FOLDER / f"{name}.asl.json").read_text()
    return json.loads(re.sub(r"\$\{(\w+)\}", r"\1", text))


def tasks(name: str) -> dict[str, dict[str, Any]]:
    """Task states by name, those inside a Parallel's branches too."""
    return dict(_tasks(load(name)["States"]))


def refused(code: str, action: str) -> ClientError:
    """An AWS service's refusal with everything that the engine reads from it."""
    metadata = {"HTTPStatusCode": 400, "RequestId": "request-1"}
    return ClientError({"Error": {"Code": code, "Message": "as ordered"}, "ResponseMetadata": metadata}, action)


def _tasks(states: dict[str, Any]):
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name, state
        for branch in state.get("Branches", ()):
            yield from _tasks(branch["States"])


def alone(name: str, *keep: str, variables: dict[str, Any], start_input: Any = None) -> str:
    """The machine with only ``keep`` as they are, entered at the first of them; every other state just succeeds."""
    definition = load(name)
    seed = {"Type": "Pass", "Assign": variables, "Output": start_input or {}, "Next": keep[0]}
    stubs = {each: {"Type": "Succeed"} for each in definition["States"] if each not in keep}
    kept = {each: definition["States"][each] for each in keep}
    return json.dumps({**definition, "StartAt": "Seed", "States": {"Seed": seed, **stubs, **kept}})
