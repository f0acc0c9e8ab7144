"""Which values of an audit record are sealed, and under whose key."""

from __future__ import annotations

from typing import Any

import config
from config import render_settings
from lambdas.shared.domain.personal import (
    concealed,
    personal_fields,
    revealed,
    sealed_parts,
    subject_of,
    subject_of_chain,
)

CHAIN = "link#aws#d500"
ANN = {"Email": "ann@example.com", "FirstName": "Ann", "LastName": "Lee"}
BOB = {"Email": "bob@example.com", "FirstName": "Bob", "LastName": "Ray"}


def seal(subject: str, value: Any) -> Any:
    return {"sealed": repr(value), "subject": subject, "key": "1"}


def conceal(fields: dict[str, Any], names: tuple[str, ...] = ("contacts",)) -> Any:
    return concealed(CHAIN, fields, {"aws": names}, seal)


def subjects(value: Any) -> list[str]:
    return [one["subject"] for one in sealed_parts(value)]


def test_each_person_of_a_list_goes_under_their_own_key():
    change = {"field": "contacts", "before": None, "after": [ANN, BOB], "winner": "deal", "rule": "create"}
    (row,) = conceal({"partner": "aws", "changes": [change]})["changes"]
    assert [one["subject"] for one in row["after"]] == [subject_of("Ann@Example.com "), subject_of("bob@example.com")]
    assert (row["field"], row["before"], row["winner"], row["rule"]) == ("contacts", None, "deal", "create")


def test_everything_of_a_contact_that_is_made_is_that_persons():
    changes = [{"field": name, "after": text} for name, text in (("email", "ann@example.com"), ("phone", "+4930123"))]
    rows = conceal({"partner": "aws", "operation": "EnsureContact", "changes": changes})["changes"]
    assert subjects(rows) == [subject_of("ann@example.com")] * 2


def test_a_personal_text_that_names_nobody_apart_goes_under_its_chains_key():
    change = {"field": "next_steps", "before": "", "after": "Call the two of them", "rule": "only-deal-moved"}
    (row,) = conceal({"partner": "aws", "changes": [change]}, ("next_steps",))["changes"]
    assert (subjects(row), row["before"]) == ([subject_of_chain(CHAIN)], "")


def test_an_address_is_personal_whatever_the_map_says_and_conflicts_are_as_changes():
    fields = {"partner": "aws", "conflicts": [{"field": "notes", "base": None, "deal_value": "ask ann@example.com"}]}
    assert subjects(conceal(fields)["conflicts"]) == [subject_of("ann@example.com")]
    two = {"partner": "aws", "changes": [{"field": "notes", "after": "ann@example.com and bob@example.com"}]}
    assert subjects(conceal(two)["changes"]) == [subject_of_chain(CHAIN)]


def test_the_words_of_notes_and_tasks_are_sealed():
    fields = {"partner": "aws", "operation": "CreateTask", "changes": [{"field": "body", "after": "<p>Ann Lee</p>"}]}
    assert subjects(conceal(fields)["changes"]) == [subject_of_chain(CHAIN)]


def test_a_record_without_personal_values_is_left_as_it_is():
    fields = {"partner": "aws", "operation": "UpdateDeal", "changes": [{"field": "amount", "before": 1, "after": 2}]}
    assert conceal(fields) is fields


def test_what_was_sealed_is_read_where_the_key_is_there():
    row = {"after": [seal("a", 1), seal("b", 2)], "field": "contacts"}
    opened = revealed(row, lambda one: 1 if one["subject"] == "a" else "(forgotten)")
    assert opened == {"after": [1, "(forgotten)"], "field": "contacts"}


def test_the_shipped_maps_name_people_and_their_owners():
    partners = render_settings(config.load(), "prod")["partners"]
    assert personal_fields(partners["aws"]) >= {"contacts", "opportunity_owner"}
    for name, fields in (("microsoft", {"contacts", "seller"}), ("google", {"contact", "google_owner"})):
        if name in partners:
            assert personal_fields(partners[name]) >= fields


def test_contacts_are_personal_though_a_map_forgets_to_say_so():
    rules = [{"name": "boss", "object": "contact", "personal": False}, {"name": "amount", "object": "deal"}]
    assert personal_fields({"fields": rules}) == {"boss"}
