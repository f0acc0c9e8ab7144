"""How events travel: batches, signatures, retries, duplicates, loss."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandbox.fakes.clock import FakeClock
from sandbox.hubspot import HubSpotAccount, Refusal, Switches, WebhookSender, WebhookTrouble, serve, sign_v1, sign_v3
from tests.contract.hubspot.sim_api import DEAL

URL, SECRET = "https://hooks.example.com/hubspot/webhook?src=hs%3Adeal", "11111111-2222-3333-4444-555555555555"


class Inbox:
    """Takes deliveries in-process and answers as told (200 when nothing is told any more)."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, Mapping[str, str], bytes]] = []

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Any:
        self.requests.append((url, headers, body))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def batches(self) -> list[list[dict[str, Any]]]:
        return [json.loads(body) for _, _, body in self.requests]


def sending(inbox: Inbox, switches: Switches | None = None, **options: Any) -> tuple[HubSpotAccount, WebhookSender]:
    account = HubSpotAccount(FakeClock(), switches=switches)
    account.feed.subscriptions.add("creation", "deals")
    return account, WebhookSender(account, URL, SECRET, deliver=inbox, **options)


def test_a_delivery_is_signed_over_its_exact_bytes() -> None:
    inbox = Inbox()
    account, _ = sending(inbox)
    account.feed.subscriptions.add("propertyChange", "deals", ["dealname"])
    account.create("deals", {**DEAL, "dealname": "Zürich – Größe €5"})
    assert account.drain_webhooks()
    url, headers, body = inbox.requests[0]
    assert url == URL
    assert "Größe" in body.decode()
    stamp = headers["X-HubSpot-Request-Timestamp"]
    assert stamp == str(account.clock.now_ms())
    assert headers["X-HubSpot-Signature-v3"] == sign_v3(SECRET, "POST", URL, body, stamp)
    assert headers["X-HubSpot-Signature"] == sign_v1(SECRET, body)
    assert {event["attemptNumber"] for event in inbox.batches[0]} == {0}


def test_batches_hold_up_to_a_hundred_events() -> None:
    inbox = Inbox()
    account, sender = sending(inbox)
    for _ in range(230):
        account.create("deals", DEAL)
    account.drain_webhooks()
    assert [len(batch) for batch in inbox.batches] == [100, 100, 30]
    assert sender.delivered == 230


@pytest.mark.parametrize("answer", [400, 401, 404, 429, 500, 503, 301, ConnectionError("lost")])
def test_anything_but_success_is_retried(answer: Any) -> None:
    inbox = Inbox(answer, answer)
    account, sender = sending(inbox)
    account.create("deals", DEAL)
    account.drain_webhooks()
    assert [batch[0]["attemptNumber"] for batch in inbox.batches] == [0, 1, 2]
    assert sender.delivered == 1


def test_ten_retries_and_then_never_again() -> None:
    inbox = Inbox(*[500] * 50)
    account, sender = sending(inbox)
    account.create("deals", DEAL)
    account.drain_webhooks()
    assert [batch[0]["attemptNumber"] for batch in inbox.batches] == list(range(11))
    assert (sender.given_up, sender.pending()) == (1, 0)


def test_a_retry_may_come_in_another_batch() -> None:
    inbox = Inbox(500)
    account, _ = sending(inbox)
    account.create("deals", DEAL)
    account.create("deals", DEAL)
    account.drain_webhooks()
    assert len(inbox.batches[0]) == 2
    assert sorted(len(batch) for batch in inbox.batches[1:]) == [1, 1]


@pytest.mark.parametrize("afresh", [True, False])
def test_a_retry_is_signed_afresh_by_switch(afresh: bool) -> None:
    inbox = Inbox(500)
    account, sender = sending(inbox, Switches(retries_signed_afresh=afresh))
    account.create("deals", DEAL)
    sender.pump(1)
    account.clock.advance(hours=1)  # type: ignore[attr-defined]
    sender.pump()
    first, second = (int(headers["X-HubSpot-Request-Timestamp"]) for _, headers, _ in inbox.requests)
    assert second - first == (3_600_000 if afresh else 0)


def test_trouble_copies_each_event_in_other_requests() -> None:
    inbox = Inbox()
    account, sender = sending(inbox, trouble=WebhookTrouble(copies=3, shuffle=True, seed=4))
    for _ in range(20):
        account.create("deals", DEAL)
    account.drain_webhooks()
    delivered = [event["objectId"] for batch in inbox.batches for event in batch]
    assert sender.delivered == 60
    assert {delivered.count(key) for key in set(delivered)} == {3}
    assert all(len({event["objectId"] for event in batch}) == len(batch) for batch in inbox.batches)
    assert delivered != sorted(delivered)


def test_trouble_drops_by_seed() -> None:
    def lost(seed: int) -> list[int]:
        inbox = Inbox()
        account, sender = sending(inbox, trouble=WebhookTrouble(drop=0.5, seed=seed))
        for _ in range(40):
            account.create("deals", DEAL)
        account.drain_webhooks()
        assert sender.dropped + sender.delivered == 40
        assert 0 < sender.dropped < 40
        return [event["objectId"] for batch in inbox.batches for event in batch]

    assert lost(1) == lost(1)
    assert lost(1) != lost(2)


def test_a_delay_holds_an_event_back() -> None:
    now = [0.0]
    inbox = Inbox()
    account, sender = sending(inbox, trouble=WebhookTrouble(delay_ms=(500, 500)), monotonic_ms=lambda: now[0])
    account.create("deals", DEAL)
    assert sender._take() == []
    now[0] = 500
    assert len(sender._take()) == 1


def test_by_a_turned_clock_what_is_new_is_ready_at_once_and_a_retry_when_its_time_comes() -> None:
    now = [0.0]
    inbox = Inbox(503)
    account, sender = sending(inbox, trouble=WebhookTrouble(delay_ms=(500, 500)), monotonic_ms=lambda: now[0])
    assert (sender.ready(), sender.next_retry()) == (False, None)
    account.create("deals", DEAL)
    assert (sender.ready(), sender.next_retry()) == (True, None)
    sender.pump(1)
    due = sender.next_retry()
    assert due is not None
    assert not sender.ready()
    now[0] = due
    assert sender.ready()


@pytest.mark.parametrize("honoured", [True, False])
def test_retry_after_counts_by_switch(honoured: bool) -> None:
    inbox = Inbox((429, {"Retry-After": "3600"}))
    account, sender = sending(inbox, Switches(webhooks_honour_retry_after=honoured), monotonic_ms=lambda: 0.0)
    account.create("deals", DEAL)
    sender.pump(1)
    assert (sender._heap[0].due_ms == 3_600_000) is honoured


def test_a_target_must_be_https_or_local() -> None:
    account = HubSpotAccount()
    for wrong in ("http://hooks.example.com/x", "ftp://hooks.example.com"):
        with pytest.raises(Refusal, match=r"\[hubspot.md 1.1\]"):
            WebhookSender(account, wrong, SECRET)
    with pytest.raises(Refusal, match=r"\[hubspot.md 1.4\]"):
        WebhookSender(account, URL, SECRET, max_concurrent_requests=5)
    with pytest.raises(ValueError, match="allowed: copies"):
        WebhookTrouble.from_mapping({"loss": 1})
    assert account.feed.receivers == []


class Receiver:
    """A small HTTP server that refuses the first requests."""

    def __init__(self, failures: int) -> None:
        self.bodies: list[bytes] = []
        self.signed: list[bool] = []
        outer, lock = self, threading.Lock()
        left = [failures]

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stamp = self.headers["X-HubSpot-Request-Timestamp"]
                with lock:
                    outer.bodies.append(body)
                    signature = sign_v3(SECRET, "POST", outer.url, body, stamp)
                    outer.signed.append(self.headers["X-HubSpot-Signature-v3"] == signature)
                    status = 503 if left[0] > 0 else 200
                    left[0] -= 1
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hubspot/webhook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_over_http_in_threads_with_control_by_http() -> None:
    import urllib3

    receiver = Receiver(failures=3)
    served = serve(HubSpotAccount())
    http = urllib3.PoolManager()
    try:
        order = {"target_url": receiver.url, "client_secret": SECRET, "trouble": {"copies": 2}}
        answer = http.request("POST", f"{served.url}/_sandbox/webhooks", json=order)
        assert answer.status == 200
        assert answer.json()["senders"][0]["target_url"] == receiver.url
        for number in range(10):
            served.account.create("deals", {**DEAL, "dealname": f"Deal {number}"})
        drained = http.request("POST", f"{served.url}/_sandbox/webhooks/drain")
        assert drained.json() == {"drained": True}
        state = http.request("GET", f"{served.url}/_sandbox/webhooks").json()
        assert state["senders"][0]["delivered"] == 2 * state["events"]
        assert all(receiver.signed)
        wrong = http.request("POST", f"{served.url}/_sandbox/webhooks", json={"trouble": {"loss": 1}})
        assert (wrong.status, "allowed" in wrong.json()["error"]) == (400, True)
        assert http.request("DELETE", f"{served.url}/_sandbox/webhooks").status == 204
        assert served.account.feed.receivers == []
    finally:
        http.clear()
        served.stop()
        receiver.stop()
