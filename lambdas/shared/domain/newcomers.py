"""Contacts that a partner adds to a record which it shared with us: they come onto its deal, too. Pure.

The deal's contacts are HubSpot's: what they say goes to the partner, and nothing of the partner's is written into
them. Only who is new comes over: matched by e-mail address, or made where HubSpot has nobody of that address. A person
who took somebody off the deal is not overruled: whom the link or the base remembers is not new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lambdas.shared.domain.documents import contacts_of
from lambdas.shared.domain.origins import met
from lambdas.shared.domain.partner_view import Partner
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Context


def with_newcomers(plan: Plan, now: Situation, partner: Partner, context: Context) -> Plan:
    """The plan with the record's contacts that the deal has not met; only of records that came to us, after their deal
    was made.

    While somebody new is on the way, the deal's contacts are not sent: a list without them would take them off the
    record. Both sides are read once more, and what HubSpot says of them by then is what both had agreed on, so that
    nothing goes back to the partner because of them.
    """
    names = {rule.name for rule in partner.rules if rule.object == "contact"}
    agreed = (now.base or {}).get("fields") or {}
    if now.deal is None or now.opportunity is None or now.base is None or not _compared(plan):
        return plan
    facts = partner.facts(now.opportunity)
    if not (facts.shared_with_us or now.link.invitation_id or now.link.origin != "deal"):
        return plan
    there = {address.lower() for address in _addresses([*contacts_of(now.deal), *(agreed.get(name) for name in names)])}
    new = [
        contact
        for contact in facts.people.contacts
        if (address := contact.get("email", "").lower())
        and address not in there
        and met(address) not in now.link.associated
    ]
    if not new:
        return plan
    marks = tuple(met(contact["email"]) for contact in new)
    return replace(_held(plan, names, agreed, partner), newcomers=tuple(new), remember=(*plan.remember, *marks))


def _compared(plan: Plan) -> bool:
    return plan.action != "create" and (plan.outcome in ("synced", "blocked") or bool(plan.conflicts))


def _held(plan: Plan, names: set[str], agreed: Mapping[str, Any], partner: Partner) -> Plan:
    """Without the deal's contacts for the partner, and looked at again.

    Where the deal's own contacts had moved, the base stays, and they go out with the new ones; else it is taken away,
    and the deal's word becomes the base as it is read next.
    """
    paths = {rule.path: rule.name for rule in partner.rules if rule.name in names}
    moved = {paths[path] for path in plan.opportunity if path in paths}
    opportunity = {path: value for path, value in plan.opportunity.items() if path not in paths}
    base = {name: value for name, value in plan.base.items() if name not in names}
    base |= {name: agreed[name] for name in moved & agreed.keys()}
    return replace(
        plan,
        action="update" if opportunity else "none",
        opportunity=opportunity,
        opportunity_changes=tuple(each for each in plan.opportunity_changes if each.field not in names),
        base=base,
        look_again=True,
    )


def _addresses(values: Iterable[Any]) -> Iterator[str]:
    """Every text that looks like an address, wherever it stands."""
    for value in values:
        if isinstance(value, str):
            if "@" in value:
                yield value.strip()
        elif isinstance(value, Mapping):
            yield from _addresses(value.values())
        elif isinstance(value, (list, tuple)):
            yield from _addresses(value)
