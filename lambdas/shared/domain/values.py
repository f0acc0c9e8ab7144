"""Values between the two sides: what a codec is, what it may say, and the context it works in.

A codec turns what stands on the deal into the partner's own form (canonical, JSON) and back. Both sides are compared in
that form only. For every codec, reading a deal after ``to_properties`` gives the value that was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.shared.domain import paths
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import Problem


@dataclass(frozen=True, slots=True)
class Context:
    """What a run knows beside the documents. ``partner`` and ``hubspot`` are parts of the settings document."""

    now_ms: int
    partner: Mapping[str, Any]
    hubspot: Mapping[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the HubSpot account."""
        return ZoneInfo(self.hubspot.get("time_zone") or "UTC")

    @property
    def today(self) -> date:
        """The day it is in the HubSpot account."""
        return datetime.fromtimestamp(self.now_ms / 1000, self.zone).date()

    @property
    def label(self) -> str:
        """What the partner is called in HubSpot's properties and texts."""
        return str(self.partner.get("label") or self.partner["tag"].lstrip("#"))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of all partners."""
        return tuple(self.partner.get("all_tags") or [self.partner["tag"]])

    @property
    def own_source(self) -> str | None:
        """Our HubSpot app's id as history and webhooks show it."""
        app_id = self.hubspot.get("app_id")
        return str(app_id) if app_id is not None else None

    @property
    def tables(self) -> Mapping[str, Any]:
        """Look-up tables of the partner."""
        return self.partner.get("tables") or {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the deal says: a canonical value, or why it cannot be read.

    ``accepts`` are partner values that the same deal value also stands for (a won deal is both Committed and
    Launched): while the partner or the base has one of them, the deal is taken to say just that. ``dispensable``: the
    problem is said, and a create goes on without the value.
    """

    value: Any = None
    problem: Problem | None = None
    accepts: tuple[Any, ...] = ()
    dispensable: bool = False


class Unwritable(Exception):
    """The partner's value has no place on this deal. ``needs_person`` if somebody has to decide."""

    def __init__(self, needs_person: bool = False) -> None:
        super().__init__("the value has no place on the deal")
        self.needs_person = needs_person


class Codec:
    """A transform; this base is plain text as it stands. Subclasses override what differs."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """A partner's value (or a deal's text) in canonical form; None for nothing."""
        text = str(value).strip() if value is not None else ""
        return text or None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """What the deal says."""
        for name in rule.properties:
            raw = text_of(deal, rule.object, name)
            if raw is not None:
                return Reading(self.canonical(raw, rule, context))
        return Reading()

    def read_partner(self, opportunity: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Any:
        """What the opportunity says."""
        value = paths.get(opportunity, rule.path)
        return self.canonical(value, rule, context) if value is not None else None

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """Why the partner would refuse this value, as the rest of a sentence; None if it would take it."""
        return None

    def old_base(self, value: Any, rule: FieldRule, context: Context) -> tuple[Any, Any] | None:
        """A base in an earlier version's form, as the deal and as the partner would say it now; None for any other.

        They may differ where that version took them for equal. While neither side moves, nothing is written.
        """
        return None

    @property
    def standing(self) -> bool:
        """Whether a value may go bad by itself, so that it stops every update (a close date that has passed)."""
        return False

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """The deal properties to write so that the deal says ``value`` (None: nothing).

        Raises:
            Unwritable: this deal cannot say it.
        """
        if value is None:
            return {name: "" for name in rule.properties if text_of(deal, rule.object, name) is not None}
        if not rule.properties:
            return {}
        filled = [name for name in rule.properties if text_of(deal, rule.object, name) is not None]
        return {filled[0] if filled else rule.properties[-1]: self.to_text(value, rule, context)}

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """A canonical value as property text."""
        return str(value)


class Parsed(Codec):
    """A value that one property holds as text which may be wrong: what ``canonical`` makes None of is a problem."""

    mistake = "cannot be read"
    """What is wrong then, as the rest of a sentence."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The value, nothing for an empty property, or the problem."""
        raw = text_of(deal, rule.object, rule.properties[0])
        if raw is None:
            return Reading()
        value = self.canonical(raw, rule, context)
        return Reading(problem=problem(rule, self.mistake)) if value is None else Reading(value)


def first_text(deal: Mapping[str, Any] | None, rule: FieldRule) -> str | None:
    """The text of the first of the rule's properties that has one."""
    return next((text for name in rule.properties if (text := text_of(deal, rule.object, name))), None)


def problem(rule: FieldRule, message: str, allowed: tuple[str, ...] = (), name: str | None = None) -> Problem:
    """A problem of a rule's property: ``message`` is the rest of a sentence that begins with its name."""
    name = name or rule.main_property
    subject = f"{rule.object} property {name!r}" if name else f"field {rule.name!r}"
    return Problem(rule.name, f"The {subject} {message}.", rule.object, name, allowed)
