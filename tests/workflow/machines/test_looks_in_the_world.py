"""The look at AWS's summary in the turned-clock world: real handlers, real definition, simulated vendors."""

from __future__ import annotations

from typing import Any

from sandbox.turned import Options
from tests.workflow.machines.recording import RecordingWorld, with_data

AWS_SAYS: dict[str, Any] = {
    "engagement_score": "High",
    "quality": {"Score": 85, "Trend": "Improving"},
    "aws_next_steps": "Zorgstep of the account team",
    "team": [{"FirstName": "Zorgfirst", "LastName": "Zorglast", "Email": "zorg@amazon.com", "BusinessTitle": "PDM"}],
}


def started() -> tuple[RecordingWorld, str, str]:
    """A world with one deal and its opportunity: world, deal, opportunity."""
    world = RecordingWorld(Options(looks=True))
    world.functions["aws.summary"]({"poll": "aws.summary"})
    deal = world.new_deal().deal_id
    world.run_until_quiet()
    (opportunity,) = world.opportunities()
    return world, deal, opportunity


def say(world: RecordingWorld, opportunity: str, **edits: Any) -> None:
    world.central.account.edit_as_aws(opportunity, catalog="Sandbox", **edits)
    world.run_until_quiet()


def test_what_aws_says_is_on_the_deal_and_beside_our_own_next_step() -> None:
    world, deal, opportunity = started()
    ours = world.deal(deal).get("hs_next_step")
    say(world, opportunity, **AWS_SAYS)
    shown = world.deal(deal)
    assert shown["aws_engagement_score"] == "High"
    assert (shown["aws_opportunity_quality"], shown["aws_quality_trend"]) == ("85", "Improving")
    assert shown["aws_their_next_steps"] == "Zorgstep of the account team"
    assert shown["aws_team"] == "Zorgfirst Zorglast (zorg@amazon.com), Partner development manager"
    assert shown.get("hs_next_step") == ours
    assert world.announced["SummaryChanged"] == 1
    assert world.dead_letters() == world.unsettled() == world.unexpected == []


def test_an_event_without_news_costs_one_read_and_no_call_of_hubspot() -> None:
    world, _, opportunity = started()
    say(world, opportunity, **AWS_SAYS)
    before = (world.calls("GetAwsOpportunitySummary"), len(world.hubspot.account.calls))
    world.parts.queues["aws.look.summary"].send({"opportunity": opportunity, "why": "partner", "correlation_id": "e"})
    world.run_ready()
    assert world.calls("GetAwsOpportunitySummary") == before[0] + 1
    assert len(world.hubspot.account.calls) == before[1]
    assert world.results[-1].states[-1] == "Nothing new"


def test_our_own_write_comes_back_as_an_event_and_writes_nothing() -> None:
    world, deal, opportunity = started()
    say(world, opportunity, **AWS_SAYS)
    written = world.announced["SummaryChanged"]
    world.hubspot.account.update("deals", deal, {"hs_next_step": "Call them"})
    world.run_until_quiet()
    assert world.announced["SummaryChanged"] == written


def test_a_lost_event_is_made_up_for_by_the_poll() -> None:
    world, deal, opportunity = started()
    world.central.account.edit_as_aws(opportunity, catalog="Sandbox", **AWS_SAYS)
    world.central.events.clear()
    world.poll("aws.summary")
    world.run_until_quiet()
    assert world.deal(deal)["aws_engagement_score"] == "High"


def test_a_throttled_look_comes_back_by_itself_and_shows_what_there_is_then() -> None:
    world, deal, opportunity = started()
    world.central.faults.add("GetAwsOpportunitySummary", status=400, code="ThrottlingException", count=12)
    say(world, opportunity, **AWS_SAYS)
    assert world.deal(deal)["aws_engagement_score"] == "High"
    ends = [result.states[-1] for result in world.results if "Gather what is new" in result.states]
    assert "Coming back" in ends
    assert world.announced["SummaryChanged"] == 1
    assert world.dead_letters() == []


def test_hubspot_away_between_news_and_deal_loses_nothing() -> None:
    world, deal, opportunity = started()
    world.hubspot.faults.add("*", status=503, count=12)
    say(world, opportunity, **AWS_SAYS)
    assert world.deal(deal)["aws_engagement_score"] == "High"
    assert world.announced["SummaryChanged"] == 1


def test_a_section_that_aws_takes_back_is_cleared_and_one_that_it_never_had_is_left_alone() -> None:
    world, deal, opportunity = started()
    world.hubspot.account.update("deals", deal, {"aws_cosell_motion": "written by a person"})
    say(world, opportunity, **AWS_SAYS)
    say(world, opportunity, aws_next_steps=None)
    shown = world.deal(deal)
    assert not shown.get("aws_their_next_steps")
    assert shown["aws_cosell_motion"] == "written by a person"
    assert shown["aws_engagement_score"] == "High"


def test_nothing_of_what_aws_says_enters_an_execution() -> None:
    world, _, opportunity = started()
    say(world, opportunity, **AWS_SAYS)
    logged = "\n".join(map(with_data, world.results))
    assert "Begin the look" in logged
    assert "Zorg" not in logged
    assert "zorg@" not in logged
