"""The part of OData that Microsoft shows for referrals (fact sheet 6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.microsoft.errors import VendorError, invalid
from sandbox.microsoft.facts import FACTS
from sandbox.microsoft.shape import Json, look_up
from sandbox.microsoft.switches import Switches
from sandbox.microsoft.times import sort_key

Test = Callable[[Json], bool]

_LITERAL = r"'((?:[^']|'')*)'"
_EQUALS = re.compile(rf"([A-Za-z/]+) eq {_LITERAL}")
_TEAM = re.compile(rf"team/any\(([a-z]+):\1/email eq {_LITERAL}\)")
_UPDATED = re.compile(r"updatedDateTime (ge|gt|le|lt|eq) ('?)([0-9T:.\-]+Z)\2")
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "ge": lambda left, right: left >= right,
    "gt": lambda left, right: left > right,
    "le": lambda left, right: left <= right,
    "lt": lambda left, right: left < right,
    "eq": lambda left, right: left == right,
}


def filter_of(text: str | None, switches: Switches) -> Test:
    """The test that a ``$filter`` means. Raises ``VendorError`` (400) for anything that Microsoft does not show."""
    tests: list[Test] = []
    rest = text
    while rest is not None:
        test, rest = _term(rest, switches)
        tests.append(test)
    return lambda document: all(test(document) for test in tests)


def _term(text: str, switches: Switches) -> tuple[Test, str | None]:
    """The first term, and what follows ``and`` (None = nothing)."""
    for pattern, make in ((_TEAM, _team), (_UPDATED, _updated), (_EQUALS, _equals)):
        if found := pattern.match(text):
            rest = text[found.end() :]
            if rest and not rest.startswith(" and "):
                break
            return make(found, switches), rest.removeprefix(" and ") if rest else None
    raise _refused("takes terms 'path eq literal', team/any(…) and updatedDateTime, joined by 'and'")


def _equals(found: re.Match[str], switches: Switches) -> Test:
    path, literal = found.group(1), found.group(2).replace("''", "'")
    allowed = FACTS["filter_paths"] + (["externalReferenceId"] if switches.external_reference_filter else [])
    if path not in allowed:
        raise _refused(f"compares with eq only: {', '.join(allowed)}")
    return lambda document: look_up(document, path) == literal


def _team(found: re.Match[str], _switches: Switches) -> Test:
    email = found.group(2).replace("''", "'")
    return lambda document: any(member.get("email") == email for member in document["team"])


def _updated(found: re.Match[str], switches: Switches) -> Test:
    operator, quote, literal = found.groups()
    wanted = {"bare": "", "quoted": "'"}.get(switches.updated_filter)
    if quote != wanted:
        raise _refused(f"updatedDateTime: the literal is {switches.updated_filter}")
    try:
        bound = sort_key(literal)
    except ValueError as error:
        raise _refused("updatedDateTime needs a UTC datetime") from error
    return lambda document: _COMPARE[operator](sort_key(document["updatedDateTime"]), bound)


def _refused(text: str) -> VendorError:
    return invalid("$filter", text, "6")


def ordered(documents: list[Json], text: str | None) -> list[Json]:
    """The documents by ``$orderby`` (one name, ``asc`` or ``desc``); without one, as they were made."""
    if text is None:
        return documents
    name, _, way = text.partition(" ")
    if name not in FACTS["order_names"] or way not in ("", "asc", "desc"):
        raise invalid("$orderby", f"takes one of: {', '.join(FACTS['order_names'])}, with asc or desc", "6")
    return sorted(documents, key=lambda document: sort_key(document[name]), reverse=way == "desc")


def selected(documents: list[Json], text: str | None) -> list[Any]:
    """The members that ``$select`` names, of each document."""
    if text is None:
        return documents
    names = text.split(",")
    for name in names:
        if documents and name not in documents[0]:
            raise invalid("$select", "takes names of the referral's own fields", "6")
    return [{name: document[name] for name in names} for document in documents]


def whole(query: dict[str, str], name: str, default: int) -> int:
    """A query option that must be a whole number, not below zero."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise invalid(name, "must be a whole number, not below zero", "6")
    return int(text)
