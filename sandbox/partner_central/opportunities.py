"""CreateOpportunity, UpdateOpportunity, GetOpportunity, AssignOpportunity (fact sheet 1.7, 1.8, section 2)."""

from __future__ import annotations

from typing import Any

from sandbox.partner_central import locks, review, rules, spend, submission
from sandbox.partner_central.aws_side import decide_review
from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import (
    BAD_VALUE,
    BUSINESS,
    NOT_PERMITTED,
    ConflictException,
    Problem,
    ValidationException,
    refuse,
)
from sandbox.partner_central.fields import ADDRESS, DURATION, document_of, get, put
from sandbox.partner_central.instants import to_microseconds, to_text, today
from sandbox.partner_central.invitations import invite_for_referral
from sandbox.partner_central.replies import opportunity_reply, partner_identifier
from sandbox.partner_central.state import Opportunity
from sandbox.partner_central.values import APN_PROGRAMS

_HISTORY_LENGTH = 50


def create(call: Call, body: Body) -> Answer:
    """Create an opportunity: Pending Submission, or in Sandbox an AWS referral that waits as an invitation (1.4)."""
    stored: Answer = call.once("CreateOpportunity", body, lambda: _create(call, body))
    opportunity = call.state.opportunities[stored["Id"]]
    return {**stored, **partner_identifier(opportunity, call)}


def _create(call: Call, body: Body) -> Answer:
    document = document_of(body)
    referral = body.get("Origin") == "AWS Referral"
    found = [*review.at_create(document), *_origin(call, referral), *_team(body)]
    _complete(document)
    found += rules.problems(document, _situation(call, updating=False, body=body))
    _raise(found)
    opportunity = _new(call, document, referral)
    opportunity.team = [dict(member) for member in body.get("OpportunityTeam") or []]
    _keep_history(call, opportunity, None)
    call.state.opportunities[opportunity.id] = opportunity
    if referral:
        opportunity.hidden = True
        opportunity.document["LifeCycle"]["ReviewStatus"] = call.switches.invited_review_status
        invite_for_referral(call, opportunity)
    else:
        call.announce(call.shapes.opportunity("Created", call.state.name, opportunity, call.now_ms))
    return {"Id": opportunity.id, "LastModifiedDate": to_text(opportunity.modified_ms)}


def update(call: Call, body: Body) -> Answer:
    """Replace the whole record: what is left out becomes null (1.8)."""
    opportunity = call.opportunity(body["Identifier"])
    if to_microseconds(body["LastModifiedDate"]) != opportunity.modified_ms * 1000:
        raise ConflictException("LastModifiedDate is not the current one of the opportunity", "1.8")
    stored = opportunity.document
    document = document_of(body)
    if DURATION.split(".")[-1] not in (body.get("Project") or {}):  # left out = unchanged; an explicit null clears
        put(document, DURATION, get(stored, DURATION))
    _complete(document)
    if review.simulates(stored, document, call.state.name):
        _simulate_review(call, opportunity, document)
    else:
        _edit(call, opportunity, document, body)
    call.move(opportunity)
    return {"Id": opportunity.id, "LastModifiedDate": to_text(opportunity.modified_ms)}


def read(call: Call, body: Body) -> Answer:
    """GetOpportunity."""
    return opportunity_reply(call.opportunity(body["Identifier"], reading=True), call)


def assign(call: Call, body: Body) -> Answer:
    """Make a Partner Central user the owner (3.3). No API lists the users."""
    opportunity = call.opportunity(body["Identifier"])
    assignee = body["Assignee"]
    users = call.settings.users
    if users is not None and assignee["Email"] not in users:
        text = "Assignee must be an active Partner Central user with ACE permission"
        raise refuse("Assignee.Email", BAD_VALUE, text, "3.3")
    others = [member for member in opportunity.team if member.get("BusinessTitle") != "OpportunityOwner"]
    opportunity.team = [*others, {**assignee, "BusinessTitle": "OpportunityOwner"}]
    if call.switches.association_moves_last_modified:
        call.move(opportunity)
    call.announce_update(opportunity)
    return {}


def _new(call: Call, document: dict[str, Any], referral: bool) -> Opportunity:
    identifier = call.ids.opportunity()
    now = call.now_ms - call.now_ms % call.switches.last_modified_step_ms
    return Opportunity(
        id=identifier,
        arn=call.owned_arn("opportunity", identifier),
        document=document,
        created_ms=now,
        modified_ms=now,
        origin="AWS Referral" if referral else "Partner Referral",
    )


def _complete(document: dict[str, Any]) -> None:
    """Defaults and what the server drops or changes before it stores a document (2.1, 2.6)."""
    document.setdefault("OpportunityType", "Net New Business")
    life = document.setdefault("LifeCycle", {})
    if not life.get("ReviewComments"):
        life.pop("ReviewComments", None)
    spend.normalise(document)
    programs = get(document, "Project.ApnPrograms")
    if programs:
        put(document, "Project.ApnPrograms", [name for name in programs if name in APN_PROGRAMS] or None)
    if document["OpportunityType"] == "Net New Business" and get(document, "Project.RelatedOpportunityIdentifier"):
        put(document, "Project.RelatedOpportunityIdentifier", None)
    if rules.is_national_security(document):
        put(document, f"{ADDRESS}.CountryCode", "US")


def _situation(call: Call, *, updating: bool, body: Body, opportunity: Opportunity | None = None) -> rules.Situation:
    return rules.Situation(
        today=today(call.now_ms),
        switches=call.switches,
        catalog=call.state.name,
        updating=updating,
        duration_given=(body.get("Project") or {}).get("ExpectedContractDuration") is not None,
        has_solution=opportunity is not None and opportunity.has_solution,
        submitted=opportunity is not None and opportunity.review_status != review.PENDING,
    )


def _edit(call: Call, opportunity: Opportunity, document: dict[str, Any], body: Body) -> None:
    """An ordinary update by the partner."""
    stored = opportunity.document
    status = opportunity.review_status
    found, locked = locks.problems(stored, document, status, call.switches)
    found += review.problems(stored, document, call.state.name)
    situation = _situation(call, updating=True, body=body, opportunity=opportunity)
    fresh = rules.problems(document, situation) + _shared_by_partner(opportunity, document)
    if status == review.ACTION_REQUIRED:
        fresh += _resubmission(call, opportunity, document)
    found += [problem for problem in fresh if not _is_locked(problem, locked)]
    _raise(found)
    _take_over(call, opportunity, document)
    if status == review.ACTION_REQUIRED:
        opportunity.document["LifeCycle"]["ReviewStatus"] = review.SUBMITTED
    if submission.co_sell_needs(document) and opportunity.involvement == submission.VISIBILITY_ONLY:
        opportunity.involvement = submission.CO_SELL
    call.announce_update(opportunity)


def _simulate_review(call: Call, opportunity: Opportunity, document: dict[str, Any]) -> None:
    """Sandbox: the partner plays AWS's reviewer (1.4); nothing else may change in the same call."""
    found = review.problems(opportunity.document, document, call.state.name)
    found += locks.problems(opportunity.document, document, review.SUBMITTED, call.switches)[0]
    _raise(found)
    life = document["LifeCycle"]
    decide_review(call, opportunity, life["ReviewStatus"], life.get("ReviewComments"), life.get("ReviewStatusReason"))


def _resubmission(call: Call, opportunity: Opportunity, document: dict[str, Any]) -> list[Problem]:
    return submission.problems(
        document,
        involvement=opportunity.involvement or submission.CO_SELL,
        visibility=opportunity.visibility,
        catalog=call.state.name,
        has_solution=opportunity.has_solution,
        switches=call.switches,
    )


def _is_locked(problem: Problem, locked: frozenset[str]) -> bool:
    return any(problem.path == path or (problem.path or "").startswith(f"{path}.") for path in locked)


def _shared_by_partner(opportunity: Opportunity, document: dict[str, Any]) -> list[Problem]:
    """What the receiver of another partner's opportunity must supply past Qualified (3.6)."""
    stage = get(document, "LifeCycle.Stage")
    if not opportunity.invited_by_partner or stage in (None, "Prospect", "Qualified", "Closed Lost"):
        return []
    needed = (
        "Project.CustomerUseCase",
        "Project.DeliveryModels",
        "PrimaryNeedsFromAws",
        "LifeCycle.TargetCloseDate",
        "Project.ExpectedCustomerSpend",
        "Marketing.Source",
    )
    found = [rules.missing(path, "past Qualified", "3.6") for path in needed if get(document, path) is None]
    if not opportunity.has_solution:
        found.append(rules.missing("RelatedEntityIdentifiers.Solutions", "past Qualified", "3.6"))
    return found


def _take_over(call: Call, opportunity: Opportunity, document: dict[str, Any]) -> None:
    """Store the new document; the review members stay the system's."""
    old = opportunity.document
    for name in review.REVIEW_MEMBERS:
        document["LifeCycle"].pop(name, None)
        if old["LifeCycle"].get(name) is not None:
            document["LifeCycle"][name] = old["LifeCycle"][name]
    opportunity.document = document
    _keep_history(call, opportunity, old["LifeCycle"].get("NextSteps"))


def _keep_history(call: Call, opportunity: Opportunity, before: str | None) -> None:
    life = opportunity.document["LifeCycle"]
    life.setdefault("Stage", "Prospect")
    life.setdefault("ReviewStatus", review.PENDING)
    steps = life.get("NextSteps")
    if steps and steps != before:
        opportunity.history.append({"Value": steps, "Time": to_text(call.now_ms)})
        del opportunity.history[:-_HISTORY_LENGTH]


def _origin(call: Call, referral: bool) -> list[Problem]:
    if not referral or call.state.name == "Sandbox":
        return []
    return [Problem("Origin", NOT_PERMITTED, "Origin must be Partner Referral in the AWS catalog", "1.4")]


def _team(body: Body) -> list[Problem]:
    wrong = [m for m in body.get("OpportunityTeam") or [] if m.get("BusinessTitle") != "PartnerAccountManager"]
    text = "a team member given at creation has BusinessTitle PartnerAccountManager; the owner is set by the system"
    return [Problem("OpportunityTeam.BusinessTitle", BAD_VALUE, text, "2.1")] if wrong else []


def _raise(found: list[Problem]) -> None:
    if found:
        raise ValidationException(BUSINESS, found)
