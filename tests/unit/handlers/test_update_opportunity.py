"""Updating: the whole record goes back with the changes in it, at the version that was read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import (
    Conflict,
    CosellError,
    NotFound,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)
from lambdas.shared.handlers.update_opportunity import Collaborators, update_opportunity
from tests.unit.handlers.partner_room import Room, Vendor, assert_no_customer, named_error, planned

READ = "2026-09-21T14:00:00.123Z"
WRITTEN = {"version": "2026-09-21T14:13:21Z"}
RECORD = {
    "Id": "O1",
    "Arn": "arn:aws:partnercentral:us-east-1:123456789012:catalog/AWS/opportunity/O1",
    "Catalog": "AWS",
    "CreatedDate": "2026-09-20T10:00:00Z",
    "LastModifiedDate": READ,
    "PartnerOpportunityIdentifier": "500",
    "Customer": {"Account": {"CompanyName": "BigCorp", "Industry": "Software and Internet"}},
    "LifeCycle": {"Stage": "Prospect", "ReviewStatus": "Approved"},
    "Project": {"Title": "BigCorp Cloud Migration"},
    "RelatedEntityIdentifiers": {"Solutions": ["S-1"]},
}
RULES = (FieldRule("stage", "LifeCycle.Stage", "stage", "deal", ("dealstage",)),)
WRONG = Problem("lifecycle.stage", "lifecycle.stage has a value that AWS does not accept (INVALID_VALUE).")
LOCKED = Problem("lifecycle.stage", "lifecycle.stage may not be changed now (ACTION_NOT_PERMITTED).")


class UpdateRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.links.tie_opportunity(self.key, "O1", READ)
        self.run["opportunity_id"] = "O1"
        self.central = Vendor(update_opportunity=[], get_opportunity=[])

    def update(self, *answers: Any, at: int | None = None, record: Any = None) -> dict[str, Any]:
        self.central.answers["update_opportunity"] = list(answers)
        self.runs.put("r", "plan", planned({"LifeCycle.Stage": "Qualified"}, "stage"))
        self.runs.put("r", "opportunity", record or RECORD)
        c = Collaborators(AwsOpportunities(self.central, RULES), self.runs, self.audit, self.turn)
        return update_opportunity({"run": self.run, "at": self.now if at is None else at}, c)


@pytest.fixture
def room() -> UpdateRoom:
    return UpdateRoom()


def test_the_whole_record_goes_back_with_the_change_and_its_deals_id(room: UpdateRoom) -> None:
    answer = room.update(WRITTEN)
    assert answer == {"opportunity_id": "O1", "version": WRITTEN["version"]}
    assert room.document("result") == answer
    ((_, opportunity_id, version, body),) = room.central.calls
    assert (opportunity_id, version) == ("O1", READ)
    assert body["PartnerOpportunityIdentifier"] == "500", "an update without it would wipe it out"
    assert body["LifeCycle"] == {"Stage": "Qualified"}
    assert (body["Customer"], body["Project"]) == (RECORD["Customer"], RECORD["Project"])
    assert body["Identifier"] == "O1"
    assert not {"Id", "Arn", "CreatedDate", "RelatedEntityIdentifiers"} & set(body)
    assert_no_customer(answer, room.link())


def test_the_version_is_the_one_that_was_read_and_not_the_links(room: UpdateRoom) -> None:
    newer = "2026-09-21T14:05:00Z"
    room.update(WRITTEN, record={**RECORD, "LastModifiedDate": newer})
    ((_, _, version, body),) = room.central.calls
    assert (version, body["LastModifiedDate"]) == (newer, newer)


def test_the_audit_holds_the_changed_fields_and_not_the_record(room: UpdateRoom) -> None:
    room.update(WRITTEN)
    intent, outcome = room.trail()
    assert (intent["operation"], intent["deal_id"], intent["opportunity_id"]) == ("UpdateOpportunity", "500", "O1")
    changes = json.loads(intent["changes"])
    assert [(one["field"], one["before"], one["after"]) for one in changes] == [("stage", "before", "after")]
    assert (outcome["intent"], outcome["result"], outcome["version"]) == (intent["sk"], "done", WRITTEN["version"])
    assert_no_customer(intent, outcome)


def test_the_intent_is_on_record_before_the_call(room: UpdateRoom) -> None:
    with pytest.raises(KeyError):
        room.update(KeyError("BigCorp"))
    assert room.results() == [None]
    assert room.document("result") is None


@pytest.mark.parametrize("kind", [Conflict, NotFound, Throttled, Retryable, Unauthorized, Unexpected])
def test_every_named_error_passes_as_it_is_and_leaves_no_result(room: UpdateRoom, kind: type[CosellError]) -> None:
    error = named_error(kind, lambda: room.update(kind("AWS said no")))
    assert str(error) == "AWS said no"
    assert room.results() == [None, kind.__name__]
    assert room.trail()[-1]["reason"] == "AWS said no"
    assert (room.document("result"), room.document("rejection")) == (None, None)


def test_how_long_aws_wants_us_to_wait_is_kept(room: UpdateRoom) -> None:
    error = named_error(Throttled, lambda: room.update(Throttled("slow down", 7)))
    assert isinstance(error, Throttled)
    assert error.retry_after_seconds == 7


def test_a_refusal_is_left_for_the_write_back_in_the_sellers_words(room: UpdateRoom) -> None:
    error = named_error(Rejected, lambda: room.update(Rejected("AWS refused to update it", [WRONG])))
    rejection = room.document("rejection")
    (problem,) = rejection["problems"]
    assert (problem["field"], problem["property"]) == ("stage", "dealstage")
    assert problem["message"].startswith("The deal's property dealstage has a value")
    assert rejection["reason"] == "AWS refused to update it"
    assert room.results() == [None, "Rejected"]
    assert_no_customer(str(error), rejection)


def test_a_lock_that_closed_since_we_read_is_a_conflict_and_not_the_sellers_fault(room: UpdateRoom) -> None:
    room.central.answers["get_opportunity"] = [{**RECORD, "LastModifiedDate": "2026-09-21T14:10:00Z"}]
    named_error(Conflict, lambda: room.update(Rejected("AWS refused to update it", [LOCKED])))
    assert room.document("rejection") is None
    assert room.results() == [None, "Conflict"]


def test_a_lock_on_the_very_version_that_was_read_is_told_and_not_tried_for_ever(room: UpdateRoom) -> None:
    """With ``review_locks: lenient`` we send what AWS may hold locked: reading again would plan the same again."""
    room.central.answers["get_opportunity"] = [RECORD]
    error = named_error(Rejected, lambda: room.update(Rejected("AWS refused to update it", [LOCKED])))
    (problem,) = room.document("rejection")["problems"]
    assert (problem["field"], problem["property"]) == ("stage", "dealstage")
    assert room.results() == [None, "Rejected"]
    assert_no_customer(str(error))


def test_a_lock_that_cannot_be_looked_at_again_is_tried_later(room: UpdateRoom) -> None:
    room.central.answers["get_opportunity"] = [Throttled("slow down")]
    named_error(Throttled, lambda: room.update(Rejected("AWS refused to update it", [LOCKED])))
    assert room.document("rejection") is None


def test_a_lock_beside_a_wrong_value_is_a_refusal(room: UpdateRoom) -> None:
    named_error(Rejected, lambda: room.update(Rejected("AWS refused to update it", [LOCKED, WRONG])))
    assert len(room.document("rejection")["problems"]) == 2


def test_a_second_run_of_the_step_sends_the_same_and_so_meets_the_version_that_moved(room: UpdateRoom) -> None:
    named_error(Retryable, lambda: room.update(Retryable("the answer was lost")))
    room.clock.advance(seconds=1)
    named_error(Conflict, lambda: room.update(Conflict("it changed")))
    first, second = room.central.calls
    assert first == second
    assert room.results() == [None, "Retryable", None, "Conflict"]


def test_the_write_waits_for_its_turn(room: UpdateRoom) -> None:
    room.update(WRITTEN, at=room.now + 400)
    assert room.slept == [0.4]
