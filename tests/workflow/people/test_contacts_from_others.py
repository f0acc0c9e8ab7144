"""A contact that Microsoft or Google adds to a record of its own comes onto the deal, as AWS's do."""

from __future__ import annotations

from sandbox.turned import Options, World
from tests.workflow.three_partners.support import come_to_rest, look_at_everything

LEE = {"firstName": "Lee", "lastName": "Later", "email": "lee@zorg.example", "phoneNumber": "+12065550199"}


def addresses(world: World, deal_id: str) -> set[str | None]:
    account = world.hubspot.account
    tied = account.associated("deals", deal_id, "contacts")
    return {account.values("contacts", one).get("email") for one in tied}


def test_microsoft_adds_a_contact_to_its_referral() -> None:
    world = World(Options(partners=("microsoft",)))
    first = {"firstName": "Kim", "lastName": "First", "email": "kim@zorg.example", "phoneNumber": "+12065550198"}
    referral = world.microsoft.account.new_incoming_referral(customerProfile={"team": [first]})
    come_to_rest(world)
    (deal,) = world.hubspot.account.records("deals")
    world.hubspot.account.update("deals", deal.id, {"microsoft_acceptance": "accept"})
    come_to_rest(world)
    assert addresses(world, deal.id) == {"kim@zorg.example"}
    world.microsoft.account.edit_as_microsoft(referral["id"], customerProfile={"team": [first, LEE]})
    come_to_rest(world)
    assert addresses(world, deal.id) == {"kim@zorg.example", "lee@zorg.example"}
    team = world.microsoft.documents()[referral["id"]]["customerProfile"]["team"]
    assert {one["email"] for one in team} == {"kim@zorg.example", "lee@zorg.example"}
    assert look_at_everything(world) == {}


def test_google_names_another_contact() -> None:
    world = World(Options(partners=("google",)))
    world.google.account.new_google_opportunity(
        {
            "opportunityInfo": {"displayName": "Harbour Analytics", "description": "The port wants its data in one."},
            "customerInfo": {"customerDetails": {"organizationName": "Harbour Authority Example"}},
        }
    )
    world.sweep()
    (deal,) = world.hubspot.account.records("deals")
    come_to_rest(world)
    name = world.google.name_of(world.deal(deal.id)["gcp_opportunity_id"])
    contact = {"givenName": "Lee", "familyName": "Later", "email": "lee@zorg.example"}
    world.google.account.edit_as_google(name, {"customerInfo.contact": contact})
    come_to_rest(world)
    assert addresses(world, deal.id) == {"lee@zorg.example"}
    assert look_at_everything(world) == {}
