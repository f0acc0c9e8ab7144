"""What a person can turn on the simulated vendor: its size and pace, and every fact nobody has confirmed.

``Switches`` are the statements that the fact sheet (google-cloud-partners.md) marks as unverified or does not make at
all. The default is the reading that is harder on a client; ``other_reading`` turns every one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

NARROW_EDITS = (
    "stage",
    "salesCycle",
    "isvSolutionConnectInfo.notes",
    "isvSolutionConnectInfo.nextStep",
    "opportunityInfo.description",
    "opportunityInfo.opportunityAmount",
    "qualificationInfo.dealSize",
    "qualificationInfo.estimatedCloseDate",
)
WIDE_EDITS = (
    "stage",
    "salesCycle",
    "isvSolutionConnectInfo",
    "opportunityInfo",
    "qualificationInfo",
    "customerInfo",
    "customerContacts",
    "opportunityLines",
    "opportunityTeamMembers",
    "referenceOpportunityId",
    "submitterEmail",
)
QUERY_FIELDS = (
    "createTime",
    "updateTime",
    "state",
    "stage",
    "source",
    "customerDisplayName",
    "creatorEmail",
    "referenceOpportunityId",
    "opportunityInfo.displayName",
)


@dataclass(slots=True)
class Settings:
    """One account's own data. None = unlimited.

    ``channel_per_minute``: calls of the project to the opportunities collection (3, Quotas). ``crm_per_minute``: no
    quota is documented. ``query_lag_ms``: how long a new record stays out of the query. ``latency_ms``: waited before
    each answer. ``allow_listed``: whether the vendor let the partner in. ``limited_view``: the partner sees few fields.
    ``audience``: the workload identity provider that the token exchange knows. ``token_seconds``: life of a token.
    """

    channel_per_minute: int | None = 120
    crm_per_minute: int | None = None
    query_lag_ms: int = 0
    latency_ms: int = 0
    allow_listed: bool = True
    limited_view: bool = False
    audience: str = (
        "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/sandbox/providers/aws"
    )
    token_seconds: int = 3600


@dataclass(slots=True)
class Switches:
    """Facts that are not confirmed. Each comment names the section of the fact sheet and the other reading."""

    # 3: output-only fields in a body or mask are "refused"; or "ignored"
    output_only: str = "refused"
    # 3: how create names the partner: opportunityInfo.partnerEntity ("entity"), or the query parameter ("query")
    create_partner: str = "entity"
    # 3: what a partner may edit once ACCEPTED (paths; a path covers what is below it)
    accepted_editable: tuple[str, ...] = NARROW_EDITS
    # 5: whether a refusal names the field (BadRequest in details)
    refusals_name_fields: bool = False
    # 3: fields that filter and orderBy take; () = none, both are refused
    filter_fields: tuple[str, ...] = ()
    order_fields: tuple[str, ...] = ()
    # 3: the order of a query without orderBy
    query_order: str = "oldest-first"
    # 3: required on create, and when it is submitted
    required_on_create: tuple[str, ...] = (
        "opportunityInfo.displayName",
        "customerInfo.customerDetails.organizationName",
    )
    required_on_submit: tuple[str, ...] = ("qualificationInfo.estimatedCloseDate", "opportunityInfo.productFamily")
    # 3: whether a partner may write referenceOpportunityId
    reference_id_writable: bool = False
    # 3, Quotas: "every other endpoint 120": counted over all opportunity methods ("all"), or each ("method")
    quota_counts: str = "all"
    # 5: the reason of an over-quota 403 stands in the older "errors", or in "details"
    quota_reason_in: str = "errors"
    # 5 (not stated): fields that hold a default (false, 0, "", []) are left out of answers
    defaults_left_out: bool = True
    # 3 (not stated): a patch that changes no value still moves updateTime
    same_value_moves_update_time: bool = True
    # 3 (not stated): digits of a second's fraction in timestamps: 9, or 3
    time_digits: int = 9
    # 8: an approved lead's opportunity has the same id in both APIs; False: another one
    ids_match_across_apis: bool = False
    # 2: a CRM patch without updateMask is refused ("refused"), or overwrites every writable field ("overwrites")
    crm_patch_without_mask: str = "refused"
    # 2: rejectionReason and the other review fields of a lead are output only
    lead_review_fields_output_only: bool = True
    # 2: a lead's externalSystemId may be written
    lead_external_id_writable: bool = False

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: {', '.join(map(str, allowed))}")


_ALLOWED: Mapping[str, tuple[Any, ...]] = {
    "output_only": ("refused", "ignored"),
    "create_partner": ("entity", "query"),
    "query_order": ("oldest-first", "newest-first"),
    "quota_counts": ("all", "method"),
    "quota_reason_in": ("errors", "details"),
    "time_digits": (9, 3),
    "crm_patch_without_mask": ("refused", "overwrites"),
}


def other_reading() -> Switches:
    """Every switch turned to its other reading, for tests that must hold under both."""
    return Switches(
        output_only="ignored",
        create_partner="query",
        accepted_editable=WIDE_EDITS,
        refusals_name_fields=True,
        filter_fields=QUERY_FIELDS,
        order_fields=QUERY_FIELDS,
        query_order="newest-first",
        required_on_create=(),
        required_on_submit=(),
        reference_id_writable=True,
        quota_counts="method",
        quota_reason_in="details",
        defaults_left_out=False,
        same_value_moves_update_time=False,
        time_digits=3,
        ids_match_across_apis=True,
        crm_patch_without_mask="overwrites",
        lead_review_fields_output_only=False,
        lead_external_id_writable=True,
    )


def changed(before: Any, changes: Mapping[str, Any]) -> Any:
    """A copy of ``Settings`` or ``Switches`` with plain data laid over. ``ValueError`` names an unknown key."""
    known = {one.name: getattr(before, one.name) for one in fields(before)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"unknown {type(before).__name__.lower()} key {name!r}; allowed: {', '.join(known)}")
        known[name] = tuple(value) if isinstance(known[name], tuple) else value
    return type(before)(**known)
