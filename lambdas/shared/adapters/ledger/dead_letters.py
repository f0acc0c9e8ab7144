"""What went wrong and waits: failures, dead letters, quarantined input."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Literal
from uuid import uuid4

from lambdas.shared.adapters.ledger.answers import AwsClient, named_errors
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.dead_letters import MARK, STATES, DeadLetter, Work, message_of, work_of
from lambdas.shared.errors import Conflict, NotFound

QUARANTINE_KEPT_SECONDS = 30 * 86_400
DECIDED_KEPT_SECONDS = 180 * 86_400
"""A letter that is dealt with is kept so long; one that waits is kept for ever."""
SWEPT = "dead-letters"
TO_TELL = "dead-letters-to-tell"
"""Partitions of the index ``due``: letters whose time the sweep waits for, and letters that a deal has yet to show."""
CLAIM_MS = 120_000
_LETTER = "dead-letter"
_NO_LINK = "none"
"""What the machine writes for a message that names no link: it cannot leave an attribute out."""
_PAGE = 100
_MOST_REPLACED = 50
_NAMES = tuple(each.name for each in fields(DeadLetter) if each.name != "message_id")


class DeadLetters:
    """``DeadLetters(client, table, clock)`` on the ledger table.

    A letter changes only while it waits, by a condition: whoever comes second, a person or the sweep, changes nothing.
    """

    def __init__(self, client: AwsClient, table: str, clock: Clock | None = None) -> None:
        self._client = client
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()

    def failure(self, message_id: str) -> dict[str, Any] | None:
        """Why this message failed last: ``error``, ``cause``, ``execution``, ``failed_at``; None when not noted."""
        return self._table.get(f"failure#{message_id}", "failure")

    def record(
        self,
        message_id: str,
        queue_url: str,
        body: str,
        receive_count: int,
        link: str | None = None,
        *,
        queue: str | None = None,
    ) -> DeadLetter:
        """Record a dead message with what is known of its failure. Repeating it changes nothing that was decided."""
        failure = self.failure(message_id) or {}
        why = {name: failure[name] for name in ("error", "cause", "execution") if name in failure}
        now = self._clock.now_ms()
        letter = DeadLetter(message_id, queue_url, body, receive_count, now, link=link, queue=queue, due_at=now, **why)
        item = {name: value for name in _NAMES if (value := getattr(letter, name)) is not None}
        item |= {"pk": f"{_LETTER}#{message_id}", "sk": _LETTER, "register": _LETTER, "partner": SWEPT}
        refused = self._table.put(item, "attribute_not_exists(#pk)")
        return letter if refused is None else _letter(refused.item)

    def get(self, message_id: str) -> DeadLetter | None:
        """One dead letter, read consistently, or None."""
        item = self._table.get(f"{_LETTER}#{message_id}", _LETTER)
        return _letter(item) if item else None

    def live(self, message_id: str) -> DeadLetter | None:
        """The letter, or the younger one that stands for it: people know a trouble by its first letter."""
        letter = self.get(message_id)
        for _ in range(_MOST_REPLACED):
            if letter is None or letter.state != "replaced" or letter.next is None:
                return letter
            letter = self.get(letter.next)
        return letter

    def newest(
        self, state: str | None = None, limit: int = 100, wanted: Callable[[DeadLetter], bool] = lambda _one: True
    ) -> list[DeadLetter]:
        """The newest dead letters in one of ``STATES`` or in any, ``limit`` at most, that are ``wanted``."""
        if state not in (None, *STATES):
            raise ValueError(f"unknown dead letter state {state!r}; allowed: {', '.join(STATES)}")
        found: list[DeadLetter] = []
        for letter in self._listed():
            if len(found) >= limit:
                break
            if state in (None, letter.state) and wanted(letter):
                found.append(letter)
        return found

    def due(self, now_ms: int, limit: int, partition: str = SWEPT) -> list[str]:
        """Ids of letters whose time has come, the longest due first. From an index, which lags a little."""
        values = {"partition": partition, "now": now_ms}
        condition = "#partner = :partition AND #due_at <= :now"
        return [_id(item) for item in self._table.query(condition, values, index="due", limit=limit)]

    def claim(self, letter: DeadLetter) -> bool:
        """Take a due letter in hand for two minutes; False when it was taken or decided meanwhile."""
        answer = self._table.update(
            f"{_LETTER}#{letter.message_id}",
            _LETTER,
            "SET #due_at = :later",
            {"later": self._clock.now_ms() + CLAIM_MS, "seen": letter.due_at, "waiting": "waiting"},
            condition="#state = :waiting AND #due_at = :seen",
        )
        return not isinstance(answer, Refused)

    def change(self, message_id: str, *, partition: str = SWEPT, **changes: Any) -> bool:
        """Set these attributes of a waiting letter, None removes one. False when it does not wait any more.

        A letter without ``due_at`` is in no partition; with a ``state`` it is dealt with, and kept for half a year.
        """
        now = self._clock.now_ms()
        values: dict[str, Any] = {**changes, "updated_at": now}
        if changes.get("state"):
            kept = now // 1000 + DECIDED_KEPT_SECONDS
            values |= {"due_at": None, "decided_at": now, "expires_at": kept}
        if "due_at" in values:
            values["partner"] = None if values["due_at"] is None else partition
        given = {name: value for name, value in values.items() if value is not None}
        gone = [name for name, value in values.items() if value is None]
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in given)
        expression += f" REMOVE {', '.join(f'#{name}' for name in gone)}" if gone else ""
        answer = self._table.update(
            f"{_LETTER}#{message_id}",
            _LETTER,
            expression,
            {**given, "waiting": "waiting"},
            condition="#state = :waiting",
        )
        return not isinstance(answer, Refused)

    def youngest_of(self, link: str, message_id: str, asks: str = "") -> DeadLetter | None:
        """Note ``message_id`` as the youngest letter of ``link`` that asks for the same (a text, empty for a run of the
        link); the one before, if it is another that still waits."""
        about = f"#{hashlib.sha256(asks.encode()).hexdigest()[:16]}" if asks else ""
        answer = self._table.update(
            f"{_LETTER}-of#{link}{about}", _LETTER, "SET #message_id = :id", {"id": message_id}, returns="ALL_OLD"
        )
        before = None if isinstance(answer, Refused) else answer.get("message_id")
        letter = self.get(before) if before and before != message_id else None
        return letter if letter is not None and letter.state == "waiting" else None

    def replay(self, letter: DeadLetter, sqs: AwsClient) -> None:
        """Do a letter's work again, then mark it: a crash in between repeats, never loses. Wakes are counted anew."""
        self.send_again(letter, sqs)
        self.mark(letter.message_id, "replayed")

    def send_again(self, letter: DeadLetter, sqs: AwsClient, mark: Mapping[str, Any] | None = None) -> int | None:
        """Raise the letter's link, or send its message to its queue again; the link's ``wanted`` afterwards.

        ``mark``: what the message carries, so that a letter of it knows where it comes from. NotFound where the link is
        gone.
        """
        body, wanted = _with_mark(letter.body, mark), None
        if work_of(letter) is Work.LINK and letter.link:
            from lambdas.shared.adapters.ledger.links import Links

            links = Links(self._client, self._table.name, self._clock)
            key = links.raise_wanted(letter.link)
            link = links.get(key)
            wanted = link.wanted if link else None
            correlation_id = (message_of(letter.body) or {}).get("correlation_id", "none")
            body = json.dumps({"link": key, "why": "replay", "correlation_id": correlation_id})
        with named_errors(f"SendMessage {letter.queue_url.rpartition('/')[2]}"):
            sqs.send_message(QueueUrl=letter.queue_url, MessageBody=body)
        return wanted

    def mark(self, message_id: str, state: Literal["replayed", "dropped"]) -> None:
        """What a person decided. Conflict when it was decided already, NotFound when there is no such letter."""
        if state not in ("replayed", "dropped"):
            raise ValueError(f"unknown decision {state!r}; allowed: replayed, dropped")
        if not self.change(message_id, state=state):
            found = self.get(message_id)
            if found is None:
                raise NotFound(f"no dead letter {message_id}")
            raise Conflict(f"dead letter {message_id} was {found.state} already")

    def _listed(self) -> Iterator[DeadLetter]:
        """All letters, the newest first, read consistently; only their order comes from the index."""
        listed = self._table.query("#register = :letters", {"letters": _LETTER}, index="register", forward=False)
        page: list[str] = []
        for item in listed:
            page.append(item["pk"])
            if len(page) == _PAGE:
                yield from self._read(page)
                page = []
        yield from self._read(page)

    def _read(self, keys: list[str]) -> Iterator[DeadLetter]:
        found = {item["pk"]: _letter(item) for item in self._table.batch_get((key, _LETTER) for key in keys)}
        yield from (found[key] for key in keys if key in found)


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


def _id(item: Mapping[str, Any]) -> str:
    return str(item["pk"]).partition("#")[2]


def _letter(item: Mapping[str, Any]) -> DeadLetter:
    known = {name: item[name] for name in _NAMES if name in item}
    if known.get("link") == _NO_LINK:
        del known["link"]
    return DeadLetter(message_id=_id(item), **known)


def _with_mark(body: str, mark: Mapping[str, Any] | None) -> str:
    """The body as it is sent again; what cannot be read goes as it is."""
    message = message_of(body)
    if message is None or (mark is None and MARK not in message):
        return body
    rest = {name: value for name, value in message.items() if name != MARK}
    return json.dumps(rest if mark is None else {**rest, MARK: dict(mark)})
