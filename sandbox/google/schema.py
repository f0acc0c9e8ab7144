"""The messages of one API: which fields there are, of which type, and who may write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sandbox.google.enums import Enums, why_not
from sandbox.google.errors import Violation, invalid
from sandbox.google.values import CHECKS, Wrong

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind``: a type of ``values.CHECKS``, ``enum`` or ``message``; ``of``: which enum or message."""

    kind: str
    of: str
    repeated: bool
    mode: str  # "", key, output, required or review

    @classmethod
    def parse(cls, notation: str) -> Field:
        """Of the schema file's notation: ``enum:ProductFamily[] required``."""
        type_text, _, mode = notation.partition(" ")
        kind, _, of = type_text.removesuffix("[]").partition(":")
        return cls(kind, of, type_text.endswith("[]"), mode)


class Schema:
    """The messages of ``{name}_schema.json``."""

    def __init__(self, name: str, enums: Enums) -> None:
        data = json.loads(files(str(__package__)).joinpath(f"{name}_schema.json").read_text("utf-8"))
        self._enums = enums
        self.messages: dict[str, dict[str, Field]] = {
            message: {field: Field.parse(notation) for field, notation in members.items()}
            for message, members in data.items()
            if not message.startswith("$")
        }

    def parse(self, message: str, document: Any) -> Document:
        """The canonical form of a body. Null is absent. Raises INVALID_ARGUMENT with every field that is wrong."""
        violations: list[Violation] = []
        parsed = self._message(message, document, "", violations)
        if violations:
            raise invalid(violations)
        return parsed

    def field_at(self, message: str, path: str) -> Field | None:
        """The field at a path in camelCase; None if there is none (nothing lies below a repeated field)."""
        found: Field | None = None
        for name in path.split("."):
            if found is not None:
                if found.kind != "message" or found.repeated:
                    return None
                message = found.of
            found = self.messages[message].get(name)
            if found is None:
                return None
        return found

    def first(self, enum: str) -> str:
        """The first member of an enumeration, such as the stage where every opportunity starts."""
        return self._enums[enum][0]

    def ending(self, enum: str, word: str) -> str:
        """The member that ends with a word; the first one if none does."""
        return next((one for one in self._enums[enum] if one.endswith(word)), self._enums[enum][0])

    def names(self, message: str, mode: str) -> tuple[str, ...]:
        """Top-level fields of a mode."""
        return tuple(name for name, field in self.messages[message].items() if field.mode == mode)

    def filled(self, message: str, document: Document) -> Document:
        """The document with defaults put in for absent scalar and repeated fields."""
        filled = dict(document)
        for name, field in self.messages[message].items():
            if field.kind == "message" and not field.repeated and name in filled:
                filled[name] = self.filled(field.of, filled[name])
            elif name not in filled and (field.repeated or field.kind in _DEFAULTS):
                filled[name] = [] if field.repeated else _DEFAULTS[field.kind]
        return filled

    def _message(self, message: str, document: Any, path: str, violations: list[Violation]) -> Document:
        if not isinstance(document, dict):
            violations.append((path or "body", "must be an object"))
            return {}
        parsed: Document = {}
        for name, value in document.items():
            where = f"{path}{name}"
            field = self.messages[message].get(name)
            if field is None:
                violations.append((where, f"unknown field of {message}"))
            elif value is not None:
                parsed[name] = self._value(field, value, where, violations)
        return parsed

    def _value(self, field: Field, value: Any, path: str, violations: list[Violation]) -> Any:
        if not field.repeated:
            return self._single(field, value, path, violations)
        if not isinstance(value, list):
            violations.append((path, "must be a list"))
            return []
        return [self._single(field, one, f"{path}[{place}]", violations) for place, one in enumerate(value)]

    def _single(self, field: Field, value: Any, path: str, violations: list[Violation]) -> Any:
        if field.kind == "message":
            return self._message(field.of, value, f"{path}.", violations)
        if field.kind == "enum":
            why = why_not(field.of, self._enums[field.of], value)
            if why is not None:
                violations.append((path, why))
            return value
        try:
            return CHECKS[field.kind](value)
        except Wrong as wrong:
            violations.append((path, str(wrong)))
            return None


_DEFAULTS: dict[str, Any] = {"string": "", "email": "", "bool": False, "int32": 0, "int64": "0", "number": 0}


def without_defaults(value: Any) -> Any:
    """The document without fields that hold their type's default; lists keep their items."""
    if isinstance(value, dict):
        kept = {name: without_defaults(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if not _is_default(member)}
    if isinstance(value, list):
        return [without_defaults(one) for one in value]
    return value


def _is_default(value: Any) -> bool:
    return value in ("", "0", []) or (isinstance(value, bool | int | float) and not value)


def get(document: Any, path: str) -> Any:
    """The value at a path, None if absent."""
    for name in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


def put(document: Document, path: str, value: Any) -> None:
    """Set the value at a path; None takes it away."""
    *above, last = path.split(".")
    for name in above:
        if value is None and name not in document:
            return
        document = document.setdefault(name, {})
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value


def covers(paths: tuple[str, ...], path: str) -> bool:
    """Whether a path is one of these or lies below one."""
    return any(path == one or path.startswith(f"{one}.") for one in paths)


def leaves(document: Document, prefix: str = "") -> Iterator[str]:
    """Paths of all fields that hold no further fields."""
    for name, value in document.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"
