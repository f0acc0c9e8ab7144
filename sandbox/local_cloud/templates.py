"""Templates as CloudFormation takes them: JSON, or YAML with the short forms of its functions (``!Ref``, ``!Sub``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

_PLAIN = ("Ref", "Condition")  # the others are Fn::…


class _Loader(yaml.SafeLoader):
    """YAML in which a short form becomes what it stands for."""


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        value: Any = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = node.value
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in _PLAIN else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)


def resources_of(template: str | Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A template's resources by logical id. ``template`` is GetTemplate's ``TemplateBody``: boto3 has read it where it
    is JSON, and leaves YAML as text. ``yaml.YAMLError`` where it is neither."""
    document = yaml.load(template, _Loader) if isinstance(template, str) else template  # noqa: S506, a SafeLoader
    return dict(document.get("Resources", {}))
