"""Members of the vendor's enumerations, as data (``enum_values.json``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files

Enums = dict[str, tuple[str, ...]]
CLOSED = "CLOSED"


def sandbox_enums(replacing: Mapping[str, Iterable[str]] | None = None) -> Enums:
    """Type name -> members, without the unspecified one. ``replacing`` puts other members in place of a type's.

    What is not documented is invented and says so by a ``SANDBOX_`` prefix. ``ValueError`` for an unknown type.
    """
    data = json.loads(files(str(__package__)).joinpath("enum_values.json").read_text("utf-8"))
    names = {*data["documented"], *data["sandbox"]}
    enums = {name: (*data["sandbox"].get(name, ()), *data["documented"].get(name, ())) for name in sorted(names)}
    for name, members in (replacing or {}).items():
        if name not in enums:
            raise ValueError(f"unknown enumeration {name!r}; allowed: {', '.join(enums)}")
        enums[name] = tuple(members)
    return enums


def why_not(name: str, members: tuple[str, ...], value: object) -> str | None:
    """Why a value is no member that a client may send; None if it is one."""
    if not isinstance(value, str):
        return f"must be the name of a {name}"
    if value.endswith("_UNSPECIFIED"):
        return f"the unspecified {name} must not be sent"
    if value not in members:
        shown = value if re.fullmatch(r"[A-Z][A-Z0-9_]*", value) else "the value"
        return f"{shown} is no {name}; allowed: {', '.join(members)}"
    return None
