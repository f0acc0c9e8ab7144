"""Dead letters: what each is about, whether its cause passes by itself, and what is to become of it next.

The one place that knows: the recorder only puts a letter on record, the sweep asks here, the command shows what stands
here. A letter waits until its work is done after all: by our own wake (a cause that passes), by the next notice (the
fix itself), or because a person decides.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, Self

from lambdas.shared.domain.link import Link

Kind = Literal["transient", "permanent"]
State = Literal["waiting", "replayed", "replaced", "resolved", "dropped"]

STATES: tuple[State, ...] = ("waiting", "replayed", "replaced", "resolved", "dropped")
"""``waiting``: to be done yet. ``replayed``: its message was sent again; should that die too, it is a new letter.
``replaced``: a younger letter of the same link and work stands for it. ``resolved``: done after all.
``dropped``: by a person."""
KINDS: tuple[Kind, ...] = ("transient", "permanent")

DAY_MS = 86_400_000
TURN_MS = 15 * 60_000
"""Between two looks whether the work of a waiting letter was done after all."""
MARK = "letter"
"""What a message carries that was sent again: how often its work was woken, and the first letter of it."""
_NOT_ASKED = frozenset({MARK, "correlation_id", "why", "busy"})
"""Who woke the work, and how often it came back because another was at it."""


class Work(Enum):
    """What a letter asks for, by the queue that gave it up."""

    LINK = "link"
    """A run of a link: the link itself is the work list, so raising it is enough, and shows when it is done."""
    MESSAGE = "message"
    """What stands in the message and nowhere else: a notice, an invitation, a look, a submission."""
    POLL = "poll"
    """A page that is read on a clock, from a watermark: the schedule comes again."""
    EVENT = "event"
    """An event that a rule could not deliver: the polls find what it was about."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One class of causes. ``most_wakes``: fewer than usual. ``means`` and ``do`` are the runbook's words."""

    name: str
    kind: Kind
    means: str
    do: str
    most_wakes: float = math.inf


_LOOK_UP = "Read the execution that the letter names, in the log of its machine. Once the fault is repaired, replay it."
CAUSES: Mapping[str, Cause] = {
    one.name: one
    for one in (
        Cause(
            "throttled",
            "transient",
            "a service took no more calls for longer than a run can wait",
            "Nothing: it is tried again later and later. If it lasts, look for whatever uses up that service's quota.",
        ),
        Cause(
            "unavailable",
            "transient",
            "a service failed, or did not answer in time",
            "Nothing: it is tried again later and later. If it lasts, look at the service's own status.",
        ),
        Cause(
            "unauthorized",
            "transient",
            "credentials or a permission were refused",
            "Put the credentials right (docs/operations.md, Token dead); it is tried again by itself.",
        ),
        Cause(
            "moving",
            "transient",
            "the record kept changing while it was worked on",
            "Nothing: it is tried again later and later. If it lasts, look for a second program that writes there.",
        ),
        Cause(
            "unreported",
            "transient",
            "no run left a report: it took too long, or was never begun",
            "It is tried again once. If it dies again, look for timed-out executions of the machine at that time.",
            most_wakes=1,
        ),
        Cause("fault", "permanent", "a fault in cosell-sync or an answer that it cannot read", _LOOK_UP),
        Cause(
            "unreadable",
            "permanent",
            "the message itself cannot be read",
            "Look at the body and at who sent it. What it was about is found by the next change or poll; then drop it.",
        ),
        Cause(
            "unknown-link",
            "permanent",
            "the message names a link that the ledger does not have",
            "It was deleted, or the message is of another stage. Drop the letter; a change of the deal links anew.",
        ),
        Cause(
            "refused",
            "permanent",
            "a vendor refused it, and no person was told so by the run",
            "Read the cause: it names what was refused. Repair that, then replay.",
        ),
        Cause(
            "undelivered",
            "permanent",
            "a rule could not deliver an event",
            "Look for a changed policy or key of the rule's target. The polls find what the event was about.",
        ),
    )
}

_BY_ERROR = {
    "Throttled": "throttled",
    "Lambda.TooManyRequestsException": "throttled",
    "DynamoDB.ProvisionedThroughputExceededException": "throttled",
    "DynamoDB.RequestLimitExceeded": "throttled",
    "DynamoDB.ThrottlingException": "throttled",
    "Retryable": "unavailable",
    "States.Timeout": "unavailable",
    "Sandbox.Timedout": "unavailable",
    "Runtime.ExitError": "unavailable",
    "DynamoDB.InternalServerErrorException": "unavailable",
    "DynamoDB.TransactionConflictException": "unavailable",
    "DynamoDB.SdkClientException": "unavailable",
    "SQS.AmazonSQSException": "unavailable",
    "SQS.SdkClientException": "unavailable",
    "Unauthorized": "unauthorized",
    "Conflict": "moving",
    "Unknown": "unreported",
    "States.QueryEvaluationError": "unreadable",
    "JSONDecodeError": "unreadable",
    "UnknownLink": "unknown-link",
    "Rejected": "refused",
    "NotFound": "refused",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """How a cause that passes is waited out: the first delay, doubling up to the longest, so many wakes at most."""

    first_ms: int = 5 * 60_000
    longest_ms: int = 6 * 3_600_000
    most_wakes: int = 12

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From the settings document's ``dead_letters``."""
        return cls(settings["first_minutes"] * 60_000, settings["longest_minutes"] * 60_000, settings["most_wakes"])

    def delay_ms(self, wakes: int) -> int:
        """How long to wait before the next wake, after so many."""
        return min(self.longest_ms, self.first_ms * 2 ** min(wakes, 30))


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that failed too often, with the last failure's error, cause and execution where one was noted.

    ``queue`` is the short name of the queue (``aws-inbox``), ``first`` the id of the first letter of the same trouble,
    ``wakes`` how often that was woken by us, ``count`` for how many letters this one stands. ``generation``: the link's
    ``done`` at which the work counts as done. ``woken_at``: this letter's own wake; ``told_at``: since when the deal
    says it. Times are epoch milliseconds.
    """

    message_id: str
    queue_url: str
    body: str
    receive_count: int
    registered_at: int
    state: State = "waiting"
    error: str | None = None
    cause: str | None = None
    execution: str | None = None
    link: str | None = None
    queue: str | None = None
    kind: Kind | None = None
    due_at: int | None = None
    wakes: int = 0
    count: int = 1
    first: str | None = None
    generation: int | None = None
    woken_at: int | None = None
    told_at: int | None = None
    decided_at: int | None = None
    next: str | None = None

    @property
    def named(self) -> str:
        """The letter by which people know this trouble: its first one, so that what they read stays the same."""
        return self.first or self.message_id


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a waiting letter: ``do`` it, and look again at ``due_at`` (None: a person decides)."""

    do: Literal["wait", "wake", "resolve", "hold"]
    kind: Kind
    due_at: int | None = None


def work_of(letter: DeadLetter) -> Work:
    """What the letter asks for. A letter without the name of its queue (of an older version) is a message."""
    name = letter.queue or ""
    if name == "polls":
        return Work.POLL
    if name.endswith("-undelivered"):
        return Work.EVENT
    return Work.LINK if name.endswith("-inbox") and letter.link else Work.MESSAGE


def cause_of(letter: DeadLetter) -> Cause:
    """The class of its cause. What nobody has classified is a fault: better a person too many than one too few."""
    if (letter.queue or "").endswith("-undelivered"):
        return CAUSES["undelivered"]
    name = _BY_ERROR.get(letter.error or "Unknown")
    if name is None:
        name = "unavailable" if (letter.error or "").startswith("Lambda.") else "fault"
    return CAUSES[name]


def first_verdict(letter: DeadLetter, wakes: int, policy: Policy, now_ms: int, *, settled: bool = False) -> Verdict:
    """Of a letter that nobody has looked at yet; its work was woken ``wakes`` times before.

    ``settled``: its link has nothing left to do, since another message's run did the work while this one died.
    """
    cause, work = cause_of(letter), work_of(letter)
    if settled or (cause.kind == "transient" and work is Work.POLL):
        return Verdict("resolve", cause.kind)
    if cause.kind == "transient" and wakes < min(policy.most_wakes, cause.most_wakes):
        return Verdict("wait", "transient", max(now_ms, letter.registered_at + policy.delay_ms(wakes)))
    return hold(letter, now_ms)


def next_verdict(letter: DeadLetter, *, settled: bool, known: bool, now_ms: int) -> Verdict:
    """Of a letter whose time has come. ``settled``: its link has done the work since; ``known``: there is that link."""
    work = work_of(letter)
    if work in (Work.POLL, Work.EVENT) or settled:
        return Verdict("resolve", letter.kind or "permanent")
    if work is Work.LINK and not known:
        return Verdict("hold", "permanent")
    if letter.kind == "permanent":
        return hold(letter, now_ms)
    # The raised link is due until it is done, and a run that dies leaves a younger letter: nothing to repeat.
    return Verdict("wait", "transient", now_ms + TURN_MS) if letter.woken_at else Verdict("wake", "transient")


def hold(letter: DeadLetter, now_ms: int) -> Verdict:
    """A person has to act. Until then we look now and then whether the work was done after all, where that shows."""
    work = work_of(letter)
    due = {Work.LINK: now_ms + TURN_MS, Work.POLL: now_ms + DAY_MS, Work.EVENT: now_ms + DAY_MS}
    return Verdict("hold", "permanent", due.get(work))


def asks_the_same(letter: DeadLetter) -> str | None:
    """What two letters of one link have in common when one of them is enough, as a text: for a run of the link nothing
    more; else queue, class of cause and all that the message asks for. None for a letter that stands by itself.
    """
    message = message_of(letter.body)
    if letter.link is None or message is None or work_of(letter) not in (Work.LINK, Work.MESSAGE):
        return None
    if work_of(letter) is Work.LINK:
        return ""
    asks = {name: value for name, value in message.items() if name not in _NOT_ASKED}
    return f"{letter.queue} {cause_of(letter).name} {json.dumps(asks, sort_keys=True)}"


def earlier_wakes(body: str) -> tuple[int, str | None]:
    """How often a message that was sent again had been woken, and the first letter of it; (0, None) for any other."""
    message = message_of(body)
    mark = (message or {}).get(MARK)
    if not isinstance(mark, Mapping) or not isinstance(mark.get("wakes"), int):
        return 0, None
    return mark["wakes"], mark.get("first")


def message_of(body: str) -> dict[str, Any] | None:
    """The message, or None where it is no JSON object."""
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def nothing_left(link: Link) -> bool:
    """Whether a link is settled, and no run of it failed since."""
    return link.done >= link.wanted and link.last_error is None and link.lease_owner is None


def generation_after(wanted: int, done: int) -> int:
    """At which ``done`` a link has done what failed: all that is wanted now, and by one more run at least."""
    return max(wanted, done + 1)


def status_text(letter: DeadLetter, partner: str) -> str:
    """What the deal says while a person has to act; ``partner`` is its label. It stays the same for one trouble."""
    return (
        f"The last changes could not be brought to {partner}: {cause_of(letter).means}. The deal itself is all right. "
        f"Please tell whoever runs cosell-sync: dead letter {letter.named}. A change of the deal tries again."
    )


def task_text(letter: DeadLetter, partner: str) -> tuple[str, str]:
    """Subject and plain text of the task on the deal."""
    what = "brought" if work_of(letter) is Work.LINK else "completed"
    text = (
        f"Work with {partner} on this deal ({letter.queue}) could not be {what}: {cause_of(letter).means}. "
        f"For whoever runs cosell-sync: `cosell dlq show {letter.named}` says what to do, and "
        f"`cosell dlq replay {letter.named}` tries again."
    )
    return f"cosell-sync needs help with {partner}", text
