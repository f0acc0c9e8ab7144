"""What is on record of a link that is stuck, beside how its two sides differ: the refusal of its last write, and the
dead letters that wait."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lambdas.shared.domain.dead_letters import DeadLetter, cause_of
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.reconcile import Drift, Kind

_OURS = frozenset({"UpdateDeal", "CreateDeal"})
"""Operations at HubSpot; all others are the partner's."""


def moment(at_ms: int) -> str:
    """A time as people read it, in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


def last_refusal(records: Sequence[Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]] | None:
    """The newest write that a vendor refused: its operation, and the audit's record of the outcome. None where the
    same operation went through since. ``records`` are a chain's, newest first."""
    intents = {str(one["sk"]): str(one.get("operation", "")) for one in records if one.get("kind") == "intent"}
    went_through: set[str] = set()
    for one in records:
        if one.get("kind") != "outcome":
            continue
        operation = intents.get(str(one.get("intent", "")), "")
        if one.get("result") == "done":
            went_through.add(operation)
        elif one.get("result") == "Rejected" and operation not in went_through:
            return operation, one
    return None


def of_refusal(link: Link, records: Sequence[Mapping[str, Any]], label: str) -> Iterator[Drift]:
    """A row for the refusal that a blocked link stands at: when, the vendor's words, what to do."""
    found = last_refusal(records) if link.state == "blocked" else None
    if found is None:
        return
    operation, record = found
    who, at = "HubSpot" if operation in _OURS else label, moment(int(record["at"]))
    why = (
        f"{who} refused {operation or 'a write'} at {at}: {record.get('reason') or 'no reason'}. "
        "Put right what it names (it is no property of the deal where the deal names none); then any change of the "
        "deal sends it again, or --repair does"
    )
    yield _row("refused", link, why, (str(record.get("run_id", "")),))


def of_letters(link: Link, letters: Sequence[DeadLetter]) -> Iterator[Drift]:
    """A row for each dead letter of the link that waits."""
    for one in letters:
        if one.link != link.key:
            continue
        cause = cause_of(one)
        times = f", {one.count} times" if one.count > 1 else ""
        why = (
            f"a dead letter of {one.queue} waits since {moment(one.registered_at)}{times}: {one.error}, {cause.means}; "
            f"see `cosell dlq show {one.message_id}`; "
            "once the deal is level it is resolved by itself within a quarter of an hour"
        )
        yield _row("letter", link, why, (one.message_id,))


def waiting_letters(letters: Any, deal_keys: set[str]) -> list[DeadLetter]:
    """The letters of these links that wait, newest first."""
    return letters.newest("waiting", sys.maxsize, lambda one: one.link in deal_keys)


def _row(kind: Kind, link: Link, why: str, names: tuple[str, ...]) -> Drift:
    return Drift(kind, link.partner, link.key, link.deal_id, link.opportunity_id, why, names)
