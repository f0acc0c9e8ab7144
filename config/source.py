"""YAML with line numbers: plain data, and for each key the line it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from config.errors import ConfigurationError, Finding

# The parser in C takes an eighth of the time of the one in Python; a wheel for a rare platform may come without it.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

type KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed file. ``lines`` maps a key path to its line, counted from 1."""

    file: str
    data: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def finding(self, path: Sequence[str | int], message: str, allowed: Sequence[str] = ()) -> Finding:
        """A finding at ``path``, or at its nearest parent that stands in the file."""
        at = tuple(path)
        while at and at not in self.lines:
            at = at[:-1]
        return Finding(self.file, self.lines.get(at, 1), dotted(path), message, tuple(allowed))


def dotted(path: Sequence[str | int]) -> str:
    """``("fields", 3, "path")`` as ``fields[3].path``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def read(path: Path) -> Source:
    """Parse ``path``.

    Raises:
        ConfigurationError: the file is missing, is not YAML, or names a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError([Finding(str(path), 1, "", "the file is missing")]) from None
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError([Finding(str(path), line, "", f"not YAML: {error.problem}")]) from None
    source = Source(str(path), None)
    if root is None:
        return source
    constructor = yaml.SafeLoader("")
    return Source(str(path), _plain(root, (), source, constructor), source.lines)


def _plain(node: yaml.Node, path: KeyPath, source: Source, constructor: yaml.SafeLoader) -> Any:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), source, constructor) for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return constructor.construct_object(node)
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        key_path = (*path, key)
        if key in result:
            line = key_node.start_mark.line + 1
            raise ConfigurationError([Finding(source.file, line, dotted(key_path), "the key stands here twice")])
        source.lines[key_path] = key_node.start_mark.line + 1
        result[key] = _plain(value_node, key_path, source, constructor)
    return result
