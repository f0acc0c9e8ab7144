"""From the notices queue to the partners' inboxes: which links must be looked at, and wake them.

A batch of SQS messages comes in; the answer names those that failed (``batchItemFailures``), so that one bad
message never holds up the others. A vendor that cannot be asked now is no failure: the message goes back with a
growing delay, not below what the vendor asked for where SQS can hold it so long, for as long as it takes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lambdas.shared.domain.link import Notice
from lambdas.shared.domain.routing import Wanted, wanted_by
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import CosellError, Retryable, Throttled, Unauthorized, Unexpected
from lambdas.shared.runtime import Answer, Event, belongs_to, count, entry_point, logger, place_of

_PASSING = (Throttled, Retryable, Unauthorized)
_FIRST_DELAY_SECONDS = 15
_LONGEST_DELAY_SECONDS = 900  # what SQS can hold a message for
# An event often overtakes what explains its record: the end of our own create, or of an acceptance.
_UNKNOWN_DELAY_SECONDS = 5
_LOGGED = 50


class _Queue(Protocol):
    def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None: ...
    def send_batch(self, messages: Iterable[dict[str, Any]], delay_seconds: int = 0) -> None: ...


class _HubSpot(Protocol):
    def batch_read_deals(self, ids: Iterable[str], properties: Iterable[str]) -> dict[str, dict[str, Any]]: ...
    def deals_of(self, object_type: str, ids: Iterable[str]) -> dict[str, list[str]]: ...


@dataclass(frozen=True)
class Partner:
    """One enabled partner as the router sees it. ``takes_notes``: notes on deals may be shared with it."""

    name: str
    tagging: Tagging
    inbox: _Queue
    invitations: _Queue | None = None
    takes_notes: bool = False


@dataclass(frozen=True)
class Collaborators:
    """What the router works with. ``hubspot`` is made when it is first needed: most batches never ask it.

    ``passed_on``: see ``wanted_by``; ``forget`` takes contacts that were deleted for privacy.
    """

    links: Any
    hubspot: Callable[[], _HubSpot]
    partners: tuple[Partner, ...]
    notices: _Queue
    leases: Any
    passed_on: frozenset[str] = frozenset()
    forget: _Queue | None = None


def route_notices(event: Event, c: Collaborators) -> Answer:
    """Route one SQS batch. Returns ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    failed = []
    for record in event["Records"]:
        message: Any = None
        try:
            message = json.loads(record["body"])
            with belongs_to(message.get("correlation_id")):
                _route_or_postpone(message, c)
        except Exception as error:  # one bad message must not hold up the others
            _report(error, record["messageId"], message, c)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _report(error: Exception, message_id: str, message: Any, c: Collaborators) -> None:
    """Say what failed and where, in the log and for the dead letter; an unexpected error's text may hold a value."""
    name, place = type(error).__name__, place_of(error)
    correlation_id = message.get("correlation_id", "none") if isinstance(message, Mapping) else "none"
    count("NoticeFailed")
    logger.error(
        "notice failed",
        extra={"message_id": message_id, "error": name, "place": place, "correlation_id": correlation_id},
    )
    cause = str(error) if isinstance(error, CosellError) else f"unexpected, at {place}"
    c.leases.note_failure(message_id, name, cause, "route_notices")


def _route_or_postpone(message: Mapping[str, Any], c: Collaborators) -> None:
    try:
        _route(message, c)
    except _PASSING as error:
        attempts = int(message.get("attempts", 0))
        asked = math.ceil(error.retry_after_seconds or 0) if isinstance(error, Throttled) else 0
        delay = min(_LONGEST_DELAY_SECONDS, max(asked, _FIRST_DELAY_SECONDS * 2 ** min(attempts, 10)))
        correlation_id = message.get("correlation_id", "none")
        logger.warning(
            "notice postponed",
            extra={"error": type(error).__name__, "delay_seconds": delay, "correlation_id": correlation_id},
        )
        c.notices.send({**message, "attempts": attempts + 1}, delay_seconds=delay)


def _route(message: Mapping[str, Any], c: Collaborators) -> None:
    limit_to = message.get("limit_to")
    partners = [one for one in c.partners if limit_to is None or one.name in limit_to]
    if message["source"] == "hubspot":
        wanted = wanted_by(message["events"], c.passed_on, _tagged_by(c.partners))
        _forget(wanted, message, c)
        _route_hubspot(wanted, partners, message, c)
        return
    if message.get("deals"):
        polled = dict.fromkeys(message["deals"])
        _route_hubspot(Wanted(deals=polled, named=set(polled)), partners, message, c)
    for partner in partners:
        if partner.name == message.get("partner"):
            _route_partner(partner, message, c)


def _forget(wanted: Wanted, message: Mapping[str, Any], c: Collaborators) -> None:
    """HubSpot has deleted these contacts for good, and so do we."""
    for contact_id in wanted.forgotten:
        if c.forget is None:
            raise Unexpected("a contact is to be forgotten, and there is no queue that takes it")
        about = {"contact_id": contact_id, "asked_by": "hubspot"}
        c.forget.send({**about, "correlation_id": message.get("correlation_id", "none")})


def _route_partner(partner: Partner, message: Mapping[str, Any], c: Collaborators) -> None:
    opportunities = list(message.get("opportunities") or ())
    if opportunities:
        known = c.links.for_opportunities(partner.name, opportunities)
        _wake(partner, known.values(), message, c)
        unknown = [one for one in opportunities if one not in known]
        opened = [c.links.open_for_opportunity(partner.name, one, notice=notice_of(message)) for one in unknown]
        _send(partner, opened, message, delay_seconds=_UNKNOWN_DELAY_SECONDS)
    if partner.invitations and message.get("invitations"):
        why = message["source"]
        partner.invitations.send_batch(
            {"invitation": one, "why": why, "correlation_id": message.get("correlation_id", "none")}
            for one in message["invitations"]
        )


def _route_hubspot(wanted: Wanted, partners: list[Partner], message: Mapping[str, Any], c: Collaborators) -> None:
    """What the ledger knows is woken before HubSpot is asked anything, so that HubSpot being down holds up nobody."""
    for partner in partners:
        for old_ids, new_id in wanted.merges:
            _wake(partner, c.links.move_deal(partner.name, old_ids, new_id).touched, message, c)
    linked = {one.name: c.links.for_deals(one.name, [*wanted.deals, *wanted.gone_deals]) for one in partners}
    for partner in partners:
        _wake(partner, linked[partner.name].values(), message, c)
    _open_tagged(
        [one for one in wanted.deals if one in wanted.named and any(one not in linked[each.name] for each in partners)],
        partners,
        message,
        c,
    )
    _route_notes(list(wanted.notes), partners, message, c)
    related = _related_deals(wanted, c)
    for partner in partners:
        _wake(partner, c.links.for_deals(partner.name, related).values(), message, c)


def _route_notes(notes: list[str], partners: list[Partner], message: Mapping[str, Any], c: Collaborators) -> None:
    """Let the runs of the deals that have these notes read them. A note on any other deal is nobody's business."""
    taking = [one for one in partners if one.takes_notes]
    if not notes or not taking:
        return
    deals = dict.fromkeys(deal for found in c.hubspot().deals_of("notes", notes).values() for deal in found)
    for partner in taking:
        keys = list(c.links.for_deals(partner.name, deals).values())
        c.links.want_notes(keys)
        _wake(partner, keys, message, c)


def _open_tagged(deals: list[str], partners: list[Partner], message: Mapping[str, Any], c: Collaborators) -> None:
    """Open and wake the links of deals that carry a partner's tag and have none yet."""
    if not deals:
        return
    found = c.hubspot().batch_read_deals(deals, _tagged_by(partners))
    for partner in partners:
        tagged = [deal for deal, read in found.items() if partner.tagging.on(read)]
        linked = c.links.for_deals(partner.name, tagged)
        fresh = [deal for deal in tagged if deal not in linked]
        notice = notice_of(message)
        opened = [c.links.open_for_deal(partner.name, deal, message["source"], notice=notice) for deal in fresh]
        _send(partner, opened, message)


def _tagged_by(partners: Iterable[Partner]) -> tuple[str, ...]:
    """The deal properties in which deals say that they are for one of the partners."""
    return tuple(dict.fromkeys(name for one in partners for name in one.tagging.properties))


def _related_deals(wanted: Wanted, c: Collaborators) -> list[str]:
    """The deals of companies and contacts that changed."""
    deals: dict[str, None] = {}
    for object_type, ids in (("companies", wanted.companies), ("contacts", wanted.contacts)):
        if ids:
            for found in c.hubspot().deals_of(object_type, list(ids)).values():
                deals |= dict.fromkeys(found)
    return list(deals)


def _wake(partner: Partner, link_keys: Iterable[str], message: Mapping[str, Any], c: Collaborators) -> None:
    """Count the notice on links that stand already, then wake them (or the links that they were handed over to)."""
    _send(partner, c.links.raise_many(dict.fromkeys(link_keys), notice_of(message)), message)


def _send(partner: Partner, link_keys: Iterable[str], message: Mapping[str, Any], delay_seconds: int = 0) -> None:
    wakes = [
        {"link": key, "why": message["source"], "correlation_id": message.get("correlation_id", "none")}
        for key in dict.fromkeys(link_keys)
    ]
    if wakes:
        partner.inbox.send_batch(wakes, delay_seconds)
        count("LinksWoken", len(wakes))
        # The way from a notice to the runs that answer it, also where several notices end in one run.
        logger.info("links woken", extra={"partner": partner.name, "links": [one["link"] for one in wakes][:_LOGGED]})


def notice_of(message: Mapping[str, Any]) -> Notice:
    """When the message's notice came, as far as it says, and under what id."""
    return Notice(message.get("correlation_id", "none"), message.get("received_at"))


def passed_on(partners: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Deal properties whose change by one partner the others are to hear of; none where there is one partner alone."""
    if len(partners) < 2:
        return frozenset()
    rules = (rule for one in partners.values() for rule in one["fields"] if rule.get("pass_on"))
    return frozenset(
        name for rule in rules for name in (*rule["properties"], *(rule.get("compute") or {}).get("names", ()))
    )


def _partner(name: str, settings: Mapping[str, Any]) -> Partner:
    from lambdas.shared import wiring

    invitations = wiring.invitations_inbox(name) if settings.get("invitations") else None
    return Partner(name, Tagging.of(settings), wiring.inbox(name), invitations, bool(settings.get("shared_notes")))


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    partners = wiring.settings()["partners"]
    return Collaborators(
        links=wiring.links(),
        hubspot=wiring.hubspot,
        partners=tuple(_partner(name, one) for name, one in partners.items()),
        notices=wiring.queue("COSELL_NOTICES_QUEUE_URL"),
        leases=wiring.leases(),
        passed_on=passed_on(partners),
        forget=wiring.queue("COSELL_FORGET_URL"),
    )


handler = entry_point(route_notices, _collaborators)
