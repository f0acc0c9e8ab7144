"""Reading the deal: what is asked for, what is answered for each state of it, and what goes to the run item."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from lambdas.shared.errors import CosellError, NotFound, Retryable, Throttled, Unauthorized, Unexpected
from lambdas.shared.handlers.fetch_deal import Collaborators, fetch_deal
from lambdas.shared.handlers.trail import Trail
from tests.unit.handlers.partner_room import CUSTOMER, Room, Vendor, assert_no_customer, named_error

DEAL = {
    "id": "500",
    "properties": {"dealname": "BigCorp Cloud Migration #AWS", "amount": "120000"},
    "history": {},
    "company": {"id": "1", "properties": {"name": "BigCorp"}},
    "contacts": [{"id": "2", "properties": {"email": "ann@bigcorp.example.com"}}],
    "archived": False,
    "updated_at": 1_790_000_000_000,
}
FIELDS = [
    {"name": "spend", "path": "Spend", "codec": "spend", "properties": ["amount", "deal_currency_code"]},
    {"name": "stage", "path": "LifeCycle.Stage", "codec": "stage", "properties": ["dealstage"]},
    {"name": "company", "path": "Company", "codec": "text", "object": "company", "properties": ["name"]},
    {"name": "contact", "path": "Contact", "codec": "text", "object": "contact", "properties": ["email", "phone"]},
    {"name": "origin", "path": "Origin", "codec": "text"},
]
STATUS = {"opportunity_id": "aws_opportunity_id", "sync_status": "aws_sync_status"}


class HubSpot(Vendor):
    """``read_deal`` with the keywords that the adapter has."""

    def read_deal(self, deal_id: str, properties: list[str], **more: Any) -> dict[str, Any]:
        self.asked = (sorted(properties), more)
        return self.__getattr__("read_deal")(deal_id)


class FetchRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.hubspot = HubSpot(read_deal=[], find_deal=[])
        self.fields: list[dict[str, Any]] = FIELDS
        self.more: dict[str, Any] = {}

    def fetch(self, *answers: Any, owner: Any = None, **run: Any) -> dict[str, Any]:
        self.hubspot.answers = {"read_deal": list(deepcopy(answers)), "find_deal": list(answers), "owner": [owner]}
        partners = {
            "aws": {"fields": self.fields, "tag": "#AWS", "status_properties": STATUS, **self.more},
        }
        return fetch_deal({"run": {**self.run, **run}}, Collaborators(self.hubspot, self.runs, self.origins, partners))


@pytest.fixture
def room() -> FetchRoom:
    return FetchRoom()


def test_the_document_goes_to_the_run_and_the_answer_has_ids_only(room: FetchRoom) -> None:
    answer = room.fetch(DEAL)
    assert answer == {"deal": "current", "deal_id": "500"}
    assert room.document("deal") == DEAL
    assert all(value in str(DEAL) for value in (CUSTOMER[0], CUSTOMER[2], CUSTOMER[3]))
    assert_no_customer(answer, room.link())


def test_asked_for_is_what_the_rules_and_the_status_need_with_the_history_of_what_is_mapped(room: FetchRoom) -> None:
    room.fetch(DEAL)
    mapped = ["amount", "deal_currency_code", "dealstage"]
    properties, more = room.hubspot.asked
    assert set(properties) == {*mapped, "dealname", "pipeline", "hubspot_owner_id", *STATUS.values()}
    assert more == {"history": mapped, "company_properties": ["name"], "contact_properties": ["email", "phone"]}
    assert room.hubspot.calls == [("read_deal", "500")]


SELLER = {"name": "seller", "path": "team", "codec": "seller"}


def test_what_a_lead_says_is_read_with_the_deal(room: FetchRoom) -> None:
    room.more = {
        "lead": {"fields": [{"name": "term", "path": "dealTerm", "codec": "text", "properties": ["deal_term"]}]}
    }
    room.fetch(DEAL)
    assert "deal_term" in room.hubspot.asked[0]


OWNED = {**DEAL, "properties": {**DEAL["properties"], "hubspot_owner_id": "77"}}


@pytest.mark.parametrize("source", [{"object": "owner", "properties": ["email"]}, {"properties": ["hubspot_owner_id"]}])
@pytest.mark.parametrize("owner", [{"email": "pat@isv.example", "firstName": "Pat", "lastName": None}, None])
def test_the_owner_comes_with_the_deal_where_a_rule_reads_one(
    room: FetchRoom, source: dict[str, Any], owner: dict[str, Any] | None
) -> None:
    room.fields = [*FIELDS, {**SELLER, **source}]
    assert room.fetch(OWNED, owner=owner) == {"deal": "current", "deal_id": "500"}
    assert room.document("deal") == {**OWNED, "owner": owner}
    assert room.hubspot.calls == [("read_deal", "500"), ("owner", "77")]


def test_nobody_asks_for_an_owner_that_no_rule_reads_that_the_deal_lacks_or_of_a_deleted_deal(room: FetchRoom) -> None:
    room.fetch(OWNED)
    room.fields = [*FIELDS, {**SELLER, "object": "owner"}]
    room.fetch(DEAL)
    room.fetch({**OWNED, "archived": True})
    assert room.hubspot.calls == [("read_deal", "500")] * 3
    assert "owner" not in room.document("deal")


def test_an_owner_that_cannot_be_read_is_not_called_none(room: FetchRoom) -> None:
    room.fields = [*FIELDS, {**SELLER, "object": "owner"}]
    named_error(Retryable, lambda: room.fetch(OWNED, owner=Retryable("HubSpot said no")))
    assert room.document("deal") is None


def test_reading_again_replaces_the_document(room: FetchRoom) -> None:
    room.fetch(DEAL)
    room.fetch({**DEAL, "updated_at": 1_790_000_001_000})
    assert room.document("deal")["updated_at"] == 1_790_000_001_000


def test_a_deal_in_the_recycle_bin_is_archived_and_not_missing(room: FetchRoom) -> None:
    gone = {**DEAL, "archived": True, "company": None, "contacts": []}
    assert room.fetch(gone) == {"deal": "archived", "deal_id": "500"}
    assert room.document("deal") == gone


def test_a_deal_that_hubspot_does_not_know_is_missing(room: FetchRoom) -> None:
    assert room.fetch(NotFound("no such deal")) == {"deal": "missing", "deal_id": "500"}
    assert room.document("deal") is None


@pytest.mark.parametrize("archived", [False, True])
def test_a_merged_deal_has_moved_to_the_one_that_is_left(room: FetchRoom, archived: bool) -> None:
    left = {**DEAL, "id": "501", "archived": archived}
    assert room.fetch(left) == {"deal": "moved", "deal_id": "501"}
    assert room.document("deal") == left


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_a_look_up_that_failed_says_nothing_about_the_deal(room: FetchRoom, kind: type[CosellError]) -> None:
    error = named_error(kind, lambda: room.fetch(kind("HubSpot said no")))
    assert str(error) == "HubSpot said no"
    assert room.document("deal") is None


@pytest.mark.parametrize("found", ["500", None])
def test_without_a_deal_the_one_that_carries_the_opportunitys_id_is_named(room: FetchRoom, found: str | None) -> None:
    answer = room.fetch(found, deal_id=None, opportunity_id="O9")
    assert answer == {"deal": "none", "carried_by": found}
    assert room.hubspot.calls == [("find_deal", "aws_opportunity_id", "O9")]
    assert room.document("deal") is None


def test_a_carrier_that_cannot_be_looked_for_is_not_called_none(room: FetchRoom) -> None:
    named_error(Throttled, lambda: room.fetch(Throttled("slow down"), deal_id=None, opportunity_id="O9"))


def test_a_link_that_was_handed_over_meanwhile_has_neither_and_asks_nobody(room: FetchRoom) -> None:
    assert room.fetch(deal_id=None, opportunity_id=None) == {"deal": "none", "carried_by": None}
    assert room.hubspot.calls == []


def test_each_partners_own_properties_are_read(room: FetchRoom) -> None:
    partners = {
        "aws": {"fields": FIELDS, "tag": "#AWS", "status_properties": STATUS},
        "microsoft": {
            "fields": FIELDS[:1],
            "tag": "#Microsoft",
            "status_properties": {"opportunity_id": "microsoft_opportunity_id"},
        },
    }
    room.hubspot.answers["read_deal"] = [DEAL]
    fetch_deal(
        {"run": {**room.run, "partner": "microsoft"}}, Collaborators(room.hubspot, room.runs, room.origins, partners)
    )
    properties, _ = room.hubspot.asked
    assert "microsoft_opportunity_id" in properties
    assert "aws_sync_status" not in properties
    assert "aws_opportunity_id" in properties, "the deal may have been made of it"


def test_what_another_partner_wrote_is_marked_and_its_contacts_are_left_out(room: FetchRoom) -> None:
    """Written by Microsoft's runs: a deal's property, the company that it made, and a contact."""
    room.fields = FIELDS[:4]
    status = {**STATUS, "company_key": "cosell_company_key"}
    partners = {
        "aws": {"fields": FIELDS[:4], "tag": "#AWS", "status_properties": status},
        "microsoft": {"tag": "#Microsoft", "status_properties": {"opportunity_id": "microsoft_referral_id"}},
    }
    trail = Trail(room.origins, "microsoft", partners["microsoft"])
    trail.before_update("500", {"amount": "120000.00"})
    trail.after_update("500", {"amount": "120000.00"}, {"amount": "120000"})
    trail.before_company("company-1", {"name": "BigCorp"})
    trail.before_contact("Ann@BigCorp.example.com")
    document = deepcopy(DEAL)
    document["company"]["properties"]["cosell_company_key"] = "company-1"
    document["contacts"] = [
        {"id": "2", "properties": {"email": "ann@bigcorp.example.com"}},
        {"id": "3", "properties": {"email": "bob@bigcorp.example.com"}},
    ]
    room.hubspot.answers["read_deal"] = [document]
    fetch_deal({"run": room.run}, Collaborators(room.hubspot, room.runs, room.origins, partners))
    shown = room.document("deal")
    assert shown["foreign"] == {"deal": ["amount"], "company": ["name"]}
    assert [contact["id"] for contact in shown["contacts"]] == ["3"]
    assert CUSTOMER[2] not in str(room.dynamodb.items("ledger")), "marks are no values"


def test_a_deal_that_was_made_of_another_partners_record_is_known_by_it(room: FetchRoom) -> None:
    partners = {
        "aws": {"fields": FIELDS[:2], "tag": "#AWS", "status_properties": STATUS},
        "microsoft": {"tag": "#Microsoft", "status_properties": {"opportunity_id": "microsoft_referral_id"}},
    }
    Trail(room.origins, "microsoft", partners["microsoft"]).before_deal("r-1", {"amount": "120000"})
    document = deepcopy(DEAL)
    document["properties"]["microsoft_referral_id"] = "r-1"
    room.hubspot.answers["read_deal"] = [document]
    fetch_deal({"run": room.run}, Collaborators(room.hubspot, room.runs, room.origins, partners))
    assert room.document("deal")["foreign"]["deal"] == ["amount"]


BOTH: dict[str, Any] = {
    "aws": {"fields": FIELDS[:4], "tag": "#AWS", "status_properties": {**STATUS, "company_key": "cosell_company_key"}},
    "microsoft": {"tag": "#Microsoft", "status_properties": {"opportunity_id": "microsoft_referral_id"}},
}


def seen_by_aws(room: FetchRoom, document: dict[str, Any]) -> dict[str, Any]:
    room.hubspot.answers["read_deal"] = [document]
    fetch_deal({"run": room.run}, Collaborators(room.hubspot, room.runs, room.origins, BOTH))
    return room.document("deal")


def test_merged_records_keep_the_marks_of_what_went_into_them(room: FetchRoom) -> None:
    """A merge makes a new id, keeps one company key and one address: HubSpot's old ids are what is left."""
    trail = Trail(room.origins, "microsoft", BOTH["microsoft"])
    trail.after_update("400", {"amount": "120000"}, {})
    trail.after_company("11", {"name": "BigCorp"})
    trail.after_contact("22")
    document = deepcopy(DEAL)
    document["properties"]["hs_merged_object_ids"] = "399;400"
    document["company"]["properties"] |= {"cosell_company_key": "company-of-aws", "hs_merged_object_ids": "10; 11"}
    document["contacts"][0]["properties"]["hs_merged_object_ids"] = "22"
    shown = seen_by_aws(room, document)
    assert (shown["foreign"], shown["contacts"]) == ({"deal": ["amount"], "company": ["name"]}, [])


def test_where_hubspot_tells_of_a_merge_is_asked_for_with_every_record(room: FetchRoom) -> None:
    seen_by_aws(room, deepcopy(DEAL))
    properties, more = room.hubspot.asked
    assert "hs_merged_object_ids" in properties
    assert more["company_properties"] == ["name", "cosell_company_key", "hs_merged_object_ids"]
    assert set(more["contact_properties"]) == {"email", "phone", "hs_merged_object_ids"}


def test_contacts_are_known_by_their_address_also_where_no_rule_reads_it(room: FetchRoom) -> None:
    phone = {"name": "contact", "path": "Contact", "codec": "text", "object": "contact", "properties": ["phone"]}
    partners = {**BOTH, "aws": {**BOTH["aws"], "fields": [phone]}}
    room.hubspot.answers["read_deal"] = [deepcopy(DEAL)]
    fetch_deal({"run": room.run}, Collaborators(room.hubspot, room.runs, room.origins, partners))
    assert "email" in room.hubspot.asked[1]["contact_properties"]


def test_what_stands_stays_anothers_while_a_third_partner_is_about_to_write(room: FetchRoom) -> None:
    trail = Trail(room.origins, "microsoft", BOTH["microsoft"])
    trail.before_update("500", {"amount": "120000"})
    trail.after_update("500", {"amount": "120000"}, {"amount": "120000"})
    google = Trail(room.origins, "google", {"tag": "#GCP", "status_properties": {}})
    google.before_update("500", {"amount": "130000"})
    assert seen_by_aws(room, deepcopy(DEAL))["foreign"]["deal"] == ["amount"]
    google.after_update("500", {"amount": "130000"}, {"amount": "130000"})
    assert seen_by_aws(room, deepcopy(DEAL))["foreign"]["deal"] == [], "by now nobody has written this text"


def test_a_deal_that_was_made_of_an_invitation_is_known_by_it(room: FetchRoom) -> None:
    names = {**BOTH["microsoft"]["status_properties"], "invitation_id": "microsoft_invitation_id"}
    partners = {**BOTH, "microsoft": {**BOTH["microsoft"], "status_properties": names}}
    Trail(room.origins, "microsoft", partners["microsoft"]).before_deal("i-1", {"amount": "120000"})
    document = deepcopy(DEAL)
    document["properties"]["microsoft_invitation_id"] = "i-1"
    room.hubspot.answers["read_deal"] = [document]
    fetch_deal({"run": room.run}, Collaborators(room.hubspot, room.runs, room.origins, partners))
    assert "microsoft_invitation_id" in room.hubspot.asked[0]
    assert room.document("deal")["foreign"]["deal"] == ["amount"]


def test_what_a_person_lets_go_to_all_is_nobodys(room: FetchRoom) -> None:
    status = {**STATUS, "pass_on": "cosell_pass_on"}
    partners = {
        "aws": {"fields": FIELDS[:4], "tag": "#AWS", "status_properties": status},
        "microsoft": {"tag": "#Microsoft", "status_properties": {"opportunity_id": "microsoft_referral_id"}},
    }
    trail = Trail(room.origins, "microsoft", partners["microsoft"])
    trail.before_update("500", {"amount": "120000"})
    trail.before_contact("ann@bigcorp.example.com")
    document = deepcopy(DEAL)
    document["properties"]["cosell_pass_on"] = "true"
    document["contacts"] = [{"id": "2", "properties": {"email": "ann@bigcorp.example.com"}}]
    room.hubspot.answers["read_deal"] = [document]
    fetch_deal({"run": room.run}, Collaborators(room.hubspot, room.runs, room.origins, partners))
    shown = room.document("deal")
    assert (shown["foreign"], len(shown["contacts"])) == ({"deal": [], "company": []}, 1)
