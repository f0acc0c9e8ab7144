"""The codecs of what every partner has of a deal: title, stage, currency, the company's country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.countries import country_code, folded
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.markup import plain
from lambdas.shared.domain.tags import strip_tags, tags_in, with_tags
from lambdas.shared.domain.values import Codec, Context, Reading, Unwritable, first_text, problem


class Title(Codec):
    """The deal's name without any partner's tag; option ``max`` (else ``most``) is how many characters it may have."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Tags and markup stripped, cut."""
        most = rule.options.get("max", self._most)
        text = strip_tags(plain(str(value)), context.tags)
        while most and len(text) > int(most):
            text = strip_tags(plain(text[: int(most)]), context.tags)
        return text or None

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """The new name keeps the tags that the deal carries. ``Unwritable`` for none: a deal has a name."""
        if value is None:
            raise Unwritable
        name = text_of(deal, "deal", rule.properties[0])
        return {rule.properties[0]: with_tags(str(value), tags_in(name, context.tags))}


class Stage(Codec):
    """The deal stage and the partner's, through the map of the deal's pipeline; no partner moves a closed deal."""

    asks_for_a_place = True
    """Whether a partner's stage that has no place in the pipeline is for a person to settle, or just not written."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The partner's stage, or a problem that names the pipeline or stage that the map lacks."""
        stage, pipeline = text_of(deal, "deal", "dealstage"), pipeline_of(deal)
        if stage is None:
            return Reading()
        table = context.partner["stage_map"].get(pipeline)
        if table is None:
            allowed = tuple(context.partner["stage_map"])
            return Reading(problem=problem(rule, f"names the unmapped pipeline {pipeline[:80]!r}", allowed, "pipeline"))
        if stage not in table:
            text = f"has the stage {stage[:80]!r}, which is not mapped in pipeline {pipeline[:80]!r}"
            return Reading(problem=problem(rule, text, tuple(table)))
        accepts = (context.partner.get("stage_accepts") or {}).get(pipeline, {}).get(stage, ())
        return Reading(table[stage], accepts=(table[stage], *accepts))

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """The deal stage where the partner's lands in the deal's pipeline.

        Raises:
            Unwritable: the deal is closed, or the partner's stage has no place in the pipeline.
        """
        inbound = context.partner.get("inbound_stage_map") or {}
        target = (inbound.get(pipeline_of(deal)) or {}).get(value)
        if target is None:
            raise Unwritable(needs_person=self.asks_for_a_place)
        if is_closed(deal, context.partner):
            raise Unwritable(needs_person=True)
        return {"dealstage": target}


class Currency(Codec):
    """The deal's currency, or the account's where the deal states none; only those of option ``allowed`` are sent."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Upper case."""
        return str(value).strip().upper() or None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The currency."""
        raw = text_of(deal, rule.object, rule.properties[0]) or context.hubspot.get("company_currency")
        return Reading(self.canonical(raw, rule, context)) if raw else Reading()

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """The currency. ``Unwritable`` for none where the account has one, in which such a deal would be."""
        if value is None and context.hubspot.get("company_currency"):
            raise Unwritable
        return Codec.to_properties(self, value, deal, rule, context)

    def check(self, value: Any, rule: FieldRule, context: Context) -> str | None:
        """One of ``allowed``; without the option, three letters."""
        allowed = rule.options.get("allowed")
        if allowed:
            return None if value in allowed else f"is {value[:8]!r}; only {' or '.join(allowed)} can be sent"
        return None if re.fullmatch(r"[A-Z]{3}", value) else f"is {value[:8]!r}, which is no ISO 4217 code"


class Country(Codec):
    """A country's English name or two letters, as the two letters; option ``allowed`` lists those that are sent.

    The settings' table ``countries`` (name to code) adds names to those that everybody knows, and goes before them.
    """

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Upper case."""
        return str(value).strip().upper() or None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The code, or a problem that names the country that nobody knows."""
        raw = first_text(deal, rule)
        if raw is None:
            return Reading()
        own = {folded(name): code for name, code in (context.tables.get("countries") or {}).items()}
        own.update({folded(code): code for code in own.values()})
        code, allowed = own.get(folded(raw)) or country_code(raw), rule.options.get("allowed")
        if code is not None and (allowed is None or code in allowed):
            return Reading(code)
        message = f"has the unknown country {raw[:80]!r}; write its English name or its two letters"
        return Reading(problem=problem(rule, message))


def pipeline_of(deal: Mapping[str, Any] | None) -> str:
    """The id of the deal's pipeline."""
    return text_of(deal, "deal", "pipeline") or "default"


def is_closed(deal: Mapping[str, Any] | None, partner_settings: Mapping[str, Any]) -> bool:
    """Whether the deal's stage is one of its pipeline's ``closed_stages``."""
    closed = (partner_settings.get("closed_stages") or {}).get(pipeline_of(deal), ())
    return text_of(deal, "deal", "dealstage") in closed
