"""Contacts of an opportunity that AWS shared with us: matched by address before made, never overwritten."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.actors import rep
from sandbox.turned import Options, World
from tests.workflow.machines.customers import INVITATION
from tests.workflow.three_partners.support import come_to_rest, look_at_everything

LEE = {"Email": "lee@zorg.example", "FirstName": "Lee", "LastName": "Later", "BusinessTitle": "CFO"}


def accepted(**people: str) -> tuple[World, str, str]:
    """AWS shared an opportunity and it became a deal: world, deal, opportunity. ``people``: contacts HubSpot had."""
    world = World(Options(settings={"aws": {}}))
    for email, name in people.items():
        world.hubspot.account.create("contacts", {"email": email.replace("_at_", "@"), "firstname": name}, rep())
    world.central.account.send_invitation(**INVITATION)
    come_to_rest(world)
    (deal,) = world.hubspot.account.records("deals")
    return world, deal.id, world.deal(deal.id)["aws_opportunity_id"]


def contacts_at_aws(world: World, identifier: str) -> list[dict[str, Any]]:
    return world.opportunities()[identifier].document["Customer"]["Contacts"]


def add_at_aws(world: World, identifier: str, *more: dict[str, str]) -> None:
    listed = [*contacts_at_aws(world, identifier), *more]
    world.central.account.edit_as_aws(identifier, fields={"Customer.Contacts": listed})
    come_to_rest(world)


def contacts_of(world: World, deal_id: str) -> dict[str, dict[str, str]]:
    account = world.hubspot.account
    found = (account.values("contacts", one) for one in account.associated("deals", deal_id, "contacts"))
    return {one["email"]: one for one in found}


def test_a_contact_that_aws_adds_later_comes_onto_the_deal() -> None:
    world, deal_id, identifier = accepted()
    assert set(contacts_of(world, deal_id)) == {"zorgmail@zorgmailhost.example"}
    updates = world.calls("UpdateOpportunity")
    add_at_aws(world, identifier, LEE)
    lee = contacts_of(world, deal_id)["lee@zorg.example"]
    assert (lee["firstname"], lee["lastname"], lee["jobtitle"]) == ("Lee", "Later", "CFO")
    assert world.calls("UpdateOpportunity") == updates, "nothing goes back because of them"
    assert look_at_everything(world) == {}
    assert world.deal(deal_id)["aws_sync_status"] == "synced"


def test_one_whom_hubspot_has_is_tied_as_they_are_and_not_sent_back() -> None:
    world, deal_id, identifier = accepted(**{"lee_at_zorg.example": "Leonora"})
    updates = world.calls("UpdateOpportunity")
    add_at_aws(world, identifier, {**LEE, "Email": "lee@zorg.example"})
    assert contacts_of(world, deal_id)["lee@zorg.example"]["firstname"] == "Leonora"
    assert len(world.hubspot.account.records("contacts")) == 2
    assert world.calls("UpdateOpportunity") == updates
    assert [one["FirstName"] for one in contacts_at_aws(world, identifier)][-1] == "Lee"
    assert look_at_everything(world) == {}


def test_one_whom_a_person_takes_off_the_deal_does_not_come_again() -> None:
    world, deal_id, identifier = accepted()
    add_at_aws(world, identifier, LEE)
    account = world.hubspot.account
    tied = account.associated("deals", deal_id, "contacts")
    (lee,) = [one for one in tied if "lee" in str(account.values("contacts", one))]
    account.dissociate(("deals", deal_id), ("contacts", lee))
    come_to_rest(world)
    assert set(contacts_of(world, deal_id)) == {"zorgmail@zorgmailhost.example"}
    assert [one["Email"] for one in contacts_at_aws(world, identifier)] == ["zorgmail@zorgmailhost.example"]
    add_at_aws(world, identifier, LEE)
    assert set(contacts_of(world, deal_id)) == {"zorgmail@zorgmailhost.example"}


def test_a_contact_of_ours_and_one_of_awss_at_the_same_time_are_both_there_in_the_end() -> None:
    world, deal_id, identifier = accepted()
    account = world.hubspot.account
    ours = account.create("contacts", {"email": "ours@isv.example", "firstname": "Ours"}, rep()).id
    account.associate(("deals", deal_id), ("contacts", ours))
    add_at_aws(world, identifier, LEE)
    wanted = {"zorgmail@zorgmailhost.example", "lee@zorg.example", "ours@isv.example"}
    assert set(contacts_of(world, deal_id)) == wanted
    assert {one["Email"] for one in contacts_at_aws(world, identifier)} == wanted
    assert look_at_everything(world) == {}


def test_of_a_deal_that_began_with_us_no_contact_of_awss_comes_over() -> None:
    world = World(Options())
    made = world.new_deal()
    come_to_rest(world)
    (identifier,) = world.opportunities()
    add_at_aws(world, identifier, LEE)
    assert len(contacts_of(world, made.deal_id)) == 1
