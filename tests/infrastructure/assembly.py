"""A synthesized assembly, as the tests read it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FUNCTION_STACKS = ("devSync", "devAws", "devMicrosoft", "devGoogle", "devAudit", "devApi")


@dataclass(frozen=True)
class Assembly:
    """What a synth wrote."""

    folder: Path
    templates: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, Path]
    report: Mapping[str, Any]

    def resources(self, *types: str, stack: str | Sequence[str] = "") -> list[tuple[str, str, Mapping[str, Any]]]:
        """(stack, logical id, resource) of these types, in stacks whose name contains ``stack``, or one of them."""
        wanted = [stack] if isinstance(stack, str) else stack
        return [
            (name, logical_id, resource)
            for name, template in self.templates.items()
            if any(each in name for each in wanted)
            for logical_id, resource in template["Resources"].items()
            if not types or resource["Type"] in types
        ]

    def owner(self, stack: str, value: Mapping[str, Any]) -> tuple[str, str]:
        """(stack, logical id) of the resource whose attribute ``value`` takes, in ``stack`` or exported by another."""
        if "Fn::ImportValue" not in value:
            return stack, value["Fn::GetAtt"][0]
        exports = {
            output["Export"]["Name"]: (name, output["Value"])
            for name, template in self.templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }
        exporter, attribute = exports[value["Fn::ImportValue"]]
        return exporter, attribute["Fn::GetAtt"][0]


def named(value: Any) -> str:
    """What a reference in a template is about, however it is made: a logical id, or the physical name.

    Of a table's index ``<table>/index``.
    """
    match value:
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return name
        case {"Fn::ImportValue": export}:
            return re.sub(r"^.*ExportsOutput(Ref|FnGetAtt)|(Arn)?[0-9A-F]{8}$", "", export)
        case {"Fn::Join": [_, [table, str(end)]]} if end.startswith("/index/"):
            return f"{named(table)}/index"
        case {"Fn::Join": [_, [*_, str(end)]]}:
            return re.split(r"[:/]", end)[-1]
        case _:
            return str(value)


def read_assembly(folder: Path) -> Assembly:
    """Templates and the rule packs' report of an assembly on disk."""
    files = {path.name.removesuffix(".template.json"): path for path in sorted(folder.rglob("*.template.json"))}
    report = folder / "validation-report.json"
    return Assembly(
        folder,
        {name: json.loads(path.read_text()) for name, path in files.items()},
        files,
        json.loads(report.read_text()) if report.exists() else {"pluginReports": []},
    )
