"""What AWS lets a partner edit, by review status and stage.

AWS's documentation and its
spreadsheet of fields disagree in places; ``review_locks`` of the settings chooses: ``strict`` locks what either of
them locks, so that no update is refused, ``lenient`` only what both lock.
https://docs.aws.amazon.com/partner-central/latest/developer-guide/working-with-opportunity-updates.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from lambdas.shared.domain import paths
from lambdas.shared.domain.field_map import FieldRule

Reading = Literal["strict", "lenient"]

WITH_SOLUTION_ONLY = frozenset({"Committed", "Launched"})
_SOLUTION_KINDS = ("Solutions", "AwsMarketplaceSolutions", "AwsMarketplaceProducts")
READ_ONLY_STATUSES = frozenset({"Submitted", "In review", "Rejected"})

_ACCOUNT = "Customer.Account"
_SPEND = "Project.ExpectedCustomerSpend"

# Action Required: only these may be edited.
_ACTION_REQUIRED = (
    "PartnerOpportunityIdentifier",
    f"{_ACCOUNT}.WebsiteUrl",
    f"{_ACCOUNT}.Address",
    "Project.CustomerBusinessProblem",
    _SPEND,
    "LifeCycle.TargetCloseDate",
)
# Approved: all but these may be edited.
_APPROVED_LOCKED = (
    f"{_ACCOUNT}.Address.CountryCode",
    f"{_ACCOUNT}.Address.PostalCode",
    f"{_ACCOUNT}.Address.StateOrRegion",
    f"{_ACCOUNT}.CompanyName",
    f"{_ACCOUNT}.WebsiteUrl",
    "Project.Title",
    "Project.CustomerBusinessProblem",
    "NationalSecurity",
    f"{_SPEND}.CurrencyCode",
    f"{_SPEND}.Frequency",
    f"{_SPEND}.TargetCompany",
    "Project.ApnPrograms",
)
# Locked by one source only, or said by none for certain.
_APPROVED_DISPUTED = (
    f"{_ACCOUNT}.Industry",
    "PartnerOpportunityIdentifier",
    "PrimaryNeedsFromAws",
    "Project.ExpectedContractDuration",
    "Project.AwsPartition",
)
# Stage Launched, by the spreadsheet: only these may be edited.
_LAUNCHED = (
    "Project.AdditionalComments",
    "Project.DeliveryModels",
    "OpportunityType",
    "Project.RelatedOpportunityIdentifier",
)


def locked_fields(
    document: Mapping[str, Any] | None, rules: Sequence[FieldRule], reading: Reading = "strict"
) -> set[str]:
    """Names of the rules whose path cannot be written on this opportunity as it is now (none before it exists)."""
    if document is None:
        return set()
    return {rule.name for rule in rules if not editable(document, rule.path, reading)}


def held_values(document: Mapping[str, Any], rules: Sequence[FieldRule]) -> dict[str, frozenset[str]]:
    """Values that the stage cannot take for now.

    An opportunity is not closed before it was submitted, and not committed before a solution is associated.
    """
    held: set[str] = set()
    if paths.get(document, "LifeCycle.ReviewStatus") == "Pending Submission":
        held.add("Closed Lost")
    if not any(paths.get(document, f"RelatedEntityIdentifiers.{kind}") for kind in _SOLUTION_KINDS):
        held |= WITH_SOLUTION_ONLY
    return {rule.name: frozenset(held) for rule in rules if rule.path == "LifeCycle.Stage" and held}


def editable(document: Mapping[str, Any], path: str, reading: Reading = "strict") -> bool:
    """Whether a partner may change ``path`` of the opportunity now."""
    status = paths.get(document, "LifeCycle.ReviewStatus")
    bare = _without_selectors(path)
    if status in READ_ONLY_STATUSES:
        return False
    if reading == "strict" and paths.get(document, "LifeCycle.Stage") == "Launched":
        return _under(bare, _LAUNCHED) and (status != "Action Required" or _under(bare, _ACTION_REQUIRED))
    if status == "Action Required":
        return _under(bare, _ACTION_REQUIRED)
    return status != "Approved" or _open_when_approved(document, path, reading)


def _open_when_approved(document: Mapping[str, Any], path: str, reading: Reading) -> bool:
    bare = _without_selectors(path)
    if "[" in path and paths.get(document, path.rsplit(".", 1)[0]) is None:
        return False  # a new row would need the members that are locked
    return not _under(bare, (*_APPROVED_LOCKED, *(_APPROVED_DISPUTED if reading == "strict" else ())))


def _under(path: str, parents: Sequence[str]) -> bool:
    return any(path == parent or path.startswith(f"{parent}.") for parent in parents)


def _without_selectors(path: str) -> str:
    return ".".join(step.split("[", 1)[0] for step in path.split("."))
