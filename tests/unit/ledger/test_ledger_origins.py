"""Whose text stands on a record: noted before a write, settled after it, and found again after a merge."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Links, Origins
from lambdas.shared.domain.origins import Entry
from lambdas.shared.errors import Retryable
from tests.unit.ledger.conftest import Watched

DEAL = ("deals", "500")


@pytest.fixture
def origins(client: Any, table: str) -> Origins:
    return Origins(client, table)


def of_deal(origins: Origins, deal_id: str = "500") -> dict[str, tuple[Entry, ...]]:
    return origins.of([("deals", deal_id)]).get(("deals", deal_id), {})


def test_a_note_stands_beside_what_is_there_and_a_settled_write_in_its_place(origins: Origins) -> None:
    origins.note(*DEAL, "aws", {"amount": ["a"], "hs_next_step": ["b"]})
    origins.settle(*DEAL, "aws", {"amount": ["a", "a2"], "hs_next_step": ["b"]})
    origins.note(*DEAL, "google", {"amount": ["g"]})
    by_aws = Entry("aws", ("a", "a2"))
    assert of_deal(origins)["amount"] == (by_aws, Entry("google", ("g",), stands=False))
    origins.settle(*DEAL, "google", {"amount": ["g"]})
    assert of_deal(origins) == {"amount": (Entry("google", ("g",)),), "hs_next_step": (Entry("aws", ("b",)),)}


def test_an_item_of_before_is_read_and_added_to(origins: Origins, client: Any, table: str) -> None:
    """One partner and its digests were all that an item held for a property."""
    item = {"pk": "origin#deals#500", "sk": "origin", "p_amount": "microsoft 1a 2b"}
    client.put_item(TableName=table, Item={name: {"S": text} for name, text in item.items()})
    assert of_deal(origins) == {"amount": (Entry("microsoft", ("1a", "2b")),)}
    origins.note(*DEAL, "aws", {"amount": ["3c"]})
    assert of_deal(origins)["amount"] == (Entry("microsoft", ("1a", "2b")), Entry("aws", ("3c",), stands=False))


def test_a_try_that_comes_again_writes_nothing(client: Any, table: str) -> None:
    watched = Watched(client)
    origins = Origins(watched, table)
    for _ in range(2):
        origins.note(*DEAL, "aws", {"amount": ["a"]})
    assert watched.calls == ["get_item", "update_item", "get_item"]


def test_of_two_partners_at_once_neither_loses_its_mark(origins: Origins, client: Any, table: str) -> None:
    watched = Watched(client)
    watched.before("update_item", lambda: origins.note(*DEAL, "google", {"amount": ["g"]}))
    Origins(watched, table).note(*DEAL, "aws", {"amount": ["a"]})
    assert [one.partner for one in of_deal(origins)["amount"]] == ["google", "aws"]


def test_a_record_that_moves_all_the_time_is_tried_again_later(origins: Origins, client: Any, table: str) -> None:
    watched = Watched(client)

    def again(number: int) -> None:
        origins.note(*DEAL, "google", {"amount": [f"g{number}"]})
        watched.before("update_item", lambda: again(number + 1))

    watched.before("update_item", lambda: again(0))
    with pytest.raises(Retryable, match="origins of a record"):
        Origins(watched, table).note(*DEAL, "aws", {"amount": ["a"]})


def test_a_merged_deal_has_the_marks_of_all_that_went_into_it(origins: Origins, links: Links) -> None:
    """Also where HubSpot does not tell of the merge yet, and where what was merged is merged again."""
    links.open_for_deal("aws", "500", "hubspot")
    for deal_id, partner in (("500", "google"), ("600", "microsoft"), ("700", "aws")):
        origins.settle("deals", deal_id, partner, {"amount": [deal_id]})
    links.move_deal("aws", ["500", "600"], "700")
    links.move_deal("aws", ["700", "650"], "800")
    assert {one.partner for one in of_deal(origins, "700")["amount"]} == {"google", "microsoft", "aws"}
    assert {one.marks for one in of_deal(origins, "800")["amount"]} == {("500",), ("600",), ("700",)}
    assert of_deal(origins, "650") == {}


def test_deals_that_name_each_other_as_merged_are_read_once(origins: Origins, links: Links) -> None:
    links.open_for_deal("aws", "500", "hubspot")
    origins.settle("deals", "500", "google", {"amount": ["g"]})
    links.move_deal("aws", ["500"], "600")
    links.move_deal("aws", ["600"], "500")
    assert of_deal(origins, "600") == {"amount": (Entry("google", ("g",)),)}
