"""Notes that people mark go to the partners as the next step; the newest word wins, nothing of ours is shared."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.actors import app_token
from sandbox.turned import Options, World
from tests.workflow.three_partners.support import ALL, come_to_rest, look_at_everything, record, shared, wrong_in


def started(*partners: str) -> tuple[World, str]:
    """A deal in sync with the partners; a minute later."""
    world = World(Options(partners=partners))
    made = shared(world)
    come_to_rest(world)
    if "google" in partners:
        account = world.google.account
        account.review(world.google.name_of(world.deal(made.deal_id)["gcp_opportunity_id"]), accept=True)
        come_to_rest(world)
    world.clock.advance(seconds=60)
    return world, made.deal_id


def write(world: World, deal_id: str, body: str, **more: Any) -> str:
    values = {"hs_timestamp": str(world.clock.now_ms()), "hs_note_body": body}
    note = world.hubspot.account.create("notes", values, more.get("actor"), [("deals", deal_id)])
    world.clock.advance(seconds=5)
    come_to_rest(world)
    return note.id


def at_aws(world: World, deal_id: str) -> str | None:
    return record(world, deal_id, "aws")["LifeCycle"].get("NextSteps")


def at_google(world: World, deal_id: str) -> str | None:
    return (record(world, deal_id, "google").get("isvSolutionConnectInfo") or {}).get("nextStep")


def test_a_marked_note_is_the_next_step_of_every_partner_that_has_one() -> None:
    world, deal_id = started(*ALL)
    write(world, deal_id, "<div><strong>#Share</strong>: Workshop with <b>Ann</b> &amp; Bob<br>on Monday</div>")
    text = "Workshop with Ann & Bob on Monday"
    assert world.deal(deal_id)["hs_next_step"] == text
    assert (at_aws(world, deal_id), at_google(world, deal_id)) == (text, text)
    assert look_at_everything(world) == {}
    assert wrong_in(world) == []


def test_a_note_with_a_partners_own_mark_goes_to_that_one_alone() -> None:
    world, deal_id = started(*ALL)
    write(world, deal_id, "#AWS meet their architect")
    assert (at_aws(world, deal_id), at_google(world, deal_id)) == ("meet their architect", None)
    write(world, deal_id, "#GCP: send the sizing")
    assert at_google(world, deal_id) == "send the sizing"
    assert at_aws(world, deal_id) == "meet their architect", "what is Google's rests for AWS"
    assert wrong_in(world) == []


def test_other_notes_cost_the_partners_nothing_and_notes_on_other_deals_nobody() -> None:
    world, deal_id = started("aws")
    plain = world.new_deal("No tag at all", number=2)
    come_to_rest(world)
    before, calls = world.writes(), world.calls("GetOpportunity")
    write(world, plain.deal_id, "#share nobody shall hear of this")
    assert world.calls("GetOpportunity") == calls
    write(world, deal_id, "#shared is another word")
    write(world, deal_id, "Not at the beginning: #share")
    write(world, deal_id, "#share")
    assert world.writes() - before == {}
    assert at_aws(world, deal_id) is None


def test_a_deal_without_news_of_notes_reads_none() -> None:
    world, deal_id = started("aws")
    write(world, deal_id, "#share Call them")
    world.hubspot.account.calls.clear()
    world.hubspot.account.update("deals", deal_id, {"amount": "70000"})
    come_to_rest(world)
    assert not [name for name in world.hubspot.account.calls if "notes" in name]


def test_of_note_and_property_the_newer_word_wins() -> None:
    world, deal_id = started("aws")
    note = write(world, deal_id, "#share First by note")
    world.hubspot.account.update("deals", deal_id, {"hs_next_step": "Then by hand"})
    come_to_rest(world)
    assert at_aws(world, deal_id) == "Then by hand"
    write(world, deal_id, "not marked at all")
    assert at_aws(world, deal_id) == "Then by hand", "the older note is not taken again"
    world.hubspot.account.update("notes", note, {"hs_note_body": "#share Edited since"})
    come_to_rest(world)
    assert (at_aws(world, deal_id), world.deal(deal_id)["hs_next_step"]) == ("Edited since", "Edited since")


def test_what_aws_says_later_comes_back_and_no_older_note_undoes_it() -> None:
    world, deal_id = started("aws")
    note = write(world, deal_id, "#share From the note")
    (identifier,) = world.opportunities()
    world.central.account.edit_as_aws(identifier, next_steps="From AWS")
    come_to_rest(world)
    assert world.deal(deal_id)["hs_next_step"] == "From AWS"
    world.clock.advance(seconds=5)
    write(world, deal_id, "not marked at all")
    world.hubspot.account.archive("notes", note)
    come_to_rest(world)
    assert (at_aws(world, deal_id), world.deal(deal_id)["hs_next_step"]) == ("From AWS", "From AWS")
    assert look_at_everything(world) == {}


def test_a_deleted_note_takes_nothing_back() -> None:
    world, deal_id = started("aws")
    first = write(world, deal_id, "#share The first")
    second = write(world, deal_id, "#share The second")
    world.hubspot.account.archive("notes", second)
    come_to_rest(world)
    assert at_aws(world, deal_id) == "The second"
    world.hubspot.account.update("notes", first, {"hs_note_body": "#share The first, edited"})
    come_to_rest(world)
    assert at_aws(world, deal_id) == "The first, edited"


def test_a_long_note_is_cut_at_a_word_where_everybody_sees_it() -> None:
    world, deal_id = started("aws")
    write(world, deal_id, "#share " + "word " * 100)
    text = world.deal(deal_id)["hs_next_step"]
    assert len(text) <= 255
    assert text.endswith("word…")
    assert at_aws(world, deal_id) == text


def test_notes_of_our_own_app_are_never_shared() -> None:
    world, deal_id = started("aws")
    ours = app_token("pat", world.hubspot.account.app_id).actor
    write(world, deal_id, "#share what a partner said", actor=ours)
    write(world, deal_id, "wakes the run")
    assert at_aws(world, deal_id) is None
