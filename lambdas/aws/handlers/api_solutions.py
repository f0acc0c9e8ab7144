"""Operator's API: our solutions in Partner Central, from the catalogue in the ledger. No vendor is called here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lambdas.aws.domain.solutions import STATUSES, Catalogue, Solution
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.http_api import (
    HttpProblem,
    Reply,
    Request,
    after_of,
    check_query,
    invalid,
    limit_of,
    page_token,
    retry_later,
    routed,
)
from lambdas.shared.runtime import entry_point

_LONGEST_QUERY = 200
_NOT_READ_SECONDS = 300


@dataclass(frozen=True)
class Collaborators:
    """What the function works with: the solutions' ``cache``."""

    cache: Any
    clock: Clock = field(default_factory=SystemClock)


def list_solutions(request: Request, c: Collaborators) -> Reply:
    """``GET /solutions``: one page, in the order of ids, of a category or status if asked for."""
    check_query(request, ("limit", "next", "category", "status"))
    return _page(request, c, {}, lambda solution: True)


def search_solutions(request: Request, c: Collaborators) -> Reply:
    """``GET /solutions/search``: those whose id, name or category contains every word of ``q``, in any case."""
    check_query(request, ("q", "limit", "next", "category", "status"))
    words = request.query.get("q", "").casefold().split()
    if not words or len(request.query["q"]) > _LONGEST_QUERY:
        raise invalid("query", "q", f"q must hold what to search for, {_LONGEST_QUERY} characters at most.")

    def fits(solution: Solution) -> bool:
        text = f"{solution.solution_id} {solution.name} {solution.category}".casefold()
        return all(word in text for word in words)

    return _page(request, c, {"q": words}, fits)


def get_solution(request: Request, c: Collaborators) -> Reply:
    """``GET /solutions/{id}``."""
    check_query(request, ())
    wanted = request.path.get("id", "")
    catalogue = _catalogue(c)
    found = catalogue.by_id.get(wanted)
    if found is None:
        detail = "None of your solutions in Partner Central has this id."
        error = {"object": "path", "property": "id", "message": detail, "allowed": list(catalogue.closest(wanted))}
        raise HttpProblem(404, "unknown-solution", detail, [error])
    return Reply(as_resource(found))


def as_resource(solution: Solution) -> dict[str, Any]:
    """A solution as the API shows it."""
    row = solution.as_dict()
    return {"id": row.pop("solution_id"), **row}


def _page(request: Request, c: Collaborators, more_scope: Mapping[str, Any], fits: Callable[[Solution], bool]) -> Reply:
    filters = {name: request.query[name] for name in ("category", "status") if name in request.query}
    if filters.get("status", STATUSES[0]) not in STATUSES:
        raise invalid("query", "status", "status has an unknown value.", STATUSES)
    scope = {"resource": request.resource, **filters, **more_scope}
    limit, after = limit_of(request), after_of(request, scope)
    catalogue = _catalogue(c)
    every = [
        each
        for each in catalogue.solutions
        if filters.get("status", each.status) == each.status
        and filters.get("category", each.category).casefold() == each.category.casefold()
        and fits(each)
    ]
    # By the last id that was handed out, so that a catalogue that is read anew between two pages repeats nothing.
    rest = sorted((each for each in every if after is None or _order(each.solution_id) > _order(after)), key=_by_id)
    shown = rest[:limit]
    body = {
        "items": [as_resource(each) for each in shown],
        "total": len(every),
        "next": page_token(scope, shown[-1].solution_id) if len(rest) > limit else None,
        "read_at": datetime.fromtimestamp((catalogue.read_at or 0) / 1000, UTC).isoformat(timespec="seconds"),
        "age_seconds": (catalogue.age_ms(c.clock.now_ms()) or 0) // 1000,
    }
    return Reply(body)


def _catalogue(c: Collaborators) -> Catalogue:
    catalogue: Catalogue = c.cache.get()
    if catalogue.read_at is None:
        raise retry_later(str(catalogue.why_empty), "catalogue-not-read", _NOT_READ_SECONDS)
    return catalogue


def _by_id(solution: Solution) -> tuple[int, str]:
    return _order(solution.solution_id)


def _order(solution_id: str) -> tuple[int, str]:
    """Numbers of ids in their order, whatever their length."""
    return len(solution_id), solution_id


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import solution_cache

    return Collaborators(solution_cache())


ROUTES = {
    ("GET", "/solutions"): list_solutions,
    ("GET", "/solutions/search"): search_solutions,
    ("GET", "/solutions/{id}"): get_solution,
}
handler = entry_point(routed(ROUTES), _collaborators)
