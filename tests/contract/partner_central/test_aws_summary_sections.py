"""AWS's own side: what AWS edits there, what the account sees of it, and what our adapter makes of the answer."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from lambdas.aws.adapters.summary import Summaries
from lambdas.aws.domain.summary import shown
from lambdas.shared.errors import NotFound, Retryable, Throttled, Unauthorized
from sandbox.partner_central.errors import ValidationException
from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import create, read, submitted

TEAM = [{"FirstName": "Ann", "LastName": "Day", "Email": "ann@amazon.com", "BusinessTitle": "AWSSalesRep"}]
SECTIONS = {
    "engagement_score": "Medium",
    "quality": {"Score": 64, "Trend": "Stable"},
    "next_best_actions": "Arrange a workshop: with the architects & the buyer",
    "recommendations": [{"Type": "Programme", "Details": "Migration Acceleration"}],
    "team": TEAM,
    "aws_stage": "Seller Engaged",
    "aws_target_close_date": "2031-02-28",
    "aws_next_steps": "The account team calls",
    "cosell_motion": "Agent-engaged",
}


def read_summary(client, identifier):
    return Summaries(client, "AWS").read(identifier)


def visible_only(client):
    """The id of an opportunity that was submitted for visibility only."""
    identifier = create(client, {"PrimaryNeedsFromAws": None})
    client.associate_opportunity(
        Catalog="AWS",
        OpportunityIdentifier=identifier,
        RelatedEntityType="Solutions",
        RelatedEntityIdentifier="S-1234567",
    )
    wanted = {"InvolvementType": "For Visibility Only", "Visibility": "Full"}
    client.start_engagement_from_opportunity_task(
        Catalog="AWS", ClientToken="v-1", Identifier=identifier, AwsSubmission=wanted
    )
    return identifier


def test_every_section_that_aws_fills_comes_to_its_property(account, client):
    identifier = submitted(client)
    account.edit_as_aws(identifier, **SECTIONS)
    found = shown(read_summary(client, identifier))
    assert found.unknown == {}
    assert found.texts == {
        "aws_engagement_score": "Medium",
        "aws_opportunity_quality": "64",
        "aws_quality_trend": "Stable",
        "aws_involvement": "Co-Sell",
        "aws_visibility": "Full",
        "aws_partner_stage": "Seller Engaged",
        "aws_partner_close_date": "2031-02-28",
        "aws_their_next_steps": "The account team calls",
        "aws_next_best_actions": "Arrange a workshop: with the architects & the buyer",
        "aws_team": "Ann Day (ann@amazon.com), AWS sales representative",
        "aws_recommendations": "Programme: Migration Acceleration",
        "aws_cosell_motion": "Agent-engaged",
    }


def test_aws_s_next_steps_are_not_ours(account, client):
    identifier = submitted(client)
    account.edit_as_aws(identifier, aws_next_steps="The account team calls")
    assert read(client, identifier)["LifeCycle"]["NextSteps"] == "Call on Monday"
    assert read_summary(client, identifier)["LifeCycle"]["NextSteps"] == "The account team calls"


def test_such_an_edit_moves_the_record_on_and_is_announced(account, client, clock, events):
    identifier = submitted(client)
    before = read(client, identifier)["LastModifiedDate"]
    clock.turn(60)
    events.clear()
    account.edit_as_aws(identifier, engagement_score="High")
    assert read(client, identifier)["LastModifiedDate"] > before
    updates = [event["detail"] for event in events if event["detail-type"] == "Opportunity Updated"]
    assert {detail["opportunity"]["identifier"] for detail in updates} == {identifier}


def test_a_section_that_aws_takes_back_is_absent(account, client):
    identifier = submitted(client)
    account.edit_as_aws(identifier, **SECTIONS)
    account.edit_as_aws(identifier, team=None, quality=None, cosell_motion=None, aws_next_steps=None)
    names = shown(read_summary(client, identifier)).texts
    assert not {"aws_team", "aws_opportunity_quality", "aws_cosell_motion", "aws_their_next_steps"} & set(names)
    assert names["aws_engagement_score"] == "Medium"


def test_aws_raises_its_involvement_with_a_reason(account, client):
    identifier = visible_only(client)
    assert shown(read_summary(client, identifier)).texts["aws_involvement"] == "For Visibility Only"
    account.edit_as_aws(identifier, involvement="Co-Sell", involvement_reason="Customer Requested")
    texts = shown(read_summary(client, identifier)).texts
    assert (texts["aws_involvement"], texts["aws_involvement_reason"]) == ("Co-Sell", "Customer Requested")


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ({"involvement": "Co-Sell"}, "AWS gives a reason"),
        ({"involvement": "For Visibility Only", "involvement_reason": "Risk Mitigation"}, "was asked for"),
        ({"involvement_reason": "Risk Mitigation"}, "comes with involvement"),
    ],
)
def test_a_raise_that_aws_would_not_make_is_refused(account, client, edits, says):
    identifier = visible_only(client)
    with pytest.raises(ValueError, match=says):
        account.edit_as_aws(identifier, **edits)


def test_co_sell_is_not_raised_again_nor_before_it_is_submitted(account, client):
    for identifier in (submitted(client), create(client, attempt="other")):
        with pytest.raises(ValueError, match="AWS raises For Visibility Only to Co-Sell"):
            account.edit_as_aws(identifier, involvement="Co-Sell", involvement_reason="Customer Requested")


@pytest.mark.parametrize(
    "edits",
    [
        {"engagement_score": "Great"},
        {"quality": {"Score": 101}},
        {"quality": {"Score": "64"}},
        {"quality": {"Level": 1}},
        {"team": [{"BusinessTitle": "Boss"}]},
        {"team": [{"Email": "Ann@Amazon.com"}]},
        {"recommendations": [{"Type": "Programme"}]},
        {"recommendations": [{"Type": "a", "Details": "b"}] * 6},
        {"aws_stage": "Prospecting"},
        {"aws_target_close_date": "soon"},
        {"aws_next_steps": "x" * 256},
    ],
)
def test_what_the_service_model_does_not_know_is_refused_and_changes_nothing(account, client, edits):
    identifier = submitted(client)
    before = read_summary(client, identifier)
    with pytest.raises(ValidationException):
        account.edit_as_aws(identifier, **edits)
    assert read_summary(client, identifier) == before


def test_before_submission_it_is_nearly_empty_or_not_found(make, clock):
    client = client_for(make())
    assert shown(read_summary(client, create(client))).texts == {}
    client = client_for(make(switch_summary_before_submission="not-found"))
    with pytest.raises(NotFound, match="to read AWS's summary of the opportunity"):
        read_summary(client, create(client))


def test_an_opportunity_that_nobody_knows_is_not_found(client):
    with pytest.raises(NotFound):
        read_summary(client, "O404")


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"status": 400, "code": "ThrottlingException"}, Throttled),
        ({"status": 500}, Retryable),
        ({"status": 400, "code": "AccessDeniedException"}, Unauthorized),
    ],
)
def test_refusals_are_the_named_errors(client, faults, rule, kind):
    identifier = submitted(client)
    faults.add("GetAwsOpportunitySummary", **rule)
    with pytest.raises(kind):
        read_summary(client, identifier)


def test_it_is_one_read_of_the_group(account, client):
    identifier = submitted(client)
    account.forget_calls()
    read_summary(client, identifier)
    assert account.call_counts() == {"GetAwsOpportunitySummary": {"calls": 1, "throttled": 0}}


def test_the_sdk_itself_is_answered_as_the_model_says(account, client):
    identifier = submitted(client)
    account.edit_as_aws(identifier, **SECTIONS)
    answer = client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=identifier)
    assert answer["RelatedOpportunityId"] == identifier
    assert answer["Insights"]["OpportunityQuality"] == {"Score": 64, "Trend": "Stable"}
    assert [each["Value"] for each in answer["LifeCycle"]["NextStepsHistory"]] == ["The account team calls"]
    with pytest.raises(ClientError):
        client.get_aws_opportunity_summary(Catalog="Sandbox", RelatedOpportunityIdentifier=identifier)
