"""Opportunities that have no deal yet: whose they are, and the deal that is made of them.

| opportunity | then |
|---|---|
| a deal carries its id already | adopt that deal |
| it names a deal of ours as its origin | adopt that deal |
| it could be the record of a create of ours that is still open, by when it was created | deferred |
| it was shared with us, or the policy is ``all`` | a deal is made |
| anything else | ignored |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lambdas.shared.domain.link import Link
from lambdas.shared.domain.messages import digest
from lambdas.shared.domain.origins import met
from lambdas.shared.domain.partner_view import OpportunityFacts, Partner
from lambdas.shared.domain.plan import People, Plan
from lambdas.shared.domain.planner import Window, plan_fields
from lambdas.shared.domain.settlement import may_have_made
from lambdas.shared.domain.status import MESSAGES
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.domain.values import Context


def decide_without_deal(
    link: Link,
    deal_answer: Mapping[str, Any],
    opportunity: Mapping[str, Any] | None,
    partner: Partner,
    context: Context,
    *,
    open_creates: Sequence[Mapping[str, Any]],
) -> Plan:
    """The plan of a link that has no deal. ``deal_answer["carried_by"]`` is the deal that carries the id, if any."""
    carrier = deal_answer.get("carried_by")
    if carrier:
        return Plan("none", "adopt", adopt={"deal_id": str(carrier)}, reason="a deal carries the opportunity's id")
    if opportunity is None:
        return Plan("none", "ignored", reason="there is no such opportunity")
    facts = partner.facts(opportunity)
    if facts.claimed_deal is not None:
        return Plan("none", "adopt", adopt={"deal_id": facts.claimed_deal}, reason="the opportunity names its deal")
    invited = link.invitation_id is not None or link.origin == "invitation" or facts.shared_with_us
    waits_for = [] if invited else [one for one in open_creates if may_have_made(one, facts.created_at)]
    if waits_for:
        deals = ", ".join(sorted(str(one["deal_id"]) for one in waits_for))
        return Plan(
            "none", "deferred", reason=f"it may be the record of a create without an answer, of the deal {deals}"
        )
    if not invited and context.partner["inbound"]["opportunities"] != "all":
        return Plan("none", "ignored", reason="it was not shared with us")
    return make_deal(link, opportunity, facts, partner, context)


def make_deal(
    link: Link, opportunity: Mapping[str, Any], facts: OpportunityFacts, partner: Partner, context: Context
) -> Plan:
    """The plan of the deal that is made of an opportunity document, by the field map."""
    start = context.partner["inbound"]
    blank = {"properties": {"pipeline": start["pipeline"]}}
    fields = plan_fields(
        blank,
        opportunity,
        {},
        [replace(rule, strategy="partner-wins") for rule in partner.rules],  # the new deal has no say of its own
        codecs=partner.codecs,
        locked=frozenset(),
        window=Window(0, facts.modified_at),
        context=context,
    )
    from_here = {each.field for each in fields.opportunity_changes}
    base = {name: value for name, value in fields.base.items() if name not in from_here}
    if "dealstage" not in fields.deal:
        base.pop("stage", None)
    properties = {"pipeline": start["pipeline"], "dealstage": start["stage"], **fields.deal}
    properties |= Tagging.of(context.partner).put_on(_name(properties.get("dealname"), link, partner))
    return Plan(
        "none",
        "synced",
        deal={**properties, **_status(link, opportunity, facts, partner, context)},
        deal_changes=tuple(fields.deal_changes),
        base=base,
        steps=facts.steps,
        creates_deal=True,
        deal_people=_with_key(facts.people),
        remember=tuple(met(each["email"]) for each in facts.people.contacts if each.get("email")),
        reason="a deal is made of the opportunity",
    )


def _name(name: str | None, link: Link, partner: Partner) -> str:
    # Whole, however long: a name that was cut here would be taken for a person's change and cut the title there.
    return name or f"{partner.label} opportunity {link.opportunity_id}"


def _status(
    link: Link, opportunity: Mapping[str, Any], facts: OpportunityFacts, partner: Partner, context: Context
) -> dict[str, str]:
    names = context.partner["status_properties"]
    roles = {
        "opportunity_id": link.opportunity_id,
        "opportunity_title": facts.title,
        "sync_status": "synced",
        "sync_message": MESSAGES["synced"].format(partner=partner.label),
        "review_status": facts.review_status,
        "invitation_id": link.invitation_id,
        "solution_ids": ";".join(sorted(facts.associated)) or None,
        "last_sync": str(context.now_ms),
        **facts.shown,
    }
    return {names[role]: text for role, text in roles.items() if text and role in names}


def _with_key(people: People) -> People:
    """Companies that came from a partner are known again by their domain, or by name and country."""
    mark = people.company.get("domain") or people.company.get("website") or people.company.get("name")
    if not mark:
        return people
    key = digest(mark.casefold(), people.company.get("country") if "domain" not in people.company else None)
    return People(f"company-{key}", people.company, people.contacts)
