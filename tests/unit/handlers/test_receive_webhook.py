"""The door: what is let in, what is refused and how, and that no value gets past it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lambdas.shared.domain.signature import sign
from lambdas.shared.errors import Retryable, Unauthorized
from lambdas.shared.handlers.receive_webhook import Collaborators, receive_webhook
from lambdas.shared.runtime import metrics
from sandbox.fakes import FakeClock, FakeQueue

SECRET = "client-secret"
URL = "https://api.example.com/v1/webhook/hubspot"
EVENT = {
    "eventId": 1,
    "subscriptionId": 200,
    "portalId": 300,
    "appId": 400,
    "occurredAt": 1_790_000_000_000,
    "subscriptionType": "object.propertyChange",
    "objectTypeId": "0-3",
    "objectId": 9_000_000_500,
    "propertyName": "dealname",
    "propertyValue": "Acme secret project #AWS",
    "changeSource": "CRM_UI",
    "sourceId": "userId:600",
}


class Secrets:
    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.fresh: list[bool] = []

    def get(self, name: str, *, fresh: bool = False) -> dict[str, Any]:
        self.fresh.append(fresh)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Quarantine:
    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []

    def put(self, reason: str, body: str) -> None:
        self.kept.append((reason, body))


class Broken:
    def send(self, *_: Any, **__: Any) -> None:
        raise Retryable("the queue is away")

    put = send


GOOD = {"client_secrets": [SECRET], "target_urls": [URL, f"{URL}/aws"]}


def door(**changes: Any) -> Collaborators:
    given: dict[str, Any] = {
        "secrets": Secrets(GOOD),
        "notices": FakeQueue(),
        "quarantine": Quarantine(),
        "webhook_secret": "hubspot-webhook",
        "aliases": {"aws": "aws", "gcp": "google"},
        "max_body_bytes": 2000,
        "portal_id": 300,
        "clock": FakeClock(),
    }
    return Collaborators(**{**given, **changes})


def request(
    body: str | bytes,
    *,
    uri: str = URL,
    path: str = "/webhook/hubspot",
    age_ms: int = 0,
    secret: str = SECRET,
    **more: Any,
) -> dict:
    raw = body.encode() if isinstance(body, str) else body
    timestamp = str(FakeClock().now_ms() - age_ms)
    signature = sign(secret=secret, method="POST", uri=uri, body=raw, timestamp=timestamp)
    return {
        "path": path,
        "httpMethod": "POST",
        "headers": {"x-hubspot-signature-v3": signature, "X-HubSpot-Request-Timestamp": timestamp},
        "body": raw.decode(),
        "requestContext": {"requestId": "r-1"},
        **more,
    }


def test_a_good_delivery_is_stored_without_any_value() -> None:
    c = door()
    assert receive_webhook(request(json.dumps([EVENT])), c)["statusCode"] == 200
    (message,) = c.notices.messages
    assert message["source"] == "hubspot"
    assert message["correlation_id"] == "r-1"
    assert message["limit_to"] is None
    assert message["events"] == [
        {
            "kind": "propertyChange",
            "object": "deal",
            "id": "9000000500",
            "property": "dealname",
            "occurred_at": 1_790_000_000_000,
            "own": False,
        }
    ]
    assert "Acme" not in json.dumps(message)


def test_a_body_in_base64_is_read() -> None:
    c = door()
    event = request(json.dumps([EVENT]))
    encoded = {**event, "body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    assert receive_webhook(encoded, c)["statusCode"] == 200
    assert len(c.notices.messages) == 1


def test_an_alias_limits_the_fan_out_to_its_partner() -> None:
    c = door(secrets=Secrets({"client_secrets": [SECRET], "target_urls": [f"{URL}/gcp"]}))
    receive_webhook(request(json.dumps([EVENT]), uri=f"{URL}/gcp", path="/webhook/hubspot/gcp"), c)
    assert c.notices.messages[0]["limit_to"] == ["google"]


@pytest.mark.parametrize(
    "event",
    [
        {**request("[]"), "headers": {}},
        {**request("[]"), "headers": None},
        {**request("[]"), "body": "[ ]"},
        request("[]", age_ms=300_001),
        request("[]", uri="https://elsewhere.example.com/webhook/hubspot"),
        request(json.dumps([EVENT]), secret="somebody else's"),
        request(json.dumps([EVENT]), secret=""),
    ],
    ids=[
        "no signature",
        "no headers",
        "another body",
        "older than five minutes",
        "unknown target URL",
        "wrong secret",
        "empty secret",
    ],
)
def test_a_signature_that_is_not_good_is_refused_and_counted(event: dict) -> None:
    c = door()
    assert receive_webhook(event, c)["statusCode"] == 401
    assert (c.notices.messages, c.quarantine.kept) == ([], [])
    assert list(metrics.metric_set) == ["SignatureRejected"]


def test_a_rotated_secret_is_read_again_before_anything_is_refused() -> None:
    stale = {"client_secrets": ["the old one"], "target_urls": [URL]}
    c = door(secrets=Secrets(stale, GOOD))
    assert receive_webhook(request("[]"), c)["statusCode"] == 200
    assert c.secrets.fresh == [False, True]


def test_a_wrong_secret_is_refused_after_the_stored_one_was_read_afresh_and_leaves_nothing() -> None:
    c = door(secrets=Secrets(GOOD, GOOD))
    answer = receive_webhook(request(json.dumps([EVENT]), secret="somebody else's"), c)
    assert answer["statusCode"] == 401
    assert (c.notices.messages, c.quarantine.kept) == ([], [])
    assert c.secrets.fresh == [False, True]
    assert "Acme" not in json.dumps(answer)
    assert SECRET not in json.dumps(answer)


def test_bad_signatures_cost_one_look_into_the_secret_store_in_thirty_seconds() -> None:
    c = door()
    bad = {**request("[]"), "headers": {}}

    def looks_after(seconds: float) -> int:
        c.clock.advance(seconds=seconds)
        assert [receive_webhook(bad, c)["statusCode"] for _ in range(50)] == [401] * 50
        return c.secrets.fresh.count(True)

    assert [looks_after(0), looks_after(29), looks_after(1), looks_after(30)] == [1, 1, 2, 3]


def test_a_rotated_secret_is_taken_thirty_seconds_after_a_bad_signature_at_the_latest() -> None:
    stale = {"client_secrets": ["the old one"], "target_urls": [URL]}
    c = door(secrets=Secrets(stale, stale, stale, stale, GOOD))
    assert receive_webhook({**request("[]"), "headers": {}}, c)["statusCode"] == 401
    assert receive_webhook(request("[]"), c)["statusCode"] == 401
    c.clock.advance(seconds=30)
    assert receive_webhook(request("[]"), c)["statusCode"] == 200


def test_a_restored_deal_becomes_a_notice() -> None:
    c = door()
    names = ("propertyName", "propertyValue")
    event = {
        **{name: value for name, value in EVENT.items() if name not in names},
        "subscriptionType": "object.restore",
    }
    assert (
        receive_webhook(request(json.dumps([event, {**event, "subscriptionType": "deal.restore"}])), c)["statusCode"]
        == 200
    )
    (message,) = c.notices.messages
    assert [(one["kind"], one["object"], one["id"]) for one in message["events"]] == [
        ("restore", "deal", "9000000500")
    ] * 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [("{}", "not a JSON array"), ("no JSON", "not JSON"), ("", "not JSON")],
)
def test_a_signed_body_that_is_no_array_is_quarantined_not_redelivered(body: str, reason: str) -> None:
    c = door()
    assert receive_webhook(request(body), c)["statusCode"] == 200
    assert reason in c.quarantine.kept[0][0]
    assert c.notices.messages == []
    assert metrics.metric_set["Quarantined"]["Value"] == [1]


@pytest.mark.parametrize(
    "bad",
    [
        17,
        {**EVENT, "subscriptionType": None},
        {**EVENT, "objectId": None},
        {**EVENT, "objectId": True},
        {**EVENT, "portalId": 999},
        {**EVENT, "occurredAt": "yesterday"},
        {"subscriptionType": "deal.merge", "portalId": 300, "occurredAt": 1, "objectId": 5},
    ],
)
def test_one_unreadable_event_does_not_cost_the_good_ones(bad: Any) -> None:
    c = door()
    assert receive_webhook(request(json.dumps([EVENT, bad, EVENT])), c)["statusCode"] == 200
    assert len(c.notices.messages[0]["events"]) == 2
    assert json.loads(c.quarantine.kept[0][1]) == bad


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"path": "/webhook/elsewhere"}, 404),
        ({"path": "/webhook/hubspot/unknown"}, 404),
        ({"path": "/webhook/hubspotx"}, 404),
        ({"httpMethod": "GET"}, 405),
        ({"body": "x" * 2001}, 413),
    ],
)
def test_what_is_no_webhook_is_refused_with_the_right_status(change: dict, status: int) -> None:
    c = door()
    answer = receive_webhook({**request("[]"), **change}, c)
    assert answer["statusCode"] == status
    assert c.notices.messages == []
    if status == 405:
        assert answer["headers"]["Allow"] == "POST"


@pytest.mark.parametrize(
    "changes",
    [
        {"notices": Broken()},
        {"quarantine": Broken()},
        {"secrets": Secrets(Unauthorized("the secret is empty"))},
        {"secrets": Secrets(Retryable("Secrets Manager is away"))},
    ],
    ids=["queue away", "ledger away", "secret empty", "secrets away"],
)
def test_what_cannot_be_stored_is_asked_for_again(changes: dict) -> None:
    c = door(**changes)
    assert receive_webhook(request(json.dumps([EVENT, 17])), c)["statusCode"] == 503


def test_own_writes_are_marked() -> None:
    c = door()
    receive_webhook(request(json.dumps([{**EVENT, "changeSource": "INTEGRATION", "sourceId": "400"}])), c)
    receive_webhook(request(json.dumps([{**EVENT, "changeSource": "INTEGRATION", "sourceId": "999"}])), c)
    assert [message["events"][0]["own"] for message in c.notices.messages] == [True, False]
