"""Rules that decide about invitations, and suggestions of deals that one may be about."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain import invitation_document as stands
from lambdas.aws.domain.invitation_matches import Candidate, matches_text, ranked, words_of
from lambdas.aws.domain.invitation_rules import RULES, verdict

CUSTOMER = {
    "CompanyName": "BigCorp",
    "Industry": "Gaming",
    "CountryCode": "DE",
    "WebsiteUrl": "https://www.big.example/x",
}
PROJECT = {"Title": "Harbour", "BusinessProblem": "They want to move.", "TargetCompletionDate": "2027-03-31"}
INVITATION: dict[str, Any] = {
    "Id": "engi-1",
    "PayloadType": "OpportunityInvitation",
    "Status": "PENDING",
    "SenderAwsAccountId": "aws",
    "SenderCompanyName": "AWS",
    "ExpirationDate": "2026-12-13T10:00:00Z",
    "Payload": {"OpportunityInvitation": {"Customer": CUSTOMER, "Project": PROJECT}},
}


def said(rule: str, **listed: Any) -> str:
    return verdict(INVITATION, {"rule": rule, "listed": listed}, 0)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({}, "ask"),
        ({"senders": ["AWS"]}, "accept"),
        ({"senders": ["111122223333"]}, "ask"),
        ({"industries": ["gaming", "Retail"]}, "accept"),
        ({"industries": ["Gaming"], "countries": ["FR"]}, "ask"),
        ({"industries": ["Gaming"], "countries": ["de"]}, "accept"),
        ({"countries": ["FR"], "otherwise": "reject:Unable to support"}, "reject:Unable to support"),
        ({"countries": ["FR"], "otherwise": "accept"}, "accept"),
    ],
)
def test_listed_accepts_what_fits_every_filled_list(listed: dict[str, Any], expected: str) -> None:
    assert said("listed", **listed) == expected


def test_listed_knows_leads_and_invitations_that_show_nothing() -> None:
    lead = {"PayloadType": "LeadInvitation", "Payload": {"LeadInvitation": {"Customer": {"CountryCode": "DE"}}}}
    settings = {"rule": "listed", "listed": {"countries": ["DE"]}}
    assert verdict(lead, settings, 0) == "accept"
    assert verdict({"PayloadType": "OpportunityInvitation"}, settings, 0) == "ask"


def test_the_simple_rules_say_what_they_are_called() -> None:
    assert (said("accept-all"), said("ask")) == ("accept", "ask")


def test_an_unknown_rule_and_an_answer_of_its_own_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"unknown rule 'sometimes'.*accept-all, ask, listed"):
        said("sometimes")
    monkeypatch.setattr("lambdas.aws.domain.invitation_rules.RULES", {**RULES, "mine": lambda *_: "reject:No time"})
    with pytest.raises(ValueError, match="allowed: accept, ask, reject:Customer problem unclear"):
        said("mine")


def test_a_deal_scores_by_domain_and_name_and_says_why() -> None:
    deals = [
        Candidate("1", "BigCorp harbour move #AWS", same_domain=True),
        Candidate("2", "Harbour BigCorp"),
        Candidate("3", "Something else", same_domain=True),
        Candidate("4", "Harbour BigCorp", same_domain=True, taken=True),
        Candidate("5", "Nothing of the kind"),
    ]
    found = ranked(deals, "Harbour", "BigCorp", "big.example")
    assert [(one.deal_id, one.score) for one in found] == [("1", 87), ("3", 60), ("2", 40)]
    assert matches_text(found[:1]) == (
        "Deal 1 (87 of 100): BigCorp harbour move #AWS - same customer domain big.example, names 67 % alike"
    )


def test_at_most_five_are_suggested_in_a_stable_order() -> None:
    deals = [Candidate(str(number), "Harbour") for number in range(9)]
    assert [one.deal_id for one in ranked(deals, "Harbour", None, None)] == ["0", "1", "2", "3", "4"]


def test_words_worth_a_search_are_few_and_name_something() -> None:
    assert words_of("The new AWS cloud project for Harbour at BigCorp GmbH", "BigCorp") == ["harbour", "bigcorp"]
    assert len(words_of("one two three four five six seven eight")) == 5
    assert words_of(None, "") == []


def test_an_invitation_reads_as_an_opportunity_of_which_nothing_is_invented() -> None:
    document = stands.as_opportunity(INVITATION)
    assert document["Project"]["Title"] == "Harbour"
    assert document["Customer"]["Account"]["Address"] == {"CountryCode": "DE"}
    bare = stands.as_opportunity({"Id": "engi-1", "EngagementTitle": "Shared", "PayloadType": "OpportunityInvitation"})
    assert (bare["Project"], bare["Customer"], bare["LifeCycle"]) == ({"Title": "Shared"}, {}, {})
    assert stands.ends_at({}) is None


def test_the_mark_of_an_invitation_is_that_of_its_opportunity_and_of_no_other() -> None:
    opportunity = {"Project": {"Title": " harbour "}, "Customer": {"Account": {"CompanyName": "BIGCORP"}}}
    assert stands.mark_of_invitation(INVITATION) in stands.marks_of_opportunity(opportunity)
    opportunity["Project"]["Title"] = "Harbour II"
    assert stands.mark_of_invitation(INVITATION) not in stands.marks_of_opportunity(opportunity)
    assert stands.marks_of_opportunity({"Project": {"Title": "Harbour"}}) == ()
