"""Deliver webhook events: batches, signatures, retries, duplicates (hubspot.md 1.4, 2).

One ``WebhookSender`` delivers for our app, either in threads over HTTP (``start``), or on the caller's thread and
without any waiting (``pump``), which is what in-process tests use with a ``deliver`` of their own.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3

from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.events import Event
from sandbox.hubspot.facts import FACTS
from sandbox.hubspot.refusals import invalid
from sandbox.hubspot.signatures import delivery_headers
from sandbox.hubspot.trouble import WebhookTrouble

MAX_RETRIES: int = FACTS["webhook"]["max_retries"]
CONCURRENCY: int = FACTS["webhook"]["default_concurrency"]
DOCUMENTED_TIMEOUT_S: float = FACTS["webhook"]["documented_timeout_s"]
QUICK_SCHEDULE_MS = (50, 100, 200, 400, 800, 1_600, 3_000, 5_000, 8_000, 10_000)
A_DAYS_SCHEDULE_MS = tuple(60_000 * minutes for minutes in (1, 3, 7, 15, 30, 60, 120, 240, 360, 480))
"""Ten retries over the day that HubSpot tells of; how it spreads them over that day is not documented."""
RETRY_OFFSET = 0.2

Reply = int | tuple[int, Mapping[str, str]]
Deliver = Callable[[str, Mapping[str, str], bytes], Reply]


@dataclass(order=True, slots=True)
class _Waiting:
    due_ms: float
    order: float
    event: Event = field(compare=False)
    attempt: int = field(compare=False, default=0)
    first_timestamp: int | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt of one request, for the record. ``status`` 0 = no answer."""

    at: int
    events: int
    attempt: int
    status: int


class WebhookSender:
    """Delivers the account's events to one target URL.

    ``target_url`` is what is signed (HTTPS, or a loopback address); ``deliver_to`` is where it is sent if that differs.
    ``deliver(url, headers, body)`` returns a status (or status and headers) and may raise for a lost connection; the
    default posts over HTTP. ``retry_schedule_ms`` are the gaps before each of the up to ten retries; each notification
    adds a random offset of its own. ``monotonic_ms`` is the clock of the waiting (timestamps come from the account's).
    """

    def __init__(
        self,
        account: HubSpotAccount,
        target_url: str,
        client_secret: str,
        *,
        deliver_to: str | None = None,
        deliver: Deliver | None = None,
        trouble: WebhookTrouble | None = None,
        retry_schedule_ms: Sequence[int] = QUICK_SCHEDULE_MS,
        max_concurrent_requests: int = CONCURRENCY,
        timeout_seconds: float = DOCUMENTED_TIMEOUT_S,
        monotonic_ms: Callable[[], float] = lambda: time.monotonic() * 1000,
    ) -> None:
        _check(target_url, max_concurrent_requests, retry_schedule_ms)
        self.account = account
        self.target_url = target_url
        self.client_secret = client_secret
        self.deliver_to = deliver_to or target_url
        self.trouble = trouble or WebhookTrouble()
        self.log: deque[Delivery] = deque(maxlen=10_000)
        self.delivered = self.dropped = self.given_up = 0
        self._deliver = deliver or http_deliver(timeout_seconds, max_concurrent_requests)
        self._schedule = tuple(retry_schedule_ms)
        self._workers = max_concurrent_requests
        self._now = monotonic_ms
        self._dice = random.Random(self.trouble.seed)
        self._numbers = itertools.count()
        self._heap: list[_Waiting] = []
        self._in_flight = 0
        self._running = False
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        account.feed.receivers.append(self)

    def enqueue(self, events: list[Event]) -> None:
        """Take events for delivery, with the trouble that is ordered."""
        with self._changed:
            for event in events:
                delays = self.trouble.delays(self._dice)
                self.dropped += not delays
                for delay in delays:
                    self._push(_Waiting(self._now() + delay, self._order(), event))
            self._changed.notify_all()

    def start(self) -> WebhookSender:
        """Deliver in background threads."""
        self._running = True
        for number in range(self._workers):
            thread = threading.Thread(target=self._work, name=f"hubspot-webhooks-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def stop(self) -> None:
        """Stop delivering and leave the account's feed; what is waiting is lost."""
        with self._changed:
            self._running = False
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()
        if self in self.account.feed.receivers:
            self.account.feed.receivers.remove(self)

    def drain(self, timeout_seconds: float = 30.0) -> bool:
        """Wait until nothing waits or is in flight; without threads, deliver it here. False = not done in time."""
        if not self._running:
            self.pump()
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._heap and not self._in_flight, timeout_seconds)

    def pump(self, most_requests: int | None = None) -> int:
        """Deliver on this thread what is waiting, in due order and without waiting; returns how many requests."""
        sent = 0
        while (most_requests is None or sent < most_requests) and (batch := self._take(anything=True)):
            self._attempt(batch)
            sent += 1
        return sent

    def pending(self) -> int:
        """How many events (copies counted) wait or are in flight."""
        with self._changed:
            return len(self._heap) + self._in_flight

    def ready(self) -> bool:
        """Whether ``pump`` has something to deliver before whose time it need not be: all but a retry to come."""
        with self._changed:
            return bool(self._heap) and (self._heap[0].attempt == 0 or self._due())

    def next_retry(self) -> float | None:
        """When the next retry is due, by the clock of the waiting; None when none waits."""
        with self._changed:
            return min((one.due_ms for one in self._heap if one.attempt), default=None)

    def status(self) -> dict[str, Any]:
        """The sender as JSON for the control page."""
        return {
            "target_url": self.target_url,
            "deliver_to": self.deliver_to,
            "pending": self.pending(),
            "delivered": self.delivered,
            "dropped": self.dropped,
            "given_up": self.given_up,
            "requests": len(self.log),
        }

    def _order(self) -> float:
        return self._dice.random() if self.trouble.shuffle else float(next(self._numbers))

    def _push(self, waiting: _Waiting) -> None:
        heapq.heappush(self._heap, waiting)

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._running and not self._due():
                    wait = (self._heap[0].due_ms - self._now()) / 1000 if self._heap else None
                    self._changed.wait(None if wait is None else max(wait, 0.001))
                if not self._running:
                    return
            batch = self._take()
            if batch:
                self._attempt(batch)

    def _due(self) -> bool:
        return bool(self._heap) and self._heap[0].due_ms <= self._now()

    def _take(self, *, anything: bool = False) -> list[_Waiting]:
        with self._changed:
            batch: list[_Waiting] = []
            horizon = self._heap[0].due_ms if anything and self._heap else self._now()
            while (
                self._heap and len(batch) < self.trouble.max_batch and self._heap[0].due_ms <= max(horizon, self._now())
            ):
                if any(one.event is self._heap[0].event for one in batch):
                    break  # a copy of an event never shares the request with it
                batch.append(heapq.heappop(self._heap))
            if self.trouble.shuffle:
                self._dice.shuffle(batch)
            self._in_flight += len(batch)
            return batch

    def _attempt(self, batch: list[_Waiting]) -> None:
        now = self.account.clock.now_ms()
        stamp = now
        if not self.account.switches.retries_signed_afresh:
            stamp = min((one.first_timestamp for one in batch if one.first_timestamp is not None), default=now)
        body = json.dumps([{**one.event, "attemptNumber": one.attempt} for one in batch], ensure_ascii=False).encode()
        headers = delivery_headers(self.client_secret, self.target_url, body, stamp)
        status, answered = self._send(headers, body)
        self.log.append(Delivery(now, len(batch), max(one.attempt for one in batch), status))
        with self._changed:
            self._in_flight -= len(batch)
            for one in batch:
                one.first_timestamp = stamp if one.first_timestamp is None else one.first_timestamp
                self._settle(one, status, answered)
            self._changed.notify_all()

    def _send(self, headers: Mapping[str, str], body: bytes) -> tuple[int, Mapping[str, str]]:
        try:
            reply = self._deliver(self.deliver_to, headers, body)
        except Exception:  # any failure of a receiver is a failed delivery
            return 0, {}
        return reply if isinstance(reply, tuple) else (reply, {})

    def _settle(self, one: _Waiting, status: int, answered: Mapping[str, str]) -> None:
        if 200 <= status < 300:
            self.delivered += 1
        elif one.attempt >= MAX_RETRIES or one.attempt >= len(self._schedule):
            self.given_up += 1
        else:
            gap = self._schedule[one.attempt] * (1 + self._dice.random() * RETRY_OFFSET)
            asked = {name.lower(): value for name, value in answered.items()}.get("retry-after", "")
            if status == 429 and asked.isdecimal() and self.account.switches.webhooks_honour_retry_after:
                gap = float(asked) * 1000
            self._push(_Waiting(self._now() + gap, self._order(), one.event, one.attempt + 1, one.first_timestamp))


def http_deliver(timeout_seconds: float, connections: int) -> Deliver:
    """Post over HTTP with kept-alive connections; no redirects, no retries of its own."""
    pool = urllib3.PoolManager(maxsize=connections, retries=False)

    def deliver(url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        answer = pool.request("POST", url, body=body, headers=dict(headers), timeout=timeout_seconds, redirect=False)
        return answer.status, dict(answer.headers)

    return deliver


def _check(target_url: str, max_concurrent_requests: int, schedule: Sequence[int]) -> None:
    parts = urlsplit(target_url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1") or (parts.hostname or "").endswith(".localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise invalid("A target URL must be HTTPS", "1.1")
    if max_concurrent_requests <= 5:
        raise invalid("maxConcurrentRequests must be above 5", "1.4")
    if len(schedule) > MAX_RETRIES:
        raise invalid(f"At most {MAX_RETRIES} retries", "1.4")
