"""How a plan of a tagged deal ends: what the deal shows and what is told of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lambdas.shared.domain.computed import read_rule
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.messages import announced, blocked_fact, conflict_fact, digest, locked_fact, record_fact
from lambdas.shared.domain.partner_view import OpportunityFacts, Partner
from lambdas.shared.domain.plan import Fact, Outcome, Plan
from lambdas.shared.domain.planner import FieldPlan
from lambdas.shared.domain.status import status_changes, status_of
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

NO_FACTS = OpportunityFacts()


def shown_entities(deal: Mapping[str, Any], entities: list[str], context: Context) -> dict[str, str]:
    """The solutions are shown where the person named none; what a person wrote is theirs.

    An entity of another kind says so before a colon, and is not shown among them.
    """
    name = context.partner["status_properties"].get("solution_ids")
    entities = [each for each in entities if ":" not in each]
    if name is None or text_of(deal, "deal", name) is not None or not entities:
        return {}
    return {"solution_ids": ";".join(dict.fromkeys(entities))}


def update_facts(
    deal: Mapping[str, Any], fields: FieldPlan, facts: OpportunityFacts, partner: Partner, context: Context
) -> tuple[Fact, ...]:
    """What the partner's record gives to tell: fields that a final lock keeps, and a review that needs us."""
    tell: list[Fact] = [*facts.tell]
    if facts.lock_is_final:
        by_name = {rule.name: rule for rule in partner.rules}

        def value_of(name: str) -> Any:
            return read_rule(partner.codecs[by_name[name].codec], deal, by_name[name], context).value

        for name in sorted(fields.blocked):
            held = [(each, value_of(each.field)) for each in fields.together if each.other == name]
            called = by_name[name].main_property or name
            tell.append(locked_fact(name, called, value_of(name), partner.label, held))
    if facts.review_needs_us:
        text = f"{partner.label} answered “{facts.review_status}”. {facts.review_note or 'No comment was given.'}"
        # With the comment's digest: a second round of the same review asks for something else, which is news.
        asked = digest(facts.review_note)
        key = f"review:{(facts.review_status or '').lower().replace(' ', '-')}:{asked}"
        fact = record_fact(key, f"{partner.label} reviewed this deal: {facts.review_status}", text)
        fact = replace(fact, priority="high")
        if facts.announce_review:
            happened = f"{partner.label} reviewed the opportunity and did not approve it."
            fact = announced(fact, "review_status", happened, "Read the comment in the task on the deal.", "high")
        tell.append(fact)
    return tuple(tell)


def restated(
    plan: Plan,
    deal: Mapping[str, Any],
    partner: Partner,
    context: Context,
    *,
    problems: Sequence[Problem] = (),
    shown: Mapping[str, str | None] | None = None,
    facts: OpportunityFacts = NO_FACTS,
) -> Plan:
    """A plan of a tagged deal with more ``problems`` and more to show (by role), its status said anew.

    For what a partner's room decides after the shared decision. A conflict stays one; else problems block.
    """
    every = (*plan.problems, *problems)
    outcome: Outcome = "blocked" if every and plan.outcome == "synced" else plan.outcome
    kept = tuple(fact for fact in plan.tell if not fact.key.startswith(("blocked:", "conflict:")))
    names = context.partner["status_properties"]
    said_before = {names.get(role) for role in ("sync_status", "sync_message", "last_sync")}
    rest = {name: text for name, text in plan.deal.items() if name not in said_before}
    plan = replace(plan, problems=every, outcome=outcome, tell=kept, deal=rest)
    return finish(deal, plan, partner, context, shown or {}, facts=facts)


def finish(
    deal: Mapping[str, Any],
    plan: Plan,
    partner: Partner,
    context: Context,
    shown: Mapping[str, str | None],
    *,
    facts: OpportunityFacts = NO_FACTS,
) -> Plan:
    """Add status properties, and the facts that follow from problems and conflicts."""
    names = context.partner["status_properties"]
    no_company = not deal.get("company")
    status, message = status_of(plan, partner.label, names, facts.lock_is_final, facts.waits_for, no_company=no_company)
    wanted = {**shown, "sync_status": status, "sync_message": message}
    changes = status_changes(deal, names, wanted, context.now_ms, other_writes=bool(plan.writes or plan.deal))
    tell = list(plan.tell)
    if plan.problems:
        tell.append(blocked_fact(plan.problems, partner.label, no_company=no_company))
    if plan.conflicts and plan.asks_anew:
        tell.append(conflict_fact(plan.conflicts, partner.label, names))
    return replace(plan, deal={**plan.deal, **changes}, tell=tuple(tell), status=status)
