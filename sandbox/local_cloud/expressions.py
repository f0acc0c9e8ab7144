"""What the text of a JSONata expression tells before it is evaluated: which values it names, and whether that is all.

More than half of what definitions say are plain ways to a value (``$states.result.Payload``, ``$run.link``). `Plain`
walks those through the values as they are, as long as no step means more than "this member" or "this item"; JSONata's
own rules about sequences begin where one does, and are left to the library.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

NOTHING = object()
_PLAIN = re.compile(r"\s*\$([A-Za-z]\w*)((?:\.[A-Za-z_]\w*|\[\d+\])*)\s*", re.ASCII)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]", re.ASCII)
_WORDS = {"and", "or", "in", "true", "false", "null", "function"}
_NAMED = re.compile(r"\$(\w+)")
_OF_STATES = re.compile(r"\$states\b(?:\.(\w+))?")


class Plain:
    """A way to a value, or `names` and what is read of ``$states`` where the expression is more than that."""

    def __init__(self, expression: str) -> None:
        self.names = frozenset(_NAMED.findall(expression))
        fields = frozenset(_OF_STATES.findall(expression))
        self._fields = None if "" in fields else fields
        plain = _PLAIN.fullmatch(expression)
        steps = [member or int(item) for member, item in _STEP.findall(plain[2])] if plain else []
        self._way = (plain[1], *steps) if plain and not _WORDS.intersection(steps) else None

    def value_in(self, bindings: Mapping[str, Any]) -> Any:
        """The value it leads to, or `NOTHING` when the library has to say."""
        if self._way is None:
            return NOTHING
        value: Any = bindings
        for step in self._way:
            if isinstance(step, str):
                value = value.get(step, NOTHING) if isinstance(value, Mapping) else NOTHING
            else:
                value = value[step] if isinstance(value, list) and step < len(value) else NOTHING
                value = NOTHING if isinstance(value, list) else value
        return value

    def named_in(self, bindings: Mapping[str, Any]) -> dict[str, Any]:
        """As much of the bindings as the expression may read."""
        named = {name: value for name, value in bindings.items() if name in self.names}
        if "states" in named and self._fields is not None:
            named["states"] = {name: value for name, value in named["states"].items() if name in self._fields}
        return named


read = functools.lru_cache(maxsize=4096)(Plain)
