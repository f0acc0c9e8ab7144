"""A complete opportunity, and ways to bend it, for the tests of the simulated Partner Central."""

from __future__ import annotations

import copy
from typing import Any

from botocore.exceptions import ClientError

from sandbox.partner_central.account import PartnerCentralAccount

NOW_MS = 1_790_000_000_000  # 2026-09-21T14:13:20Z
SOLUTION = "S-1234567"

DOCUMENT: dict[str, Any] = {
    "PartnerOpportunityIdentifier": "500",
    "PrimaryNeedsFromAws": ["Co-Sell - Deal Support"],
    "NationalSecurity": "No",
    "OpportunityType": "Net New Business",
    "Customer": {
        "Account": {
            "CompanyName": "Example Customer",
            "Industry": "Retail",
            "WebsiteUrl": "customer.example.com",
            "AwsAccountId": "111122223333",
            "Address": {
                "CountryCode": "US",
                "StateOrRegion": "Texas",
                "PostalCode": "75001",
                "City": "Addison",
                "StreetAddress": "1 Main Street",
            },
        },
        "Contacts": [{"FirstName": "Pat", "LastName": "Doe", "Email": "pat@customer.example.com"}],
    },
    "Project": {
        "Title": "Cloud Migration",
        "CustomerBusinessProblem": "The data centre lease ends next year.",
        "CustomerUseCase": "Storage & Backup",
        "DeliveryModels": ["SaaS or PaaS"],
        "SalesActivities": ["Conducted POC / Demo"],
        "ExpectedCustomerSpend": [
            {"Amount": "2000.00", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"}
        ],
        "CompetitorName": "No Competition",
        "AdditionalComments": "none so far",
    },
    "LifeCycle": {"Stage": "Prospect", "TargetCloseDate": "2027-03-31", "NextSteps": "Call on Monday"},
    "Marketing": {"Source": "None"},
}

TCV_ROW = {"Amount": "24000.00", "CurrencyCode": "USD", "Frequency": "None", "TargetCompany": "Self"}
DURATION = {"Term": "Months", "Value": "12"}


def document(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The complete document with values set (or with None taken out) at dotted paths."""
    bent = copy.deepcopy(DOCUMENT)
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place = bent
        for name in parents:
            place = place.setdefault(name, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return bent


def create(client: Any, changes: dict[str, Any] | None = None, *, catalog: str = "AWS", attempt: str = "t-1") -> str:
    """Create an opportunity and return its id."""
    body = {"Origin": "Partner Referral", **document(changes)}
    return client.create_opportunity(Catalog=catalog, ClientToken=attempt, **body)["Id"]


def associate(
    client: Any, identifier: str, entity: str = SOLUTION, kind: str = "Solutions", catalog: str = "AWS"
) -> None:
    """Associate an entity."""
    client.associate_opportunity(
        Catalog=catalog,
        OpportunityIdentifier=identifier,
        RelatedEntityType=kind,
        RelatedEntityIdentifier=entity,
    )


def read(client: Any, identifier: str, catalog: str = "AWS") -> dict[str, Any]:
    """GetOpportunity without ResponseMetadata."""
    answer = client.get_opportunity(Catalog=catalog, Identifier=identifier)
    del answer["ResponseMetadata"]
    return answer


READ_ONLY = ("Id", "Arn", "CreatedDate", "OpportunityTeam", "RelatedEntityIdentifiers", "Catalog", "LastModifiedDate")


def update(
    client: Any, identifier: str, changes: dict[str, Any] | None = None, catalog: str = "AWS", **more: Any
) -> Any:
    """Get, change at dotted paths, send everything back, as a client has to."""
    now = read(client, identifier, catalog)
    version = now["LastModifiedDate"]
    body = {name: value for name, value in now.items() if name not in READ_ONLY}
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place = body
        for name in parents:
            place = place.setdefault(name, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    body |= {"Catalog": catalog, "Identifier": identifier, "LastModifiedDate": version, **more}
    return client.update_opportunity(**body)


def submit(
    client: Any, identifier: str, catalog: str = "AWS", attempt: str = "s-1", **submission: str
) -> dict[str, Any]:
    """StartEngagementFromOpportunityTask, Co-Sell unless told otherwise."""
    wanted = {"InvolvementType": "Co-Sell", "Visibility": "Full", **submission}
    return client.start_engagement_from_opportunity_task(
        Catalog=catalog, ClientToken=attempt, Identifier=identifier, AwsSubmission=wanted
    )


def submitted(client: Any, changes: dict[str, Any] | None = None, catalog: str = "AWS") -> str:
    """A submitted opportunity's id."""
    identifier = create(client, changes, catalog=catalog)
    associate(client, identifier, catalog=catalog)
    assert submit(client, identifier, catalog)["TaskStatus"] == "COMPLETE"
    return identifier


def entries(error: ClientError) -> dict[str | None, str]:
    """FieldName -> Code of a ValidationException."""
    return {entry.get("FieldName"): entry["Code"] for entry in error.response["ErrorList"]}


def code(error: ClientError) -> str:
    """The exception's name."""
    return error.response["Error"]["Code"]


INVITATION: dict[str, Any] = {
    "title": "Data platform",
    "business_problem": "Reports take a week to prepare.",
    "company": "Invited Customer",
    "industry": "Healthcare",
    "country": "DE",
    "website": "invited.example.com",
    "target_completion_date": "2027-06-30",
    "monthly_spend": "1500.00",
    "contacts": [{"FirstName": "Kim", "LastName": "Roe", "Email": "kim@invited.example.com"}],
    "city": "Berlin",
    "postal_code": "10115",
}


def at(client: Any, account: PartnerCentralAccount, status: str) -> str:
    """The id of an opportunity in a review status."""
    identifier = submitted(client)
    if status != "Submitted":
        account.edit_as_aws(identifier, review_status=status)
    return identifier
