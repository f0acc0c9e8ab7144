"""Telling a person something once: a note or a task per fact, whatever crashes in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambdas.shared.domain.link import TOLD_PENDING
from lambdas.shared.domain.plan import Fact
from lambdas.shared.errors import Rejected

_DUE_MS = 24 * 3_600_000


def tell(
    facts: Iterable[Fact],
    run: Mapping[str, Any],
    deal: Mapping[str, Any] | None,
    *,
    links: Any,
    hubspot: Any,
    now_ms: int,
) -> None:
    """Write each fact to the deal unless the link remembers it as told.

    HubSpot has no key for notes and tasks. So the fact is marked as begun before it is written and as told after; one
    that was begun by a run that died is looked for by its mark first.
    """
    wanted = list(facts)
    if not wanted:
        return
    before = links.get(run["link"]).told
    for fact in wanted:
        if links.tell_begin(run["link"], fact.key):
            mark = f"cosell-sync {run['partner']} {fact.key}"
            found = _find(fact, mark, deal, hubspot) if before.get(fact.key) == TOLD_PENDING else None
            links.tell_done(run["link"], fact.key, found or _write(fact, mark, deal, hubspot, now_ms))


def _find(fact: Fact, mark: str, deal: Mapping[str, Any] | None, hubspot: Any) -> str | None:
    deal_id = _timeline_of(deal)
    if deal_id is None:
        return None
    written = hubspot.tasks_of(deal_id) if fact.kind == "task" else hubspot.notes_of(deal_id)
    return next((one["id"] for one in written if mark in one["body"]), None)


def _write(fact: Fact, mark: str, deal: Mapping[str, Any] | None, hubspot: Any, now_ms: int) -> str:
    body = f"{fact.body}<p><small>{mark}</small></p>"
    owner = ((deal or {}).get("properties") or {}).get("hubspot_owner_id")
    deal_id = _timeline_of(deal)
    if fact.kind == "note" and deal_id is not None:
        return hubspot.create_note(deal_id, f"<p><strong>{fact.subject}</strong></p>{body}", now_ms)
    try:
        return hubspot.create_task(deal_id, fact.subject, body, now_ms + _DUE_MS, owner)
    except Rejected:
        if not owner:
            raise
        # HubSpot may refuse an owner who was deactivated; a task of nobody is better than one refused every hour.
        return hubspot.create_task(deal_id, fact.subject, body, now_ms + _DUE_MS, None)


def _timeline_of(deal: Mapping[str, Any] | None) -> str | None:
    """The deal to write to. One in the recycle bin takes no more notes; its owner's task then stands alone."""
    return None if deal is None or deal["archived"] else str(deal["id"])
