"""Invitations as a person orders them from the sandbox, turned into the API's form (fact sheet 3.5)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from sandbox.partner_central.invitations import Offer


@dataclass(frozen=True, slots=True)
class InvitationOrder:
    """What AWS (or another partner) offers.

    Shown before acceptance: ``title``, ``business_problem`` (20-2000 characters), ``company``, ``industry``,
    ``country`` (ISO 3166-1 alpha-2), ``website``, ``target_completion_date`` (YYYY-MM-DD), ``monthly_spend`` (amount as
    text) with ``currency``, or ``spend`` rows in the API's form, ``responsibilities``, ``sender_contacts``.
    Hidden until then: ``contacts`` (API form: FirstName, LastName, Email, Phone, BusinessTitle), ``state``, ``city``,
    ``postal_code``, ``street``, ``aws_account_id``, ``next_steps``.
    ``lead`` true sends a LeadInvitation instead: company data and an interaction, no project; the first of ``contacts``
    and the business problem are in the engagement's context, which members see.
    Expiry: ``expires_at`` (epoch milliseconds) or ``expires_in_days`` (15 unless given).
    """

    title: str
    business_problem: str
    company: str
    industry: str
    country: str
    website: str
    target_completion_date: str
    monthly_spend: str | None = None
    currency: str = "USD"
    spend: list[dict[str, Any]] | None = None
    responsibilities: list[str] = field(default_factory=lambda: ["Software Partner"])
    sender_contacts: list[dict[str, Any]] | None = None
    contacts: list[dict[str, Any]] | None = None
    state: str | None = None
    city: str | None = None
    postal_code: str | None = None
    street: str | None = None
    aws_account_id: str | None = None
    next_steps: str | None = None
    sender_account: str = "aws"
    sender_company: str = "AWS"
    message: str = ""
    lead: bool = False
    expires_at: int | None = None
    expires_in_days: float = 15.0

    @classmethod
    def from_members(cls, members: dict[str, Any]) -> InvitationOrder:
        """From JSON members; ``ValueError`` names what is unknown or missing."""
        known = [member.name for member in fields(cls)]
        unknown = sorted(set(members) - set(known))
        if unknown:
            raise ValueError(f"unknown member {unknown[0]!r} of an invitation; allowed: {', '.join(known)}")
        needed = known[: known.index("monthly_spend")]
        absent = [name for name in needed if not members.get(name)]
        if absent:
            raise ValueError(f"an invitation needs: {', '.join(absent)}")
        return cls(**members)

    def offer(self) -> Offer:
        """The API's form."""
        if self.lead:
            return self._lead()
        payload: dict[str, Any] = {
            "ReceiverResponsibilities": list(self.responsibilities),
            "Customer": {
                "Industry": self.industry,
                "CompanyName": self.company,
                "WebsiteUrl": self.website,
                "CountryCode": self.country,
            },
            "Project": {
                "Title": self.title,
                "BusinessProblem": self.business_problem,
                "TargetCompletionDate": self.target_completion_date,
                "ExpectedCustomerSpend": self._spend_rows(),
            },
        }
        if self.sender_contacts:
            payload["SenderContacts"] = self.sender_contacts
        return Offer(payload, self._hidden(), self.sender_account, self.sender_company, self.message)

    def _lead(self) -> Offer:
        customer = {
            "CompanyName": self.company,
            "Industry": self.industry,
            "WebsiteUrl": self.website,
            "CountryCode": self.country,
        }
        payload = {"Customer": customer, "Interaction": {"ContactBusinessTitle": "", "SourceName": self.title}}
        hidden: dict[str, Any] = {"BusinessProblem": self.business_problem, "Contact": (self.contacts or [{}])[0]}
        return Offer(payload, hidden, self.sender_account, self.sender_company, self.message, "LeadInvitation")

    def _spend_rows(self) -> list[dict[str, Any]]:
        if self.spend is not None:
            return self.spend
        if self.monthly_spend is None:
            return []
        row = {"Amount": self.monthly_spend, "CurrencyCode": self.currency}
        return [{**row, "Frequency": "Monthly", "TargetCompany": "AWS"}]

    def _hidden(self) -> dict[str, Any]:
        address = "Customer.Account.Address"
        values = {
            "Customer.Contacts": self.contacts,
            f"{address}.StateOrRegion": self.state,
            f"{address}.City": self.city,
            f"{address}.PostalCode": self.postal_code,
            f"{address}.StreetAddress": self.street,
            "Customer.Account.AwsAccountId": self.aws_account_id,
            "LifeCycle.NextSteps": self.next_steps,
        }
        return {path: value for path, value in values.items() if value}
