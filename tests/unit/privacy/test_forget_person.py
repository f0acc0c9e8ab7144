"""A person is taken out of everything, the others stay, and whatever comes in between changes nothing of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.shared.domain.origins import met
from lambdas.shared.domain.personal import FORGOTTEN, subject_of
from lambdas.shared.errors import Retryable
from lambdas.shared.handlers.forget_person import PAUSE_MS, SWEEPS
from tests.unit.privacy.forgetting_room import ANN, BOB, Room, filled

ADDRESS = subject_of(ANN["Email"])


def test_a_contact_that_hubspot_deleted_for_privacy_is_nowhere_any_more():
    room = Room()
    link = filled(room)
    assert "ann@example.com" in room.stored()
    room.ask(contact_id="101")
    kept = room.stored()
    for text in ("ann@example.com", "Ann Lee", "'Ann'", "Lee", "30123456"):
        assert text not in kept, text
    assert "bob@example.com" in kept
    assert room.findings() == []
    assert room.base.get(link)["fields"] == {"amount": 5, "contacts": [BOB]}
    first = next(one for one in room.opened() if one.get("operation") == "CreateOpportunity")
    assert first["changes"][0]["after"] == [FORGOTTEN, BOB]
    assert first["changes"][1]["after"] == FORGOTTEN
    assert first["changes"][2]["after"] == 5


def test_the_partner_does_not_bring_them_back_and_one_task_says_where_they_may_still_be():
    room = Room()
    link = filled(room)
    room.ask(contact_id="101")
    assert met("ann@example.com") in room.links.get(link).associated
    ((deal, subject, body),) = room.deals.tasks
    assert (deal, "AWS" in subject, "O1" in body) == ("500", True, True)
    assert not {"Ann", "Lee", "ann@example.com"} & set(body.replace("<", " ").split())


def test_the_record_says_that_it_happened_and_nothing_of_the_person():
    room = Room()
    link = filled(room)
    room.ask(contact_id="101")
    (record,) = [one for one in room.db.items("audit") if one["pk"].startswith("privacy#")]
    assert (record["pk"], record["outcome"], record["actor"]) == (f"privacy#{ADDRESS}", "forgotten", "hubspot")
    counts = json.loads(record["counts"])
    assert counts == {
        **{"bases": 1, "seen": 1, "quarantine": 2, "failures": 1, "dead_letters": 1, "origins": 2},
        "run_items": 4,
    }
    assert json.loads(record["links"]) == [link]
    job = room.forgets.get(ADDRESS)
    assert (job.state, job.contacts, job.names, job.phones) == ("done", (), (), ())


def test_an_operator_forgets_by_address_and_finds_the_same():
    room = Room()
    filled(room)
    room.ask(subject=ADDRESS, asked_by="arn:aws:iam::1:user/op")
    assert "ann@example.com" not in room.stored()
    assert "Lee" not in room.stored()
    assert room.findings() == []


def test_a_contact_whose_address_was_never_noted_is_learned_from_the_runs_of_the_day():
    room = Room()
    filled(room)
    room.subjects.drop(ADDRESS, ["101"])
    room.ask(contact_id="101")
    assert "ann@example.com" not in room.stored()
    assert room.findings() == []


def test_a_request_that_comes_twice_is_done_once_and_a_later_one_anew():
    room = Room()
    filled(room)
    room.ask(contact_id="101")
    records = len(room.db.items("audit"))
    room.ask(subject=ADDRESS)
    assert len(room.db.items("audit")) == records
    room.clock.advance(hours=1)
    room.link("502", "O3", {"contacts": [ANN]})
    room.ask(subject=ADDRESS, correlation_id="c2")
    assert "ann@example.com" not in room.stored()
    assert room.findings() == []


def test_a_crash_at_any_write_leaves_work_that_goes_on():
    """Each write of the whole way fails once; the message comes again, as SQS does it."""
    whole = Room(pages=2)
    filled(whole, pad=9)
    whole.db.calls.clear()
    whole.ask(contact_id="101")
    for operation in ("update_item", "put_item", "delete_item", "scan", "transact_write_items"):
        for number in range(0, min(8, whole.db.calls.count(operation)), 3):
            room = Room(pages=2)
            filled(room, pad=9)
            _fail_at(room, operation, number)
            message = {"asked_by": "hubspot", "correlation_id": "c1", "contact_id": "101"}
            failed = 0
            waiting: list[tuple[dict[str, Any], int]] = [(message, 0)]
            while waiting:
                one, delay = waiting.pop(0)
                room.clock.advance(seconds=delay)
                if room.deliver(one):
                    failed += 1
                    waiting.append((one, 360))
                waiting += room.queue.sent
                room.queue.sent.clear()
            assert failed == 1, (operation, number)
            assert "ann@example.com" not in room.stored(), (operation, number)
            assert room.findings() == []
            assert room.forgets.get(ADDRESS).state == "done"
            assert len(room.deals.tasks) == 1


def _fail_at(room: Room, operation: str, number: int) -> None:
    left = [number]

    def hook(_request: Any) -> None:
        if left[0] == 0:
            raise RuntimeError("crashed")
        left[0] -= 1
        room.db.before(operation, hook)

    room.db.before(operation, hook)


def test_a_run_that_had_read_the_person_before_is_caught_by_the_second_look():
    room = Room(pages=50)
    link = filled(room)
    room.deliver({"asked_by": "hubspot", "correlation_id": "c1", "contact_id": "101"})
    (message, delay), *_ = room.queue.sent
    assert delay == PAUSE_MS // 1000
    room.settle(link, {"contacts": [ANN, BOB]})
    change = {"field": "contacts", "before": None, "after": [ANN]}
    room.audit.intent(link, "r9", partner="aws", operation="UpdateOpportunity", changes=[change])
    room.deliver(message)  # too early: it comes again
    room.go_on()
    assert "ann@example.com" not in room.stored()
    assert room.findings() == []


def test_what_a_run_has_read_since_is_not_changed_under_its_hands():
    room = Room(pages=50)
    filled(room)
    room.deliver({"asked_by": "hubspot", "correlation_id": "c1", "contact_id": "101"})
    message, delay = room.queue.sent.pop()
    room.clock.advance(seconds=delay)
    room.runs.put("r9", "deal", {"properties": {"description": "Ann Lee called"}})
    room.deliver(message)
    room.go_on()
    assert room.runs.get("r9", "deal")["deal"] == {"properties": {"description": "Ann Lee called"}}


def test_two_calls_at_once_do_not_undo_each_other():
    room = Room(pages=1)
    filled(room)
    message = {"asked_by": "hubspot", "correlation_id": "c1", "contact_id": "101"}
    room.deliver(message)
    room.deliver(message)
    room.go_on()
    assert "ann@example.com" not in room.stored()
    assert len(room.deals.tasks) == 1


def test_the_work_is_bounded_for_one_call():
    room = Room(pages=2, page_items=1)
    filled(room)
    room.db.calls.clear()
    room.deliver({"asked_by": "hubspot", "correlation_id": "c1", "contact_id": "101"})
    assert room.db.calls.count("scan") == 2
    assert room.forgets.get(ADDRESS).step < len(SWEEPS)


def test_a_vendor_that_is_away_keeps_the_request():
    room = Room(pages=50)
    filled(room)

    def away(*_arguments: Any) -> Any:
        raise Retryable("HubSpot is away")

    room.deals.batch_read_deals = away
    room.deliver({"asked_by": "hubspot", "correlation_id": "c1", "contact_id": "101"})
    message, delay = room.queue.sent.pop()
    room.clock.advance(seconds=delay)
    assert room.deliver(message) == [{"itemIdentifier": "m1"}]
    assert room.letters.failure("m1")["error"] == "Retryable"
    del room.deals.batch_read_deals
    assert room.deliver(message) == []
    assert room.forgets.get(ADDRESS).state == "done"


NAMES = st.text("abcdefghijklmnopqrstuvwxyzäöüßéñ", min_size=3, max_size=9).map(str.title)
PEOPLE = st.builds(
    lambda first, last, number: {
        "Email": f"{first}.{last}.{number}@example.com".lower().encode("ascii", "ignore").decode(),
        "FirstName": f"Q{first}",
        "LastName": f"Z{last}",
        "Phone": f"+49{number}",
    },
    NAMES,
    NAMES,
    st.integers(10**9, 10**10 - 1),
)

_APART = (lambda one: one["Email"], lambda one: one["LastName"], lambda one: one["Phone"][-8:])
TWO = st.lists(PEOPLE, min_size=2, max_size=2, unique_by=_APART)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people=TWO, by_id=st.booleans())
def test_whoever_it_is_nothing_of_them_is_left_and_the_other_is_readable(people: list[dict[str, str]], by_id: bool):
    ann, bob = people
    room = Room(pages=40, page_items=50)
    filled(room, ann, bob, pad=9)
    room.ask(**({"contact_id": "101"} if by_id else {"subject": subject_of(ann["Email"])}))
    kept = room.stored()
    for text in (ann["Email"], f"{ann['FirstName']} {ann['LastName']}", f"'{ann['LastName']}'", ann["Phone"]):
        assert text not in kept
    assert room.findings() == []
    first = next(one for one in room.opened() if one.get("operation") == "CreateOpportunity")
    assert first["changes"][0] == {"field": "contacts", "before": [bob], "after": [FORGOTTEN, bob], "rule": "create"}


@pytest.mark.parametrize("message", [{"contact_id": "999"}, {"subject": "0" * 24}])
def test_somebody_whom_we_never_knew_is_on_record_as_well(message: dict[str, str]):
    room = Room()
    filled(room)
    before = room.base.get("link#aws#d500")
    room.ask(**message)
    (record,) = [one for one in room.db.items("audit") if one["pk"].startswith("privacy#")]
    assert (record["outcome"], json.loads(record["counts"])) == ("forgotten", {})
    assert room.base.get("link#aws#d500") == before
