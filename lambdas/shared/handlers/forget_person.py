"""Takes one person out of everything that we keep, and leaves a record that it happened, which says nothing of them.

The request comes from HubSpot (a contact was deleted for privacy) or from an operator. The work is a row of sweeps over
the tables, in bounded steps: each call does some pages, notes how far it is, and sends itself the rest. Any call may
die or come twice; nothing is changed by doing it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.shared.adapters.ledger.forgets import DONE, Forget
from lambdas.shared.adapters.ledger.sweep import Where
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.field_map import OWNER_ID
from lambdas.shared.domain.forgetting import Person, key_of
from lambdas.shared.domain.messages import record_fact
from lambdas.shared.errors import Conflict, CosellError, NotFound, Rejected
from lambdas.shared.handlers.deal_facts import tell
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger, place_of

PAGES = 20
"""Pages for one call: a megabyte each, a second or two."""

PAUSE_MS = 10 * 60_000
"""Before the tables are looked at again: runs that had read the person before are over by then."""

_LEARN: tuple[tuple[str, Where], ...] = (("learn", "runs"), ("learn", "ledger"))
_AGAIN: tuple[tuple[str, Where], ...] = (("redact", "ledger"), ("redact", "runs"))
SWEEPS: tuple[tuple[str, Where], ...] = (*_LEARN, ("redact", "ledger"), *_AGAIN)
_PAUSE_BEFORE = len(SWEEPS) - len(_AGAIN)
_LONGEST_DELAY_SECONDS = 900
_REFUSED = (Rejected, NotFound, Conflict)
_FACT = "forgotten"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``partners`` maps a partner to its settings, ``queue`` is the function's own."""

    forgets: Any
    subjects: Any
    sweep: Any
    links: Any
    hubspot: Any
    audit: Any
    leases: Any
    queue: Any
    partners: Mapping[str, Mapping[str, Any]]
    clock: Clock = field(default_factory=SystemClock)
    pages: int = PAGES


def forget_person(event: Event, c: Collaborators) -> Answer:
    """One SQS batch of requests. Answers ``{"batchItemFailures": [{"itemIdentifier"}]}``.

    A request is ``{"contact_id"? | "subject"?, "names"?, "phones"?, "asked_by", "correlation_id"}`` (digests, see
    ``domain.forgetting``); what the function sends itself is ``{"job"}``.
    """
    failed = []
    for record in event["Records"]:
        try:
            _go_on(json.loads(record["body"]), c)
        except Exception as error:
            _report(error, record["messageId"], c)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _report(error: Exception, message_id: str, c: Collaborators) -> None:
    name, place = type(error).__name__, place_of(error)
    count("ForgetFailed")
    logger.error("forgetting failed", extra={"message_id": message_id, "error": name, "place": place})
    cause = str(error) if isinstance(error, CosellError) else f"unexpected, at {place}"
    c.leases.note_failure(message_id, name, cause, "forget_person")


def _go_on(message: Mapping[str, Any], c: Collaborators) -> None:
    job = c.forgets.get(message["job"]) if "job" in message else _begun(message, c)
    if job is None or job.state == DONE:
        return
    wait_ms = job.not_before - c.clock.now_ms()
    if wait_ms > 0:
        _send(job, c, wait_ms)
        return
    for subject in job.subjects:
        c.subjects.destroy(subject)
    for _ in range(c.pages):
        if job.step >= len(SWEEPS):
            _finish(job, c)
            return
        kept = c.forgets.put(_after_page(job, c))
        if kept is None:  # another call is at it
            return
        job = kept
        if job.not_before > c.clock.now_ms():
            break
    _send(job, c, job.not_before - c.clock.now_ms())


def _send(job: Forget, c: Collaborators, wait_ms: int) -> None:
    seconds = min(_LONGEST_DELAY_SECONDS, max(0, -(-wait_ms // 1000)))
    c.queue.send({"job": job.key, "correlation_id": job.request}, delay_seconds=seconds)


def _begun(message: Mapping[str, Any], c: Collaborators) -> Forget | None:
    """The request, new or as far as it is; None for one that is done already.

    A request that comes after another one was done begins anew: the person may have come back.
    """
    contacts = {str(message["contact_id"])} if message.get("contact_id") else set()
    subjects = {str(message["subject"])} if message.get("subject") else set()
    for contact_id in contacts:
        subjects |= c.subjects.of_contact(contact_id)
    for subject in tuple(subjects):
        contacts |= c.subjects.contacts_of(subject)
    key = key_of(subjects, contacts)
    known, request = c.forgets.get(key), str(message.get("correlation_id", "none"))
    if known is not None and (known.state != DONE or known.request == request):
        return known
    person = Person(
        frozenset(subjects),
        frozenset(contacts),
        frozenset(message.get("names", ())),
        frozenset(message.get("phones", ())),
    )
    fresh = Forget(
        key, str(message["asked_by"]), c.clock.now_ms(), request, version=known.version if known else 0
    ).about(person)
    return c.forgets.put(fresh)


def _after_page(job: Forget, c: Collaborators) -> Forget:
    """The job after one page of the present sweep."""
    what, where = SWEEPS[job.step]
    items, start = c.sweep.page(where, job.start)
    job = _learned(job, items, c) if what == "learn" else _redacted(job, where, items, c)
    if start:
        return replace(job, start=start)
    step = job.step + 1
    return replace(
        job, step=step, start=(), not_before=c.clock.now_ms() + PAUSE_MS if step == _PAUSE_BEFORE else job.not_before
    )


def _learned(job: Forget, items: list[dict[str, Any]], c: Collaborators) -> Forget:
    person = job.person
    for item in items:
        person = c.sweep.learn(item, person)
    for subject in person.subjects - set(job.subjects):
        c.subjects.destroy(subject)
    return job.about(person)


def _redacted(job: Forget, where: Where, items: list[dict[str, Any]], c: Collaborators) -> Forget:
    kinds: dict[str, int] = {}
    links = set(job.links)
    for item in items:
        found = c.sweep.redact(where, item, job.person, c.clock.now_ms())
        if found is not None:
            kinds[found.kind] = kinds.get(found.kind, 0) + 1
            links |= {found.link} - {""}
            _keep_away(found.link, job, c)
    return replace(job.counted(kinds), links=tuple(sorted(links)))


def _keep_away(link: str, job: Forget, c: Collaborators) -> None:
    """The partner's record may still name the person: the link remembers, by digest, not to bring them back."""
    if not link:
        return
    try:
        c.links.add_associated(link, [f"contact:{subject}" for subject in job.subjects])
    except NotFound:
        logger.info("a base without a link", extra={"link": link})


def _finish(job: Forget, c: Collaborators) -> None:
    """Destroy what else opens the person's values, say where a partner may still hold them, and file the record."""
    chains = {*job.chains, *job.links, *(one for subject in job.subjects for one in c.subjects.chains_of(subject))}
    kept = c.forgets.put(replace(job, chains=tuple(sorted(chains))))
    if kept is None:
        return
    for chain in kept.chains:
        c.subjects.destroy_chain(chain)
    for subject in kept.subjects or ("",):
        c.subjects.drop(subject, kept.contacts)
    links = [one for one in kept.chains if one.startswith("link#")]
    for link in links:
        _tell(link, kept, c)
    c.audit.decision(
        f"privacy#{kept.key}",
        f"forget-{kept.key}",
        kept.asked_at,
        outcome="forgotten",
        actor=kept.asked_by,
        correlation_id=kept.request,
        reason="what we kept of this person was removed, and the keys of their values in the audit destroyed",
        counts=dict(kept.counts),
        subjects=len(kept.subjects),
        links=links,
    )
    done = replace(kept, state=DONE, done_at=c.clock.now_ms(), contacts=(), names=(), phones=(), chains=(), links=())
    c.forgets.put(done)
    count("PeopleForgotten")


def _tell(key: str, job: Forget, c: Collaborators) -> None:
    """One task on the deal whose opportunity may still name the person: that record is not ours to change silently."""
    link = c.links.follow(key)
    partner = c.partners.get(link.partner) if link is not None else None
    if link is None or partner is None or link.deal_id is None or link.opportunity_id is None:
        return
    deal = c.hubspot.batch_read_deals([link.deal_id], [OWNER_ID]).get(link.deal_id)
    if deal is None:
        return
    run = {
        "run_id": f"forget-{job.key}",
        "partner": link.partner,
        "link": link.key,
        "deal_id": link.deal_id,
        "opportunity_id": link.opportunity_id,
        "trigger": "privacy",
        "correlation_id": job.request,
    }
    label = partner["label"]
    text = (
        f"A contact of this deal was deleted for privacy, and we keep nothing of them any more. {label}'s record "
        f"{link.opportunity_id} may still name them, as a contact or in a text: look there, and remove them. "
        "Look at this deal's own texts and notes, too."
    )
    facts = [record_fact(f"{_FACT}:{job.key}", f"Remove a deleted contact at {label}", text)]
    document = {"id": link.deal_id, "archived": False, "properties": deal}
    try:
        tell(facts, run, document, links=c.links, hubspot=c.hubspot, audit=c.audit, now_ms=c.clock.now_ms())
    except _REFUSED as error:
        logger.warning("forgetting not told", extra={"link": link.key, "reason": str(error)})
        count("ForgetNotTold")


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(
        wiring.forgets(),
        wiring.subjects(),
        wiring.sweep(),
        wiring.links(),
        wiring.hubspot(),
        wiring.audit(),
        wiring.leases(),
        wiring.queue("COSELL_FORGET_URL"),
        wiring.settings()["partners"],
    )


handler = entry_point(forget_person, _collaborators)
