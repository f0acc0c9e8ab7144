"""What a look has seen: kept under a version, so that of two looks one is first."""

from __future__ import annotations

from typing import Any

from lambdas.shared.adapters.ledger import Seen
from sandbox.fakes import FakeClock

KEY = "link#aws#d500"


def seen_of(client: Any, table: str) -> Seen:
    return Seen(client, table, FakeClock())


def test_nothing_was_seen_of_a_new_link(client: Any, table: str) -> None:
    assert seen_of(client, table).get(KEY, "summary") == ({}, 0)


def test_what_was_put_comes_back_with_its_version(client: Any, table: str) -> None:
    seen = seen_of(client, table)
    assert seen.put(KEY, "summary", {"score": "High", "list": [1, {"ä": None}]}, 0)
    assert seen.get(KEY, "summary") == ({"score": "High", "list": [1, {"ä": None}]}, 1)
    assert seen.put(KEY, "summary", {}, 1)
    assert seen.get(KEY, "summary") == ({}, 2)


def test_of_two_looks_that_saw_the_same_version_the_first_keeps_it(client: Any, table: str) -> None:
    seen = seen_of(client, table)
    assert seen.put(KEY, "summary", {"by": "first"}, 0)
    assert not seen.put(KEY, "summary", {"by": "second"}, 0)
    seen.put(KEY, "summary", {"by": "third"}, 1)
    assert not seen.put(KEY, "summary", {"by": "second"}, 1)
    assert seen.get(KEY, "summary") == ({"by": "third"}, 2)


def test_kinds_and_links_know_nothing_of_each_other(client: Any, table: str) -> None:
    seen = seen_of(client, table)
    seen.put(KEY, "summary", {"a": 1}, 0)
    assert seen.get(KEY, "resources") == ({}, 0)
    assert seen.get("link#aws#d501", "summary") == ({}, 0)


def test_an_update_leaves_the_other_entries_and_gives_way_to_nobody(client: Any, table: str) -> None:
    seen = seen_of(client, table)
    assert seen.update(KEY, "summary", {"a": 1})
    assert seen.update(KEY, "summary", {"b": 2})
    assert seen.get(KEY, "summary") == ({"a": 1, "b": 2}, 2)


def test_a_lease_is_no_document_and_a_document_leaves_the_lease(client: Any, table: str) -> None:
    seen = seen_of(client, table)
    assert seen.take(KEY, "summary", "r1")
    assert seen.get(KEY, "summary") == ({}, 0)
    assert seen.put(KEY, "summary", {"a": 1}, 0)
    assert not seen.take(KEY, "summary", "r2")
    assert seen.take(KEY, "summary", "r1")
    assert seen.get(KEY, "summary") == ({"a": 1}, 1)
