"""What must hold when an opportunity is submitted (fact sheet 2.1 column S, 2.5, 3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.partner_central import postal
from sandbox.partner_central.errors import BAD_FORMAT, BAD_STATE, BAD_VALUE, NOT_PERMITTED, REQUIRED, Problem
from sandbox.partner_central.fields import ADDRESS, FIELDS, NEEDS, get
from sandbox.partner_central.rules import is_national_security, missing
from sandbox.partner_central.switches import Switches
from sandbox.partner_central.values import NO_SUPPORT_NEED

CO_SELL, VISIBILITY_ONLY = "Co-Sell", "For Visibility Only"


def co_sell_needs(document: dict[str, Any]) -> list[str]:
    """The needs that ask for co-sell."""
    return [need for need in get(document, NEEDS) or [] if need != NO_SUPPORT_NEED]


def problems(
    document: dict[str, Any],
    *,
    involvement: str,
    visibility: str | None,
    catalog: str,
    has_solution: bool,
    switches: Switches,
) -> list[Problem]:
    """Everything that keeps a document from being submitted."""
    return [
        *_required(document, switches, catalog),
        *_postal(document),
        *_solution(document, has_solution, switches),
        *_involvement(document, involvement, switches),
        *_visibility(document, involvement, visibility, switches),
    ]


def state_problem(review_status: str) -> Problem | None:
    """Only what is Pending Submission can be submitted; Action Required goes back by an update."""
    if review_status == "Pending Submission":
        return None
    text = f"cannot transition from {review_status} to Submitted by a submission"
    return Problem("LifeCycle.ReviewStatus", BAD_STATE, text, "1.4")


def _required(document: dict[str, Any], switches: Switches, catalog: str) -> Iterator[Problem]:
    for field in FIELDS:
        optional = field.path.endswith("WebsiteUrl") and is_national_security(document)
        if field.submit and not optional and get(document, field.path) is None:
            yield missing(field.path, "to submit (column S)")
    if get(document, "OpportunityType") == "Flat Renewal":
        path = "Project.RelatedOpportunityIdentifier"
        if get(document, path) is None:
            yield missing(path, "to submit a Flat Renewal")
    if switches.sandbox_needs_marketing_source and catalog == "Sandbox" and get(document, "Marketing.Source") is None:
        yield missing("Marketing.Source", "to submit in Sandbox", "6 no. 3")


def _postal(document: dict[str, Any]) -> Iterator[Problem]:
    path = f"{ADDRESS}.PostalCode"
    code = get(document, path)
    complaint = postal.complaint(get(document, f"{ADDRESS}.CountryCode") or "", code)
    if complaint:
        yield Problem(path, BAD_FORMAT if code else REQUIRED, f"PostalCode {complaint}", "2.5")


def _solution(document: dict[str, Any], has_solution: bool, switches: Switches) -> Iterator[Problem]:
    described = get(document, "Project.OtherSolutionDescription") is not None
    if has_solution or (described and switches.other_solution_submits):
        return
    text = "at least one solution or Marketplace product must be associated before submission"
    yield Problem("RelatedEntityIdentifiers.Solutions", REQUIRED, text, "3.1")


def _involvement(document: dict[str, Any], involvement: str, switches: Switches) -> Iterator[Problem]:
    needs = co_sell_needs(document)
    if involvement == CO_SELL and not needs:
        yield Problem(NEEDS, REQUIRED, "InvolvementType Co-Sell needs a Co-Sell entry in PrimaryNeedsFromAws", "3.1")
    if involvement == VISIBILITY_ONLY and needs:
        yield Problem(NEEDS, BAD_VALUE, "InvolvementType For Visibility Only goes without a Co-Sell need", "3.1")
    if involvement == CO_SELL and switches.s3_era_rules:
        for path in ("Customer.Contacts", "LifeCycle.NextSteps"):
            if get(document, path) is None:
                yield missing(path, "for Co-Sell (S3-era rule)")


def _visibility(
    document: dict[str, Any], involvement: str, visibility: str | None, switches: Switches
) -> Iterator[Problem]:
    path = "AwsSubmission.Visibility"
    if visibility == "Limited" and not switches.limited_visibility_eligible:
        yield Problem(path, NOT_PERMITTED, "Visibility Limited is for eligible accounts only", "2.2")
    if is_national_security(document):
        if involvement != CO_SELL:
            yield Problem(NEEDS, BAD_VALUE, "NationalSecurity Yes needs Co-Sell needs", "2.1")
        if visibility != "Full":
            yield Problem(path, BAD_VALUE, "NationalSecurity Yes needs Visibility Full", "2.1")
