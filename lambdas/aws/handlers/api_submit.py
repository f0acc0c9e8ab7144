"""Operator's API: submits a deal's opportunity to AWS, as the yes in its property does.

What would keep it from being submitted is found by the same decision as a run's, before anything is written: all of it
is told at once. Then the property says yes, and the link is woken; the sync does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.partner import Aws
from lambdas.aws.handlers.api_deals import current_deal, deal_id_of
from lambdas.aws.wiring import PARTNER
from lambdas.shared.adapters.ledger.submissions import REFUSED
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import NotFound
from lambdas.shared.handlers.rehearsal import Deals, Rehearsed, Stage, read_deal, rehearse
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.http_api import HttpProblem, Reply, Request, check_query, invalid, routed
from lambdas.shared.runtime import count, entry_point

_WHY = "api"
_YES, _NO = "true", "false"
# What the review of a record allows nobody to submit again, in the operator's words.
_REVIEWED = {
    "Submitted": "AWS has the opportunity in its queue for review.",
    "In review": "AWS is reviewing the opportunity.",
    "Action Required": "AWS asked for changes: correct the deal, and the correction goes back by itself.",
    "Approved": "AWS approved the opportunity; there is nothing to submit.",
    "Rejected": "AWS rejected the opportunity, which is final. If the sale goes on, share it as a new deal.",
}
_OUTCOMES = {
    "paused": "The deal is paused, because the tag was taken off its name.",
    "conflict": "The deal and AWS differ, and somebody has to decide between them first; the deal says where.",
    "closed": "The sync of this deal is closed.",
    "ignored": "This deal's opportunity is left alone by the settings.",
    "adopt": "The deal has just been tied to another record; ask again in a minute.",
    "deferred": "An earlier create of this deal has no answer yet; ask again in a few minutes.",
}


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``inbox`` is the queue of wake-ups."""

    stage: Stage
    inbox: Any
    audit: Any


def submit_deal(request: Request, c: Collaborators) -> Reply:
    """``POST /deals/{id}/submit``: 202 once the deal says yes and its link is awake.

    404 for no deal; 409, naming the state, where nothing can be submitted; 422 with every problem at once. Safe to
    repeat: while a submission is under way, nothing is begun a second time.
    """
    check_query(request, ())
    if request.body.strip() not in ("", "{}"):
        raise invalid("body", "", "Send no body: what is submitted, and how, stands on the deal.")
    deal_id = deal_id_of(request)
    aws = c.stage.deals.settings["partners"][PARTNER]
    link = _link(deal_id, aws, c)
    found = rehearse(link, c.stage, _saying_yes(aws["status_properties"]["submit"], c.stage.clock.now_ms()))
    _check(found, aws)
    _say_yes(link, request, aws["status_properties"]["submit"], current_deal(found), c)
    key = c.stage.links.raise_wanted(link.key)
    c.inbox.send({"link": key, "why": _WHY, "correlation_id": request.request_id})
    count("SubmittedByApi")
    return Reply(_accepted(deal_id, key, link, found, aws), 202)


def _link(deal_id: str, aws: Mapping[str, Any], c: Collaborators) -> Link:
    """The deal's link; a tagged deal that nobody has noticed yet gets it now, as its notice would."""
    links = c.stage.links
    key = links.for_deals(PARTNER, [deal_id]).get(deal_id)
    if key is None:
        document = current_deal(read_deal(PARTNER, deal_id, c.stage.deals))
        tagging = Tagging.of(aws)
        if not tagging.on(document.get("properties")):
            detail = f"The deal is not shared with AWS, which it is with {tagging.said}."
            raise HttpProblem(409, "not-submittable", detail, [_of_deal(tagging.properties[0], detail)])
        key = links.open_for_deal(PARTNER, deal_id, _WHY)
    link = links.get(key)
    if link is None or link.deal_id is None:
        raise NotFound("The deal has just been merged or handed over; ask again in a minute.")
    return link


def _saying_yes(name: str, now_ms: int) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """The deal as it is once the property says yes, with that yes as the newest of its history."""
    said = {"value": _YES, "timestamp": now_ms, "source_type": "API", "source_id": None}

    def says(document: Mapping[str, Any]) -> Mapping[str, Any]:
        history = document.get("history") or {}
        return {
            **document,
            "properties": {**document["properties"], name: _YES},
            "history": {**history, name: [said, *(history.get(name) or [])]},
        }

    return says


def _check(found: Rehearsed, aws: Mapping[str, Any]) -> None:
    """Nothing when it can be submitted, else the problem that says why not."""
    current_deal(found)
    plan: Mapping[str, Any] = found.plan or {}
    if (status := _review_status(found, aws)) in _REVIEWED:
        name = aws["status_properties"]["review_status"]
        raise HttpProblem(409, "not-submittable", _REVIEWED[status], [_of_deal(name, status)])
    outcome = plan.get("outcome", "closed")
    problems: Sequence[Mapping[str, Any]] = plan.get("problems") or ()
    if outcome in _OUTCOMES:
        names = [each["property"] for each in plan.get("conflicts") or ()]
        errors = [_of_deal(name, "The deal and AWS differ.") for name in names] or [_of_deal(None, outcome)]
        raise HttpProblem(409, "not-submittable", f"{_OUTCOMES[outcome]} (state: {outcome})", errors)
    if problems:
        errors = [{name: each[name] for name in ("object", "property", "message", "allowed")} for each in problems]
        detail = f"The deal cannot be submitted as it is; {len(errors)} things are to be put right."
        raise HttpProblem(422, "not-ready", detail, errors)


def _review_status(found: Rehearsed, aws: Mapping[str, Any]) -> str:
    return (Aws(aws).facts(found.opportunity).review_status or "") if found.opportunity else ""


def _say_yes(link: Link, request: Request, name: str, document: Mapping[str, Any], c: Collaborators) -> None:
    """A yes that stands there since AWS refused is taken back first, since only so is it a new one; any other stays."""
    known = c.stage.extras(link).get("submission") or {}
    stands = text_of(document, "deal", name) == _YES
    if stands and known.get("state") != REFUSED:
        return
    run = {
        "link": link.key,
        "run_id": request.request_id,
        "partner": PARTNER,
        "deal_id": link.deal_id,
        "opportunity_id": link.opportunity_id,
        "trigger": _WHY,
        "correlation_id": request.request_id,
        "actor": f"operator {request.caller}",
    }
    for value in (_NO, _YES) if stands else (_YES,):
        with recorded(c.audit, None, run, "UpdateDeal", [{"field": name, "after": value}]):
            c.stage.deals.hubspot.update_deal(str(link.deal_id), {name: value})


def _accepted(deal_id: str, key: str, link: Link, found: Rehearsed, aws: Mapping[str, Any]) -> dict[str, Any]:
    plan: Mapping[str, Any] = found.plan or {}
    names = aws["status_properties"]
    happens = [
        *(["The opportunity is created in AWS Partner Central."] if plan["action"] == "create" else []),
        *(["The opportunity is brought up to date."] if plan["action"] == "update" else []),
        *([f"{len(plan['steps'])} further writes bring what belongs to it."] if plan["steps"] else []),
        f"It goes into AWS's review. The deal shows how far it is in {names['sync_message']!r}, and AWS's answer in "
        f"{names['review_status']!r}.",
    ]
    return {"deal": deal_id, "link": key, "opportunity_id": link.opportunity_id, "state": "accepted", "next": happens}


def _of_deal(name: str | None, message: str) -> dict[str, Any]:
    return {"object": "deal", "property": name, "message": message, "allowed": []}


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring
    from lambdas.shared.room import extras_of

    room = wiring.room()
    deals = Deals(wiring.hubspot(), wiring.origins(), wiring.settings())
    stage = Stage(deals, wiring.links(), wiring.base(), room.opportunities(), room.plan_run, extras_of(room))
    return Collaborators(stage, wiring.inbox(PARTNER), wiring.audit())


ROUTES = {("POST", "/deals/{id}/submit"): submit_deal}
handler = entry_point(routed(ROUTES), _collaborators)
