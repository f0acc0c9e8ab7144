"""A merge makes a new record: what a partner said of the old ones stays between it and the seller."""

from __future__ import annotations

import pytest

from sandbox.turned import World
from sandbox.turned.world import COMPLETE
from tests.workflow.three_partners.support import ALL, ID, TAGS, come_to_rest, shared, statuses, three, wrong_in


def told(world: World, word: str) -> list[str]:
    """The partners to which a request with this word went."""
    every = {one: "".join(f"{each.url} {each.body}" for each in world.sides[one].requests()) for one in ALL}
    return [one for one, text in every.items() if word.lower() in text.lower()]


@pytest.mark.parametrize("of_the_rep_first", [False, True])
def test_a_merged_deal_tells_no_partner_what_another_one_said_on_it(of_the_rep_first: bool) -> None:
    world = three()
    made = shared(world)
    come_to_rest(world)
    name = world.google.name_of(world.deal(made.deal_id)[ID["google"]])
    world.google.account.review(name, accept=True)
    world.google.account.edit_as_google(name, {"isvSolutionConnectInfo.nextStep": "Gqwnextstep"})
    come_to_rest(world)
    account = world.hubspot.account
    typed = {"dealname": "A duplicate typed in by hand", "pipeline": "default", "dealstage": "appointmentscheduled"}
    other = account.create("deals", typed).id
    come_to_rest(world)
    pair = (other, made.deal_id) if of_the_rep_first else (made.deal_id, other)
    merged = account.merge("deals", *pair).id
    if of_the_rep_first:
        account.update("deals", merged, {"dealname": f"Harbour {TAGS}"})
    come_to_rest(world)
    assert world.deal(merged)["hs_next_step"] == "Gqwnextstep"
    assert set(statuses(world, merged).values()) == {"synced"}
    assert (told(world, "gqwnextstep"), wrong_in(world)) == ([], [])


def test_merged_companies_and_contacts_tell_no_partner_whom_another_one_brought() -> None:
    """What Microsoft brought is merged into a company that has a key of its own, and into a contact with another
    address: the marks under Microsoft's key and address are found no more."""
    world = three()
    account = world.hubspot.account
    person = {"firstName": "Mqwfirst", "lastName": "Mqwlast", "email": "mqwmail@mqw.example"}
    address = {"country": "US", "city": "Mqwcity", "state": "WA", "postalCode": "98101", "addressLine1": "Mqwstreet"}
    profile = {"name": "Mqwcustomer", "address": address, "team": [{**person, "phoneNumber": "+4989123456"}]}
    world.microsoft.account.new_incoming_referral(name="Port", customerProfile=profile)
    world.run_until_quiet()
    (deal,) = account.records("deals")
    (brought,), (contact,) = account.records("companies"), account.records("contacts")
    own = {"name": "BigCorp", "website": "https://bigcorp.example", "industry": "COMPUTER_SOFTWARE"}
    own |= {"country": "Germany", "zip": "80331"}
    company = account.create("companies", {**own, "cosell_company_key": "company-of-another"}).id
    rep = account.create("contacts", {"email": "sam@bigcorp.example", "firstname": "Sam", "lastname": "Example"}).id
    merged = account.values("companies", account.merge("companies", company, brought.id).id)
    account.merge("contacts", rep, contact.id)
    assert (merged["cosell_company_key"], merged["city"]) == ("company-of-another", "Mqwcity")
    typed = {"dealname": f"Harbour {TAGS}", "amount": "64000", "closedate": "2027-05-31", "gcp_submit": ""}
    account.update("deals", deal.id, {**COMPLETE, **typed})
    come_to_rest(world)
    assert set(told(world, "BigCorp")) >= {"aws", "google"}, "otherwise nothing went out at all"
    said = {word: set(told(world, word)) - {"microsoft"} for word in ("mqw", "89123456", "sam@bigcorp")}
    assert said == {"mqw": set(), "89123456": set(), "sam@bigcorp": set()}
    assert wrong_in(world) == []
