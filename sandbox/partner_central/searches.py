"""ListOpportunities and ListSolutions (fact sheet 1.9, 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.fields import ACCOUNT, get
from sandbox.partner_central.instants import to_microseconds, to_text
from sandbox.partner_central.listing import is_descending, page, reply
from sandbox.partner_central.replies import opportunity_summary
from sandbox.partner_central.state import Opportunity, Solution

_KEYS: dict[str, Callable[[Opportunity], Any]] = {
    "LastModifiedDate": lambda o: o.modified_ms,
    "CreatedDate": lambda o: o.created_ms,
    "Identifier": lambda o: int(o.id[1:]),
    "CustomerCompanyName": lambda o: get(o.document, f"{ACCOUNT}.CompanyName") or "",
    "TargetCloseDate": lambda o: get(o.document, "LifeCycle.TargetCloseDate") or "",
}
_SOLUTION_KEYS: dict[str, Callable[[Solution], Any]] = {
    "Identifier": lambda s: s.id,
    "Name": lambda s: s.name,
    "Status": lambda s: s.status,
    "Category": lambda s: s.category,
    "CreatedDate": lambda s: s.created_ms,
}


def list_opportunities(call: Call, body: Body) -> Answer:
    """Summaries by filter, newest change first unless sorted otherwise. ``After…`` is inclusive, ``Before…`` not."""
    sort = _KEYS[(body.get("Sort") or {}).get("SortBy", "LastModifiedDate")]
    matches = [o for o in call.state.opportunities.values() if not o.hidden and _matches(o, body)]
    shown, token = page(matches, body, key=lambda o: (sort(o), o.id), descending=is_descending(body))
    return reply("OpportunitySummaries", [opportunity_summary(o, call) for o in shown], token)


def list_solutions(call: Call, body: Body) -> Answer:
    """The partner's solutions; empty in Sandbox by switch (1.4)."""
    hidden = call.state.name == "Sandbox" and call.switches.sandbox_lists_no_solutions
    wanted = {
        "Status": lambda s: s.status,
        "Identifier": lambda s: s.id,
        "Category": lambda s: s.category,
        "AwsMarketplaceSolutionArn": lambda s: s.marketplace_arn,
    }
    matches = [
        solution
        for solution in call.state.solutions.values()
        if not hidden and all(_among(body.get(name), value(solution)) for name, value in wanted.items())
    ]
    sort = _SOLUTION_KEYS[(body.get("Sort") or {}).get("SortBy", "Identifier")]
    key = lambda s: (sort(s), s.id)  # noqa: E731
    shown, token = page(matches, body, key=key, descending=is_descending(body, default=False))
    return reply("SolutionSummaries", [_solution_summary(s, call) for s in shown], token)


def _solution_summary(solution: Solution, call: Call) -> Answer:
    answer = {
        "Catalog": call.state.name,
        "Id": solution.id,
        "Arn": call.owned_arn("solution", solution.id),
        "Name": solution.name,
        "Status": solution.status,
        "Category": solution.category,
        "CreatedDate": to_text(solution.created_ms),
    }
    return answer | ({"AwsMarketplaceSolutionArn": solution.marketplace_arn} if solution.marketplace_arn else {})


def _matches(opportunity: Opportunity, body: Body) -> bool:
    return (
        _among(body.get("Identifier"), opportunity.id)
        and _among(body.get("LifeCycleStage"), opportunity.stage)
        and _among(body.get("LifeCycleReviewStatus"), opportunity.review_status)
        and _among(body.get("CustomerCompanyName"), get(opportunity.document, f"{ACCOUNT}.CompanyName"))
        and _within(body, "LastModifiedDate", opportunity.modified_ms)
        and _within(body, "CreatedDate", opportunity.created_ms)
        and _closes_within(body.get("TargetCloseDate"), get(opportunity.document, "LifeCycle.TargetCloseDate"))
    )


def _among(allowed: list[Any] | None, value: Any) -> bool:
    return not allowed or value in allowed


def _within(body: Body, name: str, at_ms: int) -> bool:
    limits = body.get(name) or {}
    after, before = limits.get(f"After{name}"), limits.get(f"Before{name}")
    if after is not None and at_ms * 1000 < to_microseconds(after):
        return False
    return before is None or at_ms * 1000 < to_microseconds(before)


def _closes_within(limits: dict[str, str] | None, day: str | None) -> bool:
    if not limits:
        return True
    after, before = limits.get("AfterTargetCloseDate"), limits.get("BeforeTargetCloseDate")
    return day is not None and (after is None or day >= after) and (before is None or day < before)
