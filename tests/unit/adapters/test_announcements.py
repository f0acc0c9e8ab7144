"""What goes onto the sync bus, and what is said when the bus does not take it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.shared.adapters.announcements import Announcements
from lambdas.shared.errors import Retryable, Throttled, Unauthorized, Unexpected


class Bus:
    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.entries: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> Any:
        self.entries += Entries
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def refused(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutEvents")


def lost(code: str) -> dict[str, Any]:
    return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": code}]}


def test_an_event_names_its_source_kind_and_bus() -> None:
    bus = Bus({"FailedEntryCount": 0})
    Announcements(bus, "sync-bus").announce("DealSynced", {"deal_id": "500"})
    (entry,) = bus.entries
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("cosell-sync", "DealSynced", "sync-bus")
    assert json.loads(entry["Detail"]) == {"deal_id": "500"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused("ThrottlingException"), Throttled),
        (refused("AccessDeniedException"), Unauthorized),
        (refused("InternalException", 500), Retryable),
        (refused("ResourceNotFoundException"), Unexpected),
        (EndpointConnectionError(endpoint_url="x"), Retryable),
        (lost("ThrottlingException"), Throttled),
        (lost("InternalFailure"), Retryable),
        (lost("InternalException"), Retryable),
        (lost("AccessDeniedException"), Unauthorized),
    ],
)
def test_what_the_bus_does_not_take_is_named_for_the_machines(answer: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="PutEvents sync-bus") as caught:
        Announcements(Bus(answer), "sync-bus").announce("Blocked", {})
    assert type(caught.value) is error
