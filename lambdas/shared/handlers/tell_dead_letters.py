"""Says on the deal that its sync waits for a person who runs us: one status, one task, both without a value. And, of
changes that wait after an error and are tried again, one status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.ledger.dead_letters import TO_TELL
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.dead_letters import DeadLetter, Work, hold, status_text, task_text, work_of
from lambdas.shared.domain.field_map import OWNER_ID
from lambdas.shared.domain.link import DEAD_LETTER_FACT, Link
from lambdas.shared.domain.messages import record_fact
from lambdas.shared.domain.status import status_changes
from lambdas.shared.errors import Conflict, NotFound, Rejected
from lambdas.shared.handlers.deal_facts import tell
from lambdas.shared.handlers.tell_waiting import tell_waiting
from lambdas.shared.handlers.vendor_write import STATUS, recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

PAGE = 20
_REFUSED = (Rejected, NotFound, Conflict)


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``partners`` maps a partner to its settings."""

    letters: Any
    links: Any
    hubspot: Any
    audit: Any
    partners: Mapping[str, Mapping[str, Any]]
    clock: Clock = field(default_factory=SystemClock)


def tell_dead_letters(event: Event, c: Collaborators) -> Answer:
    """``poll`` is ``dead-letters.tell``. Answer ``{"more", "count"}``; ``count`` are the deals that were told.

    A letter whose work was done meanwhile tells nothing, and goes back to the sweep, which resolves it. While HubSpot
    is away the letters stay here, and the next poll goes on; one that HubSpot refuses holds up no other.

    Then the deals are told whose changes wait after an error (``tell_waiting``); they are not counted.
    """
    ids = c.letters.due(c.clock.now_ms(), PAGE, TO_TELL)
    told = 0
    for message_id in ids:
        letter = c.letters.get(message_id)
        if letter is None or letter.state != "waiting" or not c.letters.claim(letter):
            continue
        link = c.links.follow(letter.link) if letter.link else None
        shown = False
        if link is not None and not _settled(letter, link):
            shown = _told(letter, link, event.get("correlation_id", "none"), c)
        now = c.clock.now_ms()
        c.letters.change(message_id, due_at=hold(letter, now).due_at, told_at=now if shown else None)
        told += shown
    count("DeadLettersTold", told)
    tell_waiting(event.get("correlation_id", "none"), c)
    return {"more": len(ids) == PAGE, "count": told}


def _settled(letter: DeadLetter, link: Link) -> bool:
    return work_of(letter) is Work.LINK and letter.generation is not None and link.done >= letter.generation


def _told(letter: DeadLetter, link: Link, correlation_id: str, c: Collaborators) -> bool:
    """False where there is no deal to write to, or HubSpot does not take it: the letter itself is on record anyway."""
    partner = c.partners.get(link.partner)
    if link.deal_id is None or partner is None:
        return False
    names = partner["status_properties"]
    deal = c.hubspot.batch_read_deals([link.deal_id], [*names.values(), OWNER_ID]).get(link.deal_id)
    if deal is None:
        return False
    document = {"id": link.deal_id, "archived": False, "properties": deal}
    run = {
        "run_id": f"dead-letter-{letter.message_id}",
        "partner": link.partner,
        "link": link.key,
        "deal_id": link.deal_id,
        "opportunity_id": link.opportunity_id,
        "trigger": "dead-letter",
        "correlation_id": correlation_id,
    }
    subject, text = task_text(letter, partner["label"])
    try:
        if work_of(letter) is Work.LINK:
            _show(run, document, names, status_text(letter, partner["label"]), c)
        facts = [record_fact(DEAD_LETTER_FACT, subject, text)]
        tell(facts, run, document, links=c.links, hubspot=c.hubspot, audit=c.audit, now_ms=c.clock.now_ms())
    except _REFUSED as error:
        logger.warning("dead letter not told", extra={"message_id": letter.message_id, "reason": str(error)})
        count("DeadLetterNotTold")
        return False
    return True


def _show(
    run: Mapping[str, Any], document: Mapping[str, Any], names: Mapping[str, str], text: str, c: Collaborators
) -> None:
    wanted = {"sync_status": "blocked", "sync_message": text}
    changed = status_changes(document, names, wanted, c.clock.now_ms())
    if not changed:
        return
    before = document["properties"]
    changes = [
        {"field": name, "before": before.get(name), "after": value, "rule": STATUS}
        for name, value in sorted(changed.items())
        if name != names.get("last_sync")
    ]
    with recorded(c.audit, None, run, "UpdateDeal", changes) as done:
        c.hubspot.update_deal(run["deal_id"], changed)
        done(properties=sorted(changed))


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(
        wiring.dead_letters(), wiring.links(), wiring.hubspot(), wiring.audit(), wiring.settings()["partners"]
    )


handler = entry_point(tell_dead_letters, _collaborators)
