"""The in-memory DynamoDB beside moto: the same requests, the same answers, the same refusals."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.fakes import FakeDynamoDb
from sandbox.fakes.expressions import UnknownGrammar

KEY = {"pk": {"S": "p"}, "sk": {"S": "s"}}
ITEM = {
    **KEY,
    "count": {"N": "5"},
    "name": {"S": "apple pie"},
    "list": {"L": [{"S": "a"}, {"N": "1"}]},
    "map": {"M": {"inner": {"S": "x"}, "deep": {"M": {"n": {"N": "1"}}}}},
    "yes": {"BOOL": True},
}
VALUES: dict[str, Any] = {
    ":5": {"N": "5"},
    ":5.0": {"N": "5.0"},
    ":4": {"N": "4"},
    ":10": {"N": "10"},
    ":text": {"S": "5"},
    ":apple": {"S": "apple"},
    ":a": {"S": "a"},
    ":new": {"L": [{"S": "z"}]},
    ":true": {"BOOL": True},
    ":empty": {"M": {}},
}


def used(text: str) -> dict[str, Any]:
    names = sorted(set(re.findall(r"#(\w+)", text)))
    values = {name: VALUES[name] for name in sorted(set(re.findall(r":[\w.]+", text)))}
    answer: dict[str, Any] = {}
    if names:
        answer["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        answer["ExpressionAttributeValues"] = {name.replace(".", "_"): value for name, value in values.items()}
    return answer


def put(client: Any, table: str) -> None:
    client.put_item(TableName=table, Item=ITEM)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("#count = :5", True),
        ("#count = :5.0", True),
        ("#count = :text", False),
        ("#count > :4", True),
        ("#count >= :5 AND #count <= :5", True),
        ("#count < :10 AND NOT #count < :5", True),
        ("#count < :10 OR #missing < :10", True),
        ("#count > :10 OR #count = :5 AND #yes = :true", True),
        ("(#count = :5 OR #count = :4) AND #count = :4", False),
        ("NOT (#count = :4 OR #count = :10)", True),
        ("#count BETWEEN :4 AND :10", True),
        ("#count IN (:4, :10)", False),
        ("#count IN (:4, :5)", True),
        ("#count <> :4", True),
        ("#missing = :5", False),
        ("NOT #missing = :5", True),
        ("attribute_exists(#count)", True),
        ("attribute_exists(#map.#inner)", True),
        ("attribute_not_exists(#map.#outer)", True),
        ("attribute_exists(#map.#deep.#n)", True),
        ("attribute_exists(#list[1])", True),
        ("attribute_exists(#list[2])", False),
        ("begins_with(#name, :apple)", True),
        ("contains(#name, :apple)", True),
        ("contains(#list, :a)", True),
        ("contains(#list, :apple)", False),
        ("contains(#missing, :a)", False),
        ("#map.#inner = :a", False),
    ],
)
def test_conditions_mean_what_dynamodb_means(client, table, condition, holds):
    put(client, table)
    request = {"Key": KEY, "UpdateExpression": "REMOVE nothing_here", **used(condition)}
    request |= {"TableName": table, "ConditionExpression": condition.replace(".0", "_0")}
    if holds:
        client.update_item(**request)
    else:
        with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
            client.update_item(**request)


@pytest.mark.parametrize("client", ["fake"], indirect=True)
def test_values_of_different_types_are_in_no_order(client, table):
    """DynamoDB's rule; moto compares them."""
    test_conditions_mean_what_dynamodb_means(client, table, "#count > :text", False)


@pytest.mark.parametrize(
    "update",
    [
        "SET #count = #count + :4, #copy = #count",
        "SET #count = #count - :4",
        "SET #count = if_not_exists(#count, :10) + :4, #other = if_not_exists(#other, :10) + :4",
        "SET #list = list_append(#list, :new)",
        "SET #list = list_append(:new, if_not_exists(#list, :new))",
        "SET #second = list_append(if_not_exists(#second, :new), :new)",
        "SET #map.#inner = :5, #map.#deep.#m = :4",
        "SET #map.#deep = :empty",
        "SET #list[0] = :5",
        "REMOVE #list[0], #count, #missing",
        "REMOVE #map.#inner, #map.#nothing",
        "ADD #count :4, #fresh :10",
        "SET #copy = #name REMOVE #name ADD #count :5",
    ],
)
def test_updates_leave_what_dynamodb_leaves(update, moto_client):
    """The whole item afterwards, from both."""
    after = []
    for kind in ("fake", "moto"):
        client = FakeDynamoDb() if kind == "fake" else moto_client
        table = "parity"
        if kind == "moto":
            _table(client, table)
        client.put_item(TableName=table, Item=ITEM)
        answer = client.update_item(
            TableName=table, Key=KEY, UpdateExpression=update, ReturnValues="ALL_NEW", **used(update)
        )
        after.append(answer["Attributes"])
        assert client.get_item(TableName=table, Key=KEY)["Item"] == answer["Attributes"]
    assert after[0] == after[1]


def _table(client: Any, table: str) -> None:
    if table in client.list_tables()["TableNames"]:
        return
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )


@pytest.mark.parametrize(
    "update",
    [
        "SET #copy = #missing",
        "SET #missing.#inner = :5",
        "SET #count = #name + :5",
        "SET #pk = :a",
        "SET #count = :5, #count = :4",
    ],
)
def test_updates_that_dynamodb_refuses_are_refused(client, table, update):
    put(client, table)
    with pytest.raises(ClientError) as caught:
        client.update_item(TableName=table, Key=KEY, UpdateExpression=update, **used(update))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert client.get_item(TableName=table, Key=KEY)["Item"] == ITEM


@pytest.mark.parametrize("client", ["fake"], indirect=True)
@pytest.mark.parametrize("update", ["SET #map = :empty, #map.#inner = :5", "SET #partner = :5", "SET #due_at = :a"])
def test_what_dynamodb_refuses_and_moto_lets_pass_is_refused(client, table, update):
    test_updates_that_dynamodb_refuses_are_refused(client, table, update)


def test_a_read_may_ask_for_some_attributes_only(client, table):
    put(client, table)
    request = {"ProjectionExpression": "pk, #count, #missing", **used("#count #missing")}
    assert client.get_item(TableName=table, Key=KEY, **request)["Item"] == {"pk": KEY["pk"], "count": ITEM["count"]}


def test_an_unused_value_is_refused(client, table):
    with pytest.raises(ClientError, match="ValidationException"):
        client.update_item(
            TableName=table,
            Key=KEY,
            UpdateExpression="SET a = :5",
            ExpressionAttributeValues={":5": {"N": "5"}, ":6": {"N": "6"}},
        )


def test_the_item_that_stands_comes_with_a_refused_condition(client, table):
    put(client, table)
    with pytest.raises(ClientError) as caught:
        client.put_item(
            TableName=table,
            Item=ITEM,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert caught.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert caught.value.response["Item"] == ITEM


@pytest.mark.parametrize(
    ("returns", "names"),
    [("ALL_OLD", set(ITEM)), ("ALL_NEW", {*ITEM, "more"}), ("UPDATED_NEW", {"more"}), ("NONE", set())],
)
def test_return_values(client, table, returns, names):
    put(client, table)
    answer = client.update_item(
        TableName=table, Key=KEY, UpdateExpression="SET more = :5", ReturnValues=returns, **used(":5")
    )
    assert set(answer.get("Attributes", {})) == names


def test_a_cancelled_transaction_says_which_write_and_writes_nothing(client, table):
    put(client, table)
    other = {"pk": {"S": "other"}, "sk": {"S": "s"}}
    with pytest.raises(ClientError) as caught:
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": other}},
                {"Put": {"TableName": table, "Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}},
            ]
        )
    assert caught.value.response["Error"]["Code"] == "TransactionCanceledException"
    assert [each["Code"] for each in caught.value.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in client.get_item(TableName=table, Key=other)


def test_deletes_and_checks_in_a_transaction(client, table):
    put(client, table)
    missing = {"pk": {"S": "other"}, "sk": {"S": "s"}}
    check = {"TableName": table, "Key": missing, "ConditionExpression": "attribute_not_exists(pk)"}
    client.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": KEY}}, {"ConditionCheck": check}])
    assert "Item" not in client.get_item(TableName=table, Key=KEY)
    assert "Item" not in client.get_item(TableName=table, Key=missing)


def test_an_index_holds_only_items_that_have_its_keys_in_order_and_in_pages(client, table):
    for number in (3, 1, 2):
        item = {"pk": {"S": f"p{number}"}, "sk": {"S": "s"}, "partner": {"S": "aws"}, "due_at": {"N": str(number)}}
        client.put_item(TableName=table, Item=item)
    key = {"pk": {"S": "p2"}, "sk": {"S": "s"}}
    client.update_item(TableName=table, Key=key, UpdateExpression="REMOVE due_at")
    request: dict[str, Any] = {
        "TableName": table,
        "IndexName": "due",
        "KeyConditionExpression": "partner = :p AND due_at <= :n",
        "ExpressionAttributeValues": {":p": {"S": "aws"}, ":n": {"N": "9"}},
        "Limit": 1,
    }
    first = client.query(**request)
    second = client.query(**request, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["pk"]["S"] for item in first["Items"] + second["Items"]] == ["p1", "p3"]
    backwards = client.query(**{**request, "ScanIndexForward": False})
    assert backwards["Items"][0]["pk"]["S"] == "p3"


def test_what_was_read_or_written_is_not_shared_with_the_store():
    client = FakeDynamoDb()
    item = {**KEY, "list": {"L": []}}
    client.put_item(TableName="t", Item=item)
    item["list"]["L"].append({"S": "x"})
    client.get_item(TableName="t", Key=KEY)["Item"]["list"]["L"].append({"S": "y"})
    assert client.items("t") == [{"pk": "p", "sk": "s", "list": []}]


@pytest.mark.parametrize(
    "update", ["DELETE a :5", "SET a = size(b)", "SET a := :5", "SET state = :5", "SET a = :5 SET b = :5", "SET a"]
)
def test_unknown_grammar_and_reserved_words_are_loud(update):
    values = {":5": {"N": "5"}} if ":5" in update else {}
    with pytest.raises(UnknownGrammar):
        FakeDynamoDb().update_item(TableName="t", Key=KEY, UpdateExpression=update, ExpressionAttributeValues=values)


def test_unknown_parameters_are_loud():
    with pytest.raises(UnknownGrammar, match="ProjectionExpression"):
        FakeDynamoDb().query(TableName="t", KeyConditionExpression="pk = :p", ProjectionExpression="pk")


def test_threads_do_not_lose_counts():
    client = FakeDynamoDb()

    def count() -> None:
        for _ in range(200):
            client.update_item(TableName="t", Key=KEY, UpdateExpression="ADD n :5", **used(":5"))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.items("t")[0]["n"] == 4 * 200 * 5
