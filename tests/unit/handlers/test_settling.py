"""Recording an outcome, reserving a turn, and the polls' watermarks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.shared.adapters.hubspot.deals import ModifiedDeal
from lambdas.shared.adapters.ledger import Audit, Base, Leases, Links, Runs, Watermark, Watermarks, WriteQuota
from lambdas.shared.domain.plan import FieldChange, HeldTogether, Plan
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import Conflict, Retryable
from lambdas.shared.handlers.list_changed_deals import Collaborators as DealPoll
from lambdas.shared.handlers.list_changed_deals import list_changed_deals
from lambdas.shared.handlers.list_changed_opportunities import Collaborators as OpportunityPoll
from lambdas.shared.handlers.list_changed_opportunities import list_changed_opportunities
from lambdas.shared.handlers.list_due_links import Collaborators as Sweep
from lambdas.shared.handlers.list_due_links import list_due_links
from lambdas.shared.handlers.record_outcome import Collaborators, record_outcome
from lambdas.shared.handlers.reserve_quota import Collaborators as Quota
from lambdas.shared.handlers.reserve_quota import reserve_quota
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeQueue


class Room:
    def __init__(self) -> None:
        self.clock, self.dynamodb = FakeClock(), FakeDynamoDb()
        self.links = Links(self.dynamodb, "ledger", self.clock)
        self.leases = Leases(self.dynamodb, "ledger", self.clock)
        self.base = Base(self.dynamodb, "ledger")
        self.runs = Runs(self.dynamodb, "runs", self.clock)
        self.audit = Audit(self.dynamodb, "audit", self.clock, ledger="ledger")
        self.inbox = FakeQueue()
        self.announced: list[tuple[str, dict[str, Any]]] = []
        self.key = self.links.open_for_deal("aws", "500", "hubspot")
        self.leases.take_lease(self.key, "r")
        self.c = Collaborators(
            self.links,
            self.base,
            self.runs,
            self.audit,
            lambda kind, detail: self.announced.append((kind, detail)),
            lambda _partner: self.inbox,
            self.clock,
        )
        self.run = {"run_id": "r", "partner": "aws", "link": self.key, "seen": 1, "deal_id": "500"}

    def record(self, plan: Plan, outcome: str | None = None, documents: Any = None, **run: Any) -> dict[str, Any]:
        for name, document in {"plan": plan.as_dict(), **(documents or {})}.items():
            self.runs.put("r", name, document)
        found = {"opportunity": "current" if run.get("opportunity_id") else "none"}
        event = {"run": {**self.run, **run}, "outcome": outcome or plan.outcome, "opportunity": found}
        return record_outcome(event, self.c)


@pytest.fixture
def room() -> Room:
    return Room()


CHANGE = FieldChange("amount", "1", "2", "deal", "only-deal-moved")


def test_a_synced_run_moves_base_version_and_state_and_is_announced(room: Room) -> None:
    room.links.begin_attempt(room.key, "token", "500")
    room.links.tie_opportunity(room.key, "O1", "2026-09-21T14:00:00Z")
    plan = Plan("create", "synced", base={"amount": "2"}, opportunity_changes=(CHANGE,))
    documents = {"deal": {"updated_at": 7}, "result": {"version": "2026-09-21T14:13:20Z"}}
    assert room.record(plan, documents=documents, opportunity_id="O1")["state"] == "open"
    link = room.links.get(room.key)
    assert (link.partner_version, link.attempt) == ("2026-09-21T14:13:20Z", None)
    assert room.base.get(room.key) == {
        "fields": {"amount": "2"},
        "deal_seen_at": 7,
        "opportunity_seen_at": 1_790_000_000_000,
    }
    ((kind, detail),) = room.announced
    assert (kind, detail["fields"], detail["deal_id"]) == ("DealSynced", ["amount"], "500")


def test_what_the_partner_refused_keeps_its_old_base_and_is_planned_again(room: Room) -> None:
    room.record(Plan("none", "synced", base={"amount": "1", "stage": "Prospect"}))
    plan = Plan("update", "synced", base={"amount": "2", "stage": "Qualified"}, opportunity_changes=(CHANGE,))
    refusal = {"rejection": {"reason": "no", "problems": [], "fields": ["amount"]}}
    assert room.record(plan, "rejected", refusal)["state"] == "blocked"
    assert room.base.get(room.key)["fields"] == {"amount": "1", "stage": "Qualified"}
    assert room.announced[-1][0] == "Blocked"
    assert room.audit.entries(room.key)[0]["outcome"] == "rejected"


@pytest.mark.parametrize(("outcome", "announced"), [("synced", ["ReviewChanged"]), ("rejected", ["Blocked"])])
def test_a_review_that_moved_on_is_announced_once_the_deal_shows_it(
    room: Room, outcome: str, announced: list[str]
) -> None:
    refusal = {"rejection": {"reason": "no", "problems": [], "fields": []}}
    room.record(Plan("none", "synced", review_changed=True), outcome, refusal)
    assert [kind for kind, _ in room.announced] == announced


def test_what_was_written_before_an_association_was_refused_keeps_its_new_base(room: Room) -> None:
    """Its old base would make the next change at the partner look like a conflict with our own write."""
    room.record(Plan("none", "synced", base={"amount": "1"}))
    plan = Plan("update", "synced", base={"amount": "2"}, opportunity_changes=(CHANGE,), steps=("S-1",))
    refusal = {"rejection": {"reason": "no", "problems": [], "fields": ["solution"]}}
    assert room.record(plan, "rejected", refusal)["state"] == "blocked"
    assert room.base.get(room.key)["fields"] == {"amount": "2"}


def test_an_echo_is_neither_announced_nor_filed(room: Room) -> None:
    room.record(Plan("none", "synced", base={"amount": "1"}))
    assert room.announced == []
    assert room.audit.entries(room.key) == []


def test_an_open_create_is_looked_for_again_and_given_up_once_it_is_old(room: Room) -> None:
    """As long as it is open, every opportunity that nobody shared with us waits for it."""
    room.links.begin_attempt(room.key, "token", "500")
    room.clock.advance(seconds=200)
    assert room.record(Plan("none", "paused"))["look_in"] == 3600
    assert room.links.get(room.key).attempt["token"] == "token"
    room.clock.advance(seconds=3400)
    room.leases.take_lease(room.key, "r")
    assert room.record(Plan("none", "paused"))["look_in"] == 0
    assert room.links.get(room.key).attempt is None
    assert room.links.open_attempts("aws") == {}


@pytest.mark.parametrize(("action", "found"), [("create", "none"), ("none", "orphan"), ("none", "missing")])
def test_a_create_that_goes_on_or_whose_record_is_there_is_never_given_up(room: Room, action: str, found: str) -> None:
    room.links.begin_attempt(room.key, "token", "500")
    room.clock.advance(seconds=7200)
    room.leases.take_lease(room.key, "r")
    room.runs.put("r", "plan", Plan(action, "paused").as_dict())
    event = {"run": room.run, "outcome": "paused", "opportunity": {"opportunity": found}}
    assert record_outcome(event, room.c)["look_in"] == 0
    assert room.links.get(room.key).attempt["token"] == "token"


def test_a_lost_lease_records_nothing(room: Room) -> None:
    room.clock.advance(seconds=400)
    room.leases.take_lease(room.key, "another run")
    with pytest.raises(Conflict):
        room.record(Plan("none", "paused"))
    assert room.links.get(room.key).state == "open"
    assert room.announced == []
    assert room.audit.entries(room.key) == []


@pytest.mark.parametrize("failing", ["announce", "settle"])
def test_what_is_to_be_told_survives_a_failure_half_way(room: Room, failing: str) -> None:
    """After the link is settled a repetition would see no change, and both event and audit entry would be lost."""
    announce, settle = room.c.announce, room.links.settle

    def fail(*_given: Any, **_more: Any) -> None:
        raise Retryable("not now")

    if failing == "announce":
        room.c = replace(room.c, announce=fail)
    else:
        room.links.settle = fail
    with pytest.raises(Retryable):
        room.record(Plan("none", "blocked", reason="the deal is incomplete"))
    room.c, room.links.settle = replace(room.c, announce=announce), settle
    room.clock.advance(seconds=2)
    room.record(Plan("none", "blocked", reason="the deal is incomplete"))
    assert room.announced[-1][0] == "Blocked"
    assert room.links.get(room.key).state == "blocked"
    assert [entry["outcome"] for entry in room.audit.entries(room.key)] == ["blocked"], "one decision, one entry"


def test_what_waits_together_is_on_record_once(room: Room) -> None:
    held = HeldTogether("spend_amount", "spend_currency", "locked", "Amount", "Currency")
    room.record(Plan("none", "synced", together=(held,)))
    (entry,) = room.audit.entries(room.key)
    (one,) = json.loads(entry["together"])
    assert (one["field"], one["other"], one["why"]) == ("spend_amount", "spend_currency", "locked")
    room.clock.advance(seconds=2)
    room.record(Plan("none", "synced", together=(held,)))
    assert len(room.audit.entries(room.key)) == 1


def test_what_was_put_right_can_be_told_anew(room: Room) -> None:
    room.links.tell_begin(room.key, "blocked:1")
    room.links.tell_done(room.key, "blocked:1", "t1")
    room.links.tell_begin(room.key, "title-locked:1")
    room.links.tell_done(room.key, "title-locked:1", "n1")
    room.record(Plan("none", "synced"))
    assert room.links.get(room.key).told == {"title-locked:1": "n1"}


def test_a_found_opportunity_is_tied_and_looked_at_again(room: Room) -> None:
    assert room.record(Plan("none", "adopt", adopt={"opportunity_id": "O7"}))["again"] is True
    assert room.links.for_opportunities("aws", ["O7"]) == {"O7": room.key}


def test_an_event_that_overtook_our_create_hands_its_link_over(room: Room) -> None:
    half = room.links.open_for_opportunity("aws", "O7")
    room.leases.take_lease(half, "r")
    room.record(Plan("none", "adopt", adopt={"deal_id": "500"}), link=half, deal_id=None, opportunity_id="O7")
    assert room.links.for_opportunities("aws", ["O7"]) == {"O7": room.key}
    assert room.links.get(half).handed_over
    assert [message["link"] for message in room.inbox.messages] == [room.key]


def test_two_opportunities_that_claim_one_deal_are_left_to_a_person(room: Room) -> None:
    room.links.tie_opportunity(room.key, "O1", "v")
    half = room.links.open_for_opportunity("aws", "O7")
    room.leases.take_lease(half, "r")
    answer = room.record(Plan("none", "adopt", adopt={"deal_id": "500"}), link=half, deal_id=None, opportunity_id="O7")
    assert (answer["state"], answer["again"]) == ("conflict", False)
    assert room.links.get(half).state == "conflict"
    assert room.links.get(room.key).opportunity_id == "O1"
    ((kind, detail),) = room.announced
    assert (kind, detail["deal_id"], detail["opportunity_id"]) == ("ConflictFound", "500", "O7")
    room.leases.take_lease(half, "r")
    room.record(Plan("none", "adopt", adopt={"deal_id": "500"}), link=half, deal_id=None, opportunity_id="O7")
    assert len(room.announced) == 1


def quota(room: Room, per_second: float = 1, per_day: int = 10_000) -> Quota:
    limits = {"catalog": "AWS", "quota": {"writes_per_second": per_second, "writes_per_day": per_day}}
    return Quota(WriteQuota(room.dynamodb, "ledger", room.clock), room.links, {"aws": limits}, room.clock)


def test_turns_follow_each_other_and_a_far_one_is_kept(room: Room) -> None:
    c = quota(room)
    verdicts = [reserve_quota({"run": {**room.run, "link": room.key}, "writes": 2}, c)["verdict"] for _ in range(2)]
    assert verdicts == ["now", "wait"]
    others = {"run_id": "x", "partner": "aws"}
    for _ in range(40):
        reserve_quota({"run": others, "writes": 2}, c)
    far = reserve_quota({"run": room.run, "writes": 2}, c)
    assert far["verdict"] == "later"
    kept = room.links.get(room.key).slot_at
    assert kept == far["not_before"] + 5_000
    room.clock.set(kept - 2_000)
    turn = reserve_quota({"run": room.run, "writes": 2}, c)
    assert (turn["verdict"], turn["not_before"]) == ("wait", kept)
    assert not room.links.get(room.key).slot_at, "a kept slot is used once"


def test_a_day_that_is_used_up_says_when_to_come_back(room: Room) -> None:
    c = quota(room, per_second=1000, per_day=4)
    for _ in range(2):
        reserve_quota({"run": {"run_id": "x", "partner": "aws"}, "writes": 2}, c)
    turn = reserve_quota({"run": room.run, "writes": 2}, c)
    assert turn["verdict"] == "later"
    assert turn["not_before"] >= room.clock.now_ms() + 23 * 3_600_000


class CentralPages:
    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages, self.asked = list(pages), []

    def list_opportunities(self, since: str, page: str | None) -> dict[str, Any]:
        self.asked.append((since, page))
        return self.pages.pop(0)


def test_the_first_poll_only_sets_the_watermark_and_later_ones_read_page_by_page(room: Room) -> None:
    seen = {"id": "O1", "version": "2026-09-21T14:20:00Z"}
    fresh = {"id": "O2", "version": "2026-09-21T14:30:00Z"}
    central = CentralPages(
        {"items": [seen], "next": "p2"}, {"items": [fresh], "next": None}, {"items": [], "next": None}
    )
    key = room.links.open_for_opportunity("aws", "O1")
    room.leases.take_lease(key, "p")
    room.links.settle(key, seen=1, lease_owner="p", changes={"partner_version": seen["version"]})
    notices, marks = FakeQueue(), Watermarks(room.dynamodb, "ledger")
    c = OpportunityPoll("aws", AwsOpportunities(central), room.links, marks, notices, room.clock)
    poll = {"poll": "aws.opportunities", "correlation_id": "p"}
    assert list_changed_opportunities(poll, c) == {"more": False, "count": 0}
    assert central.asked == []
    room.clock.advance(seconds=3600)
    assert list_changed_opportunities(poll, c) == {"more": True, "count": 0}, "what the link has seen is no news"
    assert list_changed_opportunities(poll, c) == {"more": False, "count": 1}
    assert notices.messages[0]["opportunities"] == ["O2"]
    list_changed_opportunities(poll, c)
    before_it_began, before_the_newest = "2026-09-21T14:08:20Z", "2026-09-21T14:25:00Z"
    assert central.asked == [(before_it_began, None), (before_it_began, "p2"), (before_the_newest, None)]


class DealPages:
    def __init__(self, *pages: Any) -> None:
        self.pages, self.asked = list(pages), []

    def search_modified_deals(self, since: int, page: str | None, properties: Any) -> Any:
        self.asked.append((since, page))
        return self.pages.pop(0)


def test_the_deal_poll_overlaps_and_skips_what_was_read(room: Room) -> None:
    now = room.clock.now_ms()
    room.links.settle(room.key, seen=1, lease_owner="r", base_fields={}, deal_seen_at=now + 50)
    tagged = {"dealname": "A #AWS"}
    pages = DealPages(([ModifiedDeal("500", now + 10, tagged), ModifiedDeal("501", now + 20, tagged)], None))
    notices, marks = FakeQueue(), Watermarks(room.dynamodb, "ledger")
    c = DealPoll(pages, room.links, room.base, marks, notices, {"aws": Tagging("#AWS")}, room.clock)
    poll = {"poll": "hubspot.deals"}
    list_changed_deals(poll, c)
    room.clock.advance(seconds=900)
    assert list_changed_deals(poll, c) == {"more": False, "count": 1}
    assert notices.messages[0]["deals"] == ["501"]
    assert pages.asked == [(now - 120_000, None)]
    mark = marks.get("hubspot", "deals")
    assert mark == Watermark(since=str(now + 900_000)), "a round covers everything up to its own beginning"


def test_the_sweep_wakes_what_falls_due_before_the_next_one_at_its_own_moment_and_once(room: Room) -> None:
    room.leases.postpone(room.key, "r", room.clock.now_ms() + 90_000, "Retryable", "busy")
    c = Sweep(room.links, lambda _partner: room.inbox, room.clock)
    assert list_due_links({"poll": "aws.due"}, c) == {"more": False, "count": 0}
    room.clock.advance(seconds=60)
    assert list_due_links({"poll": "aws.due"}, c) == {"more": False, "count": 1}
    ((wake, delay),) = room.inbox.sent
    assert (wake["link"], delay) == (room.key, 30)
    room.clock.advance(seconds=60)
    assert list_due_links({"poll": "aws.due"}, c) == {"more": False, "count": 0}, "its wake-up is still under way"
    room.clock.advance(seconds=60)
    assert list_due_links({"poll": "aws.due"}, c)["count"] == 1, "a wake-up that was lost is made up for"
