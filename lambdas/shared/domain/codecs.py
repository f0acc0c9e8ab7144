"""The partner-free codecs by name: here text, numbers, choices and tables; the deal's own are in ``deal_codecs``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from lambdas.shared.domain.deal_codecs import Country, Currency, Stage, Title
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.markup import plain
from lambdas.shared.domain.values import Codec, Context, Parsed, Reading, Unwritable, first_text, problem


class PlainText(Codec):
    """Text without markup. Options: ``min`` and ``max`` characters; ``cut`` shortens instead of refusing."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Markup stripped, cut where the rule says so."""
        text = plain(str(value))
        if rule.options.get("cut"):
            text = plain(text[: int(rule.options["max"])])
        return text or None

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """Length within ``min`` and ``max``."""
        low, high = int(rule.options.get("min", 0)), int(rule.options.get("max", 65536))
        if low <= len(value) <= high:
            return None
        return f"must have {low} to {high} characters and has {len(value)}"


class Choice(Codec):
    """One value of the partner's list (``allowed``), directly or through ``map`` (HubSpot value to partner value)."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The chosen value, or a problem that names it and what is allowed."""
        raw = first_text(deal, rule)
        if raw is None:
            return Reading()
        table = rule.options.get("map") or {}
        value = table.get(raw, raw)
        if value in rule.options["allowed"]:
            return Reading(value)
        allowed = tuple(table) or tuple(rule.options["allowed"])
        return Reading(problem=problem(rule, f"has the unknown value {raw[:80]!r}", allowed))

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """The HubSpot value that stands for the partner's."""
        table = rule.options.get("map")
        if table:
            back = next((name for name, mapped in table.items() if mapped == value), None)
            if back is None:
                raise Unwritable
            return back
        if value not in rule.options["allowed"]:
            raise Unwritable
        return str(value)


class Choices(Codec):
    """Several values of the partner's list, directly or through ``map``; HubSpot joins them with semicolons. The order
    has no meaning."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """A list in the order of ``allowed``; values that the list does not have are left out."""
        chosen = set(value if isinstance(value, list) else [str(value)])
        return [each for each in rule.options["allowed"] if each in chosen] or None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The chosen values, or a problem that names one that is unknown."""
        raw = text_of(deal, rule.object, rule.properties[0])
        chosen = [part.strip() for part in (raw or "").split(";") if part.strip()]
        table = rule.options.get("map") or {}
        unknown = [part for part in chosen if table.get(part, part) not in rule.options["allowed"]]
        if unknown:
            allowed = tuple(table) or tuple(rule.options["allowed"])
            return Reading(problem=problem(rule, f"has the unknown value {unknown[0][:80]!r}", allowed))
        return Reading(self.canonical([table.get(part, part) for part in chosen], rule, context))

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """Joined with semicolons. ``Unwritable`` where the map has no HubSpot value for one."""
        back = {mapped: name for name, mapped in reversed((rule.options.get("map") or {}).items())}
        if back and any(each not in back for each in value):
            raise Unwritable
        return ";".join(back.get(each, each) for each in value)


class Table(Codec):
    """A HubSpot value through a table of the settings (option ``table``), or the partner's own word."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The partner's value, or a problem that names the one that the table lacks, with HubSpot's that it has."""
        raw = first_text(deal, rule)
        if raw is None:
            return Reading()
        name = rule.options["table"]
        table = context.tables.get(name) or {}
        value = table.get(raw, raw)
        if value in rule.options["allowed"]:
            return Reading(value)
        text = f"has the value {raw[:80]!r}: choose another one, or have it added to {name!r} in the settings"
        return Reading(problem=problem(rule, text, tuple(table) or tuple(rule.options["allowed"])))


class Readable(Codec):
    """An upper-case constant as words: ``CONSUMER_SERVICES`` as ``Consumer Services``."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Words, cut to ``max``."""
        text = str(value).strip()
        if text.isupper() and ("_" in text or len(text) > 3):
            text = text.replace("_", " ").title()
        return text[: int(rule.options.get("max", 255))].strip() or None


class Pattern(Codec):
    """Text that has to match ``pattern``; ``hint`` says in words what that is."""

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """The whole text matches."""
        if re.fullmatch(rule.options["pattern"], value):
            return None
        return f"must be {rule.options.get('hint') or rule.options['pattern']}"


class Money(Parsed):
    """An amount as a string with two decimals."""

    mistake = "is not an amount"

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Two decimals, no exponent; None for what is no number."""
        try:
            amount = Decimal(str(value).strip())
            return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):f}" if abs(amount) < Decimal("1e24") else None
        except InvalidOperation:
            return None

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """More than nothing."""
        return None if Decimal(value) > 0 else "must be more than 0"

    def to_text(self, value: Any, rule: FieldRule, context: Context) -> str:
        """Without ``.00``."""
        return str(value).removesuffix(".00")


class WholeNumber(Parsed):
    """A whole number as text, within ``min`` and ``max``."""

    mistake = "must be a whole number"

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Digits; None for what is no whole number."""
        try:
            number = Decimal(str(value).strip())
            return str(int(number)) if number == number.to_integral_value() and abs(number) < 10**12 else None
        except (InvalidOperation, ValueError, OverflowError):
            return None

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """Within the bounds."""
        low, high = int(rule.options.get("min", 0)), int(rule.options.get("max", 10**12))
        return None if low <= int(value) <= high else f"must be between {low} and {high}"


CODECS: Mapping[str, Codec] = {
    "plain_text": PlainText(),
    "choice": Choice(),
    "choices": Choices(),
    "table": Table(),
    "readable": Readable(),
    "pattern": Pattern(),
    "money": Money(),
    "whole_number": WholeNumber(),
    "literal": Codec(),
    "title": Title(),
    "stage": Stage(),
    "currency": Currency(),
    "country": Country(),
}
