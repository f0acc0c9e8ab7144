"""A change of a company or contact reaches every opportunity of every partner that has to do with it, and no other."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.hubspot import RepDeal
from sandbox.hubspot.actors import rep
from sandbox.turned import World
from tests.workflow.three_partners.support import ALL, come_to_rest, record, three, wrong_in

TAG = {"aws": "#AWS", "microsoft": "#Microsoft", "google": "#GCP"}


def one_company(untagged: int = 0) -> tuple[World, RepDeal, dict[str, str]]:
    """One company and contact, a deal for each partner, and as many without a tag. The deals' ids by partner."""
    world = three()
    made = world.new_deal(f"Harbour Migration {TAG['aws']}")
    values = {name: text for name, text in world.deal(made.deal_id).items() if not name.startswith(("aws_s", "hs_"))}
    account = world.hubspot.account
    ties = [("companies", made.company_id), ("contacts", made.contact_id)]

    def another(name: str) -> str:
        given = {"dealname": name, **{key: values[key] for key in _COPIED if key in values}}
        return account.create("deals", given, rep(), ties).id

    deals = {"aws": made.deal_id, **{name: another(f"Harbour {name} {TAG[name]}") for name in ALL[1:]}}
    for number in range(untagged):
        another(f"Harbour without a tag {number}")
    come_to_rest(world)
    return world, made, deals


_COPIED = (
    "amount",
    "closedate",
    "dealstage",
    "pipeline",
    "description",
    "hubspot_owner_id",
    "aws_contract_months",
    "microsoft_deal_kind",
    "microsoft_assistance",
    "microsoft_share_sellers",
    "microsoft_share_others",
    "microsoft_may_contact",
    "gcp_product_family",  # and no gcp_submit: Google locks what it reviews, and takes every change of a draft
)


def calls(world: World) -> Counter[str]:
    """Calls at the partners, polls apart."""
    every = (operation for side in world.sides.values() for operation in side.operations())
    return Counter(one for one in every if not one.startswith(("List", "list")))


def test_a_company_reaches_the_opportunities_of_all_its_deals() -> None:
    world, made, deals = one_company()
    change = {"country": "Germany", "state": "", "zip": "80331", "website": "https://harbour.example", "domain": ""}
    world.hubspot.account.update("companies", made.company_id, {**change, "domain": "harbour.example"})
    come_to_rest(world)
    account = record(world, deals["aws"], "aws")["Customer"]["Account"]
    assert (account["Address"]["CountryCode"], account["WebsiteUrl"]) == ("DE", "https://harbour.example")
    details = record(world, deals["google"], "google")["customerInfo"]["customerDetails"]
    assert (details["address"]["regionCode"], details["domain"]) == ("DE", "harbour.example")
    notes = [one.values()["hs_note_body"] for one in world.hubspot.account.records("notes")]
    assert any("country stays as it is at Microsoft" in one for one in notes), "its published patch has no company"
    assert wrong_in(world) == []


def test_a_contact_reaches_the_opportunities_of_all_its_deals() -> None:
    world, made, deals = one_company()
    world.hubspot.account.update("contacts", made.contact_id, {"phone": "+4989123456", "lastname": "Newname"})
    come_to_rest(world)
    (at_aws,) = record(world, deals["aws"], "aws")["Customer"]["Contacts"]
    assert (at_aws["Phone"], at_aws["LastName"]) == ("+4989123456", "Newname")
    (at_microsoft,) = record(world, deals["microsoft"], "microsoft")["customerProfile"]["team"]
    assert (at_microsoft["phoneNumber"], at_microsoft["lastName"]) == ("+4989123456", "Newname")
    at_google = record(world, deals["google"], "google")["customerInfo"]["contact"]
    assert "Newname" in str(at_google)
    assert wrong_in(world) == []


def test_deals_without_a_tag_cause_no_call_at_any_partner() -> None:
    world, made, _ = one_company(untagged=3)
    few = _changed(world, made, "+4989000001")
    world_with_more, made_with_more, _ = one_company(untagged=0)
    assert few == _changed(world_with_more, made_with_more, "+4989000001")


def _changed(world: World, made: RepDeal, phone: str) -> Counter[str]:
    before = calls(world)
    world.hubspot.account.update("contacts", made.contact_id, {"phone": phone})
    world.run_until_quiet()
    return calls(world) - before


def test_a_company_with_more_deals_than_a_page_of_associations_reaches_them_all() -> None:
    world, made, deals = one_company()
    account = world.hubspot.account
    with account.state.lock:
        for number in range(1200):
            values = {"dealname": f"Small deal {number}", "dealstage": "qualifiedtobuy", "pipeline": "default"}
            account.create("deals", values, rep(), [("companies", made.company_id)])
    account.feed.drain(1)
    last = account.create("deals", _values(world, deals["aws"]), rep(), [("companies", made.company_id)]).id
    account.associate(("deals", last), ("contacts", made.contact_id))
    come_to_rest(world)
    account.update("companies", made.company_id, {"city": "Newtown"})
    come_to_rest(world)
    for deal_id in (deals["aws"], last):
        assert record(world, deal_id, "aws")["Customer"]["Account"]["Address"]["City"] == "Newtown"
    assert wrong_in(world) == []


def _values(world: World, deal_id: str) -> dict[str, Any]:
    values = world.deal(deal_id)
    return {"dealname": f"The last {TAG['aws']}", **{key: values[key] for key in _COPIED if key in values}}


def test_a_company_that_is_merged_into_another_reaches_its_deals() -> None:
    world, made, deals = one_company()
    account = world.hubspot.account
    other = account.create("companies", {"name": "Harbour Holding", "domain": "holding.example"}, rep()).id
    merged = account.merge("companies", other, made.company_id).id
    come_to_rest(world)
    name = account.values("companies", merged)["name"]
    assert record(world, deals["aws"], "aws")["Customer"]["Account"]["CompanyName"] == name
    assert wrong_in(world) == []


def test_another_contact_on_the_deal_comes_along_and_one_taken_off_goes() -> None:
    world, made, deals = one_company()
    account = world.hubspot.account
    extra = account.create("contacts", {"email": "sam@harbour.example", "firstname": "Sam"}, rep()).id
    account.associate(("deals", deals["aws"]), ("contacts", extra))
    come_to_rest(world)
    assert len(record(world, deals["aws"], "aws")["Customer"]["Contacts"]) == 2
    account.dissociate(("deals", deals["aws"]), ("contacts", made.contact_id))
    come_to_rest(world)
    (left,) = record(world, deals["aws"], "aws")["Customer"]["Contacts"]
    assert left["Email"] == "sam@harbour.example"
