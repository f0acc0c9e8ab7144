"""JSON Schemas of the YAML files, for editors: made of the models, with the names that only the vocabularies know.

``python -m config.editor_schemas`` writes them to ``config/schemas``; the first line of each YAML file names its own.
An editor with YAML support then completes keys, shows what they mean, and underlines what ``cosell check`` refuses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from config.deployment import Stages
from config.hubspot_model import HubspotProperties
from config.meanings import MEANINGS
from config.options import OPTION_TYPES
from config.partners.aws_invitations import RULES, VERDICTS
from config.partners.aws_resources import Catalogue
from config.room import Room
from config.rooms import ROOMS
from config.source import read

DRAFT = "https://json-schema.org/draft/2020-12/schema"
HERE = Path(__file__).resolve().parent

type Schema = dict[str, Any]


def schemas(folder: Path = HERE) -> dict[str, Schema]:
    """By the YAML file's name without ``.yaml``. The vocabularies are those of ``folder``."""
    found = {
        "stages": _of_model(Stages, "stages.yaml"),
        "hubspot_properties": _of_model(HubspotProperties, "hubspot_properties.yaml"),
        "resources": _of_model(Catalogue, "resources.yaml"),
    }
    for name, room in ROOMS.items():
        values = read(folder / f"{name}_values.yaml").data or {}
        found[name] = _of_partner(room, values)
        found[f"{name}_values"] = _document(f"{name}_values.yaml", {"type": "object", "required": [*room.value_keys]})
    return found


def as_text(schema: Schema) -> str:
    """A schema as it is checked in."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def write(folder: Path = HERE / "schemas") -> list[Path]:
    """Write every schema; returns the files."""
    folder.mkdir(exist_ok=True)
    written = []
    for name, schema in schemas().items():
        target = folder / f"{name}.json"
        target.write_text(as_text(schema), "utf-8")
        written.append(target)
    return written


def _document(title: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": title, **schema}


def _of_model(model: Any, title: str) -> Schema:
    made: Schema = model.model_json_schema(mode="validation")
    parts: dict[str, Schema] = made.pop("$defs", {})
    name = str(made.pop("title", model.__name__))
    kinds: dict[str, Any] = {each.__name__: each for each in _models(model)}
    for each, part in {**parts, name: made}.items():
        _explain(part, kinds[each])
    made.pop("description", None)
    return _document(title, {**made, **({"$defs": dict(sorted(parts.items()))} if parts else {})})


def _models(model: Any) -> Iterator[Any]:
    """The model and those that it is made of."""
    from config.base import Model

    seen: set[type] = set()
    ahead: list[Any] = [model]
    while ahead:
        kind = ahead.pop()
        if isinstance(kind, type) and issubclass(kind, Model) and kind not in seen:
            seen.add(kind)
            yield kind
            ahead += [each.annotation for each in kind.model_fields.values()]
        ahead += list(getattr(kind, "__args__", ()))


def _explain(part: Schema, model: Any) -> None:
    """Every key says what it means; pydantic's titles say nothing that the key does not."""
    part.pop("title", None)
    for key, each in part.get("properties", {}).items():
        each.pop("title", None)
        each["description"] = meaning(model, key)


def meaning(model: Any, key: str) -> str:
    """What a key of a model means; a model has what the one below it has."""
    for kind in model.__mro__:
        if key in MEANINGS.get(kind.__name__, {}):
            return MEANINGS[kind.__name__][key]
    raise KeyError(f"config/meanings.py says nothing of {model.__name__}.{key}")


def _of_partner(room: Room, values: Mapping[str, Any]) -> Schema:
    schema = _of_model(room.model, f"{room.name}.yaml")
    parts, top = schema["$defs"], schema["properties"]
    rule = parts["FieldRule"]["properties"]
    _only(rule["codec"], sorted(room.codecs))
    rule["enum"] = {"description": rule["enum"]["description"], "enum": [None, *room.enum_names(values)]}
    rule["options"] = {
        "description": rule["options"]["description"],
        "type": "object",
        "properties": {name: OPTION_TYPES[name].schema for name in _options(room)},
        "additionalProperties": False,
    }
    if room.name != "aws":  # whose paths are as many as its service model's members
        _only(rule["path"], [*values["paths"], *values.get("lead_paths", ())])
    top["status_properties"] |= {"propertyNames": {"enum": list(room.roles)}, "required": list(room.roles)}
    for name, part in parts.items():
        if name.endswith("Pipeline"):
            word = {"enum": list(room.stages(values))}
            part["properties"]["stages"]["additionalProperties"] = {"anyOf": [word, {"type": "array", "items": word}]}
            part["properties"]["inbound"]["propertyNames"] = word
    if room.name == "aws":
        _only(parts["Invitations"]["properties"]["rule"], [*RULES, "manual"])
        _only(parts["Listed"]["properties"]["otherwise"], VERDICTS)
        block = top["invitations"]
        said = {key: block.pop(key) for key in ("$ref", "allOf") if key in block}
        block["anyOf"] = [said, {"enum": [*RULES, "manual"]}]
    return schema


def _options(room: Room) -> list[str]:
    return sorted({option for options in room.codecs.values() for option in options})


def _only(schema: Schema, allowed: Iterable[str]) -> None:
    schema.pop("type", None)
    schema["enum"] = list(allowed)


if __name__ == "__main__":
    for each in write():
        print(each.relative_to(Path.cwd()) if each.is_relative_to(Path.cwd()) else each)
