"""Says on deals that their last changes wait after an error and are tried again, and why.

The deal shows ``synced`` until then, as of the last run that ended. It is said by a poll, and not by the run that put
the change off: a run costs no call more for it, and a trouble that passes within seconds is not worth a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from lambdas.shared.clock import Clock
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.status import MESSAGES, status_changes
from lambdas.shared.errors import Conflict, NotFound, Rejected
from lambdas.shared.handlers.vendor_write import STATUS, recorded
from lambdas.shared.runtime import count, logger

_PAGE = 50
_AFTER = 3
"""Tries; by then half a minute has passed."""
_AHEAD_MS = 3_600_000
"""What is put off comes again within an hour."""
_NO_TROUBLE = frozenset({"Quota", "Deferred"})
"""Kinds of a change that only waits for its turn."""
_REPLACED = frozenset({"", "synced"})
"""What a deal may show that this takes the place of; anything else asks something of a person."""
_REFUSED = (Rejected, NotFound, Conflict)


class Collaborators(Protocol):
    """What it works with: those of ``tell_dead_letters``."""

    @property
    def links(self) -> Any:
        """The ledger's links."""
        ...

    @property
    def hubspot(self) -> Any:
        """Reads and writes the deals."""
        ...

    @property
    def audit(self) -> Any:
        """Where the write is on record."""
        ...

    @property
    def partners(self) -> Mapping[str, Mapping[str, Any]]:
        """Each partner's settings."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...


def tell_waiting(correlation_id: str, c: Collaborators) -> int:
    """Tell the deals of links that wait after an error; how many were told. One that HubSpot refuses holds up no
    other; while HubSpot is away its error is raised, and the next poll goes on."""
    told = 0
    for partner, settings in c.partners.items():
        for link in _waiting(partner, c):
            told += _told(link, settings, correlation_id, c)
    if told:
        count("DealsToldWaiting", told)
    return told


def _waiting(partner: str, c: Collaborators) -> Iterator[Link]:
    now = c.clock.now_ms()
    for key in c.links.due_between(partner, now, now + _AHEAD_MS, _PAGE):
        link = c.links.get(key)
        if link is not None and is_stuck(link):
            yield link


def is_stuck(link: Link) -> bool:
    """Whether a change waits after an error that did not pass at once, and the deal does not say so yet."""
    error = link.last_error or {}
    return (
        link.state == "open"
        and link.status in (None, "synced")
        and link.deal_id is not None
        and not link.handed_over
        and link.lease_owner is None
        and link.wanted > link.done
        and link.attempts >= _AFTER
        and bool(error)
        and error.get("kind") not in _NO_TROUBLE
    )


def _told(link: Link, settings: Mapping[str, Any], correlation_id: str, c: Collaborators) -> bool:
    names, deal_id = settings["status_properties"], str(link.deal_id)
    deal = c.hubspot.batch_read_deals([deal_id], list(names.values())).get(deal_id)
    if deal is None:
        return False
    error = link.last_error or {}
    message = MESSAGES["delayed"].format(partner=settings["label"], reason=error.get("reason") or error["kind"])
    wanted = {"sync_status": "waiting", "sync_message": message}
    document = {"id": deal_id, "archived": False, "properties": deal}
    changed = status_changes(document, names, wanted, c.clock.now_ms())
    if changed and str(deal.get(names["sync_status"]) or "") not in _REPLACED:
        return False
    told = False
    try:
        if changed:
            run, changes = _run(link, correlation_id), _changes(deal, changed, names)
            with recorded(c.audit, None, run, "UpdateDeal", changes) as done:
                c.hubspot.update_deal(deal_id, changed)
                done(properties=sorted(changed))
            told = True
    except _REFUSED as refused:
        logger.warning("waiting not told", extra={"link": link.key, "reason": str(refused)})
    if not c.links.note_waiting(link.key, link.updated_at):
        # A run that began meanwhile may have said `synced` before we said something else: one more run says it last.
        c.links.raise_wanted(link.key)
    return told


def _run(link: Link, correlation_id: str) -> dict[str, Any]:
    return {
        "run_id": f"waiting-{link.wanted}",
        "partner": link.partner,
        "link": link.key,
        "deal_id": link.deal_id,
        "opportunity_id": link.opportunity_id,
        "trigger": "waiting",
        "correlation_id": correlation_id,
    }


def _changes(before: Mapping[str, Any], changed: Mapping[str, str], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"field": name, "before": before.get(name), "after": value, "rule": STATUS}
        for name, value in sorted(changed.items())
        if name != names.get("last_sync")
    ]
