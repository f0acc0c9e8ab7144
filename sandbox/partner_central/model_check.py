"""Requests against botocore's service model, stricter than boto3 itself (fact sheet 1.1).

boto3 checks required members, unknown names and Python types only; the service checks enums, patterns and sizes as
well. Each shape is compiled once into a closure, so that a check costs microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import botocore.session

from sandbox.partner_central.errors import (
    BAD_ENUM,
    BAD_FORMAT,
    BAD_VALUE,
    OUT_OF_RANGE,
    REQUIRED,
    SHAPE,
    TOO_FEW,
    TOO_MANY,
    Problem,
    ValidationException,
)
from sandbox.partner_central.instants import to_microseconds

SERVICE = "partnercentral-selling"
_SHEET = "1.1"

Problems = list[Problem]
Check = Callable[[Any, str, Problems], None]
ExtraEnums = Mapping[str, frozenset[str]]


@cache
def service_model() -> Any:
    """The service model of the installed botocore."""
    return botocore.session.get_session().get_service_model(SERVICE)


class ModelCheck:
    """Checks request bodies. ``extra_enums`` (shape name -> values) widens enums beyond the model, by switch."""

    def __init__(self, extra_enums: ExtraEnums | None = None) -> None:
        self._extra = dict(extra_enums or {})
        self._operations: dict[str, Check] = {}

    def check(self, operation: str, body: Any) -> None:
        """Raise ``ValidationException`` (REQUEST_VALIDATION_FAILED) naming every member that is wrong."""
        check = self._operations.get(operation)
        if check is None:
            check = self._compile(service_model().operation_model(operation).input_shape)
            self._operations[operation] = check
        problems: Problems = []
        check(body, "", problems)
        if problems:
            raise ValidationException(SHAPE, problems)

    def check_shape(self, name: str, value: Any) -> None:
        """As ``check``, for one shape of the model by its name."""
        problems: Problems = []
        self._compile(service_model().shape_for(name))(value, "", problems)
        if problems:
            raise ValidationException(SHAPE, problems)

    def _compile(self, shape: Any) -> Check:
        kind = shape.type_name
        if kind == "structure":
            return self._structure(shape)
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        if kind == "string":
            return _string(shape, self._extra.get(shape.name, frozenset()))
        return {"timestamp": _timestamp, "integer": _integer, "boolean": _boolean}[kind](shape)

    def _structure(self, shape: Any) -> Check:
        checks = {name: self._compile(member) for name, member in shape.members.items()}
        required = sorted(shape.required_members)

        def check(value: Any, path: str, problems: Problems) -> None:
            if not isinstance(value, dict):
                problems.append(_problem(path, BAD_VALUE, "must be a structure"))
                return
            for name in required:
                if value.get(name) is None:
                    problems.append(_problem(_join(path, name), REQUIRED, "is required"))
            for name, item in value.items():
                member = checks.get(name)
                if member is None:
                    text = f"is not a member of {shape.name}; allowed: {', '.join(checks)}"
                    problems.append(_problem(_join(path, name), BAD_VALUE, text))
                elif item is not None:
                    member(item, _join(path, name), problems)

        return check

    def _map(self, shape: Any) -> Check:
        member = self._compile(shape.value)

        def check(value: Any, path: str, problems: Problems) -> None:
            if not isinstance(value, dict):
                problems.append(_problem(path, BAD_VALUE, "must be a map"))
                return
            for name, item in value.items():
                member(item, f"{path}.{name}", problems)

        return check

    def _list(self, shape: Any) -> Check:
        member = self._compile(shape.member)
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max")

        def check(value: Any, path: str, problems: Problems) -> None:
            if not isinstance(value, list):
                problems.append(_problem(path, BAD_VALUE, "must be a list"))
                return
            if len(value) < low:
                problems.append(_problem(path, TOO_FEW, f"needs at least {low} entries"))
            if high is not None and len(value) > high:
                problems.append(_problem(path, TOO_MANY, f"takes at most {high} entries"))
            for number, item in enumerate(value, start=1):
                member(item, f"{path}.{number}.member", problems)

        return check


def _string(shape: Any, extra: frozenset[str]) -> Check:
    allowed = frozenset(shape.enum) | extra if shape.enum else None
    pattern = _pattern(shape.metadata.get("pattern"))
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.append(_problem(path, BAD_VALUE, "must be a string"))
        elif allowed is not None and value not in allowed:
            problems.append(_problem(path, BAD_ENUM, f"must be one of: {'; '.join(sorted(allowed)[:60])}"))
        elif pattern is not None and pattern.fullmatch(value) is None:
            problems.append(_problem(path, BAD_FORMAT, f"must match {pattern.pattern}"))
        elif len(value) < low or (high is not None and len(value) > high):
            problems.append(_problem(path, BAD_FORMAT, f"must have {low} to {high} characters"))

    return check


def _integer(shape: Any) -> Check:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            problems.append(_problem(path, BAD_VALUE, "must be an integer"))
        elif (low is not None and value < low) or (high is not None and value > high):
            problems.append(_problem(path, OUT_OF_RANGE, f"must lie between {low} and {high}"))

    return check


def _timestamp(_shape: Any) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        try:
            to_microseconds(value)
        except (ValueError, TypeError):
            problems.append(_problem(path, BAD_FORMAT, "must be an ISO 8601 timestamp with a time zone"))

    return check


def _boolean(_shape: Any) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, bool):
            problems.append(_problem(path, BAD_VALUE, "must be true or false"))

    return check


@cache
def _pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    if r"\p{" in text:  # tags: letters, separators, digits and a few signs; \w covers letters, digits and _
        text = text.replace(r"\p{L}\p{Z}\p{N}_", r"\w\s")
    return re.compile(text)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _problem(path: str, code: str, text: str) -> Problem:
    """FieldName goes without list positions; the message has them, 1-based, as the service prints them (7)."""
    bare = re.sub(r"\.\d+\.member", "", path)
    return Problem(bare or None, code, f"{path or 'the request'} {text}", _SHEET)
