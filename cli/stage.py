"""Where a command works: a deployment stage in AWS, or the sandbox that runs on this machine."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.main import UserError

RUNNING = Path(".sandbox/running.json")
"""Written by ``cosell sandbox`` while it runs: endpoint, region, account, stack outputs, vendor URLs."""

_STAGE_TAG = "deployment-stage"
VENDORS = ("hubspot", "partner_central", "microsoft", "google")


@dataclass(frozen=True)
class Place:
    """A deployment stage that can be reached: its name, stack outputs by name, and AWS clients.

    ``vendors`` are the addresses of the sandbox's simulated vendors; a real stage has none.
    """

    stage: str
    outputs: dict[str, str]
    client_options: dict[str, Any]
    vendors: dict[str, str] = field(default_factory=dict)

    def client(self, service: str, **further: Any) -> Any:
        """A boto3 client at this place; ``further`` options go before its own (``region_name``, ``config``)."""
        import boto3

        make: Any = boto3.client  # one of some 400 overloads, by a name that is read at run time
        return make(service, **{**self.client_options, **further})

    def output(self, name: str) -> str:
        """One stack output; ``UserError`` when the stack does not have it."""
        if name not in self.outputs:
            raise UserError(f"the stacks of {self.stage} have no output {name}; deploy this version first")
        return self.outputs[name]

    def outputs_of(self, part: str, *names: str) -> dict[str, str]:
        """Outputs of one of the stage's further stacks (``audit``)."""
        if any(name not in self.outputs for name in names):
            raise UserError(f"there is no stack cosell-{self.stage}-{part}, or an older one; deploy this version first")
        return {name: self.outputs[name] for name in names}


def add_stage(parser: argparse.ArgumentParser) -> None:
    """The argument that every command about a deployed stage takes."""
    parser.add_argument(
        "--stage", default="sandbox", help="deployment stage of config/stages.yaml (default: %(default)s)"
    )


def place_of(stage: str) -> Place:
    """The place of a deployment stage. The sandbox must be running; others are looked up in AWS by their stacks."""
    if stage == "sandbox":
        return _sandbox()
    import boto3

    import config

    configured = config.load().stages.get(stage)
    if configured is None:
        raise UserError(
            f"there is no deployment stage {stage}; config/stages.yaml has {', '.join(config.load().stages)}"
        )
    options = {"region_name": configured.region}
    client = boto3.client("cloudformation", **options)
    return Place(stage, deployed_outputs(client, stage, configured.account), options)


def deployed_outputs(client: Any, stage: str, account: str) -> dict[str, str]:
    """Outputs of all of the stage's stacks in its home region. ``UserError`` when data or sync is missing, or lies in
    another account. ``client`` is a ``cloudformation`` client there.
    """
    found = deployed_stacks(client, stage)
    outputs: dict[str, str] = {}
    for name in (f"cosell-{stage}-data", f"cosell-{stage}-sync"):
        if name not in found:
            raise UserError(f"there is no stack {name}; deploy first: npx cdk deploy '{stage}/*'")
        held = found[name]["StackId"].split(":")[4]
        if held != account:
            raise UserError(f"these credentials are for account {held}; stage {stage} lies in {account}")
    for stack in found.values():
        outputs |= {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    return outputs


def deployed_stacks(client: Any, stage: str) -> dict[str, dict[str, Any]]:
    """The stage's stacks in the client's account and region, by name, as CloudFormation describes them.

    They say by tag whose they are: the names of those of a stage ``dev-eu`` begin like those of ``dev``.
    """
    pages = client.get_paginator("describe_stacks").paginate()
    every = (stack for page in pages for stack in page["Stacks"] if stack["StackName"].startswith(f"cosell-{stage}-"))
    return {stack["StackName"]: stack for stack in every if _stage_of(stack, stage) == stage}


def _stage_of(stack: dict[str, Any], unless_said: str) -> str:
    tags = {each["Key"]: each["Value"] for each in stack.get("Tags", [])}
    return tags.get(_STAGE_TAG, unless_said)


def _sandbox() -> Place:
    if not RUNNING.exists():
        raise UserError("the sandbox is not running; start it with `cosell sandbox` in another terminal")
    running = json.loads(RUNNING.read_text())
    options = {
        "endpoint_url": running["endpoint"],
        "region_name": running["region"],
        "aws_access_key_id": running["account"],
        "aws_secret_access_key": "sandbox",
    }
    vendors = {name: running[name] for name in VENDORS if name in running}
    return Place("sandbox", running["outputs"], options, vendors)
