"""The status properties of a deal: how its sync stands, written only where the deal shows something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.messages import conflicts_text, problems_text, refusal_text
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.together_words import together_text
from lambdas.shared.errors import Problem

STATUSES = ("synced", "blocked", "conflict", "paused", "waiting")
"""What role ``sync_status`` may say; HubSpot refuses a value that is none of the property's options.

There is none for a closed link: its deal is gone, or another link's.
"""
MESSAGES = {
    "synced": "The deal and {partner} are in sync.",
    "waiting": "{partner} does not take changes of these fields for now; they go out as soon as it does: {fields}.",
    "delayed": (
        "The last changes have not come across yet: {reason}. There is nothing to do on the deal. They are kept, and "
        "tried again by themselves; {partner} has what was said before."
    ),
    "withheld": "Not passed on, because another partner wrote it: {fields}.",
    "paused": "Paused, because the deal no longer has {said}. Put it back to go on.",
}
_LONGEST = 4000


def status_of(
    plan: Plan,
    partner: str,
    names: Mapping[str, str],
    final: bool,
    waits_for: str | None,
    *,
    no_company: bool = False,
) -> tuple[str, str]:
    """Status and message of a deal whose run goes on as planned. ``partner`` is its label, ``names`` as below.

    ``final``: what is blocked stays so. ``waits_for``: what a person has to do before anything goes out, if anything.
    ``no_company``: the deal has none.
    """
    wrong = problems_text(plan.problems, no_company=no_company)
    pairs = together_text(plan.together, partner)
    if plan.conflicts:
        said = [conflicts_text(plan.conflicts, partner, names), *plan.answers, wrong, pairs]
        return "conflict", _lines(*said)
    if plan.problems:
        return "blocked", _lines(wrong, pairs)
    if waits_for:
        return "waiting", waits_for
    if plan.blocked and not final:
        waiting = MESSAGES["waiting"].format(partner=partner, fields=", ".join(plan.blocked))
        return "waiting", _lines(waiting, pairs)
    if any(each.why == "locked" for each in plan.together):  # for good, and yet the two sides do not say the same
        return "waiting", pairs
    message = MESSAGES["synced"].format(partner=partner)
    if plan.withheld:
        message += " " + MESSAGES["withheld"].format(fields=", ".join(plan.withheld))
    return "synced", _lines(message, pairs)


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


def status_changes(
    deal: Mapping[str, object] | None,
    names: Mapping[str, str],
    wanted: Mapping[str, str | None],
    now_ms: int,
    *,
    other_writes: bool = False,
) -> dict[str, str]:
    """Properties to write so that the deal shows ``wanted`` (role to text; None leaves the role alone).

    ``names`` maps roles to property names (``status_properties`` of the settings). Role ``last_sync`` is set whenever
    anything is written, here or (``other_writes``) elsewhere in the run, so that a run without news writes nothing.
    ValueError for a status that is none of ``STATUSES``.
    """
    status = wanted.get("sync_status")
    if status is not None and status not in STATUSES:
        raise ValueError(f"unknown sync status {status!r}; allowed: {', '.join(STATUSES)}")
    changes = {
        names[role]: text.strip()[:_LONGEST]
        for role, text in wanted.items()
        if text is not None and role in names and (text_of(deal, "deal", names[role]) or "") != text.strip()[:_LONGEST]
    }
    if (changes or other_writes) and "last_sync" in names:
        changes[names["last_sync"]] = str(now_ms)
    return changes


def rejection_changes(
    deal: Mapping[str, object] | None,
    names: Mapping[str, str],
    problems: Sequence[Problem],
    now_ms: int,
    partner: str | None = None,
) -> dict[str, str]:
    """Status properties after ``partner`` (its label; None: HubSpot) refused what we sent."""
    said = refusal_text(problems, partner) if partner else problems_text(problems)
    wanted = {"sync_status": "blocked", "sync_message": said}
    return status_changes(deal, names, wanted, now_ms)


def id_taken_changes(names: Mapping[str, str], run: Mapping[str, object], now_ms: int) -> dict[str, str]:
    """Status properties of a deal that cannot show its opportunity's id, because another deal carries it.

    Gone by itself once the other deal lets go of it: then a run writes the id, and the status anew.
    """
    message = (
        f"Another deal carries {run['opportunity_id']} in its property {names['opportunity_id']!r}, as only one deal "
        f"may. This deal is the one that is synced with it: please empty the property there, or merge the two deals."
    )
    return status_changes(None, names, {"sync_status": "conflict", "sync_message": message}, now_ms)
