"""What a lead of CRM Partners must say before it is sent, and what the link remembers of it.

A lead never names the opportunity that it became, and there is no list of leads: what was begun and not answered can
only be found by a person. https://developers.google.com/cloud-crm-partners
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdas.google.domain.money import from_money
from lambdas.shared.errors import Problem, Unexpected

REQUIRED = (
    "engagementModel",
    "dealTransactionType",
    "customer",
    "partnerAnnualContractValue",
    "leadCurrencyCode",
    "estimatedCloseDate",
    "dealTerm",
    "opportunitySummary",
    "supportLevel",
    "productInterests",
    "submitterEmail",
)
"""https://developers.google.com/cloud-crm-partners"""

BEGUN = "lead:begun"
"""On the link: a lead's create was sent, and nothing has come back yet."""
PREFIX = "lead:"
"""In a plan, before the paths of the lead's values; on the link, before the lead's name."""
NAMED = f"{PREFIX}name"
"""In a plan: the name of the lead that the deal itself says."""

_ENUMS = ("engagementModel", "dealTransactionType", "supportLevel")
_NUMBERS = ("partnerAnnualContractValue",)
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def known_lead(remembered: Iterable[str]) -> str | None:
    """The lead's name among what the link remembers."""
    names = (text.removeprefix(PREFIX) for text in remembered if text.startswith(f"{PREFIX}partners/"))
    return next(names, None)


def lead_lost(property_name: str) -> Problem:
    """What a person has to do about a lead whose create was not answered."""
    message = (
        "Google did not answer when the lead for this deal was sent, and leads cannot be looked up by machine. Look "
        f"for it in Google's partner portal and write its name (partners/…/leads/…) into the deal property "
        f"{property_name!r}; if there is none, submit it there and write down its name."
    )
    return Problem("lead_name", message, "deal", property_name)


def to_lead_body(values: Mapping[str, Any]) -> dict[str, Any]:
    """Body of a lead from ``{dotted path: value}``. ``Unexpected`` for an amount that is none."""
    body: dict[str, Any] = {}
    for path in sorted(values):
        *between, name = path.split(".")
        holder = body
        for step in between:
            holder = holder.setdefault(step, {})
        holder[name] = _number(values[path]) if path in _NUMBERS else values[path]
    return body


def lead_problems(body: Mapping[str, Any]) -> list[Problem]:
    """What is missing or too much. A value of 0 is a value."""
    found = [
        Problem(name, f"{name} is empty, and a Google lead needs it.") for name in REQUIRED if body.get(name) in _EMPTY
    ]
    interests = body.get("productInterests") or []
    if not isinstance(interests, list) or len(interests) > 1:
        found.append(Problem("productInterests", "productInterests takes exactly one product family in a Google lead."))
        interests = interests if isinstance(interests, list) else [interests]
    values = [(name, body.get(name)) for name in _ENUMS] + [("productInterests", each) for each in interests]
    found += [
        Problem(name, f"{name} has to be chosen; an unspecified one is never sent.")
        for name, value in values
        if str(value).endswith("_UNSPECIFIED")
    ]
    return found


def _number(value: Any) -> int | float | None:
    """An amount as JSON's number, which is what a lead takes; the last digit of a huge one is lost there."""
    if value is None:
        return None
    try:
        amount = from_money(value)[0] if isinstance(value, Mapping) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        raise Unexpected("The lead's contract value is no amount.") from None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
