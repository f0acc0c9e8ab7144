"""What the tests of the notification rules share."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from config.partners.aws_notifications import Notifications

SETTINGS: dict[str, Any] = Notifications().model_dump(mode="json")
RULES: dict[str, Any] = SETTINGS["rules"]
BERLIN = ZoneInfo("Europe/Berlin")
NOON = 1_790_000_000_000
"""2026-09-21 14:13:20 UTC."""
ANN = {"BusinessTitle": "AWSSalesRep", "FirstName": "Ann", "LastName": "Seller", "Email": "ann@aws.example.com"}
BOB = {"BusinessTitle": "AWSSalesRep", "FirstName": "Bob", "LastName": "Seller", "Email": "bob@aws.example.com"}
CAT = {"BusinessTitle": "AWSAccountOwner", "FirstName": "Cat", "LastName": "Owner", "Email": "cat@aws.example.com"}
PDM = {"BusinessTitle": "PDM", "FirstName": "Dan", "LastName": "Manager", "Email": "dan@aws.example.com"}


def summary(score: str | None = None, quality: Any = None, team: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """GetAwsOpportunitySummary's document, without the sections of which nothing is said."""
    insights: dict[str, Any] = {} if score is None else {"EngagementScore": score}
    if quality is not None:
        insights["OpportunityQuality"] = {"Score": quality}
    document: dict[str, Any] = {"Insights": insights} if insights else {}
    return document if team is None else {**document, "OpportunityTeam": team}


def opportunity(status: str | None = "Pending Submission", comments: str | None = None) -> dict[str, Any]:
    """GetOpportunity's document, as far as the rules read it."""
    life = {"ReviewStatus": status, "ReviewComments": comments}
    return {"Id": "O1", "LifeCycle": {name: value for name, value in life.items() if value is not None}}
