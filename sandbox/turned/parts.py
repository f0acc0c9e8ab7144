"""The ledger's adapters, the queues and the clock, of which all functions of a world are made."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdas.shared.adapters.ledger import (
    Audit,
    Base,
    Invitations,
    Leases,
    Links,
    Origins,
    Quarantine,
    Runs,
    Seen,
    Watermarks,
    WriteQuota,
)
from lambdas.shared.adapters.queues import Queue
from lambdas.shared.handlers.turn import Turn

LEDGER, RUNS, AUDIT = "ledger", "runs", "audit"
NOTICES, INVITATIONS, POLLS = "notices", "invitations", "polls"
SUBMISSIONS = "submissions"

Function = Callable[[Mapping[str, Any]], Any]


def inbox_of(partner: str) -> str:
    """The name of a partner's inbox."""
    return f"{partner}.inbox"


INBOX = inbox_of("aws")
LOOKS = ("summary", "notifications", "resources", "engagement")
"""Kinds of looks; which of them are wired, ``sandbox.turned.looks`` says."""


def look_inbox_of(kind: str) -> str:
    """The name of the inbox of a kind of look at AWS."""
    return f"aws.look.{kind}"


class Parts:
    """Adapters on the world's ledger client, queues and clock; ``sleep`` lets the others go on meanwhile."""

    def __init__(
        self,
        ledger: Any,
        sqs: Any,
        clock: Any,
        dice: random.Random,
        sleep: Callable[[float], None],
        partners: Iterable[str],
    ) -> None:
        no_sleep: Callable[[float], None] = lambda _seconds: None  # noqa: E731
        self.store = ledger
        self.links = Links(ledger, LEDGER, clock, sleep=no_sleep)
        self.leases = Leases(ledger, LEDGER, clock, sleep=no_sleep)
        self.base, self.runs, self.audit = (
            Base(ledger, LEDGER),
            Runs(ledger, RUNS, clock),
            Audit(ledger, AUDIT, clock, ledger=LEDGER, sleep=no_sleep),
        )
        self.watermarks, self.quota = Watermarks(ledger, LEDGER), WriteQuota(ledger, LEDGER, clock)
        self.origins, self.seen = Origins(ledger, LEDGER), Seen(ledger, LEDGER, clock)
        self.invitations = Invitations(ledger, LEDGER, "aws", clock)
        self.quarantine = Quarantine(ledger, LEDGER, clock)
        names = (NOTICES, INVITATIONS, POLLS, SUBMISSIONS, *map(inbox_of, partners), *map(look_inbox_of, LOOKS))
        self.queues = {name: Queue(sqs, name, sleep=no_sleep) for name in names}
        self.clock = clock
        self.turn = Turn(clock, sleep)
        self.token = lambda: f"{dice.getrandbits(64):016x}"
        self.hubspot: Any = None
        """The product's adapter, once HubSpot stands."""

    def inbox(self, partner: str) -> Queue:
        """A partner's inbox."""
        return self.queues[inbox_of(partner)]


def bound(work: Callable[..., Any], collaborators: Any) -> Function:
    """The function, ready to be called with an event."""
    return lambda event: work(event, collaborators)
