"""Google's enumerations as data: the settings list the members, since no published document does.

``partners.google.enums`` is ``{type name: [members]}``. https://cloud.google.com/channel/docs/reference/rest
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lambdas.google.domain.lifecycle import CLOSED
from lambdas.shared.errors import Unexpected

type Enums = Mapping[str, Sequence[str]]


def members(enums: Enums, name: str) -> tuple[str, ...]:
    """Members of one type without the unspecified one. ``Unexpected`` names a type that the settings lack."""
    if name not in enums:
        raise Unexpected(f"The settings list no Google enumeration {name!r}; listed: {', '.join(enums) or 'none'}.")
    return tuple(each for each in enums[name] if not each.endswith("_UNSPECIFIED"))


def checked(enums: Enums, name: str, value: Any, where: str) -> str:
    """The value, if it is a member. ``Unexpected`` names it, where it stands, and what is allowed."""
    allowed = members(enums, name)
    if value not in allowed:
        raise Unexpected(f"{where} names {value!r}, which is no {name} of Google's; allowed: {', '.join(allowed)}.")
    return value


def check_settings(settings: Mapping[str, Any]) -> None:
    """Check every enumeration value that ``partners.google`` names, when the adapter starts.

    Raises:
        Unexpected: one is unknown.
    """
    enums: Enums = settings.get("enums") or {}
    for name, value, where in _named(settings):
        checked(enums, name, value, where)


def _named(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    lead = (settings.get("lead") or {}).get("fields") or ()
    for rule in (*settings["fields"], *lead):
        name = (rule.get("options") or {}).get("enum")
        if name is None:
            continue
        where = f"The field {rule['name']!r}"
        for value in (rule["options"].get("map") or {}).values():
            yield name, value, where
        for value in _listed(rule.get("default")):
            yield name, value, where
    for pipeline, table in (settings.get("stage_map") or {}).items():
        yield from (("Stage", value, f"stage_map of {pipeline!r}") for value in table.values() if value != CLOSED)


def _listed(value: Any) -> Iterable[Any]:
    return () if value is None else value if isinstance(value, list) else (value,)
