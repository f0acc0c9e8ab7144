"""``cosell smoke``: each step fails when what it looks for is not so, and says where to look."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from cli.smoke import EMPTY, Smoke, SmokeFailed
from lambdas.shared.domain.signature import verify
from tests.unit.doctor.examining import NOW_MS, Examining

URL = "https://api.example/v1/webhook/hubspot"
QUEUE = "https://sqs.example/1/polls"
EXECUTION = "arn:aws:states:eu-west-1:222222222222:express:cosell-prod-poll:run:1"
KEY = "a client secret"


@pytest.fixture
def prod() -> Iterator[Examining]:
    examining = Examining("prod", WebhookUrl=URL, HubspotWebhookSecret="webhook", PollQueueUrl=QUEUE)
    yield examining
    examining.close()


class Door:
    """Answers as the receiver does, unless a status is forced."""

    def __init__(self, status: int | None = None) -> None:
        self.forced, self.asked = status, []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        self.asked.append(url)
        assert body == EMPTY
        if self.forced is not None:
            return self.forced, "forced"
        if not headers:
            return 401, "the signature could not be verified"
        verify(headers=headers, method="POST", body=body, target_urls=[URL], secrets=[KEY], now_ms=NOW_MS)
        return 200, "0 accepted"


def smoke(prod: Examining, door: Door | None = None, seconds: float = 0.0) -> Smoke:
    return Smoke(prod.deployment, seconds, run_id="smoke-1", send=door or Door())


def holding(prod: Examining, **secret: object) -> None:
    prod.answer("secretsmanager", "get_secret_value", {"SecretString": json.dumps(secret)}, SecretId="webhook")


def test_a_delivery_is_signed_as_the_receiver_verifies_it_for_each_accepted_address(prod: Examining) -> None:
    holding(prod, client_secrets=[KEY, "older"], target_urls=[URL])
    door = Door()
    assert smoke(prod, door).signed() == "1 addresses took an empty delivery"
    assert door.asked == [URL]


@pytest.mark.parametrize("secret", [{}, {"client_secrets": [], "target_urls": [URL]}])
def test_a_secret_that_nobody_has_set_is_told_with_the_command(prod: Examining, secret: dict[str, object]) -> None:
    holding(prod, **secret)
    with pytest.raises(SmokeFailed, match="cosell secrets set hubspot-webhook --stage prod"):
        smoke(prod).signed()


@pytest.mark.parametrize("status", [401, 503])
def test_a_signed_delivery_that_is_refused_fails(prod: Examining, status: int) -> None:
    holding(prod, client_secrets=[KEY], target_urls=[URL])
    with pytest.raises(SmokeFailed, match=f"{URL} answered {status} to a signed delivery: forced"):
        smoke(prod, Door(status)).signed()


@pytest.mark.parametrize("status", [200, 500])
def test_a_delivery_without_a_signature_that_is_not_refused_fails(prod: Examining, status: int) -> None:
    assert "401" in smoke(prod).unsigned()
    with pytest.raises(SmokeFailed, match=f"answered {status}, not 401"):
        smoke(prod, Door(status)).unsigned()


def events(*types: str) -> dict[str, list[dict[str, str]]]:
    return {"events": [{"message": json.dumps({"type": one, "execution_arn": EXECUTION})} for one in types]}


def test_the_execution_of_its_own_message_is_followed_to_its_end(prod: Examining) -> None:
    prod.answer("sqs", "send_message", {"MessageId": "1"})
    prod.answer("logs", "filter_log_events", events("ExecutionStarted", "TaskScheduled"))
    prod.answer("logs", "filter_log_events", events("ExecutionStarted", "TaskSucceeded", "ExecutionSucceeded"))
    assert "dead-letters.due went from the queue" in smoke(prod).poll()


def test_an_execution_that_fails_and_one_that_never_comes_are_told_with_the_log_group(prod: Examining) -> None:
    prod.answer("sqs", "send_message", {"MessageId": "1"})
    prod.answer("logs", "filter_log_events", events("ExecutionStarted"))
    prod.answer("logs", "filter_log_events", events("ExecutionStarted", "ExecutionFailed"))
    with pytest.raises(SmokeFailed, match=r"ExecutionFailed: search for it in the log group .*cosell-prod-poll"):
        smoke(prod).poll()
    prod.answer("sqs", "send_message", {"MessageId": "2"})
    prod.answer("logs", "filter_log_events", {"events": []})
    with pytest.raises(SmokeFailed, match="no execution for smoke-1 ended within -1 s"):
        smoke(prod, seconds=-1).poll()


def test_a_queue_that_does_not_get_empty_fails(prod: Examining) -> None:
    counts = {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}
    prod.answer("sqs", "get_queue_attributes", {"Attributes": counts})
    assert smoke(prod).drained() == "nothing waits in the poll queue"
    prod.answer("sqs", "get_queue_attributes", {"Attributes": {**counts, "ApproximateNumberOfMessagesNotVisible": "2"}})
    with pytest.raises(SmokeFailed, match="0 messages and 2 in flight"):
        smoke(prod, seconds=-1).drained()


def test_the_delivery_that_is_an_alarm_can_be_left_out(prod: Examining) -> None:
    assert [name for name, _ in smoke(prod).steps(refused=False)] == ["doctor", "signed", "poll", "drained"]
