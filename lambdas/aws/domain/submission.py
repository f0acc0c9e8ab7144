"""Submission of a deal's opportunity to AWS, beside the shared decision. Pure.

| review status | a person said yes in the property ``submit`` |
|---|---|
| none yet, Pending Submission | every problem of the preflight at once; else, once both sides are equal, the errand |
| the task runs, Submitted, In review | ``waiting``; what changes meanwhile is kept and sent when the review ends |
| Action Required | AWS's comments stand on the deal; the update with the fix sends it back by itself |
| Approved | nothing more to do |
| Rejected | final: nothing is ever sent again, whatever the property says |

The property stays as the person set it. While a submission that somebody has to put right stands, the deal says why; it
is sent anew when the opportunity, the choice or the property has changed since.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from lambdas.aws.domain.involvement import Wanted, wanted
from lambdas.aws.domain.opportunity import to_create_body, without_stubs
from lambdas.aws.domain.paths import set_path
from lambdas.aws.domain.preflight import preflight
from lambdas.aws.domain.submission_reasons import explanation
from lambdas.shared.domain import paths
from lambdas.shared.domain.documents import last_moved_at, text_of
from lambdas.shared.domain.finishing import restated
from lambdas.shared.domain.messages import digest
from lambdas.shared.domain.partner_view import OpportunityFacts
from lambdas.shared.domain.plan import Errand, Plan
from lambdas.shared.domain.planner import Window, plan_fields
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.status import status_changes
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

if TYPE_CHECKING:
    from lambdas.aws.domain.partner import Aws

__all__ = ["ERRAND", "STALE_MS", "fingerprint", "preflight", "with_submission"]

ERRAND = "submissions"
STALE_MS = 1_800_000
"""A submission of which nothing was heard for so long is asked for again: its message may be lost. A machine that
comes back does so within 15 minutes."""
_SOON_MS = 120_000
_PENDING, _IN_REVIEW = "Pending Submission", ("Submitted", "In review")
_SUBMITTED_PARTS = (
    "PrimaryNeedsFromAws",
    "NationalSecurity",
    "OpportunityType",
    "Customer",
    "Project",
    "LifeCycle",
    "Marketing",
    "SoftwareRevenue",
    "RelatedEntityIdentifiers",
)
_MOVES_BY_ITSELF = ("ReviewStatus", "ReviewComments", "ReviewStatusReason", "NextStepsHistory")
_MARKETING = "Marketing.Source"
_LONGEST = 600

_UNDER_WAY = "The deal is being submitted to AWS. Its review begins in a moment."
_TRYING_AGAIN = "AWS could not take the submission just now. It is tried again by itself."
_REVIEWED = "Waiting for AWS's review. Changes are kept, and sent when it ends."
_KEPT = " Kept until then: {fields}."
_ASKED = (
    "AWS asks for something before it approves; its comments are in {comments!r}. Correct the deal: the correction "
    "goes back into AWS's review by itself."
)
_REJECTED = (
    "AWS rejected this opportunity, which is final: nothing more is sent, whatever {submit!r} says. If the sale goes "
    "on, share it as a new deal."
)


def with_submission(plan: Plan, now: Situation, partner: Aws, context: Context) -> Plan:
    """The plan with what submitting the deal adds to it. Nothing while nobody said yes."""
    deal = now.deal
    if deal is None or not _may_speak(plan, now, deal, context):
        return plan
    if now.opportunity is None:
        found = _problems(plan, deal, _as_created(plan, deal, partner, context), partner, context)
        plan = replace(plan, look_again=plan.look_again or plan.action == "create")
        return restated(plan, deal, partner, context, problems=found) if found else plan
    run = _Run(now, deal, now.opportunity, partner.facts(now.opportunity), partner, context)
    if run.facts.review_status == _PENDING:
        return run.before_review(plan)
    if run.facts.review_status in _IN_REVIEW:
        return run.waiting(plan, _REVIEWED)
    return run.after_review(plan)


def fingerprint(document: Mapping[str, Any]) -> str:
    """A mark of what an opportunity says that a submission depends on; what moves by itself is left out."""
    said = {name: document[name] for name in _SUBMITTED_PARTS if document.get(name)}
    life = {name: value for name, value in (said.get("LifeCycle") or {}).items() if name not in _MOVES_BY_ITSELF}
    return digest({**said, "LifeCycle": life})


def _may_speak(plan: Plan, now: Situation, deal: Mapping[str, Any], context: Context) -> bool:
    """A person wants it, and the plan is one that compared a tagged deal field by field."""
    compared = plan.outcome in ("synced", "blocked") or (plan.outcome == "conflict" and bool(plan.conflicts))
    return (
        compared
        and now.deal_answer["deal"] == "current"
        and Tagging.of(context.partner).on(deal.get("properties"))
        and text_of(deal, "deal", context.partner["status_properties"]["submit"]) == "true"
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """What the rules of one tied deal look at."""

    now: Situation
    deal: Mapping[str, Any]
    opportunity: Mapping[str, Any]
    facts: OpportunityFacts
    partner: Aws
    context: Context

    @property
    def known(self) -> Mapping[str, Any]:
        """What the ledger says of the submission (``Submission``), empty when none was ever begun."""
        return self.now.extras.get("submission") or {}

    @property
    def names(self) -> Mapping[str, str]:
        """Role to deal property."""
        return self.context.partner["status_properties"]

    def before_review(self, plan: Plan) -> Plan:
        """Problems, a refusal that stands, or the errand."""
        plan = _with_marketing_source(plan, self.opportunity)
        after = _merged(self.opportunity, plan.opportunity)
        problems = _problems(plan, self.deal, after, self.partner, self.context) + self._lost(plan)
        if not problems and self._refusal_stands(plan, after):
            problems = [self._refusal()]
        if problems:
            return restated(plan, self.deal, self.partner, self.context, problems=problems, facts=self.facts)
        if plan.problems or plan.conflicts:
            return plan
        if plan.blocked:  # a stage that waits for a solution: what this run associates opens it
            return replace(plan, look_again=plan.look_again or bool(plan.steps))
        return self._send(plan)

    def waiting(self, plan: Plan, message: str) -> Plan:
        """The plan, showing what is waited for."""
        if plan.blocked:
            message += _KEPT.format(fields=", ".join(plan.blocked))
        return restated(plan, self.deal, self.partner, self.context, facts=replace(self.facts, waits_for=message))

    def after_review(self, plan: Plan) -> Plan:
        """What a person has to know of the review's outcome. A plan that holds problems says those."""
        if plan.problems or plan.conflicts or plan.action == "update":
            return plan
        if self.facts.review_status == "Action Required":
            return self._say(plan, "blocked", _ASKED.format(comments=self._property_of("LifeCycle.ReviewComments")))
        if self.facts.review_status == "Rejected":
            return self._say(plan, "synced", _REJECTED.format(submit=self.names["submit"]))
        return plan

    def _send(self, plan: Plan) -> Plan:
        """Asked for once, and again when nothing is heard of it."""
        state, now_ms = self.known.get("state"), self.context.now_ms
        heard = int(self.known["updated_at"]) if state not in (None, "refused") else 0
        under_way = now_ms - heard < STALE_MS
        look_at = (
            now_ms + _SOON_MS if under_way and state == "complete" else (heard if under_way else now_ms) + STALE_MS
        )
        plan = replace(plan, look_at=look_at if plan.look_at is None else min(plan.look_at, look_at))
        if not under_way:
            choice = wanted(self.deal, self.context)[0]
            about = {"opportunity": str(self.now.link.opportunity_id), "asked_at": str(now_ms)}
            detail = {**about, **asdict(choice)}
            plan = replace(plan, errands=(*plan.errands, Errand(ERRAND, detail)))
        return self.waiting(plan, _TRYING_AGAIN if state == "failed" and under_way else _UNDER_WAY)

    def _lost(self, plan: Plan) -> list[Problem]:
        """A deal that was lost before it was ever submitted: AWS takes no close of it, nor its submission."""
        rule = next((one for one in self.partner.rules if one.path == "LifeCycle.Stage"), None)
        if rule is None or rule.name not in plan.blocked:
            return []
        if self.partner.codecs[rule.codec].read(self.deal, rule, self.context).value != "Closed Lost":
            return []
        name = self.names["submit"]
        message = f"The deal is lost, and AWS reviews no lost opportunity. Set {name!r} to No, or reopen the deal."
        return [Problem(rule.name, message, "deal", rule.main_property)]

    def _refusal_stands(self, plan: Plan, after: Mapping[str, Any]) -> bool:
        """Nothing has changed since AWS refused: neither the record, nor the choice, nor the person's yes."""
        known = self.known
        if known.get("state") != "refused" or plan.writes or known["fingerprint"] != fingerprint(after):
            return False
        if wanted(self.deal, self.context)[0] != Wanted(known["involvement"], known["visibility"]):
            return False
        return (last_moved_at(self.deal, [self.names["submit"]], None) or 0) <= int(known["updated_at"])

    def _refusal(self) -> Problem:
        known, name = self.known, self.names["submit"]
        message = explanation(known.get("reason"), int(known.get("attempts") or 1), name)
        if known.get("message"):
            message += f" In AWS's words: “{str(known['message'])[:_LONGEST]}”"
        return Problem("submit", message, "deal", name)

    def _property_of(self, path: str) -> str:
        rule = next((one for one in self.partner.rules if one.path == path), None)
        return (rule.main_property if rule is not None else None) or path

    def _say(self, plan: Plan, status: str, message: str) -> Plan:
        if plan.blocked and status == "blocked":
            message += _KEPT.format(fields=", ".join(plan.blocked))
        said_before = {self.names[role] for role in ("sync_status", "sync_message", "last_sync")}
        rest = {name: text for name, text in plan.deal.items() if name not in said_before}
        wants = {"sync_status": status, "sync_message": message}
        other_writes = bool(plan.writes or rest)
        changes = status_changes(self.deal, self.names, wants, self.context.now_ms, other_writes=other_writes)
        return replace(plan, deal={**rest, **changes})


def _problems(
    plan: Plan, deal: Mapping[str, Any], after: Mapping[str, Any], partner: Aws, context: Context
) -> list[Problem]:
    """The preflight's, without those of fields that the comparison complains of already."""
    found = preflight(deal, after, rules=partner.rules, codecs=partner.codecs, entities=plan.steps, context=context)
    said = {(one.object, one.property or one.field) for one in plan.problems}
    return [one for one in found if (one.object, one.property or one.field) not in said]


def _as_created(plan: Plan, deal: Mapping[str, Any], partner: Aws, context: Context) -> dict[str, Any]:
    """The opportunity that the deal would become, also while it cannot become one yet."""
    values: Mapping[str, Any] = plan.opportunity
    if plan.action != "create":
        fields = plan_fields(
            deal,
            None,
            {},
            partner.rules,
            codecs=partner.codecs,
            locked=frozenset(),
            window=Window(0, 0),
            context=context,
        )
        values = {path: value for path, value in fields.opportunity.items() if value is not None}
    return to_create_body(values)


def _merged(opportunity: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(dict(opportunity))
    for path in sorted(changes, key=lambda each: each.count(".")):
        set_path(document, path, copy.deepcopy(changes[path]))
    return without_stubs(document)


def _with_marketing_source(plan: Plan, opportunity: Mapping[str, Any]) -> Plan:
    """AWS wants a marketing source; every update of ours states one, so a record without it is updated once."""
    if plan.action == "update" or paths.get(opportunity, _MARKETING) is not None:
        return plan
    return replace(plan, action="update", opportunity={**plan.opportunity, _MARKETING: "None"})
