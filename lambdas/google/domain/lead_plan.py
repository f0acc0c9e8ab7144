"""The lead that goes before an opportunity, where the settings want one: its values, and what is missing for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.google.domain.codecs import CODECS
from lambdas.google.domain.ids import is_lead_name
from lambdas.google.domain.lead import BEGUN, NAMED, PREFIX, known_lead, lead_lost, lead_problems, to_lead_body
from lambdas.google.domain.paths import fold_path
from lambdas.shared.domain.conflicts import Window
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.domain.plan import Became, FieldChange
from lambdas.shared.domain.planner import plan_fields
from lambdas.shared.domain.refusals import explained
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem, Unexpected


@dataclass(frozen=True, slots=True)
class LeadPlan:
    """``values`` go into the plan of the create, each path behind ``lead:``; ``changes`` are what is put on record.

    ``became`` has one of ``plan.Became`` for each of the lead's fields, whose names begin with ``lead.``.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[FieldChange, ...] = ()
    problems: tuple[Problem, ...] = ()
    became: Mapping[str, Became] = field(default_factory=dict)


NO_LEAD = LeadPlan()
RECORD = "lead."
"""How the names of the lead's fields begin in a plan."""


def lead_rules(settings: Mapping[str, Any]) -> tuple[FieldRule, ...]:
    """The field map of leads; empty when no lead goes before an opportunity. ``settings`` is ``partners.google``."""
    lead = settings.get("lead") or {}
    return parse_rules({**settings, "fields": lead.get("fields") or ()}) if lead.get("enabled") else ()


def lead_property(settings: Mapping[str, Any]) -> str:
    """The deal property that shows a lead's name. ``Unexpected`` when the settings have none."""
    name = settings["status_properties"].get("lead_name")
    if not name:
        raise Unexpected("A lead goes before each opportunity, and status_properties has no lead_name to show it in.")
    return str(name)


def plan_lead(deal: Mapping[str, Any] | None, remembered: Sequence[str], context: Context) -> LeadPlan:
    """What the create of this deal's opportunity has to send, or find, before it.

    ``remembered`` is what the link knows of an earlier try. A lead that the deal names is taken as it is.
    """
    rules = lead_rules(context.partner)
    if not rules or deal is None or known_lead(remembered) is not None:
        return NO_LEAD
    name = lead_property(context.partner)
    named = text_of(deal, "deal", name)
    if named is not None:
        if is_lead_name(named, str(context.partner["vector_id"])):
            return LeadPlan({NAMED: named})
        message = (
            f"The deal property {name!r} holds no name of a lead (partners/…/leads/…); please correct or empty it."
        )
        return LeadPlan(problems=(Problem("lead_name", message, "deal", name),))
    return LeadPlan(problems=(lead_lost(name),)) if BEGUN in remembered else _new(deal, rules, context)


def _new(deal: Mapping[str, Any], rules: Sequence[FieldRule], context: Context) -> LeadPlan:
    fields = plan_fields(deal, None, {}, rules, codecs=CODECS, locked=frozenset(), window=Window(), context=context)
    values = {path: value for path, value in fields.opportunity.items() if value is not None}
    told = {each.field for each in fields.problems}
    missing = explained(lead_problems(to_lead_body(values)), rules, fold_path)
    return LeadPlan(
        {f"{PREFIX}{path}": value for path, value in values.items()},
        tuple(replace(each, field=f"{RECORD}{each.field}") for each in fields.opportunity_changes),
        (*fields.problems, *(each for each in missing if each.field not in told)),
        {f"{RECORD}{name}": became for name, became in fields.became.items()},
    )
