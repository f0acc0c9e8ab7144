"""Our own adapter against the account, under every reading."""

from __future__ import annotations

import pytest

from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.errors import Conflict, NotFound, Rejected, Throttled, Unauthorized, Unexpected
from sandbox.hubspot import create_rep_deal
from tests.contract.hubspot.sim_api import DEAL, OURS, Api


def hubspot(api: Api, token: str = OURS) -> HubSpot:
    return HubSpot(lambda fresh: token, "https://hubspot.example", api.send, api.clock)


def test_the_deal_document_is_read_whole(both: Api) -> None:
    made = create_rep_deal(both.account, deal={"amount": "1500"})
    both.account.associate(("deals", made.deal_id), ("companies", both.account.create("companies", {"name": "Two"}).id))
    document = hubspot(both).read_deal(made.deal_id, ["dealname", "amount"], ["amount"], ["country"], ["email"])
    assert document["properties"]["amount"] == "1500"
    assert document["company"]["id"] == made.company_id
    assert document["company"]["properties"]["country"] == "US"
    assert [contact["id"] for contact in document["contacts"]] == [made.contact_id]
    assert document["history"]["amount"][0]["source_id"] == "userId:600"


def test_history_is_newest_first_however_it_comes(both: Api) -> None:
    deal = both.deal()
    for amount in range(8):
        both.clock.advance(ms=10)
        both.account.update("deals", deal, {"amount": str(amount)})
    history = hubspot(both).read_deal(deal, [], ["amount"])["history"]["amount"]
    assert [entry["value"] for entry in history] == [str(amount) for amount in reversed(range(8))]


def test_archived_merged_and_missing_deals(both: Api) -> None:
    one, two, gone = both.deal(), both.deal(), both.deal()
    merged = both.account.merge("deals", one, two)
    both.account.archive("deals", gone)
    client = hubspot(both)
    assert client.read_deal(two, ["dealname"])["id"] == merged.id
    assert client.read_deal(gone, ["dealname"])["archived"] is True
    with pytest.raises(NotFound):
        client.read_deal("404", ["dealname"])
    found = client.batch_read_deals([merged.id, gone, "404"], ["dealname"])
    assert set(found) == {merged.id}


def test_writes_and_upserts(both: Api) -> None:
    both.key_property()
    client = hubspot(both)
    deal = client.create_deal({**DEAL, "aws_opportunity_id": "O1"}, None, [])["id"]
    written = client.update_deal(deal, {"closedate": "2027-03-31"})
    assert written["properties"]["closedate"] == both.account.values("deals", deal)["closedate"]
    assert client.find_deal("aws_opportunity_id", "O1") == deal
    assert client.find_deal("aws_opportunity_id", "O2") is None
    with pytest.raises(Conflict):
        client.update_deal(both.deal(), {"aws_opportunity_id": "O1"})
    with pytest.raises(Rejected) as refused:
        client.update_deal(deal, {"amount": "much"})
    assert [problem.property for problem in refused.value.problems] == ["amount"]


def test_people_notes_and_tasks(both: Api) -> None:
    both.key_property("cosell_company_key", "companies")
    client = hubspot(both)
    deal = both.deal()
    contact = client.upsert_contact("Pat.Example@bigcorp.example", {"firstname": "Pat"})
    both.clock.advance(seconds=2)
    assert client.upsert_contact("pat.example@bigcorp.example", {"lastname": "Example"}) == contact
    company = client.upsert_company("cosell_company_key", "engi-1", {"name": "BigCorp", "domain": "bigcorp.example"})
    assert client.find_company_by_domain("bigcorp.example") == company
    note = client.create_note(deal, "<p>hello</p>", both.clock.now_ms())
    task = client.create_task(deal, "Do it", "<p>now</p>", both.clock.now_ms())
    assert client.notes_of(deal) == [{"id": note, "body": "<p>hello</p>"}]
    assert [one["id"] for one in client.tasks_of(deal)] == [task]


def test_setup_is_idempotent(both: Api) -> None:
    client = hubspot(both)
    definition = {
        "name": "aws_sync_message",
        "label": "AWS sync message",
        "groupName": "cosell_sync",
        "type": "string",
        "fieldType": "textarea",
    }
    assert [client.create_property_group("deals", "cosell_sync", "Co-sell sync") for _ in range(2)] == [True, False]
    assert client.create_properties("deals", [definition]) == ["aws_sync_message"]
    assert client.create_properties("deals", [definition]) == []
    assert client.create_property("deals", definition) is False
    assert [one["id"] for one in client.pipelines()] == ["default"]
    assert client.token_facts()["appId"] == 400


def test_the_poll_walks_what_changed(both: Api) -> None:
    for _ in range(5):
        both.clock.advance(ms=10)
        both.deal()
    since = both.clock.now_ms() - 20
    page, after = hubspot(both).search_modified_deals(since, limit=2)
    rest, end = hubspot(both).search_modified_deals(since, after, limit=2)
    assert [len(page), len(rest)] == [2, 1]
    assert end is None


def test_refusals_keep_their_class(both: Api) -> None:
    with pytest.raises(Unauthorized):
        hubspot(both, "pat-na1-revoked").token_facts()
    both.faults.add("deals.read", status=429, code="SECONDLY")
    with pytest.raises(Throttled):
        hubspot(both).read_deal("1", [])
    wrong = HubSpot(lambda fresh: OURS, "https://hubspot.example/wrong", both.send, both.clock)
    with pytest.raises(Unexpected):
        wrong.read_deal("1", [])
