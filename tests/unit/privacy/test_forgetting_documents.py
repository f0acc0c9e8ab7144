"""A document without one person: who is meant, and what stays."""

from __future__ import annotations

import json

import pytest

from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.field_step import Field, step
from lambdas.shared.domain.forgetting import Person, base_without, learned, name_marks, phone_marks, without
from lambdas.shared.domain.personal import FORGOTTEN, subject_of
from lambdas.shared.domain.values import Reading

ANN = {"Email": "ann@example.com", "FirstName": "Ann", "LastName": "Lee", "Phone": "+4930123456"}
BOB = {"Email": "bob@example.com", "FirstName": "Bob", "LastName": "Ray"}
KNOWN = Person(frozenset({subject_of("ann@example.com")}), frozenset({"101"}))
PERSON = learned(ANN, KNOWN)


def test_names_and_numbers_are_learned_from_what_has_the_address():
    assert PERSON.names == name_marks("Ann", "Lee")
    assert PERSON.phones == phone_marks("030 123456")
    deal = {"contacts": [{"id": "101", "properties": {"email": "a.lee@example.com", "firstname": "Ann"}}]}
    assert subject_of("a.lee@example.com") in learned(deal, KNOWN).subjects


def test_nothing_is_learned_from_a_name_alone():
    namesake = {"Email": "other@example.com", "FirstName": "Ann", "LastName": "Lee"}
    assert learned([namesake], PERSON) == PERSON
    assert without([namesake], PERSON) == [namesake], "their address says that it is somebody else"
    assert without([{"FirstName": "Ann", "LastName": "Lee"}], PERSON) == []


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Call Ann Lee, then Bob Ray", f"Call {FORGOTTEN}, then Bob Ray"),
        ("Lee, Ann (ANN@example.com)", f"{FORGOTTEN} ({FORGOTTEN})"),
        ("Tel. +49 (30) 123-456 or 5", f"Tel. {FORGOTTEN} or 5"),
        ("Annabel Leeds at joann@example.com", "Annabel Leeds at joann@example.com"),
        ('{"k":["ann@example.com",1]}', f'{{"k":["{FORGOTTEN}",1]}}'),
        ("{not json ann@example.com", f"{{not json {FORGOTTEN}"),
    ],
)
def test_texts_lose_what_names_the_person_and_nothing_else(text: str, after: str):
    assert without(text, PERSON) == after


def test_notices_and_raw_events_of_the_contact_go():
    notice = {"events": [{"kind": "merge", "object": "contact", "id": "101"}, {"object": "deal", "id": "101"}]}
    assert without(notice, PERSON) == {"events": [{"object": "deal", "id": "101"}]}
    raw = json.dumps({"subscriptionType": "contact.propertyChange", "objectId": 101, "propertyValue": "Ann"})
    assert without(raw, PERSON) == FORGOTTEN
    other = json.dumps({"subscriptionType": "deal.propertyChange", "objectId": 101})
    assert without(other, PERSON) == other


def test_the_base_keeps_the_others_and_drops_texts_that_name_the_person():
    base = {"contacts": [ANN, BOB], "only": [ANN], "main": ANN, "notes": "ask Ann Lee", "amount": 5}
    assert base_without(base, PERSON) == {"contacts": [BOB], "only": None, "main": None, "amount": 5}


def decided(ours: object, theirs: object, base: dict[str, object], direction: str = "to_partner") -> str:
    rule = FieldRule("contacts", "Customer.Contacts", "contacts", "contact", direction=direction)
    return step(Field(rule, Reading(ours), theirs, base, muted=False, creating=False)).kind


@pytest.mark.parametrize(("ours", "before"), [([BOB], [ANN, BOB]), (None, [ANN])])
def test_the_next_run_neither_sends_a_list_without_them_nor_asks_for_one(ours: object, before: list[object]):
    """HubSpot's deal has lost the contact, the partner's record has not."""
    base = base_without({"contacts": before}, PERSON)
    assert decided(ours, before, base) == "none"
    assert decided(ours, before, {"contacts": before}) == "to_partner", "which is what would happen without"


def test_a_text_that_both_sides_still_say_is_agreed_on_anew_and_overwrites_nothing():
    base = base_without({"contacts": "ask Ann Lee"}, PERSON)
    assert decided("ask Ann Lee", "ask Ann Lee", base, "both") == "agree"
    assert decided("ask Bob", "ask Ann Lee", base, "both") == "apart"
