"""Reading the opportunity: what is answered, what run item and link have of it, and the lost create's record."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.shared.errors import CosellError, NotFound, Retryable, Throttled, Unauthorized, Unexpected
from lambdas.shared.handlers.fetch_opportunity import Collaborators, fetch_opportunity
from tests.unit.handlers.partner_room import CUSTOMER, Room, Vendor, assert_no_customer, named_error

READ = "2026-09-21T14:00:00.123Z"
RECORD = {
    "Id": "O1",
    "LastModifiedDate": READ,
    "Customer": {"Account": {"CompanyName": "BigCorp"}},
    "Project": {"Title": "BigCorp Cloud Migration"},
}
FRESH_SECONDS = 300


class FetchRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.central = Vendor(get_opportunity=[], find_by_partner_identifier=[])

    def fetch(self, *answers: Any, **run: Any) -> dict[str, Any]:
        self.central.answers["get_opportunity"] = list(answers)
        c = Collaborators(AwsOpportunities(self.central), self.links, self.runs, self.clock)
        return fetch_opportunity({"run": {**self.run, "opportunity_id": "O1", **run}}, c)

    def look(self, *found: Any) -> dict[str, Any]:
        """A run of a link to which no opportunity is tied."""
        self.central.answers["find_by_partner_identifier"] = list(found)
        return self.fetch(opportunity_id=None)

    def tie(self, version: str | None = None) -> None:
        self.links.tie_opportunity(self.key, "O1", version)


@pytest.fixture
def room() -> FetchRoom:
    return FetchRoom()


def test_the_document_goes_to_the_run_and_the_answer_has_ids_only(room: FetchRoom) -> None:
    room.tie()
    answer = room.fetch(RECORD)
    assert answer == {"opportunity": "current", "opportunity_id": "O1", "version": READ}
    assert room.document("opportunity") == RECORD
    assert room.central.calls == [("get_opportunity", "O1")]
    assert CUSTOMER[0] in str(room.document("opportunity"))
    assert_no_customer(answer, room.link())


def test_reading_again_replaces_the_document(room: FetchRoom) -> None:
    room.tie()
    room.fetch(RECORD)
    newer = {**RECORD, "LastModifiedDate": "2026-09-21T15:00:00Z"}
    assert room.fetch(newer)["version"] == newer["LastModifiedDate"]
    assert room.document("opportunity") == newer


def test_the_identifier_that_aws_left_out_is_in_the_document_again(room: FetchRoom) -> None:
    room.tie()
    room.links.note_named_deal(room.key, "500")
    room.fetch(RECORD)
    assert room.document("opportunity") == {**RECORD, "PartnerOpportunityIdentifier": "500"}
    assert room.link().names_deal == "500"


def test_the_identifier_comes_from_our_own_create_also_after_the_deal_was_merged(room: FetchRoom) -> None:
    room.links.begin_attempt(room.key, "token", "500")
    room.tie()
    room.links.move_deal("aws", ["500"], "501")
    room.fetch(RECORD, deal_id="501")
    assert room.document("opportunity")["PartnerOpportunityIdentifier"] == "500"


def test_an_identifier_that_was_never_known_is_not_made_up(room: FetchRoom) -> None:
    room.tie()
    room.fetch(RECORD)
    assert "PartnerOpportunityIdentifier" not in room.document("opportunity")
    assert room.link().names_deal is None


@pytest.mark.parametrize("known", [None, "500"])
def test_another_identifier_than_the_known_one_is_remembered(room: FetchRoom, known: str | None) -> None:
    room.tie()
    if known:
        room.links.note_named_deal(room.key, known)
    room.fetch({**RECORD, "PartnerOpportunityIdentifier": "777"})
    assert room.link().names_deal == "777"
    assert room.document("opportunity")["PartnerOpportunityIdentifier"] == "777"
    room.fetch(RECORD)
    assert room.document("opportunity")["PartnerOpportunityIdentifier"] == "777"


def test_an_identifier_that_is_known_writes_nothing_to_the_link(room: FetchRoom) -> None:
    room.tie()
    room.links.note_named_deal(room.key, "500")
    before = room.link()
    room.clock.advance(seconds=5)
    room.fetch({**RECORD, "PartnerOpportunityIdentifier": "500"})
    assert room.link() == before


def test_a_record_that_aws_does_not_show_yet_is_waited_for(room: FetchRoom) -> None:
    room.tie()
    room.clock.advance(seconds=FRESH_SECONDS - 1)
    error = named_error(Retryable, lambda: room.fetch(NotFound("none")))
    assert "O1" in str(error)
    assert room.document("opportunity") is None


def test_a_record_that_aws_does_not_know_any_more_is_missing(room: FetchRoom) -> None:
    room.tie()
    room.clock.advance(seconds=FRESH_SECONDS)
    assert room.fetch(NotFound("none")) == {"opportunity": "missing", "opportunity_id": "O1"}
    assert room.document("opportunity") is None


def test_an_old_link_whose_record_was_just_created_waits_for_it(room: FetchRoom) -> None:
    room.clock.advance(hours=24)
    room.tie("2026-09-22T14:13:20Z")  # this very moment
    named_error(Retryable, lambda: room.fetch(NotFound("none")))
    room.clock.advance(seconds=FRESH_SECONDS)
    assert room.fetch(NotFound("none"))["opportunity"] == "missing"


def test_a_found_record_of_an_old_links_lost_create_is_waited_for_and_not_called_missing(room: FetchRoom) -> None:
    """The tie of a found record knows no version, so the create's own moment says how fresh it is."""
    room.clock.advance(hours=24)
    room.links.begin_attempt(room.key, "token", "500")
    room.tie()
    named_error(Retryable, lambda: room.fetch(NotFound("none")))
    room.clock.advance(seconds=FRESH_SECONDS)
    assert room.fetch(NotFound("none"))["opportunity"] == "missing"


def test_a_link_that_is_gone_makes_nothing_fresh(room: FetchRoom) -> None:
    assert room.fetch(NotFound("none"), link="link#aws#d999")["opportunity"] == "missing"


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_a_look_up_that_failed_says_nothing_about_the_record(room: FetchRoom, kind: type[CosellError]) -> None:
    room.tie()
    room.clock.advance(hours=24)
    error = named_error(kind, lambda: room.fetch(kind("AWS said no")))
    assert str(error) == "AWS said no"
    assert room.document("opportunity") is None


def test_without_opportunity_and_attempt_aws_is_not_asked(room: FetchRoom) -> None:
    assert room.look() == {"opportunity": "none"}
    assert room.central.calls == []


def test_a_link_that_is_unknown_has_no_orphan(room: FetchRoom) -> None:
    assert room.fetch(opportunity_id=None, link="link#aws#d999") == {"opportunity": "none"}


def test_an_orphan_is_looked_for_from_a_while_before_its_attempt(room: FetchRoom) -> None:
    began = room.now
    room.links.begin_attempt(room.key, "token", "500")
    room.clock.advance(hours=2)
    assert room.look("O7") == {"opportunity": "orphan", "opportunity_id": "O7"}
    assert room.central.calls == [("find_by_partner_identifier", "500", began - 600_000)]
    assert room.document("opportunity") is None


def test_an_orphan_names_the_deal_of_its_attempt_and_not_the_merged_one(room: FetchRoom) -> None:
    room.links.begin_attempt(room.key, "token", "500")
    room.links.move_deal("aws", ["500"], "501")
    room.run["deal_id"] = "501"
    room.look("O7")
    assert room.central.calls[0][1] == "500"


def test_an_attempt_without_a_record_stays_open(room: FetchRoom) -> None:
    room.links.begin_attempt(room.key, "token", "500")
    assert room.look(None) == {"opportunity": "none"}
    assert room.link().attempt["token"] == "token"


def test_an_orphan_that_cannot_be_looked_for_is_not_called_none(room: FetchRoom) -> None:
    room.links.begin_attempt(room.key, "token", "500")
    named_error(Throttled, lambda: room.look(Throttled("slow down")))
