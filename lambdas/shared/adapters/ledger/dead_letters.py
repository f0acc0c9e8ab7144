"""What went wrong and waits for a person: failures, dead letters, quarantined input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal
from uuid import uuid4

from lambdas.shared.adapters.ledger.answers import AwsClient, named_errors
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Conflict, NotFound

QUARANTINE_KEPT_SECONDS = 30 * 86_400
_LETTER = "dead-letter"
_NO_LINK = "none"
"""What the machine writes for a message that names no link: it cannot leave an attribute out."""
_LETTER_STATES = ("waiting", "replayed", "dropped")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that failed too often, with the last failure's error, cause and execution where one was noted."""

    message_id: str
    queue_url: str
    body: str
    receive_count: int
    registered_at: int
    state: str = "waiting"
    error: str | None = None
    cause: str | None = None
    execution: str | None = None
    link: str | None = None


class DeadLetters:
    """``DeadLetters(client, table, clock)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()

    def failure(self, message_id: str) -> dict[str, Any] | None:
        """Why this message failed last: ``error``, ``cause``, ``execution``, ``failed_at``; None when not noted."""
        return self._table.get(f"failure#{message_id}", "failure")

    def record(
        self, message_id: str, queue_url: str, body: str, receive_count: int, link: str | None = None
    ) -> DeadLetter:
        """Record a dead message with what is known of its failure. Repeating it changes nothing that was decided."""
        failure = self.failure(message_id) or {}
        why = {name: failure[name] for name in ("error", "cause", "execution") if name in failure}
        letter = DeadLetter(message_id, queue_url, body, receive_count, self._clock.now_ms(), link=link, **why)
        values = {each.name: getattr(letter, each.name) for each in fields(letter) if each.name != "message_id"}
        item = {name: value for name, value in values.items() if value is not None}
        item |= {"pk": f"{_LETTER}#{message_id}", "sk": _LETTER, "register": _LETTER}
        refused = self._table.put(item, "attribute_not_exists(#pk)")
        return letter if refused is None else _letter(refused.item)

    def get(self, message_id: str) -> DeadLetter | None:
        """One dead letter, read consistently, or None."""
        item = self._table.get(f"{_LETTER}#{message_id}", _LETTER)
        return _letter(item) if item else None

    def newest(self, state: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """The newest dead letters, in one state (``waiting``, ``replayed``, ``dropped``) or in any."""
        if state not in (None, *_LETTER_STATES):
            raise ValueError(f"unknown dead letter state {state!r}; allowed: {', '.join(_LETTER_STATES)}")
        listed = self._table.query("#register = :letters", {"letters": _LETTER}, index="register", forward=False)
        found: list[DeadLetter] = []
        for item in listed:
            letter = self.get(item["pk"].partition("#")[2])
            if letter and state in (None, letter.state):
                found.append(letter)
            if len(found) >= limit:
                break
        return found

    def replay(self, letter: DeadLetter, sqs: AwsClient) -> None:
        """Send a dead letter to the queue that it came from, then mark it: a crash in between repeats, never loses."""
        with named_errors(f"SendMessage {letter.queue_url.rpartition('/')[2]}"):
            sqs.send_message(QueueUrl=letter.queue_url, MessageBody=letter.body)
        self.mark(letter.message_id, "replayed")

    def mark(self, message_id: str, state: Literal["replayed", "dropped"]) -> None:
        """What a person decided. Conflict when it was decided already, NotFound when there is no such letter."""
        if state not in _LETTER_STATES[1:]:
            raise ValueError(f"unknown decision {state!r}; allowed: {', '.join(_LETTER_STATES[1:])}")
        answer = self._table.update(
            f"{_LETTER}#{message_id}",
            _LETTER,
            "SET #state = :state, #updated_at = :now",
            {"state": state, "waiting": "waiting", "now": self._clock.now_ms()},
            condition="#state = :waiting",
        )
        if isinstance(answer, Refused):
            if not answer.item:
                raise NotFound(f"no dead letter {message_id}")
            raise Conflict(f"dead letter {message_id} was {answer.item.get('state')} already")


class Quarantine:
    """``Quarantine(client, table, clock)``: input that cannot be read, kept for 30 days."""

    def __init__(self, client: AwsClient, table: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()

    def put(self, reason: str, body: str) -> str:
        """Keep ``body`` with a value-free ``reason``; its id."""
        now = self._clock.now_ms()
        quarantine_id = str(uuid4())
        self._table.put(
            {
                "pk": f"quarantine#{quarantine_id}",
                "sk": "quarantine",
                "reason": reason,
                "body": body,
                "register": "quarantine",
                "registered_at": now,
                "expires_at": now // 1000 + QUARANTINE_KEPT_SECONDS,
            }
        )
        return quarantine_id

    def newest(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest quarantined inputs, ``reason``, ``body``, ``registered_at``."""
        listed = self._table.query(
            "#register = :quarantine", {"quarantine": "quarantine"}, index="register", limit=limit, forward=False
        )
        found = (self._table.get(item["pk"], item["sk"]) for item in listed)
        return [item for item in found if item]


def _letter(item: Mapping[str, Any]) -> DeadLetter:
    known = {each.name: item[each.name] for each in fields(DeadLetter) if each.name in item}
    if known.get("link") == _NO_LINK:
        del known["link"]
    return DeadLetter(message_id=str(item["pk"]).partition("#")[2], **known)
