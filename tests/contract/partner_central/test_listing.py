"""ListOpportunities: filters, order, pages, and only the model's summary members."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.account import PartnerCentralAccount
from tests.contract.partner_central.samples import create, entries, read, update


@pytest.fixture
def five(client, clock):
    """Ids of five opportunities, a second apart, with falling close dates and company names A to E."""
    identifiers = []
    for number, letter in enumerate("ABCDE"):
        clock.turn(1)
        changes = {
            "Customer.Account.CompanyName": letter,
            "LifeCycle.TargetCloseDate": f"2027-0{9 - number}-01",
            "PartnerOpportunityIdentifier": str(number),
        }
        identifiers.append(create(client, changes, attempt=f"t-{number}"))
    return identifiers


def ids(client, **query):
    return [summary["Id"] for summary in client.list_opportunities(Catalog="AWS", **query)["OpportunitySummaries"]]


def sort(by, order):
    return {"Sort": {"SortBy": by, "SortOrder": order}}


def test_the_newest_change_comes_first_unless_sorted_otherwise(client, clock, five):
    clock.turn(1)
    update(client, five[1], {"LifeCycle.NextSteps": "now"})

    assert ids(client) == [five[1], five[4], five[3], five[2], five[0]]
    assert ids(client, **sort("CreatedDate", "ASCENDING")) == five
    assert ids(client, **sort("CustomerCompanyName", "DESCENDING")) == five[::-1]
    assert ids(client, **sort("TargetCloseDate", "ASCENDING")) == five[::-1]
    assert ids(client, **sort("Identifier", "ASCENDING")) == five


def test_after_last_modified_is_inclusive_and_before_is_not(client, five):
    third = read(client, five[2])["LastModifiedDate"]

    after = ids(client, LastModifiedDate={"AfterLastModifiedDate": third})
    before = ids(client, LastModifiedDate={"BeforeLastModifiedDate": third})

    assert set(after) == set(five[2:])
    assert set(before) == set(five[:2])


def test_filters_narrow_and_combine(client, five, clock):
    created = read(client, five[3])["CreatedDate"]
    update(client, five[3], {"LifeCycle.Stage": "Qualified"})

    assert ids(client, LifeCycleStage=["Qualified"]) == [five[3]]
    assert ids(client, LifeCycleReviewStatus=["Approved"]) == []
    assert ids(client, Identifier=five[:1]) == [five[0]]
    assert ids(client, CustomerCompanyName=["B", "C"], Identifier=[five[1]]) == [five[1]]
    assert set(ids(client, CreatedDate={"AfterCreatedDate": created})) == set(five[3:])
    assert set(ids(client, TargetCloseDate={"AfterTargetCloseDate": "2027-08-01"})) == set(five[:2])
    assert ids(client, TargetCloseDate={"BeforeTargetCloseDate": "2027-06-01"}) == [five[4]]


def test_the_partner_identifier_is_in_each_summary_to_find_an_orphan_by(client, five):
    summaries = client.list_opportunities(Catalog="AWS")["OpportunitySummaries"]

    assert {s["PartnerOpportunityIdentifier"]: s["Id"] for s in summaries} == dict(zip("01234", five, strict=True))


def test_a_summary_has_no_title_no_problem_text_no_contacts_and_no_street(client, account):
    create(client)

    summary = account.handle("ListOpportunities", {"Catalog": "AWS"})["OpportunitySummaries"][0]

    assert set(summary["Project"]) == {"DeliveryModels", "ExpectedCustomerSpend"}
    assert set(summary["Customer"]) == {"Account"}
    assert "StreetAddress" not in summary["Customer"]["Account"]["Address"]
    assert "PrimaryNeedsFromAws" not in summary


def test_pages_cover_everything_once_also_with_the_official_paginator(client, five):
    pages = list(client.get_paginator("list_opportunities").paginate(Catalog="AWS", PaginationConfig={"PageSize": 2}))

    assert [len(page["OpportunitySummaries"]) for page in pages] == [2, 2, 1]
    assert [s["Id"] for page in pages for s in page["OpportunitySummaries"]] == five[::-1]


def test_a_record_that_changes_between_pages_hides_no_other(client, five, clock):
    query = {"Catalog": "AWS", "MaxResults": 2, **sort("LastModifiedDate", "ASCENDING")}
    first = client.list_opportunities(**query)
    clock.turn(1)
    update(client, five[0], {"LifeCycle.NextSteps": "later"})

    second = client.list_opportunities(**query, NextToken=first["NextToken"])
    third = client.list_opportunities(**query, NextToken=second["NextToken"])

    seen = [s["Id"] for page in (first, second, third) for s in page["OpportunitySummaries"]]
    assert set(seen) == set(five)


def test_twenty_are_the_default_page_and_a_hundred_the_most(client):
    for number in range(21):
        create(client, attempt=f"n-{number}")

    assert len(ids(client)) == 20
    assert len(ids(client, MaxResults=100)) == 21
    with pytest.raises(ClientError) as refused:
        ids(client, MaxResults=101)
    assert entries(refused.value) == {"maxResults": "VALUE_OUT_OF_RANGE"}


def test_a_token_of_another_query_or_of_nobody_is_refused(client, five):
    token = client.list_opportunities(Catalog="AWS", MaxResults=2)["NextToken"]

    for query in ({"LifeCycleStage": ["Prospect"], "NextToken": token}, {"NextToken": "made up"}):
        with pytest.raises(ClientError, match=r"fact sheet 1\.9") as refused:
            ids(client, **query)
        assert entries(refused.value) == {"nextToken": "INVALID_VALUE"}


def test_a_datetime_survives_the_round_trip_to_the_microsecond(client, five):
    stamp = read(client, five[0])["LastModifiedDate"]

    assert stamp.astimezone(UTC) == datetime(2026, 9, 21, 14, 13, 21, tzinfo=UTC)
    beyond = stamp + timedelta(microseconds=1)
    assert five[0] not in ids(client, LastModifiedDate={"AfterLastModifiedDate": beyond})


def test_more_than_twenty_identifiers_are_too_many(account: PartnerCentralAccount, client):
    with pytest.raises(ClientError) as refused:
        ids(client, Identifier=[f"O{number}" for number in range(21)])

    assert entries(refused.value) == {"identifier": "TOO_MANY_VALUES"}
