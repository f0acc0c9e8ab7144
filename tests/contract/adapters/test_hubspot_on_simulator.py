"""The HubSpot adapter against the strict simulated account, under both readings of every unconfirmed fact."""

from __future__ import annotations

import pytest

from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.errors import Conflict, NotFound, Rejected, Retryable, Throttled, Unauthorized
from sandbox.fakes.clock import FakeClock
from sandbox.faults import FaultRules
from sandbox.hubspot import HubSpotAccount, Settings, Switches, create_rep_deal, direct, make_app, other_reading

UNIQUE = {
    "name": "aws_opportunity_id",
    "label": "AWS opportunity",
    "groupName": "cosell",
    "type": "string",
    "fieldType": "text",
    "hasUniqueValue": True,
}
INBOUND = {
    "aws_opportunity_id": "O1",
    "dealname": "Shared #AWS",
    "pipeline": "default",
    "dealstage": "appointmentscheduled",
}
COMPANY_KEY = {**UNIQUE, "name": "cosell_company_key", "label": "Key", "groupName": "companyinformation"}


@pytest.fixture(params=[Switches(), other_reading()], ids=["strict", "other reading"])
def switches(request):
    return request.param


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def account(switches, clock):
    return HubSpotAccount(clock, switches=switches, settings=Settings(search_per_second=None))


@pytest.fixture
def faults():
    return FaultRules()


@pytest.fixture
def hubspot(account, faults, clock):
    send = direct(make_app(account, faults, sleep=lambda seconds: None))
    client = HubSpot(lambda fresh: "pat-na1-sandbox", "https://api.hubapi.test", send, clock)
    client.create_property_group("deals", "cosell", "Co-sell")
    client.create_properties("deals", [UNIQUE])
    client.create_properties("companies", [COMPANY_KEY])
    account.calls.clear()
    return client


def read(hubspot, deal_id, **options):
    return hubspot.read_deal(deal_id, ["dealname", "amount", "description"], ["amount"], ["name"], ["email"], **options)


def test_a_reps_deal_is_read_whole_in_three_calls(hubspot, account, clock):
    made = create_rep_deal(account)
    clock.advance(seconds=5)
    account.update("deals", made.deal_id, {"amount": "60000"})
    document = read(hubspot, made.deal_id)
    assert document["id"] == made.deal_id
    assert document["properties"]["dealname"] == "BigCorp Cloud Migration #AWS"
    assert document["properties"]["description"] is None
    assert [entry["value"] for entry in document["history"]["amount"]] == ["60000", "50000"]
    assert document["history"]["amount"][0]["timestamp"] == clock.now_ms()
    assert document["history"]["amount"][0]["source_type"] == "CRM_UI"
    assert document["history"]["amount"][0]["source_id"] == "userId:600"
    assert document["company"]["id"] == made.company_id
    assert document["company"]["properties"]["name"] == "BigCorp 1"
    assert [one["id"] for one in document["contacts"]] == [made.contact_id]
    assert document["updated_at"] == clock.now_ms()
    assert sum(account.calls.values()) == 3


def test_our_own_write_is_recognisable_in_the_history(hubspot, account):
    made = create_rep_deal(account)
    hubspot.update_deal(made.deal_id, {"amount": "7"})
    newest = read(hubspot, made.deal_id)["history"]["amount"][0]
    assert (newest["value"], newest["source_type"], newest["source_id"]) == ("7", "INTEGRATION", str(account.app_id))


def test_the_primary_company_is_chosen_among_several(hubspot, account):
    made = create_rep_deal(account)
    others = [account.create("companies", {"name": name, "domain": f"{name}.example"}).id for name in ("a", "b")]
    for other in others:
        account.associate(("deals", made.deal_id), ("companies", other))
    assert read(hubspot, made.deal_id)["company"]["id"] == made.company_id


def test_a_deleted_deal_is_archived_and_an_unknown_one_not_found(hubspot, account):
    made = create_rep_deal(account)
    account.archive("deals", made.deal_id)
    assert read(hubspot, made.deal_id)["archived"] is True
    with pytest.raises(NotFound):
        read(hubspot, "987654321")
    assert hubspot.batch_read_deals([made.deal_id, "987654321"], ["dealname"]) == {}


def test_a_merged_deal_is_read_under_its_new_id(hubspot, account):
    first, second = create_rep_deal(account), create_rep_deal(account, number=2)
    merged = account.merge("deals", first.deal_id, second.deal_id)
    assert read(hubspot, first.deal_id)["id"] == read(hubspot, second.deal_id)["id"] == merged.id


def test_a_deal_of_an_opportunity_is_made_once_and_found_by_it(hubspot):
    deal_id = hubspot.create_deal(INBOUND, None, [])["id"]
    with pytest.raises(Conflict):
        hubspot.create_deal(INBOUND, None, [])
    assert hubspot.find_deal("aws_opportunity_id", "O1") == deal_id
    assert hubspot.find_deal("aws_opportunity_id", "O2") is None
    assert read(hubspot, "O1", id_property="aws_opportunity_id")["id"] == deal_id


def test_a_taken_unique_value_is_a_conflict(hubspot, account):
    first, second = create_rep_deal(account), create_rep_deal(account, number=2)
    hubspot.update_deal(first.deal_id, {"aws_opportunity_id": "O1"})
    with pytest.raises(Conflict):
        hubspot.update_deal(second.deal_id, {"aws_opportunity_id": "O1"})


def test_a_wrong_value_names_its_property(hubspot, account):
    made = create_rep_deal(account)
    with pytest.raises(Rejected) as raised:
        hubspot.update_deal(made.deal_id, {"closedate": "one day", "amount": "many"})
    assert {problem.property for problem in raised.value.problems} == {"closedate", "amount"}
    with pytest.raises(Rejected) as unknown:
        hubspot.create_deal({**INBOUND, "dealstage": "no-such-stage"}, None, [])
    assert "dealstage" in {problem.property for problem in unknown.value.problems}


def test_a_new_deals_date_is_told_as_hubspot_keeps_it(hubspot, account):
    made = hubspot.create_deal({**INBOUND, "closedate": "2027-04-30"}, None, [])
    assert made["properties"]["closedate"] == account.values("deals", made["id"])["closedate"] != "2027-04-30"


def test_a_date_is_told_as_hubspot_keeps_it(hubspot, account):
    made = create_rep_deal(account)
    written = hubspot.update_deal(made.deal_id, {"closedate": "2027-04-30"})
    assert written["properties"]["closedate"] == account.values("deals", made.deal_id)["closedate"]
    assert written["properties"]["closedate"].startswith("2027-04-30T00:00:00")


def test_a_cleared_property_is_read_as_none(hubspot, account):
    made = create_rep_deal(account)
    assert hubspot.update_deal(made.deal_id, {"amount": None})["properties"] in ({"amount": ""}, {"amount": None})
    assert read(hubspot, made.deal_id)["properties"]["amount"] is None


def test_companies_and_contacts_lead_to_their_deals(hubspot, account):
    first, second = create_rep_deal(account), create_rep_deal(account, number=2)
    found = hubspot.deals_of("companies", [first.company_id, second.company_id, "987654321"])
    assert found == {first.company_id: [first.deal_id], second.company_id: [second.deal_id], "987654321": []}
    assert hubspot.deals_of("contacts", [first.contact_id]) == {first.contact_id: [first.deal_id]}


def test_changes_are_found_page_by_page_oldest_first(hubspot, account, clock):
    made = []
    for number in range(3):
        clock.advance(seconds=1)
        made.append(create_rep_deal(account, number=number).deal_id)
    since = clock.now_ms() - 1000
    found, after = hubspot.search_modified_deals(since, limit=1)
    assert after is not None
    rest, end = hubspot.search_modified_deals(since, after, limit=1)
    assert [one.deal_id for one in found + rest] == made[1:]
    assert end is None
    assert rest[0].modified_at == clock.now_ms()


def test_notes_and_tasks_are_on_the_deal_and_found_again(hubspot, account, clock):
    made = create_rep_deal(account)
    note = hubspot.create_note(made.deal_id, "<p>one <b>note</b></p>", clock.now_ms())
    task = hubspot.create_task(made.deal_id, "Fix it", "<p>a task</p>", clock.now_ms(), made.owner_id, "HIGH")
    hubspot.create_task(None, "Elsewhere", "<p>another</p>", clock.now_ms())
    assert hubspot.notes_of(made.deal_id) == [{"id": note, "body": "<p>one <b>note</b></p>"}]
    assert hubspot.tasks_of(made.deal_id) == [{"id": task, "body": "<p>a task</p>"}]
    assert account.associated("deals", made.deal_id, "tasks") == [task]


def test_people_and_companies_of_an_invitation_are_made_once(hubspot, account, clock):
    deal_id = hubspot.create_deal(INBOUND, None, [])["id"]
    company = hubspot.upsert_company("cosell_company_key", "bigcorp", {"name": "Big", "domain": "big.example"})
    contact = hubspot.upsert_contact("Pat@Big.example", {"firstname": "Pat"})
    clock.advance(seconds=60)
    assert hubspot.upsert_company("cosell_company_key", "bigcorp", {"name": "Big"}) == company
    assert hubspot.upsert_contact("pat@big.example", {"lastname": "Example"}) == contact
    assert hubspot.find_company_by_domain("Big.example") == company
    assert hubspot.find_company_by_domain("small.example") is None
    for kind, one in (("companies", company), ("contacts", contact)):
        hubspot.associate("deals", deal_id, kind, one)
        hubspot.associate("deals", deal_id, kind, one)
    document = read(hubspot, deal_id)
    assert document["company"]["id"] == company
    assert [one["id"] for one in document["contacts"]] == [contact]


def test_who_was_made_for_an_earlier_deal_keeps_what_a_person_corrected_since(hubspot, account, clock):
    company = hubspot.ensure_company("cosell_company_key", "big-1", None, {"name": "Big", "city": "Bonn"})
    contact = hubspot.ensure_contact("Pat@Big.example", {"firstname": "Pat"})
    clock.advance(seconds=60)
    hubspot.upsert_company("cosell_company_key", "big-1", {"city": "Berlin"})
    hubspot.upsert_contact("pat@big.example", {"firstname": "Patricia"})
    assert hubspot.ensure_company("cosell_company_key", "big-1", None, {"name": "Big", "city": "Bonn"}) == company
    assert hubspot.ensure_contact("pat@big.example", {"firstname": "Pat"}) == contact
    path = "/crm/objects/2026-09"
    for where, name, kept in (
        (f"{path}/companies/{company}", "city", "Berlin"),
        (f"{path}/contacts/{contact}", "firstname", "Patricia"),
    ):
        assert hubspot.call("GET", where, "to look", query={"properties": name})["properties"][name] == kept


def test_setting_up_again_changes_nothing(hubspot, account):
    assert hubspot.create_property_group("deals", "cosell", "Co-sell") is False
    assert hubspot.create_property("deals", UNIQUE) is False
    assert hubspot.create_properties("deals", [UNIQUE]) == []
    found = {one["name"]: one for one in hubspot.properties("deals")}
    assert found["aws_opportunity_id"]["hasUniqueValue"] is True


def test_an_owner_is_known_by_the_deals_owner_id_and_by_no_other_and_kept_for_ten_minutes(hubspot, account, clock):
    made = create_rep_deal(account)
    owner = hubspot.owner(made.owner_id)
    assert owner == {"email": "robin.rep-600@isv.example", "firstName": "Robin", "lastName": "Rep-600"}
    assert hubspot.owner("600") is None, "a user id is no owner id"
    account.state.owners.owners[made.owner_id].archived = True
    assert hubspot.owner(made.owner_id) == owner
    clock.advance(seconds=601)
    assert hubspot.owner(made.owner_id) is None
    assert account.calls["owners.read"] == 3


def test_pipelines_owners_and_token_are_told(hubspot, account):
    made = create_rep_deal(account)
    assert "closedwon" in {stage["id"] for stage in hubspot.pipelines()[0]["stages"]}
    assert made.owner_id in {owner["id"] for owner in hubspot.owners()}
    facts = hubspot.token_facts()
    assert (facts["hubId"], facts["appId"]) == (account.portal_id, account.app_id)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 503}, Retryable),
        ({"status": 423}, Retryable),
        ({"status": 429, "code": "SECONDLY"}, Throttled),
        ({"status": 477, "headers": {"Retry-After": "3600"}}, Throttled),
        ({"status": 403}, Unauthorized),
    ],
)
def test_ordered_faults_arrive_as_our_classes(hubspot, account, faults, fault, expected):
    made = create_rep_deal(account)
    faults.add(**fault, count=1)
    with pytest.raises(expected):
        read(hubspot, made.deal_id)
    assert read(hubspot, made.deal_id)["id"] == made.deal_id


def test_an_answer_lost_after_a_create_leaves_one_deal(hubspot, account, faults):
    faults.add(status=504, answer_lost=True, count=1)
    with pytest.raises(Retryable):
        hubspot.create_deal(INBOUND, None, [])["id"]
    with pytest.raises(Conflict):
        hubspot.create_deal(INBOUND, None, [])
    assert [one.id for one in account.records("deals")] == [hubspot.find_deal("aws_opportunity_id", "O1")]


def test_the_accounts_own_limit_is_a_throttle_that_says_how_long(account, switches, clock):
    tight = HubSpotAccount(clock, switches=switches, settings=Settings(per_ten_seconds=1))
    client = HubSpot(lambda fresh: "pat-na1-sandbox", "https://api.hubapi.test", direct(make_app(tight)), clock)
    client.pipelines()
    with pytest.raises(Throttled) as raised:
        client.pipelines()
    assert 0 < raised.value.retry_after_seconds <= 10


def test_an_unknown_token_is_unauthorized_after_one_more_look(account):
    asked = []

    def token(fresh):
        asked.append(fresh)
        return "pat-na1-gone"

    with pytest.raises(Unauthorized):
        HubSpot(token, "https://api.hubapi.test", direct(make_app(account))).pipelines()
    assert asked == [False, True]
