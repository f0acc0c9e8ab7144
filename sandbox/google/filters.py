"""A subset of AIP-160 filters and AIP-132 ordering: comparisons joined by AND."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.google.errors import invalid
from sandbox.google.schema import Document, get
from sandbox.google.times import to_ms

_TERM = re.compile(
    r"""\s*(?P<field>[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*)\s*(?P<op>!=|>=|<=|=|>|<|:)\s*
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"()]+))\s*""",
    re.VERBOSE,
)
_AND = re.compile(r"AND(?=\s)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ":": lambda a, b: str(b).casefold() in str(a).casefold(),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison."""

    field: str
    operator: str
    literal: str

    def holds(self, document: Document) -> bool:
        """Whether it holds for the document; nothing compares with an absent field but by ``!=``."""
        value = get(document, self.field)
        if value is None:
            return self.operator == "!="
        if self.field.endswith("Time"):
            return _COMPARE[self.operator](to_ms(value), to_ms(self.literal))
        return _COMPARE[self.operator](str(value), self.literal)


def parse_filter(text: str, allowed: tuple[str, ...]) -> tuple[Term, ...]:
    """``updateTime >= "2026-05-01T00:00:00Z" AND state = DRAFT`` -> terms. INVALID_ARGUMENT if it is not understood."""
    terms: list[Term] = []
    place = 0
    while place < len(text):
        found = _TERM.match(text, place)
        if found is None:
            raise invalid([("filter", "is not understood: comparisons joined by AND are")])
        terms.append(_term(found, allowed))
        place = found.end()
        if place < len(text):
            joined = _AND.match(text, place)
            if joined is None:
                raise invalid([("filter", "comparisons are joined by AND")])
            place = joined.end()
            if not text[place:].strip():
                raise invalid([("filter", "ends after AND")])
    return tuple(terms)


def _term(found: re.Match[str], allowed: tuple[str, ...]) -> Term:
    name = found["field"]
    if name not in allowed:
        raise invalid([("filter", f"{name} is not supported; supported: {', '.join(allowed) or 'none'}")])
    quoted = found["quoted"]
    literal = found["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    if name.endswith("Time"):
        try:
            to_ms(literal)
        except ValueError:
            raise invalid([("filter", f"{name} is compared with an RFC 3339 time in quotes")]) from None
    return Term(name, found["op"], literal)


def ordered(documents: Iterable[Document], text: str, allowed: tuple[str, ...]) -> list[Document]:
    """Documents by ``updateTime desc, name``. INVALID_ARGUMENT for an unsupported field or another word."""
    result = list(documents)
    for part in reversed(text.split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in allowed:
            raise invalid([("orderBy", f"{name} is not supported; supported: {', '.join(allowed) or 'none'}")])
        if direction not in ("", "asc", "desc"):
            raise invalid([("orderBy", "the direction is asc or desc")])
        result.sort(key=lambda one, name=name: str(get(one, name) or ""), reverse=direction == "desc")
    return result
