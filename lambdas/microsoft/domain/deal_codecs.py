"""Codecs of the deal's own fields: standing, sales stage, close date, deal kind, consent flags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, tzinfo
from typing import Any

from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.referral import DEAL_KINDS, SHARE
from lambdas.shared.domain import paths
from lambdas.shared.domain.days import day_in, noon
from lambdas.shared.domain.deal_codecs import Stage, pipeline_of
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Parsed, Reading, problem

_FLAGS = {"true": True, "false": False}


class Standing(Stage):
    """Deal stage and status with substatus (``Closed/Won``), through the map of the deal's pipeline.

    A standing without a place in the pipeline is shown, and the deal stays.
    """

    asks_for_a_place = False

    def read_partner(self, opportunity: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Any:
        """Both members as one."""
        return status.standing_of(opportunity)

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """One that a partner may write."""
        return None if value in status.WRITABLE else f"stands for {str(value)[:40]!r}, which Microsoft does not take"


class SalesStage(Codec):
    """How far an active referral is, from the deal stage; a stage that the map leaves out says nothing."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The sales stage. A deal without one (a closed deal, say) agrees with whatever Microsoft has."""
        pipeline, stage = pipeline_of(deal), text_of(deal, "deal", "dealstage")
        value = ((context.partner.get("sales_stage_map") or {}).get(pipeline) or {}).get(stage)
        return Reading(value) if value else Reading(accepts=(*rule.options["allowed"], None))

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """One that the partner takes; on read others are met, such as ``100``."""
        allowed = rule.options["allowed"]
        return None if value in allowed else f"stands for {str(value)[:40]!r}; Microsoft takes {', '.join(allowed)}"


class ClosingTime(Parsed):
    """The day of the close date in the HubSpot account's time zone; Partner Center keeps a day as its midnight in UTC.

    An earlier version kept the base as a moment, ``2030-06-30T10:00:00Z``, at which both sides stood.
    """

    mistake = "is not a date"

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """``YYYY-MM-DD`` from a date, an ISO time or epoch milliseconds; None for what is neither."""
        return _day(value, context.zone)

    def read_partner(self, opportunity: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Any:
        """The day in UTC."""
        value = paths.get(opportunity, rule.path)
        return None if value is None else _day(value, UTC)

    def old_base(self, value: Any, rule: FieldRule, context: Context) -> tuple[Any, Any] | None:
        """Of a moment, the day that each side shows."""
        if not isinstance(value, str) or "T" not in value:
            return None
        return _day(value, context.zone), _day(value, UTC)

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """Midday of that day, so that neighbouring time zones show the same day."""
        return noon(date.fromisoformat(value), context.zone)


def _day(value: Any, zone: tzinfo) -> str | None:
    try:
        return day_in(str(value).strip(), zone).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


class DealKind(Codec):
    """What a person chose to share: ``private``, ``partner-led`` or ``co-sell``. There is no default."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The kind, or a problem that names the three."""
        raw = text_of(deal, rule.object, rule.properties[0])
        if raw is None or raw in DEAL_KINDS:
            return Reading(raw)
        return Reading(problem=problem(rule, f"has the unknown value {raw[:80]!r}", tuple(DEAL_KINDS)))

    def read_partner(self, opportunity: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Any:
        """The kind that type and consent amount to; None while they are not stated or fit none."""
        said = (paths.get(opportunity, "type"), paths.get(opportunity, SHARE))
        return next((kind for kind, pair in DEAL_KINDS.items() if pair == said), None)


class Consent(Codec):
    """A consent that a person gave or refused: true or false. Silence is neither."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """The flag; None for what is none."""
        return value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The flag, or a problem if the property holds none."""
        raw = text_of(deal, rule.object, rule.properties[0])
        value = self.canonical(raw, rule, context) if raw is not None else None
        if raw is not None and value is None:
            return Reading(problem=problem(rule, f"has the unknown value {raw[:80]!r}", tuple(_FLAGS)))
        return Reading(value)

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """As HubSpot's checkboxes say it."""
        return "true" if value else "false"
