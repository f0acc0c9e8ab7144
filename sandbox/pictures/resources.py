"""What is deployed, and what flows where, read from a synthesized assembly.

A flow is what the templates allow: an IAM statement, an integration, a rule's target, a redrive policy. So an arrow
that is drawn is one that the app may go, and a permission that is taken away takes its arrow along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

type Properties = Mapping[str, Any]

_DRAWN = (
    "AWS::ApiGateway::RestApi",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Lambda::Function",
    "AWS::Pipes::Pipe",
    "AWS::S3::Bucket",
    "AWS::Scheduler::Schedule",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
)
"""Kinds of which each resource has a place in the picture; roles, log groups, alarms and the like have none."""
_SENDS = {
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "events:PutEvents",
    "lambda:InvokeFunction",
    "s3:PutObject",
    "sqs:SendMessage",
    "states:StartSyncExecution",
}
_TAKES = {"sqs:ReceiveMessage"}
_READS = {"dynamodb:Query"}
"""Taken from a table, where the reader writes nothing there."""
_BY_NAME = re.compile(r"arn:\*:(sqs|lambda):[^:]*:[^:]*:(?:function:)?([\w-]+)")
"""An ARN made of a physical name, by which stacks know what they do not import."""
_SERVICES = {"sqs": "AWS::SQS::Queue", "lambda": "AWS::Lambda::Function"}
_NAMED = {"AWS::SQS::Queue": "QueueName", "AWS::Lambda::Function": "FunctionName"}


@dataclass(frozen=True)
class Resource:
    """One resource of a template. ``stack`` without the stage: ``Sync``, ``Data``, …"""

    stack: str
    logical_id: str
    kind: str
    properties: Properties

    @property
    def key(self) -> str:
        """``Sync/RouterFunction66476123``."""
        return f"{self.stack}/{self.logical_id}"


class Deployed:
    """The templates of one stage, by stack. ``drawn`` are the resources of the picture by key, ``flows`` pairs of keys.

    ``vendors`` says which vendors a function calls: ``hubspot``, ``aws``, ``microsoft``, ``google``.
    """

    def __init__(self, templates: Mapping[str, Mapping[str, Any]]) -> None:
        self.templates = templates
        self._exports = {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack, template in templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }
        everything = [
            Resource(stack, logical_id, one["Type"], one.get("Properties", {}))
            for stack, template in templates.items()
            for logical_id, one in template["Resources"].items()
        ]
        self._all = {one.key: one for one in everything}
        self._named = {
            (one.kind, one.properties.get(name)): one.key for one in everything if (name := _NAMED.get(one.kind))
        }
        self.drawn = {key: one for key, one in self._all.items() if one.kind in _DRAWN}
        self.flows = frozenset(self._flows())

    def vendors(self, function: Resource) -> set[str]:
        """Whom a function calls, by what it is given: HubSpot's token, the role in the linked account, its room."""
        given = function.properties.get("Environment", {}).get("Variables", {})
        found = set()
        if "COSELL_HUBSPOT_TOKEN_SECRET" in given:
            found.add("hubspot")
        if "COSELL_PARTNER_CENTRAL_ROLE_ARN" in given:
            found.add("aws")
        room = str(given.get("COSELL_ROOM", ""))
        return found | {partner for partner in ("microsoft", "google") if f".{partner}." in room}

    def named_in(self, value: Any, stack: str) -> set[str]:
        """Keys of the resources that a value refers to, also those that another stack exports."""
        return set(self._referred(value, stack))

    def _referred(self, value: Any, stack: str) -> Iterator[str]:
        if isinstance(value, list):
            for each in value:
                yield from self._referred(each, stack)
        elif isinstance(value, dict):
            if "Fn::ImportValue" in value:
                exporter, exported = self._exports[value["Fn::ImportValue"]]
                yield from self._referred(exported, exporter)
            elif "Fn::Join" in value:
                parts = value["Fn::Join"][1]
                text = "".join(part if isinstance(part, str) else "*" for part in parts)
                known = ((_SERVICES[service], name) for service, name in _BY_NAME.findall(text))
                yield from (self._named[each] for each in known if each in self._named)
                yield from self._referred(parts, stack)
            elif "Ref" in value or "Fn::GetAtt" in value:
                named = value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]
                if f"{stack}/{named}" in self._all:
                    yield f"{stack}/{named}"
            else:
                yield from self._referred(list(value.values()), stack)

    def _flows(self) -> Iterator[tuple[str, str]]:
        for one in self._all.values():
            match one.kind:
                case "AWS::IAM::Policy":
                    yield from self._allowed(one)
                case "AWS::ApiGateway::Method":
                    yield from self._between(one, "RestApiId", "Integration")
                case "AWS::Events::Rule":
                    targets = [{"Arn": each["Arn"]} for each in one.properties["Targets"]]
                    bus = one.properties.get("EventBusName")
                    for source in self.named_in(bus, one.stack):
                        yield from ((source, target) for target in self.named_in(targets, one.stack))
                case "AWS::SQS::Queue":
                    dead = self.named_in(one.properties.get("RedrivePolicy", {}), one.stack)
                    yield from ((one.key, letters) for letters in dead)
                case "AWS::Scheduler::Schedule":
                    target = one.properties["Target"]["Arn"]
                    yield from ((one.key, each) for each in self.named_in(target, one.stack))

    def _between(self, one: Resource, source: str, target: str) -> Iterator[tuple[str, str]]:
        for begin in self.named_in(one.properties[source], one.stack):
            for end in self.named_in(one.properties.get(target, {}), one.stack):
                yield begin, end

    def _allowed(self, policy: Resource) -> Iterator[tuple[str, str]]:
        """What the owners of a policy's roles may send to, and what they may take from."""
        roles = self.named_in(policy.properties["Roles"], policy.stack)
        owners = [one.key for one in self.drawn.values() if roles & self.named_in(_roles(one), one.stack)]
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            actions = {actions} if isinstance(actions, str) else set(actions)
            for other in self.named_in(statement["Resource"], policy.stack):
                for owner in owners:
                    if actions & _SENDS:
                        yield owner, other
                    if actions & _TAKES or (actions & _READS and not actions & _SENDS):
                        yield other, owner


def _roles(one: Resource) -> list[Any]:
    # A schedule's role may send to its dead letters too; what it sends, its target says.
    return [one.properties.get("Role"), one.properties.get("RoleArn")]


def read_deployed(folder: Path, stage: str) -> Deployed:
    """The templates of a stage in a synthesized assembly on disk."""
    templates = {}
    for path in sorted((folder / f"assembly-{stage}").glob("*.template.json")):
        name = path.name.removesuffix(".template.json").removeprefix(stage)[:-8]  # the CDK ends names in eight digits
        templates[name] = json.loads(path.read_text())
    return Deployed(templates)
