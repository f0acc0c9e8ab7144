"""Owners at Partner Central and notes in HubSpot: the adapters against the strict simulated accounts."""

from __future__ import annotations

import pytest

from lambdas.aws.adapters.partner_central import PartnerCentral, make_client
from lambdas.aws.domain.opportunity import to_create_body
from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.errors import Rejected, Retryable, Throttled, Unauthorized
from sandbox.fakes.clock import FakeClock
from sandbox.faults import FaultRules
from sandbox.hubspot import HubSpotAccount, Settings, Switches, create_rep_deal, direct, make_app, other_reading
from sandbox.hubspot.actors import app_token
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import answer_client
from sandbox.partner_central.quota import Quota
from tests.contract.adapters.test_partner_central_on_simulator import VALUES

ANN = {"email": "ann@isv.example", "first_name": "Ann", "last_name": "Example", "title": "Account manager"}


@pytest.fixture
def faults():
    return FaultRules()


@pytest.fixture
def central(faults, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    quick = Quota(writes_per_second=1000, writes_per_day=10_000, reads_per_second=None)
    account = PartnerCentralAccount(FakeClock(1_790_000_000_000), users=["ann@isv.example"], quota=quick)
    client = make_client({"region": "us-east-1"}, None, None)
    answer_client(client, account, faults)
    return PartnerCentral(client, "AWS")


@pytest.fixture
def opportunity_id(central):
    return central.create_opportunity("token", to_create_body(VALUES))["id"]


def owner(central, opportunity_id):
    team = central.get_opportunity(opportunity_id).get("OpportunityTeam", [])
    return next((one["Email"] for one in team if one["BusinessTitle"] == "OpportunityOwner"), None)


def test_a_user_of_partner_central_becomes_the_owner_and_twice_changes_nothing(central, opportunity_id):
    central.assign(opportunity_id, ANN)
    central.assign(opportunity_id, ANN)
    assert owner(central, opportunity_id) == "ann@isv.example"


def test_one_who_is_no_active_user_is_refused_without_their_address_in_the_words(central, opportunity_id):
    with pytest.raises(Rejected) as caught:
        central.assign(opportunity_id, {**ANN, "email": "bob@isv.example"})
    assert "bob" not in str(caught.value) + str(caught.value.problems)
    assert owner(central, opportunity_id) != "bob@isv.example"


def test_a_missing_right_for_this_alone_is_a_refusal_and_for_everything_is_not(central, opportunity_id, faults):
    faults.add(operation="AssignOpportunity", status=400, code="AccessDeniedException", count=2)
    with pytest.raises(Rejected):
        central.assign(opportunity_id, ANN)
    faults.add(operation="GetOpportunity", status=400, code="AccessDeniedException")
    with pytest.raises(Unauthorized):
        central.assign(opportunity_id, ANN)


def test_credentials_that_are_out_of_date_are_no_refusal_of_the_user(central, opportunity_id, faults):
    faults.add(operation="AssignOpportunity", status=400, code="ExpiredTokenException")
    with pytest.raises(Unauthorized):
        central.assign(opportunity_id, ANN)


def test_an_opportunity_that_cannot_be_seen_yet_comes_again(central):
    with pytest.raises(Retryable):
        central.assign("O9999999", ANN)


def test_a_passing_fault_is_no_refusal(central, opportunity_id, faults):
    faults.add(operation="AssignOpportunity", status=400, code="ThrottlingException")
    with pytest.raises(Throttled):
        central.assign(opportunity_id, ANN)


@pytest.fixture(params=[Switches(), other_reading()], ids=["strict", "other reading"])
def account(request):
    return HubSpotAccount(FakeClock(), switches=request.param, settings=Settings(search_per_second=None))


@pytest.fixture
def hubspot(account):
    send = direct(make_app(account, FaultRules(), sleep=lambda _seconds: None))
    return HubSpot(lambda _fresh: "pat-na1-sandbox", "https://api.hubapi.test", send, account.clock)


def write(account, deal_id, body, actor=None):
    values = {"hs_timestamp": "1", "hs_note_body": body}
    return account.create("notes", values, actor, [("deals", deal_id)]).id


def test_marked_notes_come_with_when_and_by_whom_they_were_last_written(account, hubspot):
    deal = create_rep_deal(account)
    first, _other = write(account, deal.deal_id, "#share one"), write(account, deal.deal_id, "not marked")
    account.clock.advance(seconds=60)
    account.update("notes", first, {"hs_note_body": "#share edited"})
    (note,) = hubspot.dated_notes_of(deal.deal_id, lambda body: body.startswith("#share"))
    assert (note["id"], note["body"], note["at"]) == (first, "#share edited", account.clock.now_ms())
    assert (note["source_type"], note["source_id"]) == ("CRM_UI", "userId:600")


def test_deleted_notes_are_not_there_and_our_own_say_that_they_are(account, hubspot):
    deal = create_rep_deal(account)
    gone = write(account, deal.deal_id, "#share gone")
    write(account, deal.deal_id, "#share ours", app_token("pat", account.app_id).actor)
    account.archive("notes", gone)
    (note,) = hubspot.dated_notes_of(deal.deal_id, lambda _body: True)
    assert (note["source_type"], note["source_id"]) == ("INTEGRATION", str(account.app_id))


def test_of_many_notes_the_last_ones_are_read_with_their_history(account, hubspot):
    deal = create_rep_deal(account)
    for number in range(120):
        account.clock.advance(seconds=1)
        write(account, deal.deal_id, f"#share {number}")
    account.calls.clear()
    found = hubspot.dated_notes_of(deal.deal_id, lambda _body: True, most=3)
    assert {one["body"] for one in found} == {"#share 117", "#share 118", "#share 119"}
    assert account.calls.total() == 4, "associations, two pages of bodies, one of histories"
    assert hubspot.deals_of("notes", [found[0]["id"]]) == {found[0]["id"]: [deal.deal_id]}
