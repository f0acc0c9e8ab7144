"""What GetEngagementInvitation's answer says, as the product reads it. Pure.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_GetEngagementInvitation.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.shared.domain import paths
from lambdas.shared.domain.messages import digest

LEAD = "LeadInvitation"
OPPORTUNITY = "OpportunityInvitation"
PENDING, ACCEPTED, REJECTED, EXPIRED = "PENDING", "ACCEPTED", "REJECTED", "EXPIRED"

REJECT_REASONS = (
    "Customer problem unclear",
    "Next steps unclear",
    "Unable to support",
    "Duplicate of partner referral",
    "Other",
)
"""The words that AWS takes (https://docs.aws.amazon.com/partner-central/latest/APIReference/API_RejectEngagementInvitation.html)."""


def is_lead(invitation: Mapping[str, Any]) -> bool:
    """Whether a lead is shared, not an opportunity."""
    return invitation.get("PayloadType") == LEAD


def payload_of(invitation: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is offered; empty where AWS shows nothing of it."""
    return (invitation.get("Payload") or {}).get(str(invitation.get("PayloadType"))) or {}


def customer_of(invitation: Mapping[str, Any]) -> Mapping[str, Any]:
    """The customer as far as it is shown before the acceptance: company, industry, website, country."""
    return payload_of(invitation).get("Customer") or {}


def ends_at(invitation: Mapping[str, Any]) -> int | None:
    """Until when it may be answered, in epoch milliseconds; None when AWS does not say."""
    text = invitation.get("ExpirationDate")
    if not text:
        return None
    moment = datetime.fromisoformat(str(text))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def title_of(invitation: Mapping[str, Any]) -> str:
    """The project's title, else what else names it: engagement or customer."""
    named = (
        paths.get(payload_of(invitation), "Project.Title"),
        paths.get(payload_of(invitation), "Interaction.SourceName"),
        invitation.get("EngagementTitle"),
        customer_of(invitation).get("CompanyName"),
    )
    return next((str(one).strip() for one in named if one and str(one).strip()), f"AWS {invitation.get('Id', '')}")


def as_opportunity(invitation: Mapping[str, Any]) -> dict[str, Any]:
    """The invitation in the form of an opportunity document, so that the field map makes a deal of it."""
    project, customer = payload_of(invitation).get("Project") or {}, customer_of(invitation)
    account = {name: customer[name] for name in ("CompanyName", "Industry", "WebsiteUrl") if customer.get(name)}
    if customer.get("CountryCode"):
        account["Address"] = {"CountryCode": customer["CountryCode"]}
    described = project.get("BusinessProblem") or paths.get(payload_of(invitation), "Interaction.Usecase")
    document: dict[str, Any] = {
        "Origin": "AWS Referral",
        "Customer": {"Account": account},
        "Project": {
            "Title": title_of(invitation),
            "CustomerBusinessProblem": described,
            "ExpectedCustomerSpend": project.get("ExpectedCustomerSpend"),
        },
        "LifeCycle": {"TargetCloseDate": project.get("TargetCompletionDate")},
    }
    return {name: _filled(section) for name, section in document.items()}


def domain_of(website: Any) -> str | None:
    """``bigcorp.example`` of ``https://www.bigcorp.example/path``; None of nothing."""
    bare = re.sub(r"^(https?://)?(www\.)?", "", str(website or "").strip().lower()).split("/")[0]
    return bare or None


def mark_of(title: Any, company: Any) -> str | None:
    """A digest by which an accepted opportunity is known as this invitation's; None when either is missing.

    An opportunity does not name the invitation that it came by, and both events may arrive in any order.
    """
    known = [" ".join(str(each or "").split()).casefold() for each in (title, company)]
    return digest(*known) if all(known) else None


def mark_of_invitation(invitation: Mapping[str, Any]) -> str | None:
    """``mark_of`` what the invitation shows; of a lead its customer alone, since its opportunity's title is AWS's."""
    if is_lead(invitation):
        return mark_of(LEAD, customer_of(invitation).get("CompanyName"))
    return mark_of(paths.get(payload_of(invitation), "Project.Title"), customer_of(invitation).get("CompanyName"))


def marks_of_opportunity(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The marks that an opportunity document fits: as an invitation's, as a lead's."""
    company = paths.get(document, "Customer.Account.CompanyName")
    marks = (mark_of(paths.get(document, "Project.Title"), company), mark_of(LEAD, company))
    return tuple(mark for mark in marks if mark is not None)


def _filled(section: Any) -> Any:
    return {name: value for name, value in section.items() if value} if isinstance(section, dict) else section
