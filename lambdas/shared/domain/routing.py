"""From notices to what must be looked at: pure, no look-ups, no partner."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.domain.tags import NAME

# A change that we made ourselves needs no run; a record that vanishes or merges does, whoever did it.
_OWN_IS_ECHO = frozenset({"creation", "propertyChange", "associationChange"})
_GONE = "deletion"
_FORGET = "privacyDeletion"
# Of companies and contacts; the id of a merge is that of the record that is left.
_CHANGED = frozenset({"propertyChange", "merge"})


@dataclass(slots=True)
class Wanted:
    """What a batch of notices asks for.

    ``deals`` may be new to us, but only those of ``named`` can carry a tag that we do not know of; ``gone_deals`` only
    matter where a link exists; ``companies`` and ``contacts`` stand for the deals they are associated with, ``notes``
    for those they are on, whose notes are to be read; ``merges`` are (old deal ids, new deal id);
    ``forgotten`` are contacts that were deleted for privacy.
    """

    deals: dict[str, None] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    gone_deals: dict[str, None] = field(default_factory=dict)
    companies: dict[str, None] = field(default_factory=dict)
    contacts: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    merges: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    forgotten: dict[str, None] = field(default_factory=dict)


def wanted_by(
    events: Iterable[Mapping[str, Any]], passed_on: Collection[str] = (), tagged_by: Collection[str] = (NAME,)
) -> Wanted:
    """Read HubSpot notice events (``docs/architecture.md``, Messages) into what they ask for, each record once.

    ``passed_on``: deal properties of which one partner's change, which we wrote, is news for another partner.
    ``tagged_by``: those in which a deal says which partners it is for.
    """
    wanted = Wanted()
    for event in events:
        if event.get("own") and event["kind"] in _OWN_IS_ECHO and not _is_passed_on(event, passed_on):
            continue
        if event["kind"] == _FORGET:
            if event["object"] == "contact":
                wanted.forgotten[event["id"]] = None
        elif event["kind"] == "associationChange":
            _association(event, wanted)
        elif event["object"] == "deal":
            _deal(event, wanted, tagged_by)
        elif event["object"] == "note":
            wanted.notes[event["id"]] = None
        elif event["kind"] in _CHANGED:
            (wanted.companies if event["object"] == "company" else wanted.contacts)[event["id"]] = None
    return wanted


def _is_passed_on(event: Mapping[str, Any], passed_on: Collection[str]) -> bool:
    return event["kind"] == "propertyChange" and event["object"] == "deal" and event.get("property") in passed_on


def _deal(event: Mapping[str, Any], wanted: Wanted, tagged_by: Collection[str]) -> None:
    if event["kind"] == "merge":
        wanted.merges.append((tuple(event["merged_ids"]), event["new_id"]))
        wanted.deals[event["new_id"]] = None
        wanted.named.add(event["new_id"])
    elif event["kind"] == _GONE:
        wanted.gone_deals[event["id"]] = None
    else:
        wanted.deals[event["id"]] = None
        # For any other property's change HubSpot need not be asked whether the deal has a tag now; an event that names
        # no property may be of any.
        if event["kind"] != "propertyChange" or event.get("property") in (*tagged_by, None):
            wanted.named.add(event["id"])


def _association(event: Mapping[str, Any], wanted: Wanted) -> None:
    if event["object"] == "deal":
        wanted.deals[event["from_id"]] = None
    elif event.get("to_object") == "deal":
        wanted.deals[event["to_id"]] = None
