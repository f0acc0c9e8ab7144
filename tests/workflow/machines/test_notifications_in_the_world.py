"""Smart notifications in the turned-clock world: real handlers and machines, simulated vendors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.turned import Options
from tests.workflow.machines.recording import RecordingWorld, with_data
from tests.workflow.machines.test_submission_machine import READY

ANN = {"BusinessTitle": "AWSSalesRep", "FirstName": "Zorgann", "LastName": "Seller", "Email": "ann@aws.example.com"}


class Deal:
    """A deal whose opportunity was submitted, and whose first look is behind it."""

    def __init__(self) -> None:
        self.world = RecordingWorld(Options(looks=True))
        self.world.functions["aws.notifications"]({"poll": "aws.notifications"})  # what was there before is no change
        self.id = self.world.new_deal().deal_id
        account = self.world.hubspot.account
        self.owner = next(iter(account.state.owners.owners))
        account.update("deals", self.id, {**READY, "hubspot_owner_id": self.owner})
        self.world.run_until_quiet()
        (self.opportunity,) = self.world.opportunities()

    def aws(self, **edits: Any) -> None:
        """AWS edits the record, and everything that follows of it happens."""
        self.world.central.account.edit_as_aws(self.opportunity, catalog="Sandbox", **edits)
        self.world.run_until_quiet()

    def look(self) -> None:
        self.world.poll("aws.notifications")
        self.world.run_until_quiet()

    def told(self, word: str) -> tuple[int, int]:
        """Tasks and notes of smart notifications that say ``word``."""
        hubspot = self.world.hubspot.adapter
        every = (hubspot.tasks_of(self.id), hubspot.notes_of(self.id))
        tasks, notes = (sum("notify:" in one["body"] and word in one["body"] for one in some) for some in every)
        return tasks, notes

    def task(self, word: str) -> tuple[str, str, int]:
        """Owner, priority, and hours until it is due of the one task that says ``word``."""
        account = self.world.hubspot.account
        every = [account.values("tasks", one) for one in account.associated("deals", self.id, "tasks")]
        (task,) = (one for one in every if word in one["hs_task_body"])
        due = int(datetime.fromisoformat(task["hs_timestamp"]).timestamp() * 1000)
        return task["hubspot_owner_id"], task["hs_task_priority"], round((due - self.world.clock.now_ms()) / 3_600_000)


def test_every_fact_is_a_task_and_a_note_once_and_an_event() -> None:
    deal = Deal()
    assert deal.told("") == (0, 0)
    deal.aws(review_status="Approved", summary={"OpportunityTeam": [ANN]})
    deal.aws(summary={"Insights": {"EngagementScore": "Low", "OpportunityQuality": {"Score": 60}}})
    deal.aws(summary={"Insights": {"EngagementScore": "High", "OpportunityQuality": {"Score": 86}}})
    for _ in range(3):
        deal.look()
    for word in ("AWS approved this opportunity", "Zorgann Seller", "from Low to High", "from 60 to 86"):
        assert deal.told(word) == (1, 1), word
    assert deal.told("") == (4, 4)
    assert deal.task("from 60 to 86") == (deal.owner, "HIGH", 24)
    assert deal.task("AWS approved this opportunity") == (deal.owner, "MEDIUM", 72)
    assert deal.world.announced["Notification"] == 4
    spoken = "\n".join(map(with_data, deal.world.results))
    assert "Zorgann" not in spoken
    assert deal.world.dead_letters() == deal.world.unexpected == []


def test_what_aws_asks_for_in_its_review_is_the_sync_s_task_and_our_event() -> None:
    deal = Deal()
    deal.aws(review_status="Action Required", review_comments="Zorgcomment")
    for _ in range(2):
        deal.look()
    assert deal.told("") == (0, 0)
    tasks = deal.world.hubspot.adapter.tasks_of(deal.id)
    assert sum("Zorgcomment" in one["body"] for one in tasks) == 1
    assert deal.world.announced["Notification"] == 1


def test_a_look_at_a_deal_without_news_reads_twice_and_writes_nothing() -> None:
    deal = Deal()
    deal.aws(summary={"Insights": {"OpportunityQuality": {"Score": 60}}})
    before = deal.world.announced["Notification"]
    deal.aws(summary={"Insights": {"OpportunityQuality": {"Score": 74}}})
    assert deal.told("") == (0, 0)
    deal.aws(summary={"Insights": {"OpportunityQuality": {"Score": 75}}})
    assert deal.told("from 60 to 75") == (1, 1)
    assert deal.world.announced["Notification"] == before + 1
