"""Google's codecs by name, beside the shared ones. Canonical values are Google's JSON, so a body needs no other step.

https://cloud.google.com/channel/docs/reference/rest
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdas.google.domain.contacts import MainContact
from lambdas.google.domain.dates import from_date, to_date
from lambdas.google.domain.enums import members
from lambdas.google.domain.lifecycle import ACCEPTED, CLOSED, DRAFT, REJECTED, SUBMITTED
from lambdas.google.domain.money import amount_text, from_money, to_money
from lambdas.shared.domain.codecs import CODECS as SHARED_CODECS
from lambdas.shared.domain.days import day_in, noon
from lambdas.shared.domain.deal_codecs import Stage, Title, is_closed
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Parsed, Reading, Unwritable, first_text, problem

_YES = frozenset({"true", "yes"})


class Amount(Codec):
    """Money of two properties, amount and currency; the account's currency where the deal states none."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Money in its one form; None for what is none."""
        try:
            amount, currency = from_money(value)
            return to_money(amount, currency) if currency else None
        except (ValueError, AttributeError):
            return None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """Money, or a problem if the amount is none, is negative, or no currency is known."""
        raw = text_of(deal, rule.object, rule.properties[0])
        if raw is None:
            return Reading()
        currency = self._currency(deal, rule, context)
        if not currency:
            return Reading(problem=problem(rule, "has no currency", name=rule.properties[1]))
        try:
            amount = Decimal(raw)
            if amount >= 0:
                return Reading(to_money(amount, currency))
        except (InvalidOperation, ValueError):
            pass
        return Reading(problem=problem(rule, "is not an amount of 0 or more"))

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """The amount, and the currency where the deal says another one."""
        if value is None:
            return {rule.properties[0]: ""}
        amount, currency = from_money(value)
        written = {rule.properties[0]: amount_text(amount)}
        if currency != self._currency(deal, rule, context):
            written[rule.properties[1]] = str(currency)
        return written

    def _currency(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> str:
        raw = text_of(deal, rule.object, rule.properties[1]) or context.hubspot.get("company_currency") or ""
        return str(raw).strip().upper()


class Day(Parsed):
    """A day in the HubSpot account's time zone as Google's Date. A day that has passed is sent as it is."""

    mistake = "is not a date"

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """The Date, None for none."""
        try:
            return to_date(from_date(value) if isinstance(value, Mapping) else day_in(str(value).strip(), context.zone))
        except (ValueError, OverflowError, OSError):
            return None

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """Midday of that day."""
        return noon(from_date(value), context.zone)


class Enum(Codec):
    """A member of the enumeration named by option ``enum``, directly or through ``map`` (HubSpot value to member).

    With option ``many`` a list of them; HubSpot joins them with semicolons, and the order has no meaning.
    """

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """The member, or the sorted list; what Google adds to its enumeration is kept as it is."""
        if not rule.options.get("many"):
            return str(value).strip() or None
        return sorted({str(each) for each in (value if isinstance(value, list) else [value])}) or None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The member or members, or a problem that names an unknown value and what is allowed."""
        raw = first_text(deal, rule)
        if raw is None:
            return Reading()
        allowed, table = (
            members(context.partner.get("enums") or {}, rule.options["enum"]),
            rule.options.get("map") or {},
        )
        chosen = [each.strip() for each in raw.split(";") if each.strip()] if rule.options.get("many") else [raw]
        unknown = next((each for each in chosen if table.get(each, each) not in allowed), None)
        if unknown is not None:
            return Reading(problem=problem(rule, f"has the unknown value {unknown[:80]!r}", tuple(table) or allowed))
        found = [table.get(each, each) for each in chosen]
        return Reading(self.canonical(found if rule.options.get("many") else found[0], rule, context))

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """The HubSpot values. ``Unwritable`` for a member that has none."""
        table = rule.options.get("map") or {}
        back = {mapped: name for name, mapped in reversed(table.items())}
        known = back if table else {each: each for each in members(context.partner["enums"], rule.options["enum"])}
        texts = [known.get(each) for each in (value if isinstance(value, list) else [value])]
        if None in texts:
            raise Unwritable
        return ";".join(str(text) for text in texts)


class GoogleStage(Stage):
    """The shared stage; a closed deal says CLOSED. Where one side is closed the plan has a task that says so."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """Google's stage. CLOSED, whatever the map says, is held back, since no partner sets it."""
        return Reading(CLOSED) if is_closed(deal, context.partner) else super().read(deal, rule, context)

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """The deal stage. ``Unwritable`` without a conflict once either side is closed."""
        if value == CLOSED or is_closed(deal, context.partner):
            raise Unwritable
        return super().to_properties(value, deal, rule, context)


class Submission(Codec):
    """A tick that shares the deal with Google: DRAFT or SUBMITTED. Taking it off never takes a submission back.

    After a rejection it is submitted again when the tick is taken off and set anew. Option ``always`` is the rule
    that submits every deal without a tick.
    """

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The state that the deal asks for, and those that are beyond it."""
        raw = first_text(deal, rule) or ""
        if rule.options.get("always") or raw.lower() in _YES:
            return Reading(SUBMITTED, accepts=(SUBMITTED, ACCEPTED))
        return Reading(DRAFT, accepts=(DRAFT, SUBMITTED, ACCEPTED, REJECTED))


class Attestation(Codec):
    """True when a person ticked it; otherwise nothing is said, neither yes nor no."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """True or None."""
        return True if value is True or str(value).strip().lower() in _YES else None


class YesNo(Codec):
    """A check box; an empty one says nothing."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """True, False, or None for neither."""
        return {"true": True, "yes": True, "false": False, "no": False}.get(str(value).strip().lower())

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """``true`` or ``false``."""
        return "true" if value else "false"


CODECS: Mapping[str, Codec] = {
    **SHARED_CODECS,
    "title": Title(most=255),
    "amount": Amount(),
    "day": Day(),
    "enum": Enum(),
    "stage": GoogleStage(),
    "submission": Submission(),
    "attestation": Attestation(),
    "yes_no": YesNo(),
    "region": SHARED_CODECS["country"],
    "main_contact": MainContact(),
}
