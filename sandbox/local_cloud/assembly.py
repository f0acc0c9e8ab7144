"""Reads a synthesized cloud assembly (``cdk.out``): its stacks in the order they depend on each other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class FileAsset:
    """A file or directory that the template expects in the asset bucket."""

    path: Path
    packaging: str
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack to deploy. ``account`` and ``region`` are concrete; ``parameters`` are the assembly's own."""

    artifact: str
    name: str
    account: str
    region: str
    template: Path
    parameters: dict[str, str]
    depends_on: tuple[str, ...]
    assets: tuple[FileAsset, ...]

    @property
    def template_body(self) -> str:
        """The template as text."""
        return self.template.read_text()


def read_assembly(directory: Path, *, account: str, region: str) -> list[Stack]:
    """Every stack below ``directory`` (nested assemblies of CDK Stages too), dependencies first.

    ``account`` and ``region`` stand in where the app left the environment open. Raises FileNotFoundError when there is
    no ``manifest.json``.
    """
    stacks: dict[str, Stack] = {}
    _collect(directory, account, region, stacks)
    ordered: dict[str, Stack] = {}
    for artifact in stacks:
        _visit(artifact, stacks, ordered, ())
    return list(ordered.values())


def _collect(directory: Path, account: str, region: str, into: dict[str, Stack]) -> None:
    artifacts = json.loads((directory / "manifest.json").read_text()).get("artifacts", {})
    for artifact_id, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            _collect(directory / properties["directoryName"], account, region, into)
        elif artifact["type"] == "aws:cloudformation:stack":
            into[artifact_id] = _stack(directory, artifact_id, artifact, artifacts, (account, region))


def _stack(
    directory: Path, artifact_id: str, artifact: dict[str, Any], artifacts: dict[str, Any], home: tuple[str, str]
) -> Stack:
    properties = artifact["properties"]
    account, region = (
        artifact.get("environment", "aws://unknown-account/unknown-region").removeprefix("aws://").split("/")
    )
    account = home[0] if account.startswith("unknown") else account
    region = home[1] if region.startswith("unknown") else region
    dependencies = artifact.get("dependencies", [])
    manifests = [
        artifacts[name]["properties"]["file"]
        for name in dependencies
        if artifacts.get(name, {}).get("type") == "cdk:asset-manifest"
    ]
    assets = [asset for file in manifests for asset in _assets(directory, file, account, region)]
    return Stack(
        artifact=artifact_id,
        name=properties.get("stackName", artifact_id),
        account=account,
        region=region,
        template=directory / properties["templateFile"],
        parameters={name: str(value) for name, value in properties.get("parameters", {}).items()},
        depends_on=tuple(dependencies),
        assets=tuple(assets),
    )


def _assets(directory: Path, file: str, account: str, region: str) -> list[FileAsset]:
    def concrete(text: str) -> str:
        for name, value in (("AccountId", account), ("Region", region), ("Partition", "aws")):
            text = text.replace("${AWS::" + name + "}", value)
        return text

    assets = []
    for entry in json.loads((directory / file).read_text()).get("files", {}).values():
        source = entry["source"]
        for target in entry["destinations"].values():
            bucket, key = concrete(target["bucketName"]), concrete(target["objectKey"])
            assets.append(FileAsset(directory / source["path"], source.get("packaging", "file"), bucket, key))
    return assets


def _visit(artifact: str, stacks: dict[str, Stack], ordered: dict[str, Stack], path: tuple[str, ...]) -> None:
    if artifact in ordered or artifact not in stacks:
        return
    if artifact in path:
        raise ValueError(f"stacks depend on each other in a circle: {' -> '.join((*path, artifact))}")
    for dependency in stacks[artifact].depends_on:
        _visit(dependency, stacks, ordered, (*path, artifact))
    ordered[artifact] = stacks[artifact]
