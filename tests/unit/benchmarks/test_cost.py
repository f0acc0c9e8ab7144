"""What a use costs, and DynamoDB's units: by AWS's rules, on made-up figures."""

from __future__ import annotations

import pytest

from benchmarks import minimum, prices
from benchmarks.dynamodb_units import Sizes, Units, item_bytes, units_of
from benchmarks.meter import Call
from benchmarks.targets import judge

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
SIZES = Sizes(size_of=lambda _table, _key: 1500, indexes_of=lambda _table, _key: 1)


def call(operation: str, asked: dict, answered: dict | None = None) -> Call:
    return Call("dynamodb", operation, 0, 0, asked, answered)


def text(size: int) -> dict:
    """An item of that size: the name ``t`` and the rest in its value."""
    return {"t": {"S": "x" * (size - 1)}}


@pytest.mark.parametrize(
    ("operation", "asked", "answered", "units"),
    [
        ("GetItem", {"ConsistentRead": True}, {"Item": text(4096)}, Units(reads=1)),
        ("GetItem", {}, {"Item": text(4097)}, Units(reads=1)),
        ("GetItem", {}, {}, Units(reads=0.5)),
        ("Query", {}, {"Items": [text(3000), text(3000)]}, Units(reads=1)),
        (
            "BatchGetItem",
            {"RequestItems": {"T": {"Keys": [KEY, KEY, KEY], "ConsistentRead": True}}},
            {"Responses": {"T": [text(5000), text(10)]}},
            Units(reads=4),
        ),
        ("TransactGetItems", {}, {"Responses": [{"Item": text(10)}, {}]}, Units(reads=4)),
        ("UpdateItem", {"TableName": "T", "Key": KEY}, {}, Units(writes=3)),
        ("PutItem", {"TableName": "T", "Item": {**KEY, **text(100)}}, {}, Units(writes=2)),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"ConditionCheck": {"TableName": "T", "Key": KEY}},
                    {"Put": {"TableName": "T", "Item": KEY}},
                ]
            },
            {},
            Units(writes=8),
        ),
    ],
)
def test_a_call_is_charged_by_the_rules(operation: str, asked: dict, answered: dict, units: Units) -> None:
    assert units_of(call(operation, asked, answered), SIZES) == units


def test_a_call_without_a_rule_is_an_error_and_not_free() -> None:
    with pytest.raises(ValueError, match="no rule for DynamoDB's ExecuteStatement"):
        units_of(call("ExecuteStatement", {}), SIZES)


def test_an_items_size_counts_names_and_values() -> None:
    assert item_bytes({"name": {"S": "Zürich"}, "list": {"L": [{"S": "ab"}, {"BOOL": True}]}}) == 4 + 7 + 4 + 3 + 3 + 2


def test_prices_are_dated_complete_and_each_row_belongs_to_one_service() -> None:
    listed = prices.load()
    rows = [row for own in listed["services"].values() for row in own]
    assert len(rows) == len(set(rows))
    for region in listed["regions"].values():
        assert set(region) == set(rows)
        for row in region.values():
            assert row["price"] > 0
            assert row["per"] > 0
            assert row["page"].startswith("https://aws.amazon.com/")
            assert row["checked"] in ("yes", "no")


def test_a_use_is_priced_by_service() -> None:
    use = prices.added({"lambda_requests": 1_000_000}, {"lambda_requests": 1_000_000, "secrets": 5})
    cost = prices.by_service(prices.load(), "us-east-1", use)
    assert (cost["Lambda"], cost["Secrets Manager"]) == pytest.approx((0.40, 2.00))
    assert sum(cost.values()) == pytest.approx(2.40)


def test_an_empty_queue_is_asked_five_times_in_twenty_seconds() -> None:
    assert prices.polling(1) == {"sqs_requests": 5 * 3 * 43_800}


def test_the_least_of_a_change_is_the_sum_of_what_followed_it() -> None:
    least = minimum.total({"update": (1, minimum.UPDATE), "no-op": (2, minimum.NO_OP), "notice": (0, minimum.RELATED)})
    assert least["GetOpportunity"][0] == 3
    assert least["UpdateOpportunity"][0] == 1
    assert "associations.batch_read" not in least


def test_a_lost_webhook_or_a_missing_one_misses_the_target() -> None:
    judged = judge({"receiver": {"webhooks": 10, "accepted": 9, "lost": 1}})
    assert [met for _, _, met in judged] == [False, False]
