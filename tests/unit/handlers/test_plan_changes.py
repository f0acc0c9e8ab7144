"""Planning one run: what the decision is made of, what lies in the run item, and an outline without a value."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.partner import plan_run
from lambdas.shared.errors import NotFound
from lambdas.shared.handlers.plan_changes import Collaborators, plan_changes
from tests.unit.domain.domain_support import applied, deal, settings, tied
from tests.unit.handlers.partner_room import CUSTOMER, Room, assert_no_customer, named_error

NONE, CURRENT = {"opportunity": "none"}, {"opportunity": "current", "opportunity_id": "O1"}
KEYS = {"action", "outcome", "writes", "write_deal", "fields", "steps", "problems", "blocked", "conflicts"}


class PlanRoom(Room):
    def plan(
        self,
        document: Any,
        opportunity: Any = None,
        *,
        state: str = "current",
        answer: Any = None,
        **run: Any,
    ) -> dict[str, Any]:
        for name, one in (("deal", document), ("opportunity", opportunity)):
            if one is not None:
                self.runs.put("r", name, one)
        c = Collaborators(self.links, self.base, self.runs, settings(solutions=["S-1234567"]), plan_run, self.clock)
        event = {
            "run": {**self.run, **run},
            "deal": {"deal": state, "deal_id": "500"},
            "opportunity": answer or (CURRENT if opportunity else NONE),
        }
        before = self.links.get(self.key)
        outline = plan_changes(event, c)
        assert self.links.get(self.key) == before, "planning writes nothing to the link"
        assert self.trail() == []
        assert set(outline) == KEYS
        assert_no_customer(outline)
        return outline

    def in_sync(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A tied link whose two sides agree with the base."""
        document, opportunity, base = tied()
        self.links.tie_opportunity(self.key, "O1")
        seen = {"deal_seen_at": self.now - 100_000, "opportunity_seen_at": self.now - 100_000}
        self.links.settle(self.key, seen=None, lease_owner="r", base_fields=base, **seen)
        return document, opportunity


@pytest.fixture
def room() -> PlanRoom:
    return PlanRoom()


def test_a_tagged_deal_is_to_be_created_with_its_solutions(room: PlanRoom) -> None:
    outline = room.plan(deal())
    assert (outline["action"], outline["outcome"]) == ("create", "synced")
    assert (outline["steps"], outline["writes"], outline["write_deal"]) == (["S-1234567"], 2, True)
    assert {"company_name", "title"} <= set(outline["fields"])
    assert outline["fields"] == sorted(outline["fields"])
    assert (outline["problems"], outline["blocked"], outline["conflicts"]) == ([], [], [])


def test_the_whole_plan_with_its_values_lies_in_the_run_item(room: PlanRoom) -> None:
    room.plan(deal())
    plan = room.document("plan")
    assert (plan["action"], plan["outcome"]) == ("create", "synced")
    assert plan["opportunity"]["Customer.Account.CompanyName"] == CUSTOMER[0]
    assert CUSTOMER[2] in str(plan["opportunity"])


def test_planning_twice_gives_the_same(room: PlanRoom) -> None:
    first = room.plan(deal())
    kept = room.document("plan")
    assert room.plan(deal()) == first
    assert room.document("plan") == kept


def test_an_incomplete_deal_names_the_fields_and_writes_nothing_to_aws(room: PlanRoom) -> None:
    outline = room.plan(deal({"country": None, "name": None}))
    assert (outline["action"], outline["outcome"], outline["writes"]) == ("none", "blocked", 0)
    assert {"company_name", "country"} <= set(outline["problems"])
    assert outline["problems"] == sorted(set(outline["problems"]))
    assert outline["write_deal"] is True, "the person is told"


def test_only_what_moved_against_the_base_is_written(room: PlanRoom) -> None:
    document, opportunity = room.in_sync()
    document["properties"]["dealname"] = "BigCorp moves everything #AWS"
    outline = room.plan(document, opportunity)
    assert (outline["action"], outline["fields"]) == ("update", ["title"])
    assert list(room.document("plan")["opportunity"]) == ["Project.Title"]


def test_what_aws_has_locked_is_named_and_held_back(room: PlanRoom) -> None:
    document, opportunity = room.in_sync()
    opportunity["LifeCycle"]["ReviewStatus"] = "In review"
    document["properties"]["dealname"] = "BigCorp moves everything #AWS"
    outline = room.plan(document, opportunity)
    assert (outline["action"], outline["blocked"]) == ("none", ["title"])
    assert outline["writes"] == 0


def test_a_field_that_both_sides_moved_is_named_where_a_person_decides(room: PlanRoom) -> None:
    document, opportunity = room.in_sync()
    document["properties"]["dealname"] = "BigCorp moves everything #AWS"
    opportunity = applied(opportunity, {"Project.Title": "BigCorp stays"})
    room.runs.put("r", "deal", document)
    room.runs.put("r", "opportunity", opportunity)
    c = Collaborators(room.links, room.base, room.runs, settings(conflict_strategy="manual"), plan_run, room.clock)
    current = {"deal": "current", "deal_id": "500"}
    outline = plan_changes({"run": room.run, "deal": current, "opportunity": CURRENT}, c)
    assert (outline["outcome"], outline["conflicts"]) == ("conflict", ["title"])
    assert_no_customer(outline)


@pytest.mark.parametrize(("state", "outcome"), [("missing", "closed"), ("archived", "closed"), ("moved", "adopt")])
def test_a_deal_document_of_an_earlier_step_does_not_outweigh_the_answer(
    room: PlanRoom, state: str, outcome: str
) -> None:
    outline = room.plan(deal(), state=state)
    assert (outline["action"], outline["outcome"], outline["writes"]) == ("none", outcome, 0)


def test_an_opportunity_document_of_an_earlier_step_does_not_outweigh_the_answer(room: PlanRoom) -> None:
    document, opportunity = room.in_sync()
    outline = room.plan(document, opportunity, answer={"opportunity": "missing", "opportunity_id": "O1"})
    assert (outline["action"], outline["outcome"]) == ("none", "conflict")


def test_no_deal_is_made_of_a_document_of_an_earlier_step(room: PlanRoom) -> None:
    half = room.links.open_for_opportunity("aws", "O9", invitation_id="engi-1", origin="invitation")
    _, opportunity, _ = tied()
    run = {"link": half, "deal_id": None, "opportunity_id": "O9"}
    assert room.plan(None, opportunity, state="none", **run)["write_deal"] is True
    missing = {"opportunity": "missing", "opportunity_id": "O9"}
    outline = room.plan(None, opportunity, state="none", answer=missing, **run)
    assert (outline["outcome"], outline["write_deal"]) == ("ignored", False)


def test_the_record_of_a_lost_create_is_adopted(room: PlanRoom) -> None:
    outline = room.plan(deal(), answer={"opportunity": "orphan", "opportunity_id": "O7"})
    assert (outline["outcome"], outline["writes"]) == ("adopt", 0)
    assert room.document("plan")["adopt"] == {"opportunity_id": "O7"}


@pytest.mark.parametrize("answer", [NONE, {"opportunity": "orphan", "opportunity_id": "O7"}])
@pytest.mark.parametrize(("whole", "outcome"), [(True, "conflict"), (False, "adopt")])
def test_an_opportunity_of_another_deal_is_told_and_half_a_link_is_taken_over(
    room: PlanRoom, answer: Any, whole: bool, outcome: str
) -> None:
    holder = room.links.open_for_opportunity("aws", "O7")
    if whole:
        room.links.attach_deal(holder, "501")
    outline = room.plan(deal(aws_opportunity_id="O7"), answer=answer)
    assert (outline["action"], outline["outcome"], outline["write_deal"]) == ("none", outcome, whole)
    if whole:
        assert "the deal 501" in room.document("plan")["deal"]["aws_sync_message"]


@pytest.mark.parametrize(("create_is_open", "outcome"), [(True, "deferred"), (False, "ignored")])
def test_an_unknown_record_waits_while_a_create_of_ours_is_open(
    room: PlanRoom, create_is_open: bool, outcome: str
) -> None:
    half = room.links.open_for_opportunity("aws", "O9")
    if create_is_open:
        room.links.begin_attempt(room.key, "token", "500")
    _, opportunity, _ = tied()
    outline = room.plan(None, opportunity, state="none", link=half, deal_id=None, opportunity_id="O9")
    assert (outline["outcome"], outline["writes"], outline["write_deal"]) == (outcome, 0, False)


def test_without_its_link_there_is_no_plan(room: PlanRoom) -> None:
    error = named_error(NotFound, lambda: room.plan(deal(), link="link#aws#d999"))
    assert "link#aws#d999" in str(error)
    assert room.document("plan") is None


def test_the_seller_who_wrote_while_a_create_went_through_unrecorded_is_heard(room: PlanRoom) -> None:
    """The record that was found holds what we sent; the deal has moved on since, and the record is the younger one."""
    document, opportunity, base = tied()
    attempt = room.links.begin_attempt(room.key, "token-1", "500")
    room.runs.put(attempt["token"], "sent", base)
    room.links.tie_opportunity(room.key, "O1")
    document["properties"]["hs_next_step"] = "Call them at once"
    outline = room.plan(document, opportunity)
    assert (outline["action"], outline["fields"]) == ("update", ["next_steps"])
    assert not room.document("plan")["deal_changes"]
