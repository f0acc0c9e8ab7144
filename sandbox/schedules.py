"""The deployed schedules, which the local cloud does not run: each poll, every few seconds."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from sandbox.world import World

POLLS = (
    "aws.due",
    "aws.opportunities",
    "aws.invitations",
    "aws.solutions",
    "aws.summary",
    "aws.notifications",
    "aws.resources",
    "aws.engagement",
    "microsoft.due",
    "microsoft.opportunities",
    "microsoft.token",
    "google.due",
    "google.opportunities",
    "hubspot.deals",
    "dead-letters.due",
    "dead-letters.tell",
)

_PARTNERS = ("aws", "microsoft", "google")


@contextmanager
def schedules(world: World, every_seconds: float) -> Generator[None]:
    """The clock runs while ``with`` does: polls repair what webhooks and events missed; Google has nothing else.

    The first round is sent before the body runs: of each poll it only sets the watermark. A round waits until the one
    before was read, which in minutes it always was: polls that pile up would be received until they are dead letters.
    """
    done = threading.Event()

    def sweep() -> None:
        while not done.wait(every_seconds):
            if world.is_empty("PollQueueUrl"):
                send()

    def send() -> None:
        for what in POLLS:
            if _is_deployed(world, what):
                world.poll(what)

    send()
    thread = threading.Thread(target=sweep, name="schedules", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _is_deployed(world: World, poll: str) -> bool:
    partner = poll.partition(".")[0]
    return partner not in _PARTNERS or f"{partner.capitalize()}InboxUrl" in world.outputs
