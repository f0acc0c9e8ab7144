"""What people read on the deal: the status message, notes and tasks. Partner text is untrusted and escaped."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from lambdas.shared.domain.plan import Fact, FieldConflict
from lambdas.shared.errors import Problem

_LISTED = 12


def digest(*parts: Any) -> str:
    """A short, value-free mark of something, for fact keys."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def problems_text(problems: Sequence[Problem]) -> str:
    """All problems as plain text, one a line, each with what is allowed."""
    return "\n".join(f"{each.message}{_allowed(each.allowed)}" for each in problems)


def conflicts_text(conflicts: Sequence[FieldConflict], partner: str) -> str:
    """All conflicts as plain text, one a line, without the values."""
    return "\n".join(
        f"Deal property {each.property!r}: the deal and {partner} differ and somebody has to decide."
        for each in conflicts
    )


def blocked_fact(problems: Sequence[Problem], partner: str) -> Fact:
    """A task that lists everything to put right; the same set of fields is told once."""
    key = digest(sorted({(each.object, each.property or each.field) for each in problems}))
    lines = [f"{each.message}{_allowed(each.allowed)}" for each in problems]
    lead = f"This deal cannot be shared with {partner} as it is. Once these are right it goes out by itself:"
    return Fact(f"blocked:{key}", "task", f"Complete the deal for {partner}", _list(lead, lines))


def people_fact(problems: Sequence[Problem], partner: str) -> Fact:
    """A task on a new deal that came without its company or a contact, because HubSpot refused them."""
    key = digest(sorted({(each.object, each.property or each.field) for each in problems}))
    lead = f"{partner} sent a company or contact with this deal that HubSpot does not take. Please add what is missing:"
    return Fact(
        f"people:{key}", "task", "Complete company and contacts", _list(lead, [one.message for one in problems])
    )


def conflict_fact(conflicts: Sequence[FieldConflict], partner: str) -> Fact:
    """A task that shows both values of each conflict."""
    key = digest(sorted((each.field, str(each.deal_value), str(each.opportunity_value)) for each in conflicts))
    lines = [
        f"{each.property}: the deal says “{_show(each.deal_value)}”, {partner} says “{_show(each.opportunity_value)}”"
        for each in conflicts
    ]
    lead = "Both sides differ and nothing was overwritten. Set the deal to the value that is to stand:"
    return Fact(f"conflict:{key}", "task", f"Decide between the deal and {partner}", _list(lead, lines))


def locked_fact(field: str, name: str, value: Any, partner: str) -> Fact:
    """A note: a value stays in HubSpot because the partner does not take it any more."""
    body = f"{partner} no longer takes a change of “{name}”. The deal keeps its value and {partner} its own."
    return Fact(f"{field}-locked:{digest(field, value)}", "note", f"{name} stays as it is at {partner}", _text(body))


def record_fact(key: str, subject: str, text: str) -> Fact:
    """A task about the record as a whole; ``text`` is plain and gets escaped."""
    return Fact(key, "task", subject, _text(text))


def note_fact(key: str, subject: str, text: str) -> Fact:
    """A note about the record as a whole; ``text`` is plain and gets escaped."""
    return Fact(key, "note", subject, _text(text))


def announced(fact: Fact, rule: str, happened: str, do: str, priority: Literal["high", "normal"] = "normal") -> Fact:
    """``fact`` with a notification on the bus: what ``happened`` and what to ``do``, in sentences without a value."""
    detail = {"rule": rule, "priority": priority, "happened": happened, "do": do, "due": "within 24 hours"}
    return replace(fact, priority=priority, announce=detail)


def _allowed(allowed: Sequence[str]) -> str:
    if not allowed:
        return ""
    listed = ", ".join(allowed[:_LISTED])
    return f" Allowed: {listed}{', …' if len(allowed) > _LISTED else ''}."


def _show(value: Any) -> str:
    text = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text[:500]


def _text(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _list(lead: str, lines: Sequence[str]) -> str:
    return f"{_text(lead)}<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"
