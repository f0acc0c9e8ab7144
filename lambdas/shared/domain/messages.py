"""What people read on the deal: the status message, notes and tasks. Partner text is untrusted and escaped."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from lambdas.shared.domain.plan import Fact, FieldConflict, HeldTogether
from lambdas.shared.domain.together_words import one_pick_text, together_text
from lambdas.shared.errors import Problem

USER = "HubSpot user "
"""What ``author`` says before a person's user id."""

_NOTHING_TO_FILL_IN = (
    "Nothing on the deal is named that could be filled in, and it does not go out by itself: somebody who runs "
    "cosell-sync has to look why {partner} refuses it. After that, any change of the deal sends it again."
)
_LISTED = 12
_LONGEST_CONFLICTS = 4000
_SOURCES: Mapping[str, str] = {
    "AUTOMATION_PLATFORM": "a workflow",
    "IMPORT": "an import",
    "INTEGRATION": "another app",
    "NOTE": "a shared note",
}


def digest(*parts: Any) -> str:
    """A short, value-free mark of something, for fact keys."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def problems_text(problems: Sequence[Problem], *, no_company: bool = False) -> str:
    """All problems as plain text, one a line, each with what is allowed. ``no_company``: the deal has none."""
    return "\n".join(_lines(problems, no_company))


def refusal_text(problems: Sequence[Problem], partner: str) -> str:
    """What the status message says after ``partner`` (its label) refused what we sent."""
    said = problems_text(problems)
    return said if _to_fill_in(problems) else f"{said}\n{_NOTHING_TO_FILL_IN.format(partner=partner)}"


def conflicts_text(conflicts: Sequence[FieldConflict], partner: str, names: Mapping[str, str]) -> str:
    """What the status message says of conflicts, without the values. ``names`` maps roles to properties."""
    fields = ", ".join(dict.fromkeys(each.label or each.property for each in conflicts))
    return (
        f"This deal and {partner} differ in: {fields}. Nothing was overwritten. Both values are in the deal property "
        f"{names.get('conflicts', '')!r}; please pick in {names.get('conflict_pick', '')!r}."
    )


def both_values(
    conflicts: Sequence[FieldConflict], partner: str, users: Mapping[str, str], longest: int = _LONGEST_CONFLICTS
) -> str:
    """The text of the property that shows conflicts: each field's two values, who changed what, and when.

    ``users`` maps what ``author`` says of a person to their name. Cut at ``longest`` characters.
    """
    word = partner.split(maxsplit=1)[0]
    lead = (
        f"Pick “Keep HubSpot's values” or “Take {partner}'s values” in “Decide {partner} conflicts”. For single fields "
        f"write into “Decide single {partner} conflicts”, such as: {conflicts[0].label}: {word}"
    )
    blocks = [lead, *(_block(each, partner, users) for each in conflicts)]
    text = "\n\n".join(blocks)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def author(entry: Mapping[str, Any] | None) -> str:
    """Who made a change, as an entry of HubSpot's history says it: ``HubSpot user 600`` for a person."""
    if entry is None:
        return ""
    kind, found = str(entry.get("source_type") or ""), re.fullmatch(r"userId:(\d+)", str(entry.get("source_id") or ""))
    return f"{USER}{found[1]}" if found else _SOURCES.get(kind, kind.replace("_", " ").lower())


def _block(each: FieldConflict, partner: str, users: Mapping[str, str]) -> str:
    by = users.get(each.deal_moved_by, each.deal_moved_by)
    ours = " ".join(filter(None, [f"by {by}" if by else "", f"on {each.deal_moved_at}" if each.deal_moved_at else ""]))
    theirs = f"its record was changed on {each.opportunity_moved_at}" if each.opportunity_moved_at else ""
    lines = [
        each.label or each.property,
        _said("HubSpot", each.deal_value, f"changed {ours}" if ours else ""),
        _said(partner, each.opportunity_value, theirs),
    ]
    if each.goes_with:
        lines.append(f"  It {one_pick_text(each)}.")
    if each.base is not None:
        lines.append(_said("Before", each.base, ""))
    if not each.fits:
        lines.append(f"  {partner}'s value has no place on this deal: keep HubSpot's, or change the deal by hand.")
    return "\n".join(lines)


def _said(who: str, value: Any, when: str) -> str:
    return f"  {who}: {_show(value) or '(empty)'}{f' ({when})' if when else ''}"


def blocked_fact(problems: Sequence[Problem], partner: str, *, no_company: bool = False) -> Fact:
    """A task that lists everything to put right; the same set of fields is told once."""
    named = {(each.object, each.property or each.field) for each in problems}
    if no_company:
        named.add(("deal", "company"))
    lead = f"This deal cannot be shared with {partner} as it is. Once these are right it goes out by itself:"
    body = _list(lead, _lines(problems, no_company))
    return Fact(f"blocked:{digest(sorted(named))}", "task", f"Complete the deal for {partner}", body)


def refused_fact(problems: Sequence[Problem], partner: str, deal_id: str | None) -> Fact:
    """A task for what ``partner`` refused; where nothing on the deal is to be filled in, for whoever runs us."""
    if _to_fill_in(problems):
        return blocked_fact(problems, partner)
    key = digest("refused", sorted({(each.object, each.field, each.message) for each in problems}))
    body = _list(f"{partner} did not take the last change of this deal. It said:", _lines(problems))
    ask = f"cosell reconcile --deal {deal_id}"
    then = (
        f"{_NOTHING_TO_FILL_IN.format(partner=partner)} For them: `{ask} --values` shows what was refused, and when; "
        f"`{ask} --repair` sends it again."
    )
    return Fact(f"blocked:{key}", "task", f"Look at what {partner} refused", body + _text(then))


def unmade_fact(problems: Sequence[Problem], partner: str, opportunity_id: str) -> Fact:
    """A task of its own: the partner's record came in, and HubSpot refuses to make a deal of it."""
    key = digest(sorted({(each.object, each.property or each.field) for each in problems}))
    lead = f"{partner} sent the record {opportunity_id}, and HubSpot does not take the deal that was to be made of it:"
    then = (
        "Please put that right in HubSpot's settings: add the currency or option that is missing, or make the property "
        "optional for deals that an app creates. The deal is tried again at least once an hour, and nothing else is "
        f"to be done. Until then {partner} gets no answer."
    )
    subject = f"HubSpot takes no deal for {partner}'s {opportunity_id}"
    return Fact(f"unmade:{key}", "task", subject, _list(lead, _lines(problems)) + _text(then))


def people_fact(problems: Sequence[Problem], partner: str) -> Fact:
    """A task on a new deal that came without its company or a contact, because HubSpot refused them."""
    key = digest(sorted({(each.object, each.property or each.field) for each in problems}))
    lead = f"{partner} sent a company or contact with this deal that HubSpot does not take. Please add what is missing:"
    return Fact(
        f"people:{key}", "task", "Complete company and contacts", _list(lead, [one.message for one in problems])
    )


def conflict_fact(conflicts: Sequence[FieldConflict], partner: str, names: Mapping[str, str]) -> Fact:
    """A task that shows both values of each conflict, and says where to pick. ``names`` maps roles to properties."""
    key = digest(sorted((each.field, str(each.deal_value), str(each.opportunity_value)) for each in conflicts))
    lines = [
        f"{each.label or each.property}: the deal says “{_show(each.deal_value)}”, "
        f"{partner} says “{_show(each.opportunity_value)}”{'; it ' if each.goes_with else ''}{one_pick_text(each)}"
        for each in conflicts
    ]
    lead = (
        f"Both sides changed the same field and nothing was overwritten. Pick in the deal property "
        f"{names.get('conflict_pick', '')!r} whose values are to stand, or field by field in "
        f"{names.get('conflict_field_picks', '')!r}:"
    )
    return Fact(f"conflict:{key}", "task", f"Decide between the deal and {partner}", _list(lead, lines))


def locked_fact(field: str, name: str, value: Any, partner: str, held: Sequence[tuple[HeldTogether, Any]] = ()) -> Fact:
    """A note: a value stays in HubSpot because the partner does not take it any more. ``held`` are fields that wait
    with it, each with its value."""
    body = f"{partner} no longer takes a change of “{name}”. The deal keeps its value and {partner} its own."
    if held:
        name = held[0][0].other_label
        said = together_text([each for each, _ in held], partner)
        names = " and ".join([name, *(each.label for each, _ in held)])
        key = digest(field, value, [(each.field, theirs) for each, theirs in held])
        return Fact(f"{field}-locked:{key}", "note", f"{names} stay as they are at {partner}", _text(said))
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


def _to_fill_in(problems: Sequence[Problem]) -> bool:
    """Whether a person at the deal can put something right: a property or a choice is named."""
    return any(each.property or each.allowed for each in problems)


def _lines(problems: Sequence[Problem], no_company: bool = False) -> list[str]:
    """A line for each problem. Of a company that is not there, one line says all that it needs."""
    of_company = [each for each in problems if no_company and each.object == "company"]
    lines = [f"{each.message}{_allowed(each.allowed)}" for each in problems if each not in of_company]
    if not of_company:
        return lines
    needs = ", ".join(dict.fromkeys(repr(each.property or each.field) for each in of_company))
    return [f"The deal has no company: please associate one. The company needs these properties: {needs}.", *lines]


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
