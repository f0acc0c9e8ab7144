"""Notes on the deal that a person shares: their text is the deal's next step, for whom their mark says.

A note counts by when its text was last written, against the property by when it was last written: the newer one is the
next step. A note that is deleted takes nothing back. Nothing of ours is shared, since what partners say stands in our
own notes. Pure.

| the newest marked note | then |
|---|---|
| newer than the property | the property gets its text, and the three-way comparison takes that for the deal's word |
| older than the property | nothing: somebody, or the partner, has said something else since |
| none, or nothing behind its mark | nothing |
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lambdas.shared.domain.documents import apply_to_deal, text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.markup import plain
from lambdas.shared.domain.plan import FieldChange, Plan
from lambdas.shared.domain.values import Context

_OURS = "cosell-sync "
_SEPARATORS = " :;,.-\u2013\u2014\n\t"


@dataclass(frozen=True, slots=True)
class SharedNote:
    """The text of a shared note. ``at``: when it was written (epoch ms). ``for_all``: not for this partner alone."""

    note_id: str
    text: str
    at: int
    for_all: bool


def begins_with_mark(body: str, marks: Mapping[str, Any]) -> bool:
    """Whether a note's body (HTML) begins with one of the marks of ``shared_notes`` of the settings."""
    return _read(body, marks) is not None


def shared_note(deal: Mapping[str, Any] | None, context: Context) -> SharedNote | None:
    """The deal's newest shared note for this partner. The document has ``notes`` only when they were read."""
    marks = context.partner.get("shared_notes")
    if deal is None or not marks:
        return None
    found = [note for each in deal.get("notes") or () if (note := _note(each, marks, context.own_source)) is not None]
    return max(found, key=lambda note: (note.at, int(note.note_id)), default=None)


def with_note(deal: Mapping[str, Any], note: SharedNote, context: Context) -> Mapping[str, Any]:
    """The deal document as it will be once the note's text stands in the property; as it is for an older note."""
    name = context.partner["shared_notes"]["property"]
    history = list((deal.get("history") or {}).get(name) or ())
    written_at = max((int(entry["timestamp"]) for entry in history), default=None)
    if text_of(deal, "deal", name) != note.text and written_at is not None and written_at >= note.at:
        return deal
    entry = {"value": note.text, "timestamp": note.at, "source_type": "NOTE", "source_id": note.note_id}
    foreign = deal.get("foreign") or {}
    kept = [each for each in foreign.get("deal") or () if each != name]
    return {
        **apply_to_deal(deal, {name: note.text}),
        "history": {**(deal.get("history") or {}), name: [entry, *history]},
        **({"foreign": {**foreign, "deal": kept}} if foreign else {}),
    }


def share(
    plan: Plan, before: Mapping[str, Any], note: SharedNote, rules: Sequence[FieldRule], context: Context
) -> Plan:
    """The plan, which was made of ``with_note``, with the note's text for the property. ``before``: the deal as it is.

    Where the partner's later word won, the plan writes that already.
    """
    name = context.partner["shared_notes"]["property"]
    there, wanted = text_of(before, "deal", name), with_note(before, note, context)
    goes_on = plan.action != "none" or plan.outcome in ("synced", "blocked") or plan.conflicts
    if not goes_on or name in plan.deal or wanted is before or there == note.text:
        return plan
    field = next((rule.name for rule in rules if name in rule.properties and rule.object == "deal"), name)
    last_sync = context.partner["status_properties"].get("last_sync")
    return replace(
        plan,
        deal={**plan.deal, name: note.text, **({last_sync: str(context.now_ms)} if last_sync else {})},
        deal_changes=(*plan.deal_changes, FieldChange(field, there, note.text, "deal", "shared-note")),
        own_words=(*plan.own_words, *([name] if note.for_all else [])),
    )


def _note(each: Mapping[str, Any], marks: Mapping[str, Any], own_source: str | None) -> SharedNote | None:
    ours = own_source and each.get("source_type") == "INTEGRATION" and str(each.get("source_id")) == own_source
    if ours or _OURS in each["body"]:
        return None
    read = _read(each["body"], marks)
    return SharedNote(each["id"], read[0], int(each["at"]), read[1]) if read else None


def _read(body: str, marks: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Text behind the mark, and whether it is the mark for all; None for a note that is not shared, or says nothing."""
    text = plain(body)
    for name in ("mark", "own_mark"):
        mark = marks.get(name)
        found = re.match(re.escape(mark) + r"(?!\w)", text, re.IGNORECASE) if mark else None
        if found:
            rest = " ".join(text[found.end() :].lstrip(_SEPARATORS).split())
            return (_cut(rest, int(marks["most"])), name == "mark") if rest else None
    return None


def _cut(text: str, most: int) -> str:
    """At a word's end, with a sign that there was more."""
    if len(text) <= most:
        return text
    words = text[: most - 1].rsplit(" ", 1)[0]
    return f"{words.rstrip()}…"
