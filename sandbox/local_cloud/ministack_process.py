"""What runs in ministack's process: ministack itself, mended where a queue of AWS behaves otherwise.

- It leaves as soon as standard input is closed: the parent is gone, however it went.
- A long poll sees a new message at once, as SQS does. ministack looks ten times a second; here it is woken by the same
  signal that ministack gives its own pollers, and looks by itself only for messages whose time comes.
- A message is hidden for as long as its queue says when it is received, not when the poll for it began.
- The CDK's own command deploys our templates as they are: types that ministack does not know, and alarms with metric
  math, become resources of which nothing but CloudFormation knows. Nothing local could notice their absence: nobody is
  asked for permission, and CloudWatch's own metrics of queues are not there.
- The simulated vendors play AWS itself, so they may publish events of ``aws.*`` sources, which PutEvents refuses to
  everybody else.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import sys
import threading
import types
from typing import Any

from ministack.app import main
from ministack.core.concurrency import esm_wake
from ministack.services import eventbridge, sqs
from ministack.services.cloudformation import provisioners

UNNOTICED = ("AWS::Events::EventBusPolicy", "AWS::WAFv2::WebACLAssociation")

# How late a delayed message, or one that comes back, may be seen. A world has two dozen polls that look this often.
_LOOK_SECONDS = 0.2

_waiting: set[asyncio.Future[None]] = set()
_loops: list[asyncio.AbstractEventLoop] = []
_queue_decides = contextvars.ContextVar("whether the queue says how long a message is hidden", default=False)


def _wait_for_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


async def _nap(seconds: float) -> None:
    """Until a message has arrived anywhere, or the time has passed."""
    loop = asyncio.get_running_loop()
    _loops[:] = [loop]
    woken = loop.create_future()
    timer = loop.call_later(min(seconds, _LOOK_SECONDS), _wake, woken)
    _waiting.add(woken)
    try:
        await woken
    finally:
        timer.cancel()
        _waiting.discard(woken)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


def _wake_all() -> None:
    for woken in _waiting:
        _wake(woken)


def _announce_to_polls_too() -> None:
    """Queues get messages in any thread; what waits for them is woken in the loop's own."""
    announce = esm_wake.set

    def announce_to_all() -> None:
        announce()
        for loop in _loops:
            loop.call_soon_threadsafe(_wake_all)

    esm_wake.set = announce_to_all


def _hide_as_the_queue_says_now() -> None:
    receive, collect = sqs._HANDLERS["ReceiveMessage"], sqs._collect_msgs

    async def receive_and_say(data: dict[str, Any], url: str) -> Any:
        token = _queue_decides.set(data.get("VisibilityTimeout") is None)
        try:
            return await receive(data, url)
        finally:
            _queue_decides.reset(token)

    def collect_now(queue: dict[str, Any], most: int, seconds: int) -> Any:
        now = int(queue["attributes"].get("VisibilityTimeout", seconds)) if _queue_decides.get() else seconds
        return collect(queue, most, now)

    sqs._HANDLERS["ReceiveMessage"], sqs._collect_msgs = receive_and_say, collect_now


def _accept_what_nothing_notices() -> None:
    def named(logical_id: str, _properties: Any, stack: str) -> tuple[str, dict[str, str]]:
        return f"{stack}-{logical_id}", {}

    def kept(physical_id: str, *_: Any, **__: Any) -> tuple[str, dict[str, str]]:
        return physical_id, {}

    def forgotten(*_: Any, **__: Any) -> None:
        return None

    handlers = provisioners._RESOURCE_HANDLERS
    for kind in UNNOTICED:
        handlers.setdefault(kind, {"create": named, "update": kept, "delete": forgotten})
    alarm = handlers["AWS::CloudWatch::Alarm"]
    create, update, delete = alarm["create"], alarm["update"], alarm["delete"]
    alarm["create"] = lambda name, properties, stack: (
        named(name, properties, stack) if "Metrics" in properties else create(name, properties, stack)
    )
    alarm["update"] = lambda physical_id, old, new, *rest, **more: (
        kept(physical_id) if "Metrics" in new else update(physical_id, old, new, *rest, **more)
    )
    alarm["delete"] = lambda physical_id, properties, *rest: (
        None if "Metrics" in (properties or {}) else delete(physical_id, properties, *rest)
    )


threading.Thread(target=_wait_for_parent, daemon=True).start()
sqs.asyncio = types.SimpleNamespace(**{**vars(asyncio), "sleep": _nap})
_announce_to_polls_too()
_hide_as_the_queue_says_now()
_accept_what_nothing_notices()
eventbridge._put_events.__defaults__ = (True,)
sys.argv = ["ministack"]
# Its modules and descriptions stay for good; of what requests leave behind hardly anything is a cycle.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
main()
