"""Canonical field values in the shapes that the Referrals API takes, by path.

Rows that a list has already keep what else Microsoft holds of them (a price, a contact preference).
https://learn.microsoft.com/partner-center/developer/referral-resources
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from lambdas.shared.domain import paths

SOLUTIONS = "details.requirements.solutions"
INDUSTRIES = "details.requirements.industries"
TEAMS = ("team", "customerProfile.team")
DEAL_VALUE = "details.dealValue"
CLOSING_TIME = "details.closingDateTime"


def to_wire(
    path: str, value: Any, document: Mapping[str, Any] | None = None, names: Mapping[str, str] | None = None
) -> Any:
    """``value`` of the plan as it is sent at ``path``. ``names`` are solution names by id; None stays None."""
    if value is None:
        return [] if path in (SOLUTIONS, INDUSTRIES, *TEAMS) else None
    before = paths.get(document, path)
    rows = [row for row in before if isinstance(row, Mapping)] if isinstance(before, list) else []
    if path in _PLAIN:
        return _PLAIN[path](value)
    if path == INDUSTRIES:
        return [{"id": each} for each in value]
    if path == SOLUTIONS:
        return _kept([_solution(each, names or {}) for each in value], rows, lambda row: str(row.get("id")))
    if path in TEAMS:
        people = _kept(list(value), rows, _email)
        named = {_email(row) for row in value}
        # The deal knows its owner only: colleagues that somebody put on our team at Microsoft stay there.
        return people + [dict(row) for row in rows if path == "team" and _email(row) not in named]
    return value


def number(amount: Any) -> int | float:
    """An amount (text or number) as a JSON number; whole amounts without a fraction. The samples' text is a slip."""
    exact = Decimal(str(amount))
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def midnight(day: str) -> str:
    """A day as Partner Center keeps it, its midnight in UTC; a time stays as it is."""
    return day if "T" in day else f"{day}T00:00:00Z"


_PLAIN: Mapping[str, Callable[[Any], Any]] = {DEAL_VALUE: number, CLOSING_TIME: midnight}


def _email(row: Mapping[str, Any]) -> str:
    return str(row.get("email") or "").lower()


def _solution(solution_id: str, names: Mapping[str, str]) -> dict[str, str]:
    row = {"type": "Name", "id": solution_id}
    return {**row, "name": names[solution_id]} if solution_id in names else row


def _kept(
    wanted: list[dict[str, Any]], rows: list[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], str]
) -> list[dict[str, Any]]:
    there = {key(row): row for row in rows}
    return [_merged(there.get(key(row), {}), row) for row in wanted]


def _merged(before: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in before.items() if value is not None}, **row}
