"""Which events a change makes, and in which form."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot import HubSpotAccount, Refusal, Settings, Switches, create_rep_deal, other_reading
from sandbox.hubspot.facts import FACTS
from sandbox.hubspot.subscriptions import MAX_SUBSCRIPTIONS
from tests.contract.hubspot.sim_api import DEAL, DEALS, OTHER, OURS, Api

SAMPLES = FACTS["webhook"]["samples"]


def subscribed(form: str, switches: Switches | None = None) -> Api:
    api = Api(switches, Settings(webhook_format=form))
    api.account.feed.subscriptions.add_minimum()
    return api


def events(account: HubSpotAccount, kind: str = "") -> list[dict[str, Any]]:
    found = [event for event in account.feed.events if event["subscriptionType"].endswith(kind)]
    account.feed.events.clear()
    return found


def happen(api: Api) -> dict[str, dict[str, Any]]:
    """One of everything that can happen; the first deal event of each kind."""
    account, seen = api.account, {}
    made = create_rep_deal(account)
    other = create_rep_deal(account, number=2)
    events(account)
    for kind, change in (
        ("creation", lambda: account.create("deals", DEAL)),
        ("propertyChange", lambda: account.update("deals", made.deal_id, {"amount": "77"})),
        ("deletion", lambda: account.archive("deals", made.deal_id)),
        ("restore", lambda: account.restore("deals", made.deal_id)),
        ("associationChange", lambda: account.dissociate(("deals", made.deal_id), ("contacts", made.contact_id))),
        ("merge", lambda: account.merge("deals", made.deal_id, other.deal_id)),
    ):
        change()
        seen[kind] = events(account, kind)[0]
    return seen


@pytest.mark.parametrize("form", ["classic", "generic"])
def test_events_have_the_fields_of_the_samples(form: str) -> None:
    seen = happen(subscribed(form))
    for name, sample in SAMPLES.items():
        if not name.startswith(form):
            continue
        kind = name.removeprefix(f"{form}_").split("_")[0]
        expected = set(sample) - {"attemptNumber"}
        assert set(seen[kind]) == expected, name
        assert seen[kind]["subscriptionType"] == sample["subscriptionType"]
        types = {key: type(value) for key, value in sample.items() if key in expected}
        assert {key: type(seen[kind][key]) for key in expected} == types


def test_the_source_tells_our_writes_from_other_apps_and_people() -> None:
    api = subscribed("generic")
    for token, source in ((OURS, ("INTEGRATION", "400")), (OTHER, ("INTEGRATION", "999"))):
        api.deal(token)
        assert {(e["changeSource"], e["sourceId"]) for e in events(api.account)} == {source}
    api.deal("rep-600")
    assert {(e["changeSource"], e["sourceId"]) for e in events(api.account)} == {("CRM_UI", "userId:600")}


def test_one_event_for_each_subscribed_property_and_no_old_value() -> None:
    api = subscribed("generic")
    deal = api.deal()
    events(api.account)
    api.patch(f"{DEALS}/{deal}", {"properties": {"amount": "5", "dealstage": "closedwon", "dealtype": "newbusiness"}})
    changed = {event["propertyName"]: event["propertyValue"] for event in events(api.account)}
    assert changed == {"amount": "5", "dealstage": "closedwon"}
    api.patch(f"{DEALS}/{deal}", {"properties": {"amount": "5"}})
    assert events(api.account) == []


def test_some_properties_never_fire() -> None:
    for switches in (Switches(), other_reading()):
        api = Api(switches)
        api.account.feed.subscriptions.add("propertyChange", "deals", ["hs_lastmodifieddate", "hs_is_closed"])
        api.deal(dealstage="closedwon")
        fired = {event["propertyName"] for event in events(api.account)}
        assert fired == ({"hs_is_closed"} if switches.calculated_properties_fire else set())


def test_a_creation_brings_its_values_as_changes_by_switch() -> None:
    for switches in (Switches(), other_reading()):
        api = subscribed("generic", switches)
        api.deal()
        kinds = {event["subscriptionType"] for event in events(api.account)}
        assert ("object.propertyChange" in kinds) is switches.creation_fires_property_changes


def test_an_association_fires_in_both_directions_and_again_for_primary() -> None:
    api = subscribed("classic")
    deal = api.deal()
    company = api.account.create("companies", {"name": "BigCorp"}).id
    events(api.account)
    api.account.associate(("deals", deal), ("companies", company))
    seen = [(e["associationType"], e["isPrimaryAssociation"]) for e in events(api.account)]
    assert seen == [
        ("DEAL_TO_COMPANY", False),
        ("COMPANY_TO_DEAL", False),
        ("DEAL_TO_COMPANY", True),
        ("COMPANY_TO_DEAL", True),
    ]
    api = subscribed("classic", Switches(association_events_both_ways=False, first_company_is_primary=False))
    deal, company = api.deal(), api.account.create("companies", {"name": "BigCorp"}).id
    events(api.account)
    api.account.associate(("deals", deal), ("companies", company))
    assert [e["associationType"] for e in events(api.account)] == ["DEAL_TO_COMPANY"]


def test_a_custom_label_fires_nothing() -> None:
    api = subscribed("generic")
    made = create_rep_deal(api.account)
    path = "/crm/associations/2026-09/deals/contacts/labels"
    _, label = api.post(path, {"name": "decider", "label": "Decider"})
    events(api.account)
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": label["results"][0]["typeId"]}
    assert api.call("PUT", f"{DEALS}/{made.deal_id}/associations/contacts/{made.contact_id}", [spec])[0] == 201
    assert events(api.account) == []


def test_a_gdpr_delete_fires_in_the_classic_form_only() -> None:
    api = subscribed("generic")
    made = create_rep_deal(api.account)
    events(api.account)
    status, _ = api.post("/crm/objects/2026-09/contacts/gdpr-delete", {"objectId": made.contact_id})
    assert status == 204
    assert [event["subscriptionType"] for event in events(api.account)] == ["contact.privacyDeletion"]
    assert api.get(f"/crm/objects/2026-09/contacts/{made.contact_id}", archived="true")[0] == 404


def test_company_and_contact_edits_fire() -> None:
    api = subscribed("classic")
    made = create_rep_deal(api.account)
    events(api.account)
    api.account.update("companies", made.company_id, {"country": "DE"})
    api.account.update("contacts", made.contact_id, {"jobtitle": "CEO"})
    assert [(e["subscriptionType"], e["propertyName"]) for e in events(api.account)] == [
        ("company.propertyChange", "country"),
        ("contact.propertyChange", "jobtitle"),
    ]


def test_a_sensitive_value_is_hidden_in_the_classic_form() -> None:
    for form, value in (("classic", "REDACTED"), ("generic", "secret")):
        api = subscribed(form)
        api.account.create_property(
            "deals",
            {
                "name": "secret_code",
                "label": "Secret",
                "groupName": "dealinformation",
                "type": "string",
                "fieldType": "text",
                "dataSensitivity": "sensitive",
            },
        )
        api.account.feed.subscriptions.add("propertyChange", "deals", ["secret_code"])
        deal = api.deal(secret_code="secret")
        found = [e for e in events(api.account) if e.get("propertyName") == "secret_code"]
        assert [(e["propertyValue"], e["objectId"]) for e in found] == [(value, int(deal))]


def test_event_ids_repeat_unless_switched() -> None:
    for unique in (False, True):
        api = subscribed("generic", Switches(event_ids_unique=unique))
        for _ in range(20):
            api.deal()
        ids = [event["eventId"] for event in events(api.account)]
        assert (len(set(ids)) == len(ids)) is unique


def test_a_merge_may_also_fire_a_deletion() -> None:
    for switches in (Switches(), other_reading()):
        api = subscribed("generic", switches)
        one, two = api.deal(), api.deal()
        events(api.account)
        merged = api.account.merge("deals", one, two)
        seen = {e["subscriptionType"]: e for e in events(api.account)}
        assert seen["object.merge"]["newObjectId"] == seen["object.merge"]["objectId"] == int(merged.id)
        assert seen["object.merge"]["mergedObjectIds"] == [int(two)]
        assert ("object.deletion" in seen) is switches.merge_fires_deletion


def test_subscriptions_come_from_the_projects_own_component() -> None:
    account = HubSpotAccount()
    component = {
        "uid": "w",
        "type": "webhooks",
        "config": {
            "settings": {"targetUrl": "https://hooks.example.com/hubspot/webhook", "maxConcurrentRequests": 10},
            "subscriptions": {
                "crmObjects": [
                    {"subscriptionType": "object.creation", "objectType": "deal", "active": True},
                    {
                        "subscriptionType": "object.propertyChange",
                        "objectType": "deal",
                        "propertyName": "amount",
                        "active": False,
                    },
                ],
                "legacyCrmObjects": [{"subscriptionType": "deal.deletion", "active": True}],
                "hubEvents": [{"subscriptionType": "contact.privacyDeletion", "active": True}],
            },
        },
    }
    assert account.feed.subscriptions.load(component) == "https://hooks.example.com/hubspot/webhook"
    deal = account.create("deals", {**DEAL, "amount": "1"}).id
    account.archive("deals", deal)
    assert [event["subscriptionType"] for event in account.feed.events] == ["object.creation", "deal.deletion"]
    component["config"]["settings"]["maxConcurrentRequests"] = 5
    with pytest.raises(Refusal, match="above 5"):
        account.feed.subscriptions.load(component)


def test_a_thousand_subscriptions() -> None:
    subscriptions = HubSpotAccount().feed.subscriptions
    subscriptions.add("propertyChange", "deals", [f"p{n}" for n in range(MAX_SUBSCRIPTIONS)])
    with pytest.raises(Refusal, match=r"\[hubspot.md 1.1\]"):
        subscriptions.add("creation", "deals")
