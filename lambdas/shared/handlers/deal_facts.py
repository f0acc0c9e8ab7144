"""Telling a person something once: a note, a task or both per fact, whatever crashes in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lambdas.shared.domain.link import TOLD_PENDING
from lambdas.shared.domain.notification import DUE_HOURS, Notification
from lambdas.shared.domain.plan import Fact
from lambdas.shared.errors import Rejected
from lambdas.shared.handlers.vendor_write import recorded

_HOUR_MS = 3_600_000


def tell(
    facts: Iterable[Fact | Notification],
    run: Mapping[str, Any],
    deal: Mapping[str, Any] | None,
    *,
    links: Any,
    hubspot: Any,
    audit: Any,
    now_ms: int,
) -> None:
    """Write each fact to the deal unless the link remembers it as told.

    HubSpot has no key for notes and tasks. So the fact is marked as begun before it is written and as told after; one
    that was begun by a run that died is looked for by its mark first. Of a fact that is both, the note's key ends in
    ``:note``. Each is on record in ``audit`` with its words.
    """
    wanted = [one for fact in facts for one in _apart(fact)]
    if not wanted:
        return

    def written(fact: Notification, mark: str) -> str:
        words = {"subject": fact.subject, "body": fact.body}
        changes = [{"field": name, "after": text, "rule": fact.key} for name, text in words.items()]
        with recorded(audit, None, run, f"Create{fact.kind.title()}", changes) as done:
            made = _write(fact, mark, deal, hubspot, now_ms)
            done(id=made)
        return made

    before = links.get(run["link"]).told
    for fact in wanted:
        if links.tell_begin(run["link"], fact.key):
            mark = f"cosell-sync {run['partner']} {fact.key}"
            found = _find(fact, mark, deal, hubspot) if before.get(fact.key) == TOLD_PENDING else None
            links.tell_done(run["link"], fact.key, found or written(fact, mark))


def _apart(fact: Fact | Notification) -> Iterator[Notification]:
    """One for each object that HubSpot is to get."""
    if isinstance(fact, Fact):
        yield Notification(fact.key, fact.kind, fact.subject, fact.body, fact.priority, fact.due_hours)
    elif fact.kind == "both":
        yield replace(fact, kind="task")
        yield replace(fact, kind="note", key=f"{fact.key}:note")
    else:
        yield fact


def _find(fact: Notification, mark: str, deal: Mapping[str, Any] | None, hubspot: Any) -> str | None:
    deal_id = _timeline_of(deal)
    if deal_id is None:
        return None
    written = hubspot.tasks_of(deal_id) if fact.kind == "task" else hubspot.notes_of(deal_id)
    return next((one["id"] for one in written if mark in one["body"]), None)


def _write(fact: Notification, mark: str, deal: Mapping[str, Any] | None, hubspot: Any, now_ms: int) -> str:
    body = f"{fact.body}<p><small>{mark}</small></p>"
    deal_id = _timeline_of(deal)
    if fact.kind == "note" and deal_id is not None:
        return hubspot.create_note(deal_id, f"<p><strong>{fact.subject}</strong></p>{body}", now_ms)
    owner = ((deal or {}).get("properties") or {}).get("hubspot_owner_id") if fact.audience == "owner" else None
    due_ms = now_ms + (DUE_HOURS if fact.due_hours is None else fact.due_hours) * _HOUR_MS
    priority = ("HIGH",) if fact.priority == "high" else ()
    try:
        return hubspot.create_task(deal_id, fact.subject, body, due_ms, owner, *priority)
    except Rejected:
        if not owner:
            raise
        # HubSpot may refuse an owner who was deactivated; a task of nobody is better than one refused every hour.
        return hubspot.create_task(deal_id, fact.subject, body, due_ms, None, *priority)


def _timeline_of(deal: Mapping[str, Any] | None) -> str | None:
    """The deal to write to. One in the recycle bin takes no more notes; its owner's task then stands alone."""
    return None if deal is None or deal["archived"] else str(deal["id"])
