"""What X-Ray is told: the ids that one change is followed by, and nothing else."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.shared.errors import Retryable
from lambdas.shared.runtime import belongs_to, entry_point

RUN = {"run_id": "r-1", "partner": "aws", "link": "link#aws#d500", "correlation_id": "c-1", "deal_id": "500"}


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Where Lambda's daemon listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(2)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setenv(
            "_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        )
        yield listening


def told(daemon: socket.socket) -> dict[str, Any]:
    header, _, document = daemon.recv(65536).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    return json.loads(document)


def silent(daemon: socket.socket) -> bool:
    daemon.setblocking(False)
    try:
        daemon.recv(1)
    except BlockingIOError:
        return True
    return False


def test_an_invocation_is_a_subsegment_with_what_it_belongs_to(daemon: socket.socket) -> None:
    entry_point(lambda _event, _none: {}, lambda: None)({"run": RUN, "deal": {"deal": "current", "name": "Acme"}})
    document = told(daemon)
    assert document["annotations"] == {
        "correlation_id": "c-1",
        "run_id": "r-1",
        "link": "link#aws#d500",
        "partner": "aws",
    }
    assert (document["trace_id"], document["parent_id"]) == ("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
    assert (document["type"], len(document["id"])) == ("subsegment", 16)
    assert document["start_time"] <= document["end_time"]
    assert "fault" not in document
    assert "Acme" not in json.dumps(document)


def test_a_failure_is_a_fault_without_its_text(daemon: socket.socket) -> None:
    def work(_event: object, _none: None) -> dict[str, Any]:
        raise Retryable("Acme could not be reached")

    with pytest.raises(Retryable):
        entry_point(work, lambda: None)({"run": RUN})
    document = told(daemon)
    assert document["fault"] is True
    assert "Acme" not in json.dumps(document)


def test_each_message_of_a_batch_is_one_of_its_own(daemon: socket.socket) -> None:
    def work(_event: object, _none: None) -> dict[str, Any]:
        for found in ("c-1", "c-2"):
            with belongs_to(found):
                pass
        return {}

    entry_point(work, lambda: None)({"Records": []})
    assert [told(daemon)["annotations"] for _ in range(3)] == [{"correlation_id": "c-1"}, {"correlation_id": "c-2"}, {}]


@pytest.mark.parametrize(
    "trace", ["", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0", "odd"]
)
def test_what_is_not_sampled_is_not_told(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, trace: str) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    entry_point(lambda _event, _none: {}, lambda: None)({"run": RUN})
    assert silent(daemon)


def test_a_daemon_that_is_not_there_disturbs_nobody(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:1")
    assert entry_point(lambda _event, _none: {"fine": True}, lambda: None)({"run": RUN}) == {"fine": True}
