"""How the two sides of a link differ from what the ledger believes of them. Pure.

A drift is whatever the next run of the link would put right, or could not: the plan of that run, rehearsed and not
written, is compared with what an equal pair gives. What no run can put right is said to be by hand.

| drift | means |
|---|---|
| fields | a field differs between deal and opportunity |
| create, inbound | one side has no record yet, and the run would make it |
| steps | the opportunity lacks what belongs to it (a solution, an answer) |
| shown | the deal shows something else than there is (status, id, review) |
| base | both sides agree, and the ledger remembers another value |
| blocked | a person has to put something right on the deal |
| waiting | a field is locked by the partner for now; or the record may be that of a create without an answer |
| conflict | a person has to decide |
| untied | a record was found that belongs to the link and is not tied yet |
| gone | the deal or the opportunity is not there any more |
| unfinished | a notice is counted that no run has settled |
| underway | a run is at work, or was asked to a moment ago |
| refused | the last write was refused, and nothing has gone out since |
| letter | a dead letter of the link waits |
| unread | a side could not be read; the next look will tell |
| empty | a link without a record |
| doubled | two links claim one record |
| pointer | a pointer leads nowhere, or a link has none |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from lambdas.shared.domain.link import Link, deal_pointer, opportunity_pointer

Kind = Literal[
    "fields",
    "create",
    "inbound",
    "steps",
    "shown",
    "base",
    "blocked",
    "waiting",
    "conflict",
    "untied",
    "gone",
    "unfinished",
    "underway",
    "refused",
    "letter",
    "unread",
    "empty",
    "doubled",
    "pointer",
]
BY_A_RUN: frozenset[Kind] = frozenset(
    {"fields", "create", "inbound", "steps", "shown", "base", "untied", "gone", "unfinished"}
)
"""What waking the link may put right."""

_QUIET_ROLES = ("last_sync", "sync_message")


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. ``names`` are fields or properties, ``values`` what stands on each side (name to deal's value,
    partner's value): customers' values, shown only where somebody asks for them. ``link`` is None of a pointer that
    leads nowhere."""

    kind: Kind
    partner: str
    link: str | None
    deal_id: str | None
    opportunity_id: str | None
    why: str
    names: tuple[str, ...] = ()
    values: Mapping[str, tuple[Any, Any]] | None = None

    def as_dict(self, *, values: bool = False) -> dict[str, Any]:
        """JSON form; ``values`` only if they are asked for."""
        told: dict[str, Any] = {
            "kind": self.kind,
            "partner": self.partner,
            "link": self.link,
            "deal_id": self.deal_id,
            "opportunity_id": self.opportunity_id,
            "why": self.why,
            "names": list(self.names),
        }
        if values and self.values:
            told["values"] = {name: {"deal": ours, "partner": theirs} for name, (ours, theirs) in self.values.items()}
        return told


def drifts_of(
    link: Link,
    deal_answer: Mapping[str, Any],
    plan: Mapping[str, Any] | None,
    base: Mapping[str, Any] | None,
    status_properties: Mapping[str, str],
) -> list[Drift]:
    """How a link's records differ. ``deal_answer`` and ``plan`` come from a rehearsal, ``base`` are the ledger's
    fields."""
    found = [*of_work(link)]
    if plan is None:
        return [*found, *_of_a_deal_gone(link, deal_answer)]
    if plan["outcome"] in ("paused", "closed", "ignored"):
        return [*found, *_of_state(link, plan)]
    if plan["outcome"] == "adopt":
        return [*found, _drift("untied", link, str(plan["reason"]), tuple(plan["adopt"].values()))]
    return [*found, *_of_plan(link, plan, base or {}, status_properties)]


def work_text(link: Link) -> str:
    """What is still to be done on a link: since when, how often it was tried, what went wrong last, and when it is
    tried again. Times are UTC."""
    waiting = link.wanted - link.done
    said = [f"{waiting} {'notice is' if waiting == 1 else 'notices are'} not settled"]
    if link.wanted_at:
        said[0] += f", the first since {_moment(link.wanted_at)}"
    if link.attempts:
        said.append(f"put off {link.attempts} {'time' if link.attempts == 1 else 'times'}")
    error = link.last_error
    if error:
        at = f" at {_moment(int(error['at']))}" if error.get("at") else ""
        said.append(f"last error {error['kind']}{at} ({error.get('reason') or 'no reason given'})")
    if link.due_at:
        said.append(f"next try at {_moment(link.due_at)}")
    elif error:
        said.append("it is not tried again by itself")
    return "; ".join(said)


def under_way(link: Link) -> Drift:
    """The row of a link that a run is working on, or was asked to a moment ago."""
    if link.lease_owner is None:
        return _drift("underway", link, work_text(link))
    until = f", until {_moment(link.lease_until)} at the latest" if link.lease_until else ""
    return _drift("underway", link, f"a run is at work on it{until}; {work_text(link)}")


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


def of_work(link: Link) -> Iterable[Drift]:
    """What the ledger says of a link by itself: that it has no record, or work that is not done."""
    if link.deal_id is None and link.opportunity_id is None:
        yield _drift("empty", link, "the link has neither a deal nor an opportunity")
    if link.wanted > link.done:
        yield _drift("unfinished", link, work_text(link))


def _of_a_deal_gone(link: Link, deal_answer: Mapping[str, Any]) -> Iterable[Drift]:
    state = deal_answer["deal"]
    if state == "moved":
        yield _drift("gone", link, f"the deal was merged into {deal_answer['deal_id']}")
    elif link.state != "closed":
        yield _drift("gone", link, f"HubSpot shows the deal as {state}")


def _of_state(link: Link, plan: Mapping[str, Any]) -> Iterable[Drift]:
    if link.state != plan["outcome"]:
        yield _drift("shown", link, f"the link is {link.state}, and its run would leave it {plan['outcome']}")


def _of_plan(link: Link, plan: Mapping[str, Any], base: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[Drift]:
    if plan["creates_deal"]:
        yield _drift("inbound", link, "the opportunity has no deal")
        return
    if plan["action"] == "create":
        yield _drift("create", link, "the deal has no opportunity")
        return
    if plan["outcome"] == "deferred":
        yield _drift("waiting", link, str(plan["reason"]))
        return
    yield from _of_fields(link, plan)
    if plan["steps"]:
        yield _drift("steps", link, "the opportunity lacks what belongs to it", tuple(sorted(plan["steps"])))
    if plan["problems"]:
        properties = {str(each["property"] or each["field"]) for each in plan["problems"]}
        yield _drift(
            "blocked",
            link,
            "a person has to put something right; the deal's message says what",
            tuple(sorted(properties)),
        )
    if plan["outcome"] == "conflict" and not plan["conflicts"]:
        kind: Kind = "gone" if plan["reason"] == "the opportunity is missing" else "conflict"
        yield _drift(kind, link, str(plan["reason"]))
    if plan["blocked"]:
        yield _drift("waiting", link, "the partner has locked them", tuple(sorted(plan["blocked"])))
    for each in plan.get("together") or ():
        why = f"they stand or fall together, and {each['other']} waits ({each['why']})"
        yield _drift("waiting", link, why, tuple(sorted((each["field"], each["other"]))))
    moving = {each["field"] for side in ("opportunity_changes", "deal_changes", "conflicts") for each in plan[side]}
    yield from _of_base(link, plan, base, moving | set(plan["blocked"]) | set(plan["withheld"]))
    yield from _of_what_is_shown(link, plan, names)


def _of_fields(link: Link, plan: Mapping[str, Any]) -> Iterable[Drift]:
    values = {each["field"]: (each["after"], each["before"]) for each in plan["opportunity_changes"]}
    values |= {each["field"]: (each["before"], each["after"]) for each in plan["deal_changes"]}
    if values:
        yield _drift("fields", link, "deal and opportunity differ", tuple(sorted(values)), values)
    apart = {each["field"]: (each["deal_value"], each["opportunity_value"]) for each in plan["conflicts"]}
    if apart:
        yield _drift("conflict", link, "a person has to decide", tuple(sorted(apart)), apart)


def _of_base(link: Link, plan: Mapping[str, Any], base: Mapping[str, Any], moving: set[str]) -> Iterable[Drift]:
    wanted = plan["base"]
    stale = {name for name in {*wanted, *base} - moving if wanted.get(name) != base.get(name)}
    if stale and plan["outcome"] != "blocked":
        yield _drift("base", link, "the ledger remembers another value", tuple(sorted(stale)))


def _of_what_is_shown(link: Link, plan: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[Drift]:
    quiet = {names.get(role) for role in _QUIET_ROLES}
    shown = (set(plan["deal"]) & set(names.values())) - quiet
    if shown:
        yield _drift("shown", link, "these properties of the deal are behind; a run writes them", tuple(sorted(shown)))


def of_pointers(
    links: Mapping[str, Link], pointers: Mapping[str, str], partners: Sequence[str] | None = None
) -> list[Drift]:
    """Pointers that lead nowhere, links whose pointer leads elsewhere, and records that two links claim.

    ``links`` by key and ``pointers`` (pointer's key to link's key) are all of the ledger's; ``partners`` limits what is
    told. Links that were handed over claim nothing.
    """
    alive = {key: link for key, link in links.items() if not link.handed_over}
    claims: dict[str, list[Link]] = {}
    for link in alive.values():
        for pointer in _pointers_of(link):
            claims.setdefault(pointer, []).append(link)
    found: list[Drift] = []
    for pointer, key in sorted(pointers.items()):
        kind, partner, record = pointer.split("#", 2)
        if key not in links and (partners is None or partner in partners):
            ids = (record, None) if kind == "deal" else (None, record)
            found.append(Drift("pointer", partner, None, *ids, f"{pointer} leads to {key}, which is not there"))
    for pointer, holders in sorted(claims.items()):
        kept = [one for one in holders if partners is None or one.partner in partners]
        if len(holders) > 1:
            keys = tuple(sorted(one.key for one in holders))
            found += [_drift("doubled", one, f"{pointer} is claimed by {len(holders)} links", keys) for one in kept]
        elif kept and pointers.get(pointer) != kept[0].key:
            leads = pointers.get(pointer)
            why = f"{pointer} leads to {leads}" if leads else f"{pointer} is missing"
            found.append(_drift("pointer", kept[0], why))
    return found


def _pointers_of(link: Link) -> Iterable[str]:
    if link.deal_id is not None:
        yield deal_pointer(link.partner, link.deal_id)
    if link.opportunity_id is not None:
        yield opportunity_pointer(link.partner, link.opportunity_id)


def _drift(
    kind: Kind,
    link: Link,
    why: str,
    names: tuple[str, ...] = (),
    values: Mapping[str, tuple[Any, Any]] | None = None,
) -> Drift:
    return Drift(kind, link.partner, link.key, link.deal_id, link.opportunity_id, why, names, values)
