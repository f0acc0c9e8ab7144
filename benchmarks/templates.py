"""What the synthesized templates say is deployed: functions with their bundles, schedules, and what costs a month."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs_lib.bundle import BUNDLES, OUTPUT, ROOT

# Stands in for what only a deployment knows. It fits where a URL or an ARN is wanted, and nobody calls it.
_UNKNOWN = "https://sqs.us-east-1.amazonaws.com/000000000000/unknown"


@dataclass(frozen=True, slots=True)
class DeployedFunction:
    """One function of a template. ``module`` is its handler's, ``environment`` has no value that deploying makes."""

    name: str
    handler: str
    bundle: str
    memory_mb: int
    environment: Mapping[str, str]

    @property
    def module(self) -> str:
        """The module that its handler lies in."""
        return self.handler.rpartition(".")[0]


def resources(assembly: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """``(type, properties)`` of every resource of every stack."""
    for path in sorted(assembly.rglob("*.template.json")):
        for one in json.loads(path.read_text())["Resources"].values():
            yield one["Type"], one.get("Properties", {})


def functions(assembly: Path) -> list[DeployedFunction]:
    """Every function of ours; what CDK adds for itself (inline code, Node) is not among them."""
    bundles = {_fingerprint(ROOT / OUTPUT / name): name for name in BUNDLES}
    found = []
    for kind, has in resources(assembly):
        if kind != "AWS::Lambda::Function" or not str(has.get("Handler", "")).startswith("lambdas."):
            continue
        folder = assembly / f"asset.{has['Code']['S3Key'].partition('.')[0]}"
        variables = has.get("Environment", {}).get("Variables", {})
        environment = {name: value if isinstance(value, str) else _UNKNOWN for name, value in variables.items()}
        found.append(
            DeployedFunction(
                has["FunctionName"], has["Handler"], bundles[_fingerprint(folder)], has["MemorySize"], environment
            )
        )
    return found


def _fingerprint(folder: Path) -> frozenset[str]:
    """What tells the bundles apart: their rooms and their libraries."""
    return frozenset(one.name for one in (*folder.iterdir(), *(folder / "lambdas").iterdir()))
