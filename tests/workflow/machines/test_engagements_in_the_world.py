"""Resources and engagement of a submitted deal in the turned-clock world: real handlers, simulated vendors."""

from __future__ import annotations

from typing import Any

from sandbox.turned import Options
from sandbox.turned.parts import look_inbox_of
from tests.workflow.machines.recording import RecordingWorld, with_data
from tests.workflow.machines.test_submission_machine import READY


def submitted() -> tuple[RecordingWorld, str, str]:
    """A world with one deal whose opportunity was submitted: world, deal, opportunity."""
    world = RecordingWorld(Options(looks=True))
    for kind in ("resources", "engagement"):
        world.functions[f"aws.{kind}"]({"poll": f"aws.{kind}"})
    deal = world.new_deal().deal_id
    world.hubspot.account.update("deals", deal, READY)
    world.run_until_quiet()
    (opportunity,) = world.opportunities()
    return world, deal, opportunity


def look(world: RecordingWorld, kind: str) -> None:
    world.poll(f"aws.{kind}")
    world.run_until_quiet()


def notes(world: RecordingWorld, deal: str, word: str) -> int:
    return sum(word in one["body"] for one in world.hubspot.adapter.notes_of(deal))


def test_the_deal_shows_who_is_in_the_engagement_and_what_the_looks_saw() -> None:
    world, deal, opportunity = submitted()
    look(world, "engagement")
    shown = world.deal(deal)
    assert shown["aws_engagement_status"] == "invited"
    assert shown["aws_engagement_id"].startswith("eng-")

    world.central.account.edit_as_aws(opportunity, catalog="Sandbox", review_status="Approved")
    look(world, "engagement")

    shown = world.deal(deal)
    assert shown["aws_engagement_status"] == "joined"
    assert shown["aws_engagement_members"] == "Example Partner Ltd, AWS"
    assert "Review: Submitted -> Approved" in shown["aws_milestones"]
    assert world.announced["EngagementChanged"] == 2
    assert world.dead_letters() == world.unsettled() == world.unexpected == []


def test_snapshots_advice_and_documents_are_told_once() -> None:
    world, deal, opportunity = submitted()
    look(world, "resources")
    assert notes(world, deal, "Resources for this deal") == 1
    world.central.account.edit_as_aws(
        opportunity, catalog="Sandbox", summary={"Insights": {"NextBestActions": "Zorgaction"}}
    )
    world.central.account.add_snapshot(opportunity)
    for _ in range(3):
        look(world, "resources")
    assert [notes(world, deal, word) for word in ("Zorgaction", "by AWS", "Resources for this deal")] == [1, 1, 1]
    assert "Zorgaction" not in "\n".join(map(with_data, world.results))
    assert world.dead_letters() == world.unexpected == []


def test_a_job_that_somebody_stopped_runs_again_and_its_role_is_there() -> None:
    world, _, opportunity = submitted()
    state: Any = world.central.account.catalogs["Sandbox"]
    (job,) = state.jobs.values()
    job.status = "Stopped"
    world.poll("aws.settings")
    world.central.account.edit_as_aws(opportunity, catalog="Sandbox", next_steps="Call")
    look(world, "resources")
    assert job.status == "Running"
    assert state.job_role_arn == "arn:aws:iam::111122223333:role/snapshots"


def test_looks_without_news_ask_nothing_of_hubspot() -> None:
    world, _, opportunity = submitted()
    for kind in ("resources", "engagement"):
        look(world, kind)
    before = len(world.hubspot.account.calls)
    for kind in ("resources", "engagement"):
        wake_up = {"opportunity": opportunity, "why": "partner", "correlation_id": "again"}
        world.parts.queues[look_inbox_of(kind)].send(wake_up)
        world.run_ready()
        assert world.results[-1].states[-1] == "Nothing new"
    assert len(world.hubspot.account.calls) == before


def test_what_changes_no_opportunity_comes_by_event() -> None:
    world, deal, _ = submitted()
    look(world, "engagement")
    account = world.central.account
    account.add_member(
        world.deal(deal)["aws_engagement_id"], account="222233334444", company="Second Partner", catalog="Sandbox"
    )
    world.run_until_quiet()
    assert world.deal(deal)["aws_engagement_members"] == "Example Partner Ltd, Second Partner"
    assert "Member: Second Partner joined" in world.deal(deal)["aws_milestones"]


def test_an_engagement_that_is_none_of_ours_is_left_alone() -> None:
    world, _, _ = submitted()
    world.parts.queues["aws.look.engagement"].send(
        {"group": "eng-00000000000000", "why": "partner", "correlation_id": "e"}
    )
    world.run_ready()
    assert world.results[-1].states[-1] == "Nothing to look at"
