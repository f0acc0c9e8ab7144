"""AWS closes an opportunity as lost while its deal is open: people hear of it, and only people close the deal."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.turned import Options, World
from tests.workflow.three_partners.support import come_to_rest, look_at_everything, wrong_in


def tasks(world: World) -> list[str]:
    return [one.values()["hs_task_subject"] for one in world.hubspot.account.records("tasks")]


def approved(**settings: Any) -> tuple[World, str, str]:
    """A deal in sync whose opportunity AWS has approved: world, deal, opportunity."""
    world = World(Options(settings={"aws": settings}))
    made = world.new_deal()
    come_to_rest(world)
    (identifier,) = world.opportunities()
    world.central.account.edit_as_aws(identifier, review_status="Approved")
    come_to_rest(world)
    return world, made.deal_id, identifier


def lose(world: World, identifier: str) -> None:
    world.central.account.edit_as_aws(identifier, stage="Closed Lost", closed_lost_reason="Price")
    come_to_rest(world)


def stage(world: World, identifier: str) -> str:
    return world.opportunities()[identifier].document["LifeCycle"]["Stage"]


def test_the_deal_stays_open_and_a_task_says_why_and_what_to_do() -> None:
    world, deal_id, identifier = approved()
    lose(world, identifier)
    values = world.deal(deal_id)
    assert (values["dealstage"], stage(world, identifier)) == ("qualifiedtobuy", "Closed Lost")
    assert values["aws_closed_lost"] == "AWS closed the opportunity as lost: Price. The deal is still open."
    assert values["aws_closed_lost_reason"] == "Price"
    assert values["aws_sync_status"] == "waiting"
    assert "Close the deal as lost, or move it on" in values["aws_sync_message"]
    assert tasks(world) == ["AWS closed this deal's opportunity as lost"]
    assert look_at_everything(world) == {}, "neither stage is written over the other, and nothing is told twice"


def test_other_fields_are_synced_meanwhile_and_the_loss_stays() -> None:
    world, deal_id, identifier = approved()
    lose(world, identifier)
    world.hubspot.account.update("deals", deal_id, {"hs_next_step": "Ask the customer why"})
    come_to_rest(world)
    document = world.opportunities()[identifier].document["LifeCycle"]
    assert (document["NextSteps"], document["Stage"]) == ("Ask the customer why", "Closed Lost")
    assert world.deal(deal_id)["dealstage"] == "qualifiedtobuy"


def test_a_person_closes_the_deal_and_both_say_the_same() -> None:
    world, deal_id, identifier = approved()
    lose(world, identifier)
    before = world.calls("UpdateOpportunity")
    world.hubspot.account.update("deals", deal_id, {"dealstage": "closedlost"})
    come_to_rest(world)
    values = world.deal(deal_id)
    assert (values["aws_sync_status"], values.get("aws_closed_lost")) == ("synced", None)
    assert (stage(world, identifier), world.calls("UpdateOpportunity")) == ("Closed Lost", before)
    assert wrong_in(world) == []


def test_a_person_moves_the_deal_on_and_the_opportunity_is_opened_again() -> None:
    world, deal_id, identifier = approved()
    lose(world, identifier)
    world.clock.advance(seconds=60)
    world.hubspot.account.update("deals", deal_id, {"dealstage": "presentationscheduled"})
    come_to_rest(world)
    values = world.deal(deal_id)
    assert (values["dealstage"], stage(world, identifier)) == ("presentationscheduled", "Technical Validation")
    assert (values["aws_sync_status"], values.get("aws_closed_lost")) == ("synced", None)
    (note,) = world.hubspot.account.records("notes")
    assert "opened again" in note.values()["hs_note_body"]
    lose(world, identifier)
    assert len(tasks(world)) == 2, "it was opened in between, so the second loss is news"
    assert (world.dead_letters(), world.unsettled(), world.unexpected) == ([], [], [])


def test_aws_opens_it_again_and_the_deal_shows_no_loss_any_more() -> None:
    world, deal_id, identifier = approved()
    lose(world, identifier)
    world.central.account.edit_as_aws(identifier, stage="Business Validation")
    come_to_rest(world)
    values = world.deal(deal_id)
    assert (values["dealstage"], values.get("aws_closed_lost")) == ("decisionmakerboughtin", None)
    assert values["aws_sync_status"] == "synced"


@pytest.mark.parametrize("strategy", ["partner-wins", "hubspot-wins"])
def test_under_any_strategy_aws_does_not_close_the_deal(strategy: str) -> None:
    world, deal_id, identifier = approved(conflict_strategy=strategy)
    lose(world, identifier)
    assert (world.deal(deal_id)["dealstage"], stage(world, identifier)) == ("qualifiedtobuy", "Closed Lost")
    world.hubspot.account.update("deals", deal_id, {"dealstage": "presentationscheduled"})
    come_to_rest(world)
    assert world.deal(deal_id)["dealstage"] == "presentationscheduled"
    kept = "Closed Lost" if strategy == "partner-wins" else "Technical Validation"
    assert stage(world, identifier) == kept
    assert look_at_everything(world) == {}


def test_follow_closes_the_deal_as_every_other_stage() -> None:
    world, deal_id, identifier = approved(closed_lost="follow")
    lose(world, identifier)
    values = world.deal(deal_id)
    assert (values["dealstage"], values["aws_sync_status"]) == ("closedlost", "synced")
    assert (tasks(world), values.get("aws_closed_lost")) == ([], None)
