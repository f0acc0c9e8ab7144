"""What the partners bring: a referral that waits for an answer, an opportunity of Google's, a close that stays."""

from __future__ import annotations

from sandbox.turned import Options, World
from tests.workflow.three_partners.support import come_to_rest, record, shared, statuses, three, wrong_in

HOUR, DAY = 3_600, 86_400


def subjects(world: World) -> list[str]:
    return [one.values()["hs_task_subject"] for one in world.hubspot.account.records("tasks")]


def test_a_referral_waits_in_the_review_stage_is_warned_of_and_accepted_by_property() -> None:
    world = World(Options(partners=("microsoft",)))
    referral = world.microsoft.account.new_incoming_referral(name="Harbour Data Platform")
    world.run_until_quiet()
    (made,) = world.hubspot.account.records("deals")
    values = world.deal(made.id)
    assert values["dealname"] == "Harbour Data Platform #Microsoft"
    assert (values["dealstage"], values["microsoft_referral_id"]) == ("appointmentscheduled", referral["id"])
    first = subjects(world)
    assert len(first) == 1
    world.skip(9.9 * DAY)
    assert subjects(world) == first
    world.skip(0.2 * DAY)
    assert len(subjects(world)) == 2, "four of its fourteen days are left"
    assert "expire" in subjects(world)[-1]
    world.skip(2 * DAY)
    assert len(subjects(world)) == 2
    world.hubspot.account.update("deals", made.id, {"microsoft_acceptance": "accept"})
    world.run_until_quiet()
    document = world.microsoft.documents()[referral["id"]]
    assert (document["status"], document["substatus"]) == ("Active", "Accepted")
    come_to_rest(world)
    assert world.deal(made.id)["microsoft_sync_status"] == "synced"
    assert wrong_in(world) == []


def test_a_deal_that_hubspot_refuses_to_make_is_told_once_and_made_when_it_is_put_right() -> None:
    world = World(Options(partners=("microsoft",)))
    world.hubspot.faults.add("deals.create", status=400, count=5)
    referral = world.microsoft.account.new_incoming_referral(name="Harbour Data Platform")
    begun = world.clock.now_ms()
    world.run_until_quiet()
    assert world.clock.now_ms() - begun < 5 * HOUR * 1000
    (made,) = world.hubspot.account.records("deals")
    assert world.deal(made.id)["microsoft_referral_id"] == referral["id"]
    told = f"HubSpot takes no deal for Microsoft's {referral['id']}"
    assert [one for one in subjects(world) if "takes no deal" in one] == [told]
    come_to_rest(world)
    assert wrong_in(world) == []


def test_a_referral_that_nobody_answers_expires_and_its_deal_says_so() -> None:
    world = World(Options(partners=("microsoft",)))
    referral = world.microsoft.account.new_incoming_referral()
    world.run_until_quiet()
    world.skip(15 * DAY)
    (made,) = world.hubspot.account.records("deals")
    document = world.microsoft.documents()[referral["id"]]
    assert (document["status"], document["substatus"]) == ("Closed", "Expired")
    assert world.deal(made.id)["microsoft_substatus"] == "Expired"
    assert world.deal(made.id)["dealstage"] == "closedlost"
    come_to_rest(world)
    assert (wrong_in(world), world.microsoft.writes()) == ([], {})


def test_an_opportunity_of_googles_becomes_one_deal() -> None:
    world = World(Options(partners=("google",)))
    world.google.account.new_google_opportunity(
        {
            "opportunityInfo": {"displayName": "Harbour Analytics", "description": "The port wants its data in one."},
            "customerInfo": {"customerDetails": {"organizationName": "Harbour Authority Example"}},
        }
    )
    world.sweep()
    (made,) = world.hubspot.account.records("deals")
    values = world.deal(made.id)
    assert values["dealname"] == "Harbour Analytics #GCP"
    assert values["dealstage"] == "appointmentscheduled"
    assert values["gcp_opportunity_id"] in world.google.documents()
    come_to_rest(world)
    assert len(world.hubspot.account.records("deals")) == 1
    assert (wrong_in(world), world.google.writes()) == ([], {})


def test_a_deal_that_is_opened_again_while_its_referral_stays_closed_is_a_conflict_for_a_person() -> None:
    world = three()
    made = shared(world)
    come_to_rest(world)
    referral_id = world.deal(made.deal_id)["microsoft_referral_id"]
    world.microsoft.account.edit_as_microsoft(referral_id, status="Closed", substatus="Lost")
    come_to_rest(world)
    assert world.deal(made.deal_id)["dealstage"] == "closedlost"
    world.hubspot.account.update("deals", made.deal_id, {"dealstage": "qualifiedtobuy"})
    come_to_rest(world)
    assert world.deal(made.deal_id)["dealstage"] == "qualifiedtobuy", "a person opened it"
    assert statuses(world, made.deal_id)["microsoft"] == "conflict"
    assert record(world, made.deal_id, "microsoft")["status"] == "Closed"
    assert record(world, made.deal_id, "aws")["LifeCycle"]["Stage"] == "Qualified"
    assert wrong_in(world) == []
