"""How a deal says which partners it is for.

By tags in its name, such as ``#AWS`` (whole words, in any case), or by a property that lists them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

NAME = "dealname"
_EDGES = " \t\r\n-–—|,;:/"


@cache
def _pattern(tag: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w#]){re.escape(tag)}(?![\w-])", re.IGNORECASE)


def carries_tag(name: str | None, tag: str) -> bool:
    """Whether a deal name carries ``tag`` (``#AWS`` is not in ``#AWSome`` nor in ``x#AWS``)."""
    return bool(name) and _pattern(tag).search(name or "") is not None


def tags_in(name: str | None, tags: Sequence[str]) -> list[str]:
    """Those of ``tags`` that the name carries, as configured, in the order given."""
    return [tag for tag in tags if carries_tag(name, tag)]


def strip_tags(name: str | None, tags: Sequence[str]) -> str:
    """The name as partners see it: without any partner's tag, single spaces, no separator left dangling.

    Stripping twice gives the same as stripping once.
    """
    text, before = " ".join((name or "").split()), None
    while text != before:
        before = text
        for tag in tags:
            text = re.sub(rf"[(\[{{]\s*{_pattern(tag).pattern}\s*[)\]}}]", " ", text, flags=re.IGNORECASE)
            text = _pattern(tag).sub(" ", text)
        text = " ".join(text.split()).strip(_EDGES)
    return text


def with_tags(name: str, tags: Sequence[str]) -> str:
    """The name followed by those of ``tags`` that it does not carry yet."""
    missing = [tag for tag in tags if not carries_tag(name, tag)]
    return " ".join([name.strip(), *missing]).strip()


@dataclass(frozen=True, slots=True)
class Tagging:
    """Where deals say that they are for one partner: ``tag`` in their name, ``value`` among those of ``in_property``
    (several stand there with semicolons between them), or either."""

    tag: str
    in_property: str | None = None
    value: str = ""
    in_name: bool = True

    @classmethod
    def of(cls, partner_settings: Mapping[str, Any]) -> Self:
        """As the settings document has it (``tag``, ``tag_property``)."""
        where = partner_settings.get("tag_property")
        if not where:
            return cls(partner_settings["tag"])
        return cls(partner_settings["tag"], where["name"], where["value"], where["or_name"])

    @property
    def properties(self) -> tuple[str, ...]:
        """The deal properties to look at."""
        return (*([NAME] if self.in_name else []), *([self.in_property] if self.in_property else []))

    def on(self, properties: Mapping[str, Any] | None) -> bool:
        """Whether a deal with these properties is for the partner."""
        found = properties or {}
        if self.in_name and carries_tag(found.get(NAME), self.tag):
            return True
        return self.in_property is not None and self.value in _several(found.get(self.in_property))

    def put_on(self, name: str) -> dict[str, str]:
        """The properties by which a new deal of this name is for the partner."""
        named = {NAME: with_tags(name, [self.tag] if self.in_name else [])}
        return {**named, self.in_property: self.value} if self.in_property else named

    @property
    def said(self) -> str:
        """What such a deal has, for a person: ``#AWS in its name``."""
        if self.in_property is None:
            return f"{self.tag} in its name"
        said = f"{self.value!r} in its property {self.in_property!r}"
        return f"{self.tag} in its name or {said}" if self.in_name else said


def _several(text: Any) -> list[str]:
    return [part.strip() for part in str(text or "").split(";")]
