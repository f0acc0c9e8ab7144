"""What runs in ministack's process: ministack itself, mended where a queue of AWS behaves otherwise.

- It leaves as soon as standard input is closed: the parent is gone, however it went.
- A long poll sees a new message at once, as SQS does. ministack looks ten times a second; here it is woken by the same
  signal that ministack gives its own pollers, and looks by itself only for messages whose time comes.
- A message is hidden for as long as its queue says when it is received, not when the poll for it began.
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

# How late a delayed message, or one that comes back, may be seen.
_LOOK_SECONDS = 0.05

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


threading.Thread(target=_wait_for_parent, daemon=True).start()
sqs.asyncio = types.SimpleNamespace(**{**vars(asyncio), "sleep": _nap})
_announce_to_polls_too()
_hide_as_the_queue_says_now()
eventbridge._put_events.__defaults__ = (True,)
sys.argv = ["ministack"]
# Its modules and descriptions stay for good; of what requests leave behind hardly anything is a cycle.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
main()
