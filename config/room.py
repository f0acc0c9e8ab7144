"""What the configuration knows of a partner: its file's model, its vocabulary, and what its settings hold.

Everything else in ``config`` is the same for all partners. A partner is one module in ``config/partners`` that makes a
``Room``, and one line in that package's table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.base import FieldRule, Model, Partner
from config.deployment import Stage
from config.errors import Finding

type Values = Mapping[str, Any]
"""``<partner>_values.yaml``."""

# The codecs of the shared room by name, with the options each takes. A test holds them to the registries.
SHARED_CODECS: Mapping[str, frozenset[str]] = {
    "plain_text": frozenset({"min", "max", "cut"}),
    "choice": frozenset({"map"}),
    "choices": frozenset({"map"}),
    "table": frozenset({"table"}),
    "readable": frozenset({"max"}),
    "pattern": frozenset({"pattern", "hint"}),
    "money": frozenset(),
    "whole_number": frozenset({"min", "max"}),
    "literal": frozenset(),
    "title": frozenset({"max"}),
    "stage": frozenset(),
    "currency": frozenset(),
    "country": frozenset(),
}
ROLES = (
    "opportunity_id",
    "opportunity_title",
    "sync_status",
    "sync_message",
    "review_status",
    "last_sync",
    "conflicts",
    "conflict_pick",
    "conflict_field_picks",
    "company_key",
)
"""What every partner's deal shows; a partner may add roles."""


def _none(_partner: Any) -> list[FieldRule]:
    return []


@dataclass(frozen=True, slots=True)
class Rendering[P, B]:
    """What a partner's settings in one deployment stage are made of: its file, its block there, its vocabulary."""

    partner: P
    block: B
    stage: Stage
    values: Values
    all_partners: Sequence[Partner]


@dataclass(frozen=True, slots=True)
class Room:
    """One partner as the configuration sees it.

    ``value_keys`` are the keys of its vocabulary's file, ``block`` is the key of its block in a deployment stage.
    ``codecs`` maps names to their options, ``needs_enum`` are those that need an ``enum``, ``tables`` the keys of the
    partner's file that a rule's option ``table`` may name.
    ``enum_values(name, values)`` gives an enumeration's members or None, ``enum_names(values)`` all names.
    ``has_path(path, values)`` says whether the partner's document has it, ``roots(values)`` what a path may begin with.
    ``stages(values)`` is its vocabulary of stages. ``implied(partner)`` are rules that other keys stand for.
    ``check(files, mine)`` finds what is wrong in its own keys, ``render`` makes its settings.
    """

    name: str
    label: str
    model: type[Partner]
    block: str
    codecs: Mapping[str, frozenset[str]]
    needs_enum: frozenset[str]
    enum_values: Callable[[str, Values], tuple[str, ...] | None]
    enum_names: Callable[[Values], tuple[str, ...]]
    has_path: Callable[[str, Values], bool]
    roots: Callable[[Values], Sequence[str]]
    stages: Callable[[Values], Sequence[str]]
    check: Callable[[Any, Any], Iterator[Finding]]
    render: Callable[[Rendering[Any, Any]], dict[str, Any]]
    value_keys: tuple[str, ...]
    roles: tuple[str, ...] = ROLES
    tables: tuple[str, ...] = ()
    implied: Callable[[Any], list[FieldRule]] = field(default=_none)
    required: bool = False
    """Whether its file must be there."""
    companions: Mapping[str, type[Model]] = field(default_factory=dict)
    """Further files (``<name>.yaml``) that may be left out; what they say is among the values, by the same name."""
