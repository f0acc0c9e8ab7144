"""The table of the opportunity's fields: needed when, editable when (fact sheet 2.1 and 2.7), and access by path.

A document is the nested form of Create and Update. Empty text, lists and structures count as absent.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

SPEND = "Project.ExpectedCustomerSpend"
SPEND_KIND = "Project.ExpectedCustomerSpend.Kind"  # stands for CurrencyCode, Frequency and TargetCompany of the rows
NEEDS = "PrimaryNeedsFromAws"
PARTNER_ID = "PartnerOpportunityIdentifier"
ACCOUNT = "Customer.Account"
ADDRESS = "Customer.Account.Address"
DURATION = "Project.ExpectedContractDuration"


@dataclass(frozen=True, slots=True)
class Field:
    """One row. ``create``/``submit``: plainly required then. ``action_required``: editable in that status.

    ``approved``: ``yes``, ``no``, or the source by which it is locked: ``D``, ``X`` or ``unverified``.
    """

    path: str
    create: bool = False
    submit: bool = False
    action_required: bool = False
    approved: str = "yes"


FIELDS = (
    Field(PARTNER_ID, action_required=True, approved="D"),
    Field(NEEDS, approved="needs"),
    Field("NationalSecurity", approved="no"),
    Field("OpportunityType"),
    Field(f"{ACCOUNT}.CompanyName", create=True, submit=True, approved="no"),
    Field(f"{ACCOUNT}.Industry", create=True, submit=True, approved="D"),
    Field(f"{ACCOUNT}.OtherIndustry"),
    Field(f"{ACCOUNT}.WebsiteUrl", create=True, submit=True, action_required=True, approved="no"),
    Field(f"{ACCOUNT}.AwsAccountId"),
    Field(f"{ACCOUNT}.Duns"),
    Field(f"{ADDRESS}.CountryCode", create=True, submit=True, action_required=True, approved="no"),
    Field(f"{ADDRESS}.StateOrRegion", action_required=True, approved="no"),
    Field(f"{ADDRESS}.PostalCode", action_required=True, approved="no"),
    Field(f"{ADDRESS}.City", action_required=True),
    Field(f"{ADDRESS}.StreetAddress", action_required=True),
    Field("Customer.Contacts"),
    Field("Project.Title", create=True, submit=True, approved="no"),
    Field("Project.CustomerBusinessProblem", create=True, submit=True, action_required=True, approved="no"),
    Field("Project.CustomerUseCase", submit=True),
    Field("Project.DeliveryModels", submit=True),
    Field("Project.SalesActivities", submit=True),
    Field(SPEND, create=True, submit=True, action_required=True),
    Field(SPEND_KIND, action_required=True, approved="no"),
    Field(DURATION, approved="unverified"),
    Field("Project.CompetitorName"),
    Field("Project.OtherCompetitorNames"),
    Field("Project.OtherSolutionDescription"),
    Field("Project.RelatedOpportunityIdentifier"),
    Field("Project.AdditionalComments"),
    Field("Project.ApnPrograms", approved="X"),
    Field("Project.AwsPartition", approved="unverified"),
    Field("LifeCycle.Stage", submit=True),
    Field("LifeCycle.TargetCloseDate", create=True, submit=True, action_required=True),
    Field("LifeCycle.ClosedLostReason"),
    Field("LifeCycle.NextSteps"),
    Field("Marketing"),
    Field("SoftwareRevenue"),
)

SECTIONS = (
    PARTNER_ID,
    NEEDS,
    "NationalSecurity",
    "OpportunityType",
    "Customer",
    "Project",
    "LifeCycle",
    "Marketing",
    "SoftwareRevenue",
)


def get(document: dict[str, Any], path: str) -> Any:
    """The value at a path of the table, absent and empty alike as None."""
    if path == SPEND_KIND:
        return _kinds(get(document, SPEND)) or None
    value: Any = document
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value if value or value == 0 else None


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set (or with None remove) the value at a path, making the structures in between."""
    *parents, last = path.split(".")
    for name in parents:
        document = document.setdefault(name, {})
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value


def without_nulls(value: Any) -> Any:
    """A copy without null members: on the wire null and absent are the same."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def differing(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Paths of the table on which two documents differ."""
    return {field.path for field in FIELDS if _comparable(old, field.path) != _comparable(new, field.path)}


def document_of(body: dict[str, Any]) -> dict[str, Any]:
    """The opportunity sections of a request body, copied, without nulls and without what the system keeps."""
    document = {name: copy.deepcopy(without_nulls(body[name])) for name in SECTIONS if body.get(name) is not None}
    document.get("LifeCycle", {}).pop("NextStepsHistory", None)
    return document


def _kinds(rows: Any) -> list[tuple[Any, ...]]:
    return [(row.get("CurrencyCode"), row.get("Frequency"), row.get("TargetCompany")) for row in rows or []]


def _comparable(document: dict[str, Any], path: str) -> Any:
    value = get(document, path)
    if path == SPEND:
        return [(row.get("Amount"), row.get("EstimationUrl")) for row in value or []]
    return _compact(value)


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        compact = {name: _compact(item) for name, item in value.items()}
        return {name: item for name, item in compact.items() if item is not None} or None
    if isinstance(value, list):
        return [_compact(item) for item in value] or None
    return None if value == "" else value
