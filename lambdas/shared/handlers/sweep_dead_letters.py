"""The sweep of dead letters: judges new ones, wakes those whose cause passes, and sees which were done after all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.shared.adapters.ledger.dead_letters import TO_TELL
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.dead_letters import (
    TURN_MS,
    DeadLetter,
    Policy,
    Verdict,
    Work,
    asks_the_same,
    cause_of,
    earlier_wakes,
    first_verdict,
    generation_after,
    hold,
    next_verdict,
    nothing_left,
    work_of,
)
from lambdas.shared.domain.link import Link
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

PAGE = 50
_NO_NAME = "none"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with; ``sqs`` is the client that sends to the queues that letters name."""

    letters: Any
    links: Any
    sqs: Any
    policy: Policy = field(default_factory=Policy)
    clock: Clock = field(default_factory=SystemClock)


def sweep_dead_letters(event: Event, c: Collaborators) -> Answer:
    """``poll`` is ``dead-letters.due``. Answer ``{"more", "count"}``; ``count`` are the letters that were looked at.

    Each letter is claimed for two minutes before anything is done about it, so that a crash repeats a wake and loses
    none; a wake that is repeated does no harm.
    """
    ids = c.letters.due(c.clock.now_ms(), PAGE)
    seen = 0
    for message_id in ids:
        letter = c.letters.get(message_id)
        if letter is None or letter.state != "waiting" or not c.letters.claim(letter):
            continue
        seen += 1
        if letter.kind is None:
            _judge(letter, c)
        else:
            _look_again(letter, c)
    # Told by every sweep, so that an alarm hears when none comes any more.
    count("DeadLettersSwept", seen)
    return {"more": len(ids) == PAGE, "count": seen}


def _judge(letter: DeadLetter, c: Collaborators) -> None:
    """A letter that nobody has looked at yet. An older one that asks for the same gives way to it, its wakes go on."""
    wakes, first = earlier_wakes(letter.body)
    link = _link_of(letter, c)
    asks = asks_the_same(letter)
    earlier = None
    if letter.link is not None and asks is not None and (link is not None or asks):
        earlier = c.letters.youngest_of(letter.link, letter.message_id, asks)
    known: dict[str, Any] = {}
    if earlier is not None:
        wakes, first = max(wakes, earlier.wakes), earlier.named
        known["count"] = letter.count + earlier.count
    known |= {"wakes": wakes, "first": first}
    if link is not None:
        known |= {"link": link.key, "generation": generation_after(link.wanted, link.done)}
    before = earlier or letter
    settled = link is not None and nothing_left(link)
    verdict = first_verdict(letter, wakes, c.policy, c.clock.now_ms(), settled=settled)
    if verdict.do == "wait" and earlier is not None and earlier.due_at and work_of(letter) is Work.MESSAGE:
        # Looks come more often than wakes do: each would put the wake off once more.
        verdict = replace(verdict, due_at=min(verdict.due_at or earlier.due_at, earlier.due_at))
    _apply(letter, verdict, c, before, **known)
    if earlier is not None:
        c.letters.change(earlier.message_id, state="replaced", next=letter.message_id)
    cause = cause_of(letter)
    count("DeadLetters", cause=cause.name)
    logger.warning(
        "dead letter",
        extra={"message_id": letter.message_id, "queue": letter.queue or _NO_NAME, "cause": cause.name, "wakes": wakes},
    )


def _look_again(letter: DeadLetter, c: Collaborators) -> None:
    link = _link_of(letter, c)
    settled = link is not None and letter.generation is not None and link.done >= letter.generation
    known: dict[str, Any] = {}
    if link is not None and link.key != letter.link:
        # Another link took over, with the notices that were counted: whether it has done them is counted there.
        settled = nothing_left(link)
        known = {"link": link.key, "generation": generation_after(link.wanted, link.done)}
    verdict = next_verdict(letter, settled=settled, known=link is not None, now_ms=c.clock.now_ms())
    _apply(letter, verdict, c, letter, **known)


def _apply(letter: DeadLetter, verdict: Verdict, c: Collaborators, before: DeadLetter, **known: Any) -> None:
    """``before`` is the letter as it was, or the one whose place it takes."""
    if verdict.do == "wake":
        _wake(letter, c)
    elif verdict.do == "resolve":
        if c.letters.change(letter.message_id, state="resolved", kind=verdict.kind, **known):
            count("DeadLettersResolved")
    elif verdict.do == "wait":
        c.letters.change(letter.message_id, kind="transient", due_at=verdict.due_at, **known)
    else:
        _hold(letter, verdict, c, before, known)


def _wake(letter: DeadLetter, c: Collaborators) -> None:
    wakes = letter.wakes + 1
    try:
        wanted = c.letters.send_again(letter, c.sqs, {"wakes": wakes, "first": letter.named})
    except NotFound:
        _hold(letter, hold(letter, c.clock.now_ms()), c, letter, {})
        return
    count("DeadLettersWoken")
    now = c.clock.now_ms()
    if work_of(letter) is Work.LINK:
        c.letters.change(letter.message_id, wakes=wakes, woken_at=now, generation=wanted, due_at=now + TURN_MS)
    else:
        # Its message is its work: should that die again, the new letter goes on from here.
        c.letters.change(letter.message_id, state="replayed", wakes=wakes, woken_at=now)


def _hold(letter: DeadLetter, verdict: Verdict, c: Collaborators, before: DeadLetter, known: dict[str, Any]) -> None:
    """A person has to act, and the deal says so where there is one; said and counted once for one trouble.

    A letter that takes the place of one that waits for a person (``before``) is of the same trouble. It is another one,
    and counts anew, once a person has replayed it and it died again, or once its cause was one that passes meanwhile.
    """
    fresh = letter.kind != "permanent"
    changes = {"kind": "permanent", "told_at": before.told_at, **known}
    if fresh and letter.link is not None and before.told_at is None:
        c.letters.change(letter.message_id, partition=TO_TELL, due_at=c.clock.now_ms(), **changes)
    else:
        c.letters.change(letter.message_id, due_at=verdict.due_at, **changes)
    if before.kind != "permanent":
        count("DeadLettersPermanent")


def _link_of(letter: DeadLetter, c: Collaborators) -> Link | None:
    """The link that a run was to work on, as it is now; None for other work."""
    return c.links.follow(letter.link) if letter.link and work_of(letter) is Work.LINK else None


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    policy = Policy.of(wiring.settings()["dead_letters"])
    return Collaborators(wiring.dead_letters(), wiring.links(), wiring.client("sqs"), policy)


handler = entry_point(sweep_dead_letters, _collaborators)
