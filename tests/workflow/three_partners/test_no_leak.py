"""What one partner says stays between it and the seller: no request to another partner shows it, nor an execution."""

from __future__ import annotations

import json

import pytest

from sandbox.hubspot import RepDeal
from sandbox.turned import Options, World
from sandbox.turned.parts import RUNS
from sandbox.turned.world import COMPLETE
from tests.workflow.machines.customers import COMPANY, CONTACT, DEAL, marks
from tests.workflow.machines.recording import RecordingWorld, with_data
from tests.workflow.three_partners.support import ALL, ID, TAGS, come_to_rest, shared, wrong_in

PLANTED = {
    "aws": ("Aqwnextstep", "Aqwcomments", "Aqwreason"),
    "microsoft": ("Mqwnotes", "Mqwreason"),
    "google": ("Gqwnextstep", "gqwowner"),
}
"""By the partner whose people wrote it."""


def speak(world: World, made: RepDeal) -> None:
    """Each partner's people write what is theirs to write, one after the other."""
    values = world.deal(made.deal_id)
    world.central.account.edit_as_aws(
        values[ID["aws"]],
        next_steps="Aqwnextstep",
        review_status="Action Required",
        review_comments="Aqwcomments",
        review_status_reason="Aqwreason",
    )
    come_to_rest(world)
    world.microsoft.account.edit_as_microsoft(
        values[ID["microsoft"]], details={"notes": "Mqwnotes on all of it"}, statusReason="Mqwreason"
    )
    come_to_rest(world)
    name = world.google.name_of(values[ID["google"]])
    world.google.account.review(name, accept=True)
    world.google.account.edit_as_google(
        name, {"ownerEmail": "gqwowner@google.example", "isvSolutionConnectInfo.nextStep": "Gqwnextstep"}
    )
    come_to_rest(world)


def bring(world: World) -> None:
    """Microsoft and Google bring customers of their own; then a rep tags the deals for everybody."""
    world.microsoft.account.new_incoming_referral(
        name="Mqwreferral",
        customerProfile={
            "name": "Mqwcustomer",
            "team": [{"firstName": "Mqwfirst", "lastName": "Mqwlast", "email": "mqwmail@mqw.example"}],
        },
    )
    world.google.account.new_google_opportunity(
        {
            "opportunityInfo": {"displayName": "Gqwopportunity", "description": "Gqwdescription"},
            "customerInfo": {"customerDetails": {"organizationName": "Gqwcustomer"}},
        }
    )
    world.sweep()
    for deal in world.hubspot.account.records("deals"):
        name = world.deal(deal.id)["dealname"]
        if "qw" in name:
            more = {key: text for key, text in COMPLETE.items() if key not in ("description", "gcp_submit")}
            world.hubspot.account.update("deals", deal.id, {**more, "dealname": f"{name.split(' #')[0]} {TAGS}"})
    come_to_rest(world)


@pytest.fixture(scope="module")
def world() -> World:
    world = RecordingWorld(Options(partners=ALL))
    made = shared(world)
    come_to_rest(world)
    speak(world, made)
    bring(world)
    return world


def sent_to(world: World, partner: str) -> str:
    return "\n".join(f"{one.url} {one.body}" for one in world.sides[partner].requests())


def test_what_the_partners_said_has_come_to_the_deals(world: World) -> None:
    """Otherwise not finding it elsewhere would mean nothing."""
    every = json.dumps([one.history for one in world.hubspot.account.records("deals")], default=str)
    assert [mark for each in PLANTED.values() for mark in each if mark not in every] == []
    assert "Mqwreferral" in every
    assert "Gqwopportunity" in every


@pytest.mark.parametrize("partner", ALL)
def test_no_partner_is_told_what_another_one_said(world: World, partner: str) -> None:
    said, others = sent_to(world, partner).lower(), [one for one in ALL if one != partner]
    stems = {"aws": "aqw", "microsoft": "mqw", "google": "gqw"}
    assert [stems[other] for other in others if stems[other] in said] == []


@pytest.mark.parametrize("partner", ALL)
def test_no_partner_sees_a_tag_or_anothers_id(world: World, partner: str) -> None:
    said = sent_to(world, partner)
    assert [tag for tag in TAGS.split() if tag.lower() in said.lower()] == []
    ids = [key for other in ALL if other != partner for key in world.sides[other].documents()]
    assert len(ids) >= 2
    assert [one for one in ids if one in said] == []


def test_what_the_partners_said_enters_no_execution(world: World) -> None:
    assert isinstance(world, RecordingWorld)
    assert len(world.results) > 30
    data = "".join(with_data(one) for one in world.results).lower()
    assert [stem for stem in ("aqw", "mqw", "gqw") if stem in data] == []
    assert wrong_in(world) == []


def test_no_value_of_a_customer_enters_an_execution_of_any_partner() -> None:
    world = RecordingWorld(Options(partners=ALL))
    account = world.hubspot.account
    deal = {**COMPLETE, **DEAL, "dealname": f"Quixname {TAGS}"}
    company_id = account.create("companies", {**COMPANY, "numberofemployees": "300"}).id
    contact_id = account.create("contacts", CONTACT, None, [("companies", company_id)]).id
    owner = account.add_owner("Quixrep", "Quixseller", "quixrep@quixisv.example", 600).id
    ties = [("companies", company_id), ("contacts", contact_id)]
    made = account.create("deals", {**deal, "hubspot_owner_id": owner}, None, ties).id
    come_to_rest(world)
    account.update("deals", made, {"amount": "8451962.50", "hs_next_step": "Quixmoved to autumn"})
    come_to_rest(world)
    assert [name for name in ID.values() if not world.deal(made).get(name)] == []
    runs = {one.name for one in world.results if one.name.startswith("sync")}
    assert len(runs) > 6
    read = "\n".join(item["document"] for item in world.store.items(RUNS))
    looked_for = marks(DEAL, COMPANY, CONTACT) | {"8451962", "Quixmoved", "Quixrep", "Quixseller", "@"}
    assert [one for one in ("Quixname", "Quixcompany", "Quixlast", "Quixseller", "8451962") if one not in read] == []
    data = {one.name: with_data(one) for one in world.results}
    assert [(name, one) for name, text in data.items() for one in looked_for if one in text] == []
    assert [name for name, text in data.items() if "quix" in text.lower()] == []
