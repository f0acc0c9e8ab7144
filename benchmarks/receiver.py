"""A burst of webhooks at the deployed API: what is accepted, how fast, and whether all of it lies in the queue."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import urllib3

from benchmarks.arithmetic import percentile
from benchmarks.templates import functions
from sandbox.assembly import STAGE, sandbox_assembly
from sandbox.hubspot.signatures import delivery_headers
from sandbox.world import CLIENT_SECRET, World

_CONCURRENCY = 10  # HubSpot's own, unless an app asks for another
_FIRST_ID = 700_000_000
_HANDLER = "lambdas.shared.handlers.receive_webhook.handler"
BASELINES = {
    "function": "one message sent to the same queue, ten at a time",
    "request": "the same door refusing what is no webhook (404, before signature and queue)",
}


def measure(webhooks: int = 1_000) -> dict[str, Any]:
    """``webhooks`` requests of one event each, signed, ten at a time; then the notices in the queue are counted.

    Times in ms: ``function``, of the handler alone, and ``request``, over HTTP through the local cloud's API. Each also
    as ratio to its own of ``BASELINES`` in the same run.
    """
    with World() as world, _router_off(world):
        name = next(one.name for one in functions(sandbox_assembly()) if one.handler == _HANDLER)
        _send(world, range(20), _signed)  # starts the workers
        _drain(world)
        some = range(max(100, webhooks // 10))
        bare = _phase(world, name, some, _refused) | {"function": _sends(world, some)}
        _drain(world)
        ids = range(_FIRST_ID, _FIRST_ID + webhooks)
        signed = _phase(world, name, ids, _signed)
        notices = _drain(world)
    # What was refused is delivered again by HubSpot; lost is what was promised and is not there.
    promised = {str(one) for one, status in zip(ids, signed["statuses"], strict=True) if status == 200}
    return {
        "baselines": BASELINES,
        "webhooks": webhooks,
        "accepted": signed["statuses"].count(200),
        "answered": {str(status): count for status, count in sorted(Counter(signed["statuses"]).items())},
        "per_second": round(webhooks / signed["seconds"], 1),
        "notices": len(notices),
        "lost": len(promised - set(notices)),
        "duplicates": len(notices) - len(set(notices)),
        **{
            f"{what}_{share}_ms": round(percentile(signed[what], number), 1)
            for what in ("function", "request")
            for share, number in (("p50", 0.5), ("p99", 0.99))
        },
        **{
            f"{what}_{share}_to_baseline": round(percentile(signed[what], number) / percentile(bare[what], number), 2)
            for what in ("function", "request")
            for share, number in (("p50", 0.5), ("p99", 0.99))
        },
    }


def _phase(world: World, function: str, ids: range, request: Callable[[World, int], Any]) -> dict[str, Any]:
    before = len(world.cloud.counters[function].durations_ms)
    began = time.monotonic()
    statuses, times = _send(world, ids, request)
    return {
        "seconds": time.monotonic() - began,
        "statuses": statuses,
        "request": times,
        "function": list(world.cloud.counters[function].durations_ms)[before:] or [0.0],
    }


def _send(world: World, ids: range, request: Callable[[World, int], Any]) -> tuple[list[int], list[float]]:
    pool = urllib3.PoolManager(maxsize=_CONCURRENCY, retries=False)

    def one(number: int) -> tuple[int, float]:
        url, headers, body = request(world, number)
        began = time.monotonic()
        answer = pool.request("POST", url, body=body, headers=headers, timeout=60)
        return answer.status, (time.monotonic() - began) * 1000

    with ThreadPoolExecutor(_CONCURRENCY) as threads:
        answered = list(threads.map(one, ids))
    return [status for status, _ in answered], [took for _, took in answered]


def _sends(world: World, ids: range) -> list[float]:
    """Milliseconds of single sends to the notices queue, with what the receiver would put there."""
    client, url = world.cloud.client("sqs"), world.outputs["NoticesQueueUrl"]

    def one(number: int) -> float:
        event = {"kind": "propertyChange", "object": "deal", "id": str(number), "property": "dealname", "own": False}
        body = json.dumps({"source": "hubspot", "correlation_id": "benchmark", "limit_to": None, "events": [event]})
        began = time.monotonic()
        client.send_message(QueueUrl=url, MessageBody=body)
        return (time.monotonic() - began) * 1000

    with ThreadPoolExecutor(_CONCURRENCY) as threads:
        return list(threads.map(one, ids))


def _signed(world: World, number: int) -> tuple[str, dict[str, str], bytes]:
    now = int(time.time() * 1000)
    event = {
        "eventId": number,
        "subscriptionId": 1,
        "portalId": world.configuration.stage(STAGE).hubspot.portal_id,
        "appId": 400,
        "occurredAt": now,
        "subscriptionType": "object.propertyChange",
        "objectTypeId": "0-3",
        "objectId": number,
        "propertyName": "dealname",
        "propertyValue": "A name that is not kept",
        "changeSource": "CRM_UI",
        "attemptNumber": 0,
    }
    body = json.dumps([event]).encode()
    return world.webhook_url, delivery_headers(CLIENT_SECRET, world.webhook_url, body, now), body


def _refused(world: World, _number: int) -> tuple[str, dict[str, str], bytes]:
    return f"{world.webhook_url}/nobody", {"Content-Type": "application/json"}, b"[]"


def _drain(world: World) -> list[str]:
    """Take every notice out of the queue; the ids of the objects that they name."""
    found: list[str] = []
    lock, client, url = threading.Lock(), world.cloud.client("sqs"), world.outputs["NoticesQueueUrl"]

    def take(_worker: int) -> None:
        while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            entries = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(messages)]
            client.delete_message_batch(QueueUrl=url, Entries=entries)
            with lock:
                found.extend(event["id"] for one in messages for event in json.loads(one["Body"])["events"])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(take, range(4)))
    return found


@contextmanager
def _router_off(world: World) -> Iterator[None]:
    """Notices stay in their queue; nothing else takes part in the burst."""
    client = world.cloud.client("lambda")
    for one in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=one["UUID"], Enabled=False)
    yield
