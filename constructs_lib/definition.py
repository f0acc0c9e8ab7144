"""State machine definitions: read, checked against what is filled in, ready for a template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PLACEHOLDER = re.compile(r"\$\{([A-Za-z][A-Za-z0-9]*)\}")
DYNAMODB_TASK = re.compile(r"^arn:aws:states:::dynamodb:(\w+)$")


@dataclass(frozen=True, slots=True)
class Definition:
    """One ``.asl.json``.

    ``text`` is its JSON without blanks, ``table_actions`` the IAM actions that its DynamoDB states need.
    """

    path: Path
    text: str
    placeholders: frozenset[str]
    table_actions: tuple[str, ...]

    def check(self, names: Iterable[str]) -> None:
        """Raise ``ValueError`` unless ``names`` are exactly the placeholders of the definition."""
        given = set(names)
        missing = sorted(self.placeholders - given)
        unknown = sorted(given - self.placeholders)
        if missing:
            raise ValueError(
                f"{self.path.name}: nothing is filled in for {_listed(missing)}; given are {_listed(sorted(given))}"
            )
        if unknown:
            raise ValueError(
                f"{self.path.name}: no placeholder {_listed(unknown)}; it has {_listed(sorted(self.placeholders))}"
            )


def load_definition(path: Path) -> Definition:
    """Read an Amazon States Language file.

    Raises:
        ValueError: the file is not there or is not JSON; the message names it.
    """
    try:
        source = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{path}: no such state machine definition") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON: {error}") from None
    text = json.dumps(source, ensure_ascii=False, separators=(",", ":"))
    actions = {
        f"dynamodb:{match[1][0].upper()}{match[1][1:]}"
        for resource in _resources(source)
        if (match := DYNAMODB_TASK.match(resource))
    }
    return Definition(path, text, frozenset(PLACEHOLDER.findall(text)), tuple(sorted(actions)))


def _resources(node: object) -> Iterable[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "Resource" and isinstance(value, str):
                yield value
            yield from _resources(value)
    elif isinstance(node, list):
        for value in node:
            yield from _resources(value)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"${{{name}}}" for name in names) or "none"
