"""Partner tags in a deal's name, such as ``#AWS``: whole words, in any case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

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
