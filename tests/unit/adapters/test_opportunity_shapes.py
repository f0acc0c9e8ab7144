"""What is kept of an opportunity and what is sent back: nothing lost, nothing refused."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone

import pytest

from lambdas.aws.domain.opportunity import iso_text, to_create_body, to_document, to_update_body
from lambdas.aws.domain.paths import fold_path, set_path
from lambdas.shared.domain.paths import get

SPEND = "Project.ExpectedCustomerSpend"
MONTHLY = {"Amount": "100.00", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"}
CONTRACT = {"Amount": "9.00", "CurrencyCode": "EUR", "Frequency": "None", "TargetCompany": "Self"}


def answer(**more):
    return {
        "Catalog": "AWS",
        "Id": "O1",
        "Arn": "arn:aws:partnercentral:us-east-1:1:catalog/AWS/opportunity/O1",
        "CreatedDate": datetime(2026, 11, 1, tzinfo=UTC),
        "LastModifiedDate": datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC),
        "PartnerOpportunityIdentifier": "500",
        "Customer": {"Account": {"CompanyName": "R&amp;D Ltd", "Address": {"CountryCode": "DE", "City": ""}}},
        "Project": {
            "Title": "BigCorp",
            "CustomerUseCase": "Business Applications&amp;colon; Mainframe &amp; more",
            "ExpectedCustomerSpend": [dict(MONTHLY), {"CurrencyCode": "USD"}],
            "SalesActivities": [],
        },
        "LifeCycle": {
            "Stage": "Prospect",
            "ReviewStatus": "Approved",
            "ReviewComments": "fine",
            "ReviewStatusReason": "Other",
            "NextSteps": None,
            "NextStepsHistory": [{"Value": "call", "Time": datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)}],
        },
        "Marketing": {},
        "OpportunityTeam": [{"Email": "a@x.io"}],
        "RelatedEntityIdentifiers": {"Solutions": ["S-1"], "AwsProducts": []},
        "ResponseMetadata": {"HTTPStatusCode": 200},
        **more,
    }


@pytest.fixture
def document():
    return to_document(answer())


def test_a_document_is_decoded_scrubbed_and_json(document):
    assert document["Customer"]["Account"] == {"CompanyName": "R&D Ltd", "Address": {"CountryCode": "DE"}}
    assert document["Project"]["CustomerUseCase"] == "Business Applications: Mainframe & more"
    assert document["Project"]["ExpectedCustomerSpend"] == [MONTHLY]
    assert document["LastModifiedDate"] == "2026-11-24T10:00:00.123456Z"
    assert document["CreatedDate"] == "2026-11-01T00:00:00Z"
    assert document["LifeCycle"]["NextStepsHistory"] == [{"Value": "call", "Time": "2026-11-02T03:04:05Z"}]
    assert document["RelatedEntityIdentifiers"] == {"Solutions": ["S-1"]}
    assert not {"ResponseMetadata", "Marketing"} & set(document)
    assert not {"NextSteps", "SalesActivities"} & {*document["LifeCycle"], *document["Project"]}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a&amp;colon; b", "a: b"),
        ("a &amp; b", "a & b"),
        ("a &amp;amp; b", "a &amp; b"),
        ("&colon; &lt;", "&colon; &lt;"),
    ],
)
def test_only_awss_own_entities_are_decoded(text, plain):
    project = to_document(answer(Project={"Title": text}))["Project"]
    assert project["Title"] == plain


@pytest.mark.parametrize("microsecond", [0, 1, 120_000, 123_456])
def test_a_version_keeps_the_whole_precision(microsecond):
    moment = datetime(2026, 11, 24, 12, 0, 0, microsecond, tzinfo=timezone(timedelta(hours=2)))
    text = iso_text(moment)
    assert datetime.fromisoformat(text) == moment
    assert text.startswith("2026-11-24T10:00:00")
    assert text.endswith("Z")


def test_an_update_sends_the_whole_record_with_the_changes(document):
    before = copy.deepcopy(document)
    body = to_update_body(document, {"LifeCycle.TargetCloseDate": "2027-01-31", "Project.Title": "Bigger"})
    assert body == {
        "Catalog": "AWS",
        "Identifier": "O1",
        "LastModifiedDate": "2026-11-24T10:00:00.123456Z",
        "PartnerOpportunityIdentifier": "500",
        "Customer": document["Customer"],
        "Project": {**document["Project"], "Title": "Bigger"},
        "LifeCycle": {"Stage": "Prospect", "TargetCloseDate": "2027-01-31"},
        "Marketing": {"Source": "None"},
    }
    assert document == before


def test_the_review_is_awss_in_its_catalog_whatever_the_plan_says(document):
    body = to_update_body(document, {"LifeCycle.ReviewStatus": "Approved"})
    assert body["LifeCycle"] == {"Stage": "Prospect"}


def test_a_review_can_be_played_in_the_sandbox_when_asked(document):
    document["Catalog"] = "Sandbox"
    assert "ReviewStatus" not in to_update_body(document, {})["LifeCycle"]
    played = to_update_body(document, {"LifeCycle.ReviewStatus": "Action Required"})["LifeCycle"]
    assert played == {"Stage": "Prospect", "ReviewStatus": "Action Required"}


def test_none_takes_a_member_away_and_leaves_no_empty_shell(document):
    body = to_update_body(document, {"Customer.Account.Address.CountryCode": None, SPEND: None, "Duns.No.Where": None})
    assert body["Customer"] == {"Account": {"CompanyName": "R&D Ltd"}}
    assert "ExpectedCustomerSpend" not in body["Project"]
    assert "Duns" not in body


def test_spend_can_be_replaced_as_a_whole_list(document):
    body = to_update_body(document, {SPEND: [CONTRACT, {"CurrencyCode": "USD"}]})
    assert body["Project"]["ExpectedCustomerSpend"] == [CONTRACT]


def test_one_spend_row_is_changed_by_its_target_and_the_other_kept(document):
    body = to_update_body(document, {f"{SPEND}[TargetCompany=AWS].Amount": "7.00"})
    assert body["Project"]["ExpectedCustomerSpend"] == [{**MONTHLY, "Amount": "7.00"}]
    row = {f"{SPEND}[TargetCompany=Self].{name}": value for name, value in CONTRACT.items()}
    assert to_update_body(document, row)["Project"]["ExpectedCustomerSpend"] == [MONTHLY, CONTRACT]


def test_a_row_that_lost_its_amount_goes(document):
    body = to_update_body(document, {f"{SPEND}[TargetCompany=AWS].Amount": None})
    assert "ExpectedCustomerSpend" not in body["Project"]


def test_a_row_with_an_estimate_needs_no_amount(document):
    row = {"CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS", "EstimationUrl": "https://e"}
    assert to_update_body(document, {SPEND: [row]})["Project"]["ExpectedCustomerSpend"] == [row]


def test_marketing_without_a_source_has_no_companions(document):
    document["Marketing"] = {"CampaignName": "c", "Channels": ["Email"]}
    assert to_update_body(document, {})["Marketing"] == {"Source": "None"}
    document["Marketing"] = {"Source": "Marketing Activity", "AwsFundingUsed": "No"}
    assert to_update_body(document, {})["Marketing"] == document["Marketing"]


def test_a_create_body_is_built_from_paths_alone():
    values = {
        "Project.Title": "BigCorp",
        "PartnerOpportunityIdentifier": "500",
        "Customer.Contacts": [{"Email": "a@x.io", "Phone": ""}],
        "Customer.Account.Address.City": None,
        f"{SPEND}[TargetCompany=AWS].Amount": "1.00",
    }
    assert to_create_body(values) == {
        "Origin": "Partner Referral",
        "PartnerOpportunityIdentifier": "500",
        "Project": {"Title": "BigCorp", "ExpectedCustomerSpend": [{"TargetCompany": "AWS", "Amount": "1.00"}]},
        "Customer": {"Contacts": [{"Email": "a@x.io"}]},
        "Marketing": {"Source": "None"},
    }


def test_a_whole_row_can_be_set_and_taken_away():
    target = {"Rows": [{"K": "a", "V": 1}, {"K": "b", "V": 2}]}
    set_path(target, "Rows[K=a]", {"V": 3})
    assert target == {"Rows": [{"K": "b", "V": 2}, {"K": "a", "V": 3}]}
    set_path(target, "Rows[K=b]", None)
    assert target == {"Rows": [{"K": "a", "V": 3}]}


def test_what_is_written_by_path_is_read_by_the_same_path():
    target: dict = {}
    set_path(target, "A.Rows[K=x y].V.W", 1)
    assert target == {"A": {"Rows": [{"K": "x y", "V": {"W": 1}}]}}
    assert get(target, "A.Rows[K=x y].V.W") == 1


def test_taking_away_what_is_not_there_makes_nothing():
    target: dict = {"A": 1}
    for path in ("B.C", "A.B", "Rows[K=x].V"):
        set_path(target, path, None)
    assert target == {"A": 1}


@pytest.mark.parametrize("path", ["", ".", "A.", "A..B", "A[B].C", "A[0].B", "A[B=c]D", "A b"])
def test_an_unreadable_path_is_named(path):
    with pytest.raises(ValueError, match="not a path"):
        set_path({}, path, 1)


@pytest.mark.parametrize(
    "name",
    [
        "Project.ExpectedCustomerSpend[TargetCompany=AWS].Amount",
        "project.expectedCustomerSpend.1.member.amount",
        "project.expectedCustomerSpend[0].amount",
        "Project.ExpectedCustomerSpend.Amount",
    ],
)
def test_awss_field_names_and_our_paths_fold_to_one_spelling(name):
    assert fold_path(name) == "project.expectedcustomerspend.amount"
