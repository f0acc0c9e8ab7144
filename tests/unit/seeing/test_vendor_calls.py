"""Calls to vendors: counted by answer, logged without an address, with the correlation id where a vendor takes it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from lambdas.google.adapters.session import WatchedSession, call
from lambdas.shared.errors import Retryable
from lambdas.shared.runtime import belongs_to, take_counted
from lambdas.shared.vendor_calls import as_guid, call_made, tidy, watch_client, watched

ADDRESS = "https://api.example/crm/objects/contacts/alex@customer.example?name=Acme"


class Transport:
    def __init__(self, status: int | None = 200) -> None:
        self.status, self.headers = status, {}

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Any:
        self.headers = dict(headers)
        if self.status is None:
            raise Retryable("No answer came.")
        return self.status, {"X-HubSpot-Correlation-Id": "h-1", "set-cookie": "Acme"}, b"{}"


def call_line(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (record,) = [one for one in caplog.records if one.getMessage() == "vendor call"]
    assert "Acme" not in str(record.__dict__)
    assert "@" not in str(record.__dict__)
    return record.__dict__


@pytest.mark.parametrize("status", [200, 429, 503])
def test_a_call_is_counted_and_logged_without_its_address(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert watched(Transport(status), "hubspot")("GET", ADDRESS, {}, b"Acme")[0] == status
    line = call_line(caplog)
    assert (line["vendor"], line["operation"], line["status"]) == ("hubspot", "GET", status)
    assert line["vendor_request_id"] == "h-1"
    assert take_counted()["VendorCalls"] == 1


def test_a_call_without_an_answer_is_counted_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(Retryable):
        watched(Transport(None), "microsoft")("GET", ADDRESS, {}, None)
    assert call_line(caplog)["status"] is None
    assert take_counted()["VendorCalls"] == 1


def test_headers_carry_what_the_call_belongs_to() -> None:
    transport = Transport()
    send = watched(transport, "microsoft", lambda found: {"MS-CorrelationId": as_guid(found)})
    with belongs_to("poll-17"):
        send("GET", ADDRESS, {"accept": "x"}, None)
    assert transport.headers["MS-CorrelationId"] == as_guid("poll-17")
    assert transport.headers["accept"] == "x"


def test_a_guid_stays_and_anything_else_becomes_one_always_the_same() -> None:
    given = "6f1cfe6e-2f0c-4f0a-9b4e-6a1f2b6c9d11"
    assert as_guid(given) == given
    assert as_guid("poll-17") == as_guid("poll-17") != as_guid("poll-18")
    assert uuid.UUID(as_guid("none"))


def test_an_id_that_somebody_made_up_breaks_no_header_and_no_log() -> None:
    assert tidy("a\r\nX-Evil: 1" + "b" * 500) == ("aX-Evil:1" + "b" * 500)[:100]


class Session:
    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.sent = options
        return self

    status_code, headers = 200, {"x-request-id": "g-1"}

    def json(self) -> dict[str, Any]:
        return {"name": "opportunities/1"}


def test_google_is_given_the_id_as_the_reason_of_the_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    session = Session()
    seen = WatchedSession(session, lambda *one: call_made("google", *one), lambda: {"X-Goog-Request-Reason": "c-1"})
    assert call(seen, "GET", ADDRESS, "to read")["name"] == "opportunities/1"
    assert session.sent["headers"] == {"X-Goog-Request-Reason": "c-1"}
    assert call_line(caplog)["vendor_request_id"] == "g-1"


@pytest.mark.parametrize("status", [200, 400])
def test_aws_is_told_in_the_user_agent_that_cloudtrail_keeps(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client = boto3.client("sqs", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    sent: list[Any] = []

    def answer(request: Any, **_more: Any) -> AWSResponse:
        sent.append(request)
        raw = type("Raw", (), {"stream": lambda *_: iter([b"{}"]), "read": lambda *_: b"{}"})()
        return AWSResponse(request.url, status, {"x-amzn-RequestId": "a-1"}, raw)

    client.meta.events.register("before-send.sqs", answer)
    watch_client(client, "aws")
    with belongs_to("c-1"):
        try:
            client.list_queues(QueueNamePrefix="Acme")
        except ClientError:
            assert status == 400
    agent = sent[0].headers["User-Agent"]
    assert (agent if isinstance(agent, str) else agent.decode()).endswith("md/cosell-correlation#c-1")
    line = call_line(caplog)
    assert (line["operation"], line["status"], line["vendor_request_id"]) == ("ListQueues", status, "a-1")
