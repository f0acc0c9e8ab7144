"""An opportunity of which AWS asked for something: its next update goes back into the review, and is checked like a
submission. A postal code that AWS would not take there would keep the rest of the correction from it; so it stays here,
and the deal says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.aws.domain.company_codecs import postal_fault
from lambdas.shared.domain import paths
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.finishing import restated
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Context, problem

_ADDRESS = "Customer.Account.Address"
_POSTAL, _COUNTRY = f"{_ADDRESS}.PostalCode", f"{_ADDRESS}.CountryCode"


def hold_postal_code(plan: Plan, now: Situation, partner: Any, context: Context) -> Plan:
    """The plan without a postal code that AWS's review would refuse, and with the problem."""
    if now.deal is None or now.opportunity is None or _POSTAL not in plan.opportunity:
        return plan
    if plan.action != "update" or paths.get(now.opportunity, "LifeCycle.ReviewStatus") != "Action Required":
        return plan
    country = plan.opportunity.get(_COUNTRY) or paths.get(now.opportunity, _COUNTRY)
    fault = postal_fault(country, plan.opportunity[_POSTAL], context)
    if fault is None:
        return plan
    rule = next(one for one in partner.rules if one.path == _POSTAL)
    held = _without(plan, rule, (now.base or {}).get("fields") or {})
    facts = partner.facts(now.opportunity)
    return restated(held, now.deal, partner, context, problems=[problem(rule, fault)], facts=facts)


def _without(plan: Plan, rule: FieldRule, before: Mapping[str, Any]) -> Plan:
    """The plan without the field, which keeps its base and is planned again next time."""
    rest = {path: value for path, value in plan.opportunity.items() if path != rule.path}
    base = {name: value for name, value in plan.base.items() if name != rule.name}
    return replace(
        plan,
        action="update" if rest else "none",
        opportunity=rest,
        opportunity_changes=tuple(each for each in plan.opportunity_changes if each.field != rule.name),
        base=base | {name: value for name, value in before.items() if name == rule.name},
        became={**plan.became, rule.name: "problem"},
    )
