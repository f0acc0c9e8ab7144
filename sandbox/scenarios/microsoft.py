"""What only Microsoft's side brings: a referral that waits for a person, and a consent that can die."""

from __future__ import annotations

from sandbox.scenarios.scene import Stage

REFERRED = "Aurora Retail Modernisation"
_ALARMS = ("MicrosoftConsentDead", "Unauthorized")


def referral(stage: Stage) -> None:
    """A referral becomes a deal for review; it stays Pending until a person accepts, and then shows so on the deal."""
    world = stage.world
    with stage.timed():
        made = world.microsoft.new_incoming_referral(
            name=REFERRED, customerProfile={"name": "Aurora Retail Example"}, details={"notes": "Wants to move shops."}
        )
        deal_id = stage.wait(lambda: _deal_of(stage, made["id"]), "a deal made of the referral")
    stage.deals.append(deal_id)
    shown = world.deal(deal_id)
    stage.require(shown["dealname"] == f"{REFERRED} #Microsoft", f"the tag in the name, it is {shown['dealname']!r}")
    stage.require(shown["dealstage"] == "appointmentscheduled", f"the review stage, it is {shown['dealstage']}")
    companies = world.hubspot.associated("deals", deal_id, "companies")
    stage.require(companies and world.hubspot.associated("deals", deal_id, "contacts"), "company and contact")
    company = world.hubspot.values("companies", companies[0])["name"]
    stage.require(company == "Aurora Retail Example", f"the company's name, it is {company!r}")
    stage.shown(deal_id, microsoft_status="New", microsoft_substatus="Pending")
    stage.require(world.referral(made["id"])["status"] == "New", "nobody accepted it yet")
    stage.say(f"deal “{shown['dealname']}” in the review stage, with company “{company}” and a contact")
    with stage.timed():
        stage.edit(deal_id, microsoft_acceptance="accept")
        stage.wait(lambda: world.referral(made["id"])["substatus"] == "Accepted", "the referral accepted")
        stage.shown(deal_id, microsoft_status="Active", microsoft_substatus="Accepted")
    stage.say("a person accepted it on the deal; it is Active, Accepted on both sides")


def dead_consent(stage: Stage) -> None:
    """Every token dies while an edit is under way: the link waits, alarms tell, and a new consent is all it needs."""
    world = stage.world
    deal = stage.new_deal("Lakeside Telemetry #Microsoft")
    referral_id = stage.referral_of(deal.deal_id)
    world.settle(stage.patience)
    before = {letter.message_id for letter in world.dead_letters().newest()}
    key = f"link#microsoft#d{deal.deal_id}"
    world.microsoft.kill_consent(access_tokens_too=True)
    stage.edit(deal.deal_id, amount="96000")
    stage.wait(lambda: _waits_for(stage, key) == "Unauthorized", "the link waiting")
    world.age_microsoft_token()
    world.poll("microsoft.token")
    for alarm in _ALARMS:
        stage.wait(lambda name=alarm: world.cloud.alarm_state(name) == "ALARM", f"the alarm {alarm}")
    stage.require(world.referral(referral_id)["details"]["dealValue"] != 96000, "nothing written without a token")
    stage.say("the link waits; the alarms on the consent and on refused credentials are in state ALARM")
    with stage.timed():
        world.consent_to_microsoft()
        world.wake(key)
        stage.wait(lambda: world.referral(referral_id)["details"]["dealValue"] == 96000, "the amount")
    stage.shown(deal.deal_id, microsoft_sync_status="synced")
    dead = [letter for letter in world.dead_letters().newest() if letter.message_id not in before]
    stage.require(not any(letter.link == key for letter in dead), "no dead letter of it")
    stage.say("a person signed in again and the amount went out; no dead letter")


def _waits_for(stage: Stage, link_key: str) -> str | None:
    """The kind of error after which the link waits."""
    link = stage.world.links().get(link_key)
    return None if link is None or link.last_error is None else link.last_error["kind"]


def _deal_of(stage: Stage, referral_id: str) -> str | None:
    for record in stage.world.hubspot.records("deals"):
        if record.values().get("microsoft_referral_id") == referral_id:
            return record.id
    return None
