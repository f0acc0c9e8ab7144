"""Writes back to the deal: changed fields, a readable status, notes and tasks; or makes an inbound record's deal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.messages import people_fact, refused_fact, unmade_fact
from lambdas.shared.domain.plan import Fact
from lambdas.shared.domain.status import id_taken_changes, rejection_changes
from lambdas.shared.errors import Conflict, Problem, Rejected
from lambdas.shared.handlers.deal_conflicts import SETTLED_BY_THE_VALUES, conflicts_with_names
from lambdas.shared.handlers.deal_facts import tell
from lambdas.shared.handlers.deal_people import add_newcomers, company_writes, contact_writes, ensure_each
from lambdas.shared.handlers.trail import Trail
from lambdas.shared.handlers.vendor_write import STATUS, recorded
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``partners`` maps a partner to its settings."""

    hubspot: Any
    links: Any
    runs: Any
    audit: Any
    partners: Mapping[str, Mapping[str, Any]]
    origins: Any
    clock: Clock = field(default_factory=SystemClock)


def write_deal(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"deal_id", "created", "written": [property names]}``.

    ``outcome`` ``rejected``: the partner refused; the problems in the run item go onto the deal instead of the plan's
    status. ``Conflict``: the deal of an inbound record exists already, and the next run adopts it; or another deal
    carries the opportunity's id, which this deal then says.
    """
    run = event["run"]
    documents = c.runs.get(run["run_id"], "plan", "deal", "rejection", "refused")
    plan, deal = documents["plan"], documents.get("deal")
    names = c.partners[run["partner"]]["status_properties"]
    if event["outcome"] == "rejected":
        properties, facts = _after_rejection(documents, run, names, c)
    else:
        properties, facts = _as_planned(plan, documents.get("refused") or ())
        properties |= conflicts_with_names(plan, properties, c.partners[run["partner"]], c.hubspot)
    if run.get("deal_id") is None and plan["creates_deal"]:
        return _make_deal(run, plan, properties, c)
    if event["outcome"] != "conflict":
        properties |= _identity(run, deal, names)
    if properties and deal is not None and not deal["archived"]:
        _update(run, properties, documents, names, c)
    if event["outcome"] != "rejected" and plan["newcomers"] and deal is not None and not deal["archived"]:
        facts += add_newcomers(run, plan["newcomers"], c)
    tell(facts, run, deal, links=c.links, hubspot=c.hubspot, audit=c.audit, now_ms=c.clock.now_ms())
    return {"deal_id": run["deal_id"], "created": False, "written": sorted(properties)}


def _as_planned(plan: Mapping[str, Any], refused: Iterable[str]) -> tuple[dict[str, str], list[Fact]]:
    """What the plan shows and tells; of the steps that the partner ``refused``, what it says for that case."""
    properties, told = dict(plan["deal"]), list(plan["tell"])
    for step in refused:
        instead = plan["otherwise"].get(step) or {"deal": {}, "tell": ()}
        properties |= instead["deal"]
        told += instead["tell"]
    return properties, [Fact(**one) for one in told]


def _after_rejection(
    documents: Mapping[str, Any], run: Mapping[str, Any], names: Mapping[str, str], c: Collaborators
) -> tuple[dict[str, str], list[Fact]]:
    problems = _problems(documents["rejection"])
    plan, status = documents["plan"], set(names.values())
    fields = {name: text for name, text in plan["deal"].items() if name not in status}
    label = c.partners[run["partner"]]["label"]
    changes = rejection_changes(documents.get("deal"), names, problems, c.clock.now_ms(), label)
    return {**fields, **changes}, [refused_fact(problems, label, run.get("deal_id"))]


def _problems(rejection: Mapping[str, Any]) -> Sequence[Problem]:
    """The problems of a refusal; one that names nothing is still said."""
    given = [replace(Problem(**one), allowed=tuple(one["allowed"])) for one in rejection["problems"]]
    return given or [Problem("record", rejection["reason"])]


def _identity(run: Mapping[str, Any], deal: Mapping[str, Any] | None, names: Mapping[str, str]) -> dict[str, str]:
    """The opportunity's id, where the deal shows none yet: another one there is a person's to decide."""
    name, opportunity_id = names["opportunity_id"], run.get("opportunity_id")
    shown = (deal or {}).get("properties", {}).get(name)
    return {name: opportunity_id} if opportunity_id and not shown else {}


def _update(
    run: Mapping[str, Any],
    properties: dict[str, str],
    documents: Mapping[str, Any],
    names: Mapping[str, str],
    c: Collaborators,
) -> None:
    """Write all; when HubSpot refuses a value, write at least the status, which then says what HubSpot refuses."""
    trail, plan, deal = (
        Trail(c.origins, run["partner"], c.partners[run["partner"]]),
        documents["plan"],
        documents["deal"],
    )
    _heed_late_words(run["deal_id"], set(properties) - set(names.values()), deal, properties, c)
    changes = [*plan["deal_changes"], *_shown(properties, names, deal)]
    theirs = {name: text for name, text in properties.items() if name not in plan["own_words"]}
    trail.before_update(run["deal_id"], theirs)
    with recorded(c.audit, c.runs, run, "UpdateDeal", changes) as done:
        try:
            written = c.hubspot.update_deal(run["deal_id"], properties)["properties"]
            trail.after_update(run["deal_id"], theirs, written)
            done(properties=sorted(written))
        except Conflict:
            if names["opportunity_id"] in properties:
                _say_only(run, id_taken_changes(names, run, c.clock.now_ms()), names, deal, c)
            raise
        except Rejected as error:
            status = set(names.values())
            if not set(properties) - status:
                raise
            problems = error.problems or (Problem("record", str(error)),)
            status -= {names.get(role) for role in SETTLED_BY_THE_VALUES}
            reduced = {name: text for name, text in properties.items() if name in status}
            reduced |= rejection_changes(None, names, problems, c.clock.now_ms())
            _say_only(run, reduced, names, deal, c)
            raise


def _heed_late_words(
    deal_id: str, fields: set[str], deal: Mapping[str, Any], properties: Mapping[str, str], c: Collaborators
) -> None:
    """Conflict when somebody has written into one of these since the run read the deal: the next run decides with it.

    HubSpot has no write on condition of a version, so a word of the moment between this look and the write is still
    written over; it stands in HubSpot's own history.
    """
    known = {name: deal["properties"][name] for name in fields if name in deal["properties"]}
    if not known:
        return
    now = c.hubspot.batch_read_deals([deal_id], known).get(deal_id, {})
    late = [
        name
        for name, before in known.items()
        if (now.get(name) or "") not in {before or "", properties[name] or ""}  # ours: an answer of ours was lost
    ]
    if late:
        raise Conflict(f"{', '.join(sorted(late))} of the deal changed while the run was under way")


def _say_only(
    run: Mapping[str, Any],
    status: Mapping[str, str],
    names: Mapping[str, str],
    deal: Mapping[str, Any] | None,
    c: Collaborators,
) -> None:
    """The status alone, in the place of a write that HubSpot refused."""
    with recorded(c.audit, None, run, "UpdateDeal", _shown(status, names, deal)):
        c.hubspot.update_deal(run["deal_id"], status)


def _shown(
    properties: Mapping[str, str], names: Mapping[str, str], deal: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """What is shown beside the mapped fields, for the record; when it was shown last is no change of anything."""
    before, status = (deal or {}).get("properties") or {}, set(names.values()) - {names.get("last_sync")}
    return [
        {"field": name, "before": before.get(name), "after": text, "rule": STATUS}
        for name, text in sorted(properties.items())
        if name in status and (before.get(name) or "") != text
    ]


def _make_deal(
    run: Mapping[str, Any], plan: Mapping[str, Any], properties: Mapping[str, str], c: Collaborators
) -> Answer:
    names = c.partners[run["partner"]]["status_properties"]
    people = plan["deal_people"] or {"company_key": None, "company": {}, "contacts": []}
    refused: list[Problem] = []
    trail = Trail(c.origins, run["partner"], c.partners[run["partner"]])
    companies = ensure_each(company_writes(people, names, trail, c.hubspot), "company", refused, run, c)
    contacts = ensure_each(contact_writes(people["contacts"], trail, c.hubspot), "contact", refused, run, c)
    trail.before_deal(run["opportunity_id"], properties)
    changes = [*plan["deal_changes"], *_shown(properties, names, None)]
    try:
        with recorded(c.audit, c.runs, run, "CreateDeal", changes) as done:
            unique = {names["opportunity_id"]: run["opportunity_id"]}
            made = c.hubspot.create_deal({**properties, **unique}, next(iter(companies), None), contacts)
            deal_id = made["id"]
            done(deal_id=deal_id)
    except Rejected as error:
        # Not without what was refused: an amount without its currency would be another amount.
        _tell_unmade(error, run, c)
        raise
    trail.after_update(deal_id, properties, made["properties"])
    try:
        c.links.attach_deal(run["link"], deal_id, run["run_id"])
    except Conflict as error:
        raise Conflict(f"the new deal {deal_id} is somebody else's already: {error}") from None
    if refused:
        deal = {"id": deal_id, "archived": False, "properties": properties}
        facts = [people_fact(refused, c.partners[run["partner"]]["label"])]
        tell(facts, run, deal, links=c.links, hubspot=c.hubspot, audit=c.audit, now_ms=c.clock.now_ms())
    return {"deal_id": deal_id, "created": True, "written": sorted(properties)}


def _tell_unmade(error: Rejected, run: Mapping[str, Any], c: Collaborators) -> None:
    """No deal can say it, so a task of its own does."""
    problems = error.problems or (Problem("deal", str(error)),)
    fact = unmade_fact(problems, c.partners[run["partner"]]["label"], run["opportunity_id"])
    tell([fact], run, None, links=c.links, hubspot=c.hubspot, audit=c.audit, now_ms=c.clock.now_ms())


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(
        wiring.hubspot(),
        wiring.links(),
        wiring.runs(),
        wiring.audit(),
        wiring.settings()["partners"],
        wiring.origins(),
    )


handler = entry_point(write_deal, _collaborators)
