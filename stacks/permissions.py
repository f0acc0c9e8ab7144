"""What every function may do, read off the templates, as the Markdown table of ``docs/permissions.md``.

``python -m stacks.permissions`` writes the page anew from the reviewed templates (the snapshots in
``tests/infrastructure``), so that the page and what is deployed cannot differ; a test compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/permissions.md"
REVIEWED = ROOT / "tests/infrastructure/__snapshots__/test_snapshots"
STAGE = "dev"
_HEAD = """# Permissions

Written by `.venv/bin/python -m stacks.permissions` from the reviewed templates of the stage `{stage}`, which has all
partners on. Every function has a role of its own. What all of them may do is left out: write to their own log group and
send traces to X-Ray. "Only keys" is a condition on the partition key. [security.md](security.md) says why.

| Function | May, on what |
|---|---|
"""
_COMMON = ("logs:", "xray:")
_HASH = re.compile(r"[0-9A-F]{8}")
_EXPORT = re.compile(r"^.*:ExportsOutput(?:FnGetAtt|Ref)")
_BY_NAME = re.compile(r"arn:partition:sqs:[^:]+:[0-9]+:cosell-[a-z0-9-]+?-((?:aws|microsoft|google)-[a-z-]+)")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def page(templates: Iterable[Mapping[str, Any]], stage: str = STAGE) -> str:
    """The whole page; ``templates`` are those of all stacks of the stage."""
    found = sorted(row for template in templates for row in _rows(template, stage))
    return _HEAD.format(stage=stage) + "".join(f"| `{name}` | {may} |\n" for name, may in found)


def reviewed_templates(stage: str = STAGE) -> list[dict[str, Any]]:
    """The templates of a stage as they were agreed on."""
    return [json.loads(path.read_text()) for path in sorted(REVIEWED.glob(f"*[[]{stage}*.json"))]


def _rows(template: Mapping[str, Any], stage: str) -> Iterator[tuple[str, str]]:
    resources = template["Resources"]
    for one in resources.values():
        if one["Type"] != "AWS::Lambda::Function":
            continue
        name = str(one["Properties"]["FunctionName"]).removeprefix(f"cosell-{stage}-")
        role = one["Properties"]["Role"]["Fn::GetAtt"][0]
        may: dict[str, dict[str, None]] = {}
        for statement in _statements(resources, role):
            actions = [each for each in _listed(statement["Action"]) if not each.startswith(_COMMON)]
            for resource in _listed(statement["Resource"]) if actions else ():
                on = _spoken(resource) + _condition(statement)
                may.setdefault(on, {}).update(dict.fromkeys(actions))
        yield name, "<br>".join(f"`{on}`: {_actions(may[on])}" for on in sorted(may)) or "nothing else"


def _statements(resources: Mapping[str, Any], role: str) -> Iterator[Mapping[str, Any]]:
    for one in resources.values():
        if one["Type"] == "AWS::IAM::Policy" and {"Ref": role} in one["Properties"]["Roles"]:
            yield from one["Properties"]["PolicyDocument"]["Statement"]
    for policy in resources[role]["Properties"].get("Policies", ()):
        yield from policy["PolicyDocument"]["Statement"]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _actions(actions: Iterable[str]) -> str:
    """``dynamodb GetItem, PutItem; kms Encrypt``."""
    services: dict[str, list[str]] = {}
    for action in actions:
        service, _, what = action.partition(":")
        services.setdefault(service, []).append(what)
    return "; ".join(f"{service} {', '.join(sorted(names))}" for service, names in sorted(services.items()))


def _condition(statement: Mapping[str, Any]) -> str:
    keys = [
        key
        for test in statement.get("Condition", {}).values()
        for name, values in test.items()
        if name == "dynamodb:LeadingKeys"
        for key in _listed(values)
    ]
    if keys:
        return f", only keys {', '.join(keys)}"
    return " (with a condition)" if statement.get("Condition") else ""


def _spoken(resource: Any) -> str:
    """A resource in words: the logical id without CDK's hash, or the ARN as it stands."""
    if isinstance(resource, str):
        role = re.fullmatch(r"arn:aws:iam::(\d+):role/(\S+)", resource)
        return f"role {role[2]} of account {role[1]}" if role else {"*": "everything"}.get(resource, resource)
    ((how, value),) = resource.items()
    if how == "Fn::Join":
        parts = [each if isinstance(each, str) else _spoken(each) for each in value[1]]
        if len(parts) > 1 and parts[1].startswith("/index/"):
            return f"{parts[0]}, its indexes"
        by_name = _BY_NAME.fullmatch("".join(parts))
        return f"queue {by_name[1]}" if by_name else "".join(parts)
    if how == "Fn::ImportValue":
        name = _EXPORT.sub("", value)
        return _words(re.sub(r"(Arn)?[0-9A-F]{8}$", "", name))
    if how == "Ref" and value.startswith("AWS::"):
        return value.removeprefix("AWS::").lower()
    return _words(value[0] if how == "Fn::GetAtt" else value)


def _words(logical_id: str) -> str:
    return " ".join(word if word.isupper() else word.lower() for word in _WORD.findall(_HASH.sub("", logical_id)))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(reviewed_templates()))


if __name__ == "__main__":
    main()
