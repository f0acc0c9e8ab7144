"""Reading the files into one checked ``Configuration``."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config import overrides
from config.checks import check
from config.deployment import Stages
from config.errors import ConfigurationError, Finding
from config.files import Files, PartnerFiles
from config.hubspot_model import HubspotProperties
from config.model import Configuration, Overridden
from config.room import Room
from config.rooms import ROOMS
from config.source import Source, read


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration beside the files it was read from, which know the lines."""

    configuration: Configuration
    files: Files
    overlaid: Mapping[str, Mapping[str, tuple[overrides.OverlaidSource, Any]]]

    def files_in(self, stage: str) -> Files:
        """The files as a deployment stage has them; a finding is in ``stages.yaml`` where the stage says it."""
        return overrides.with_overrides(self.files, self.overlaid.get(stage, {}))


def load(directory: str | Path = "config") -> Configuration:
    """Read and check ``stages.yaml``, ``hubspot_properties.yaml`` and each partner's two files.

    A relative ``directory`` is looked for where we stand, then beside this package. A partner without a file is None.

    Raises:
        ConfigurationError: with file, line, key and allowed values of everything that is wrong.
    """
    return load_with_lines(directory).configuration


def load_with_lines(directory: str | Path = "config") -> Loaded:
    """``load``, with the files beside what was read from them."""
    folder = _folder(Path(directory))
    findings: list[Finding] = []
    stages_source, properties_source = read(folder / "stages.yaml"), read(folder / "hubspot_properties.yaml")
    stages = _model(stages_source, Stages, findings)
    properties = _model(properties_source, HubspotProperties, findings)
    partners = {name: _partner(folder, room, findings) for name, room in ROOMS.items() if _is_there(folder, room)}
    if findings:
        raise ConfigurationError(findings)
    files = Files(stages, properties, stages_source, properties_source, partners)
    findings = [*check(files), *overrides.refusals(files)]
    if findings:
        raise ConfigurationError(findings)
    laid = _overridden(files)
    overridden = {
        stage: Overridden(**{name: model for name, (_, model) in theirs.items()}) for stage, theirs in laid.items()
    }
    configuration = Configuration(
        stages=stages.stages,
        hubspot_properties=properties,
        values={name: dict(each.values) for name, each in partners.items()},
        overridden=overridden,
        **{name: each.model for name, each in partners.items()},
    )
    return Loaded(configuration, files, laid)


load_configuration = load
"""``load`` under its name in ``cosell_sync``."""


def _overridden(files: Files) -> dict[str, dict[str, tuple[overrides.OverlaidSource, Any]]]:
    """Each stage's partners as its overrides make them, checked like the files themselves."""
    found: dict[str, dict[str, tuple[overrides.OverlaidSource, Any]]] = {}
    findings: list[Finding] = []
    for stage, partner, source in overrides.overlaid(files):
        model = _model(source, files.partners[partner].room.model, findings)
        found.setdefault(stage, {})[partner] = (source, model)
    if not findings:
        findings = [each for theirs in found.values() for each in check(overrides.with_overrides(files, theirs))]
    if findings:
        raise ConfigurationError(findings)
    return found


def _is_there(folder: Path, room: Room) -> bool:
    return room.required or (folder / f"{room.name}.yaml").exists()


def _partner(folder: Path, room: Room, findings: list[Finding]) -> PartnerFiles:
    source, values = read(folder / f"{room.name}.yaml"), read(folder / f"{room.name}_values.yaml")
    data = values.data if isinstance(values.data, dict) else {}
    findings.extend(
        values.finding((), f"the key {key!r} is missing", room.value_keys) for key in room.value_keys if key not in data
    )
    companions, theirs = _companions(folder, room, findings)
    return PartnerFiles(room, _model(source, room.model, findings), source, {**data, **theirs}, values, companions)


def _companions(folder: Path, room: Room, findings: list[Finding]) -> tuple[dict[str, Source], dict[str, Any]]:
    """The partner's further files, and what they say as plain data; one that is not there says nothing."""
    sources, said = {}, {}
    for name, model in room.companions.items():
        path = folder / f"{name}.yaml"
        sources[name] = read(path) if path.exists() else Source(str(path), None)
        checked = _model(sources[name], model, findings)
        if checked is not None:
            said[name] = checked.model_dump(mode="json")
    return sources, said


def _model(source: Source, model: type[BaseModel], findings: list[Finding]) -> Any:
    """The file's model, or None with what is wrong added to ``findings``."""
    try:
        return model.model_validate(source.data if source.data is not None else {})
    except ValidationError as error:
        findings.extend(_finding(source, model, each) for each in error.errors())
        return None


def _folder(directory: Path) -> Path:
    if directory.is_absolute() or (directory / "stages.yaml").exists():
        return directory
    beside = Path(__file__).resolve().parent.parent / directory
    return beside if (beside / "stages.yaml").exists() else directory


def _finding(source: Source, model: type[BaseModel], error: ErrorDetails) -> Finding:
    path = [step for step in error["loc"] if not (isinstance(step, str) and step.endswith("]") and "[" in step)]
    context = error.get("ctx") or {}
    if error["type"] == "extra_forbidden":
        return source.finding(path, "unknown key", _fields_at(model, path[:-1]))
    if error["type"] == "literal_error":
        allowed = [each.strip("' ") for each in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return source.finding(path, f"unknown value {error['input']!r}", allowed)
    if error["type"] == "missing":
        return source.finding(path, "is missing", _fields_at(model, path[:-1]))
    return source.finding(path, f"{error['msg']} (found {error['input']!r})"[:300])


def _fields_at(model: type[BaseModel], path: list[Any]) -> list[str]:
    """The keys that the model has at ``path``; empty where the keys are free."""
    kind: Any = model
    for step in path:
        if _is_model(kind):
            field = kind.model_fields.get(str(step))
            kind = field.annotation if field else None
        else:
            kind = _inner(kind)
            if _is_model(kind) and str(step) in kind.model_fields:  # a block that may be left out: `Block | None`
                kind = kind.model_fields[str(step)].annotation
    kind = next((each for each in (kind, *typing.get_args(kind)) if _is_model(each)), None)
    return sorted(kind.model_fields) if kind is not None else []


def _inner(kind: Any) -> Any:
    found = [each for each in typing.get_args(kind) if each not in (Ellipsis, type(None))]
    return found[-1] if found else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
