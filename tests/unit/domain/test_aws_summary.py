"""AWS's summary as properties: every section, none of them, and what cannot be shown."""

from __future__ import annotations

from typing import Any

import pytest

import config
from lambdas.aws.domain.summary import (
    INVOLVEMENTS,
    LONGEST_TEXT,
    PROPERTIES,
    ROLES,
    SCORES,
    VISIBILITIES,
    kept,
    news,
    shown,
)
from sandbox.partner_central.model_check import service_model

WHOLE: dict[str, Any] = {
    "Catalog": "AWS",
    "InvolvementType": "Co-Sell",
    "InvolvementTypeChangeReason": "Technical Complexity",
    "Visibility": "Full",
    "CosellMotion": "AWS Field-engaged",
    "LifeCycle": {"Stage": "Seller Engaged", "TargetCloseDate": "2031-02-28", "NextSteps": " Call them \n"},
    "OpportunityTeam": [
        {"FirstName": "Bo", "LastName": "Li", "Email": "bo@amazon.com", "BusinessTitle": "PSM"},
        {"FirstName": "Ann", "LastName": "Day", "Email": "ann@amazon.com", "BusinessTitle": "AWSSalesRep"},
        {"BusinessTitle": "Signatory"},
    ],
    "Insights": {
        "EngagementScore": "High",
        "NextBestActions": "Arrange a workshop",
        "OpportunityQuality": {"Score": 85, "Trend": "Improving"},
        "Recommendations": [
            {"Type": "Programme", "Details": "Migration Acceleration", "Attributes": {"b": "2", "a": "1"}},
            {"Type": "Contact", "Details": "Ask for an architect"},
        ],
    },
}


def test_every_section_has_its_property() -> None:
    assert shown(WHOLE).unknown == {}
    assert shown(WHOLE).texts == {
        "aws_engagement_score": "High",
        "aws_opportunity_quality": "85",
        "aws_quality_trend": "Improving",
        "aws_involvement": "Co-Sell",
        "aws_involvement_reason": "Technical Complexity",
        "aws_visibility": "Full",
        "aws_partner_stage": "Seller Engaged",
        "aws_partner_close_date": "2031-02-28",
        "aws_their_next_steps": "Call them",
        "aws_next_best_actions": "Arrange a workshop",
        "aws_team": "Ann Day (ann@amazon.com), AWS sales representative\n"
        "Bo Li (bo@amazon.com), Partner success manager",
        "aws_recommendations": "Programme: Migration Acceleration (a: 1; b: 2)\nContact: Ask for an architect",
        "aws_cosell_motion": "AWS Field-engaged",
    }


@pytest.mark.parametrize("summary", [{}, {"Insights": None}, {"LifeCycle": {}, "OpportunityTeam": None}])
def test_what_aws_does_not_speak_of_is_not_there(summary: dict[str, Any]) -> None:
    assert shown(summary).texts == shown(summary).unknown == {}


def test_an_empty_value_is_an_empty_text() -> None:
    empty = {"LifeCycle": {"NextSteps": ""}, "OpportunityTeam": [], "Insights": {"NextBestActions": "  "}}
    texts = shown(empty).texts
    assert texts == {"aws_their_next_steps": "", "aws_team": "", "aws_next_best_actions": ""}


@pytest.mark.parametrize(
    ("summary", "name", "says"),
    [
        ({"Insights": {"EngagementScore": "Great"}}, "aws_engagement_score", "'Great' is unknown; allowed: High, "),
        ({"Insights": {"OpportunityQuality": {"Score": 101}}}, "aws_opportunity_quality", "'101' is no score"),
        ({"Insights": {"OpportunityQuality": {"Score": True}}}, "aws_opportunity_quality", "'True' is no score"),
        ({"Insights": {"OpportunityQuality": {"Score": "85"}}}, "aws_opportunity_quality", "from 0 to 100"),
        ({"InvolvementType": "Watching"}, "aws_involvement", "allowed: Co-Sell, For Visibility Only"),
        ({"Visibility": "Half"}, "aws_visibility", "allowed: Full, Limited"),
        ({"LifeCycle": {"TargetCloseDate": "soon"}}, "aws_partner_close_date", "'soon' is no date"),
        ({"OpportunityTeam": "Ann"}, "aws_team", "no list of records"),
        ({"Insights": {"Recommendations": ["do it"]}}, "aws_recommendations", "no list of records"),
    ],
)
def test_what_cannot_be_shown_is_named_with_what_is_allowed_and_costs_nothing_else(
    summary: dict[str, Any], name: str, says: str
) -> None:
    now = shown({"CosellMotion": "Partner-led", **summary})
    assert now.texts == {"aws_cosell_motion": "Partner-led"}
    assert list(now.unknown) == [name]
    assert says in now.unknown[name]
    assert now.unknown[name].startswith(PROPERTIES[name][0])


def test_a_property_that_cannot_be_shown_stays_as_it_was() -> None:
    before = {"aws_engagement_score": "High", "aws_team": "Ann"}
    now = shown({"Insights": {"EngagementScore": "Great"}, "OpportunityTeam": [{"FirstName": "Ann"}]})
    assert news(before, now) == {}
    assert kept(before, now) == before


def test_a_section_that_is_gone_clears_what_it_had_set_and_nothing_else() -> None:
    before = {"aws_team": "Ann", "aws_cosell_motion": ""}
    assert news(before, shown({})) == {"aws_team": ""}
    assert kept(before, shown({})) == {}


def test_the_same_again_is_no_news_whatever_the_order_of_the_team() -> None:
    before = kept({}, shown(WHOLE))
    again = {**WHOLE, "OpportunityTeam": WHOLE["OpportunityTeam"][::-1]}
    assert news(before, shown(again)) == {}
    assert news({}, shown(WHOLE)) == before


def test_a_text_longer_than_hubspot_takes_is_cut() -> None:
    text = shown({"Insights": {"NextBestActions": "x" * 70_000}}).texts["aws_next_best_actions"]
    assert len(text) == LONGEST_TEXT
    assert text.endswith("…")


def test_a_title_that_we_have_no_word_for_is_shown_as_aws_says_it() -> None:
    assert shown({"OpportunityTeam": [{"FirstName": "Ann", "BusinessTitle": "XYZ"}]}).texts["aws_team"] == "Ann, XYZ"


def test_our_words_are_the_service_model_s() -> None:
    enum = lambda name: sorted(service_model().shape_for(name).enum)  # noqa: E731
    assert sorted(SCORES) == enum("EngagementScore")
    assert sorted(INVOLVEMENTS) == enum("SalesInvolvementType")
    assert sorted(VISIBILITIES) == enum("Visibility")
    assert sorted(ROLES) == enum("AwsMemberBusinessTitle")


def test_every_property_is_one_that_we_create_and_none_is_our_own_next_steps() -> None:
    configuration = config.load()
    made = {one.name: one for one in configuration.hubspot_properties.properties}
    assert set(PROPERTIES) <= set(made)
    assert made["aws_opportunity_quality"].type == "number"
    assert made["aws_partner_close_date"].type == "date"
    mapped = {name for rule in configuration.aws.fields for name in rule.properties}
    assert not set(PROPERTIES) & mapped
