"""The notification rules on what the simulated account really answers, through the adapters."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.partners.aws_notifications import Notifications
from lambdas.aws.adapters.partner_central import PartnerCentral
from lambdas.aws.adapters.summary import Summaries
from lambdas.aws.domain.notify.findings import find
from lambdas.aws.domain.notify.view import LEVELS, SELLERS, view_of
from lambdas.shared.errors import NotFound
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.model_check import service_model
from tests.contract.partner_central.samples import NOW_MS, associate, create, submit

SETTINGS = Notifications().model_dump(mode="json")
ANN = {"BusinessTitle": "AWSSalesRep", "FirstName": "Ann", "LastName": "Seller", "Email": "ann@aws.example.com"}
BOB = {**ANN, "FirstName": "Bob", "Email": "bob@aws.example.com"}


class Looks:
    """One look after another at one opportunity; ``look`` gives the rules that had news."""

    def __init__(self, client: Any, identifier: str) -> None:
        self._central, self._summaries = PartnerCentral(client, "AWS"), Summaries(client, "AWS")
        self._identifier = identifier
        self.seen: dict[str, Any] = {}

    def look(self) -> list[str]:
        try:
            summary = self._summaries.read(self._identifier)
        except NotFound:
            summary = {}
        view = view_of(self._central.get_opportunity(self._identifier), summary)
        assert view.unknown == ()
        found = find(self.seen, view, SETTINGS, now_ms=NOW_MS, zone=ZoneInfo("UTC"))
        self.seen = found["seen"]
        return [each["detail"]["rule"] for each in found["announce"]]


def test_what_aws_does_is_noticed_once(client: Any, account: PartnerCentralAccount):
    identifier = create(client)
    associate(client, identifier)
    looks = Looks(client, identifier)
    assert looks.look() == []
    submit(client, identifier)
    assert looks.look() == []
    account.edit_as_aws(identifier, review_status="Action Required", review_comments="Say more")
    assert looks.look() == ["review_status"]
    account.edit_as_aws(identifier, review_status="Approved", summary={"OpportunityTeam": [ANN]})
    assert looks.look() == ["review_status", "seller_assigned"]
    scored = {"EngagementScore": "Medium", "OpportunityQuality": {"Score": 60, "Trend": "Improving"}}
    account.edit_as_aws(identifier, summary={"Insights": scored})
    assert looks.look() == []
    account.edit_as_aws(identifier, summary={"Insights": {"OpportunityQuality": {"Score": 74}}})
    assert looks.look() == []
    risen = {"EngagementScore": "High", "OpportunityQuality": {"Score": 80}}
    account.edit_as_aws(identifier, summary={"Insights": risen, "OpportunityTeam": [BOB]})
    assert looks.look() == ["engagement_score", "opportunity_quality", "seller_assigned"]
    assert looks.look() == []


@pytest.mark.parametrize("before_submission", ["empty", "not-found"])
def test_before_the_submission_there_is_nothing_to_notice(make: Any, before_submission: str):
    from sandbox.partner_central.in_process import client_for

    client = client_for(make(switch_summary_before_submission=before_submission))
    assert Looks(client, create(client)).look() == []


def test_levels_and_sellers_are_the_service_model_s():
    model = service_model()
    assert set(LEVELS) == set(model.shape_for("EngagementScore").enum)
    assert set(SELLERS) <= set(model.shape_for("AwsMemberBusinessTitle").enum)
    reviewed = set(model.shape_for("ReviewStatus").enum)
    assert {"Approved", "Action Required", "Rejected"} <= reviewed
