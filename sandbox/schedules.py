"""The deployed schedules, which the local cloud does not run: each poll, every few seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from sandbox.world import World

_LOG = logging.getLogger(__name__)
_QUEUE = "PollQueueUrl"
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
    done, clock = threading.Event(), _Clock(world)

    def sweep() -> None:
        while not done.wait(every_seconds):
            clock.tick()

    clock.send()
    thread = threading.Thread(target=sweep, name="schedules", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


class _Clock:
    """One round after the other. While the poll queue is gone, as after ``cdk destroy``, there is none."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._gone = False

    def tick(self) -> None:
        """A round, if the one before was read. That the queue is gone is said once, not at each tick."""
        try:
            if self._world.is_empty(_QUEUE):
                self.send()
        except (ClientError, KeyError) as error:
            if not _says_gone(error):
                raise
            if not self._gone:
                _LOG.warning("The poll queue is gone: nothing is polled until the sync is deployed again.")
            self._gone = True
        else:
            self._gone = False

    def send(self) -> None:
        """Every poll of what is deployed."""
        for what in POLLS:
            if _is_deployed(self._world, what):
                self._world.poll(what)


def _says_gone(error: ClientError | KeyError) -> bool:
    """While its stack goes the queue is not there; afterwards no stack has an output that names it."""
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        return code.endswith(("QueueDoesNotExist", "NonExistentQueue"))  # how SQS names it now, and did before
    return error.args == (_QUEUE,)


def _is_deployed(world: World, poll: str) -> bool:
    partner = poll.partition(".")[0]
    return partner not in _PARTNERS or f"{partner.capitalize()}InboxUrl" in world.outputs
