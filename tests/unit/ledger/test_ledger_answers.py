"""What happens when DynamoDB or SQS does not simply answer."""

from __future__ import annotations

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError

from lambdas.shared.adapters.ledger import Links
from lambdas.shared.adapters.queues import Queue
from lambdas.shared.errors import Retryable, Throttled, Unauthorized, Unexpected
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeSqs

URL = "https://sqs.eu-central-1.amazonaws.com/1/inbox"


@pytest.fixture
def dynamodb() -> FakeDynamoDb:
    return FakeDynamoDb()


@pytest.fixture
def links(dynamodb) -> Links:
    return Links(dynamodb, "ledger", FakeClock(), sleep=lambda seconds: None)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("ProvisionedThroughputExceededException", 400, Throttled),
        ("ThrottlingException", 400, Throttled),
        ("RequestLimitExceeded", 400, Throttled),
        ("InternalServerError", 500, Retryable),
        ("AnythingElse", 503, Retryable),
        ("AccessDeniedException", 400, Unauthorized),
        ("ValidationException", 400, Unexpected),
        ("ResourceNotFoundException", 400, Unexpected),
    ],
)
def test_every_answer_has_its_named_error(dynamodb, links, code, status, error):
    for operation, call in [
        ("get_item", lambda: links.get("link#aws#d1")),
        ("update_item", lambda: links.raise_wanted("link#aws#d1")),
        ("query", lambda: links.open_attempts("aws")),
        ("batch_get_item", lambda: links.for_deals("aws", ["1"])),
        ("transact_write_items", lambda: links.open_for_deal("aws", "1", "poll")),
    ]:
        dynamodb.fail(operation, code, status)
        with pytest.raises(error) as caught:
            call()
        assert type(caught.value) is error, "the machines' Retry and Catch name the class itself"
        assert code in str(caught.value)
        assert "injected" not in str(caught.value), "the service's message may quote values"


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (EndpointConnectionError(endpoint_url="x"), Retryable),
        (ConnectTimeoutError(endpoint_url="x"), Retryable),
        (NoCredentialsError(), Unauthorized),
    ],
)
def test_a_connection_that_fails_is_named_too(raised, error):
    class Broken:
        def get_item(self, **request):
            raise raised

    with pytest.raises(error):
        Links(Broken(), "ledger").get("link#aws#d1")


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_a_transaction_that_clashed_is_tried_again(dynamodb, links, reason):
    dynamodb.fail("transact_write_items", "TransactionCanceledException", reasons=["None", reason])
    assert links.get(links.open_for_deal("aws", "1", "poll")).wanted == 1


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("TransactionConflict", Retryable),
        ("ThrottlingError", Throttled),
        ("ItemCollectionSizeLimitExceeded", Unexpected),
    ],
)
def test_a_transaction_that_goes_on_failing_is_named(dynamodb, links, reason, error):
    for _ in range(6):
        dynamodb.fail("transact_write_items", "TransactionCanceledException", reasons=["None", reason])
    with pytest.raises(error, match=reason):
        links.open_for_deal("aws", "1", "poll")
    assert dynamodb.items("ledger") == []


def test_keys_that_were_left_unprocessed_are_asked_for_again(dynamodb, links):
    keys = {str(number): links.open_for_deal("aws", str(number), "poll") for number in range(20)}
    dynamodb.leave_unprocessed(7)
    assert links.for_deals("aws", list(keys)) == keys


def test_a_lookup_that_stays_unprocessed_is_never_read_as_not_found(dynamodb, links):
    class Busy:
        def batch_get_item(self, *, RequestItems):
            return {"Responses": {}, "UnprocessedKeys": RequestItems}

    with pytest.raises(Throttled, match="2 keys left unprocessed"):
        Links(Busy(), "ledger", sleep=lambda seconds: None).for_deals("aws", ["1", "2"])


def test_messages_go_out_ten_at_a_time_as_json():
    sqs = FakeSqs()
    queue = Queue(sqs, URL)
    messages = [{"link": f"link#aws#d{number}", "why": "größer"} for number in range(23)]
    queue.send_batch(messages)
    queue.send({"last": True}, delay_seconds=30)
    assert sqs.calls == ["SendMessageBatch"] * 3 + ["SendMessage"]
    assert sqs.bodies(URL) == [*messages, {"last": True}]
    assert sqs.queues[URL][-1][1] == 30


def test_only_what_sqs_refused_is_sent_again():
    sqs = FakeSqs()
    sqs.refuse_next(3)
    Queue(sqs, URL, sleep=lambda seconds: None).send_batch([{"n": number} for number in range(10)])
    assert sorted(each["n"] for each in sqs.bodies(URL)) == list(range(10))
    assert len(sqs.calls) == 2


def test_messages_that_sqs_goes_on_refusing_are_not_dropped_silently():
    sqs = FakeSqs()
    sqs.refuse_next(100)
    with pytest.raises(Retryable, match="2 messages to inbox refused: InternalError"):
        Queue(sqs, URL, sleep=lambda seconds: None).send_batch([{}, {}])


def test_no_messages_make_no_call():
    sqs = FakeSqs()
    Queue(sqs, URL).send_batch([])
    assert sqs.calls == []
