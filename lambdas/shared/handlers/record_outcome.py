"""Settles a run: base and link in one transaction, ties that were found, and the announcement."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdas.shared.adapters.ledger.leases import LEASE_MS
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.link import DEAD_LETTER_FACT, Link
from lambdas.shared.domain.settlement import (
    ANNOUNCED,
    ATTEMPT_ENDS_AFTER_MS,
    REVIEW_CHANGED,
    STATE_OF_OUTCOME,
    base_after,
    is_over,
    unanswered_create,
)
from lambdas.shared.errors import Conflict
from lambdas.shared.handlers.announced_facts import announce_facts
from lambdas.shared.handlers.measured_run import measure_run, notices_answered
from lambdas.shared.handlers.vendor_write import OURSELVES, about_of
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_PASSING_FACTS = ("blocked:", "conflict:", DEAD_LETTER_FACT)


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``announce(kind, detail)`` puts an event on the sync bus, ``errands(partner,
    kind)`` is the queue of a further machine, ``know`` remembers which contact has which address."""

    links: Any
    base: Any
    runs: Any
    audit: Any
    announce: Callable[[str, dict[str, Any]], None]
    inbox: Callable[[str], Any]
    clock: Clock = field(default_factory=SystemClock)
    errands: Callable[[str, str], Any] = lambda _partner, kind: {}[kind]
    know: Callable[[Sequence[Mapping[str, Any]]], None] = lambda _contacts: None


def record_outcome(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"state", "again", "look_in", "wake_in"}``.

    ``again``: something was tied, or written where no notice tells what became of it, and both sides are to be read
    once more. ``opportunity`` is what ``fetch_opportunity`` answered. ``look_in``: seconds until an earlier create, of
    which nothing is to be seen yet and with which this run does not go on, is to be looked for again; 0 when there is
    none. ``wake_in``: seconds until the plan wants a look although nothing moves; 0 for never.

    ``Conflict`` when the lease is no longer ours: another run has taken over and nothing was recorded.

    What is to be told is told before the link is settled, since afterwards a repetition would see no change any more.
    So a repetition files the same audit entry, and may announce a second time: subscribers see an event at least once.
    """
    run, outcome = event["run"], event["outcome"]
    documents = c.runs.get(run["run_id"], "plan", "deal", "result", "rejection")
    plan = documents["plan"]
    if outcome == "adopt":
        return _adopt(run, plan, c)
    state = STATE_OF_OUTCOME[outcome]
    link = _leased(run, c)
    if state != link.state or _held_back(plan) or plan["picked"]:
        _file_decision(run, outcome, plan, (link.lease_until or 0) - LEASE_MS, c)
    _announce(run, outcome, link, plan, c)
    announce_facts(plan["tell"], run, link, links=c.links, announce=c.announce)
    if outcome != "rejected":
        _send_errands(run, plan["errands"], c)
        _keep(run["link"], link, plan, c)
    attempt = unanswered_create(link, event["opportunity"], plan)
    given_up = attempt is not None and is_over(attempt, c.clock.now_ms())
    _settle(event, documents, link, given_up, c)
    measure_run(run, outcome, link, documents, c.clock.now_ms())
    if outcome == "synced":
        _forget_passing_facts(run["link"], link.told, c)
    again = plan["look_again"] and outcome != "rejected"  # what was refused is refused again
    look_in = 0 if attempt is None or given_up else ATTEMPT_ENDS_AFTER_MS // 1000
    return _answer(state, again=again, look_in=look_in, wake_in=_seconds_until(plan["look_at"], c.clock.now_ms()))


def _send_errands(run: Mapping[str, Any], errands: Sequence[Mapping[str, Any]], c: Collaborators) -> None:
    about = {"link": run["link"], "why": "sync", "correlation_id": run.get("correlation_id", "none")}
    for errand in errands:
        c.errands(run["partner"], errand["kind"]).send({**errand["detail"], **about})


def _answer(state: str, *, again: bool = False, look_in: int = 0, wake_in: int = 0) -> Answer:
    return {"state": state, "again": again, "look_in": look_in, "wake_in": wake_in}


def _seconds_until(moment_ms: int | None, now_ms: int) -> int:
    """Whole seconds, never too early; 0 when there is nothing to wait for."""
    return 0 if moment_ms is None else max(0, math.ceil((moment_ms - now_ms) / 1000))


def _leased(run: Mapping[str, Any], c: Collaborators) -> Link:
    """The link as it was before this run; nothing is told of a run that has lost its lease."""
    link = c.links.get(run["link"])
    if link is None or link.lease_owner != run["run_id"]:
        raise Conflict(f"the lease on {run['link']} is no longer ours")
    return link


def _settle(event: Event, documents: Mapping[str, Any], link: Link, given_up: bool, c: Collaborators) -> None:
    run, outcome = event["run"], event["outcome"]
    plan, deal = documents["plan"], documents.get("deal") or {}
    known = c.base.get(run["link"]) or {}
    version = _version(event, documents)
    if plan["base"] != known.get("fields") and deal.get("contacts"):
        c.know(deal["contacts"])  # before the base holds them: HubSpot's privacy deletion will name the id alone
    refused = documents["rejection"]["fields"] if outcome == "rejected" else ()
    c.links.settle(
        run["link"],
        seen=None,  # the release says what is done, in the same write that lets go of the lease
        lease_owner=run["run_id"],
        base_fields=base_after(plan, known.get("fields") or {}, refused),
        deal_seen_at=deal.get("updated_at", known.get("deal_seen_at")),
        opportunity_seen_at=_ms(version) if version else known.get("opportunity_seen_at"),
        changes={
            "state": STATE_OF_OUTCOME[outcome],
            "reason": plan["reason"] or None,
            "blocked_fields": list(plan["blocked"]),
            "slot_at": None,
            "slot_writes": None,
            "status": "blocked" if outcome == "rejected" else plan.get("status") or None,
            **notices_answered(run, link, c.clock.now_ms()),
            **({"partner_version": version} if version else {}),
            **_notes_read(deal, outcome),
            **_shown(plan, outcome),
            **({"attempt": None} if run.get("opportunity_id") or given_up else {}),
        },
    )


def _notes_read(deal: Mapping[str, Any], outcome: str) -> Mapping[str, int]:
    """How far the deal's notes were read; those of a paused deal count once it is shared again."""
    known = deal.get("notes_wanted")
    return {} if known is None or outcome == "paused" else {"notes_done": known}


def _shown(plan: Mapping[str, Any], outcome: str) -> Mapping[str, Any]:
    """The conflicts that the deal shows now; after a refusal it says that instead, and goes on showing what it did."""
    known = plan["shown_conflicts"]
    return {} if known is None or outcome == "rejected" else {"conflicts_shown": known or None}


def _version(event: Event, documents: Mapping[str, Any]) -> str | None:
    """The version that we wrote, else the one that we read."""
    return (documents.get("result") or {}).get("version") or event["opportunity"].get("version")


def _adopt(run: Mapping[str, Any], plan: Mapping[str, Any], c: Collaborators) -> Answer:
    """Tie what was found. Two records that claim each other's partner are left to a person."""
    try:
        if "deal_id" in plan["adopt"]:
            _adopt_deal(run, plan["adopt"]["deal_id"], plan["adopt"].get("opportunity_id"), c)
        else:
            c.links.tie_opportunity(run["link"], plan["adopt"]["opportunity_id"], None, run["run_id"])
    except Conflict as error:
        logger.warning("cannot adopt", extra={"reason": str(error)})
        count("AdoptionConflict")
        count("ProblemsFound", partner=run["partner"], reason="astray")
        _announce_stray(run, plan["adopt"], c)
        c.links.settle(
            run["link"],
            seen=None,
            lease_owner=run["run_id"],
            changes={"state": "conflict", "reason": "the record that it names belongs to another link"},
        )
        return _answer("conflict")
    return _answer("open", again=True)


def _announce_stray(run: Mapping[str, Any], adopt: Mapping[str, str], c: Collaborators) -> None:
    """A record that names what belongs to another: no deal shows it, so it is announced, once."""
    link = c.links.get(run["link"])
    if link is None or link.state == "conflict":
        return
    detail = {
        "partner": run["partner"],
        "deal_id": run.get("deal_id") or adopt.get("deal_id"),
        "opportunity_id": run.get("opportunity_id") or adopt.get("opportunity_id"),
        "state": "conflict",
        "fields": [],
        "problems": ["record"],
        "correlation_id": run.get("correlation_id"),
    }
    c.announce(ANNOUNCED["conflict"], detail)
    count(ANNOUNCED["conflict"], partner=run["partner"])


def _adopt_deal(run: Mapping[str, Any], deal_id: str, named: str | None, c: Collaborators) -> None:
    """``named``: the opportunity that the deal names."""
    partner = run["partner"]
    if run.get("deal_id") is not None:
        moved = c.links.move_deal(partner, [run["deal_id"]], deal_id, run["run_id"], named=named)
        _wake([key for key in moved.touched if key != run["link"]], run, c)
        return
    holder = c.links.for_deals(partner, [deal_id]).get(deal_id)
    if holder is None or holder == run["link"]:
        c.links.attach_deal(run["link"], deal_id, run["run_id"])
        return
    c.links.hand_over(run["link"], holder, run["opportunity_id"], run["run_id"])
    _wake([holder], run, c)


def _wake(link_keys: Sequence[str], run: Mapping[str, Any], c: Collaborators) -> None:
    for key in link_keys:
        message = {"link": key, "why": "partner", "correlation_id": run.get("correlation_id", "none")}
        c.inbox(run["partner"]).send(message)


def _forget_passing_facts(link_key: str, told: Mapping[str, str], c: Collaborators) -> None:
    """What was put right may go wrong again, and is news then."""
    for fact in told:
        if fact.startswith(_PASSING_FACTS):
            c.links.tell_again(link_key, fact)


def _keep(link_key: str, link: Link, plan: Mapping[str, Any], c: Collaborators) -> None:
    """What the plan wants remembered, and what it says is over."""
    for text in plan["no_longer"]:
        if text in link.told:
            c.links.tell_again(link_key, text)
        elif text in link.associated:
            c.links.drop_associated(link_key, text)
    c.links.add_associated(link_key, plan["remember"])


def _file_decision(
    run: Mapping[str, Any], outcome: str, plan: Mapping[str, Any], began_at: int, c: Collaborators
) -> None:
    """Writes file themselves; this is for what was held back, and why. One entry, however often it is repeated.

    A later run that holds back the same is no news, unless two values clash: those may be others by now.
    """
    c.audit.decision(
        run["link"],
        run["run_id"],
        began_at,
        unless_said="" if plan["conflicts"] else f"{outcome} {_held_back(plan)}",
        **about_of(run),
        actor=OURSELVES,
        outcome=outcome,
        reason=plan["reason"],
        problems=plan["problems"],
        conflicts=plan["conflicts"],
        picked=plan["picked"] or None,
        blocked=list(plan["blocked"]),
        withheld=list(plan["withheld"]),
        together=plan.get("together") or None,
    )


def _held_back(plan: Mapping[str, Any]) -> str:
    """Names of what this plan keeps from being written, empty for nothing."""
    names = {
        "conflicts": [one["field"] for one in plan["conflicts"]],
        "problems": [one["field"] for one in plan["problems"]],
        "blocked": plan["blocked"],
        "withheld": plan["withheld"],
        "together": [one["field"] for one in plan.get("together") or ()],
    }
    return " ".join(f"{name}={','.join(sorted(held))}" for name, held in names.items() if held)


def _announce(run: Mapping[str, Any], outcome: str, link: Link, plan: Mapping[str, Any], c: Collaborators) -> None:
    state = STATE_OF_OUTCOME[outcome]
    changed = bool(plan["opportunity_changes"] or plan["deal_changes"] or plan["creates_deal"])
    settles_a_create = link.attempt is not None and run.get("opportunity_id") is not None  # whichever run made it
    kinds = [ANNOUNCED[state]] if state != link.state or changed or settles_a_create else []
    if plan["review_changed"] and outcome != "rejected":  # after a refusal the deal shows that, and the review later
        kinds.append(REVIEW_CHANGED)
    detail = {
        "partner": run["partner"],
        "deal_id": run.get("deal_id"),
        "opportunity_id": run.get("opportunity_id"),
        "state": state,
        "fields": sorted({one["field"] for one in (*plan["opportunity_changes"], *plan["deal_changes"])}),
        "problems": sorted({one["field"] for one in plan["problems"]}),
        "correlation_id": run.get("correlation_id"),
    }
    for kind in kinds:
        c.announce(kind, detail)
        count(kind, partner=run["partner"])


def _ms(version: str) -> int:
    return int(datetime.fromisoformat(version).timestamp() * 1000)


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(
        wiring.links(),
        wiring.base(),
        wiring.runs(),
        wiring.audit(),
        wiring.announce(),
        wiring.inbox,
        errands=wiring.errands,
        know=wiring.know_contacts,
    )


handler = entry_point(record_outcome, _collaborators)
