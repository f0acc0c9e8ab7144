"""SQS on a turned clock: delays, visibility, receive counts and redrive, as far as Pipes and Lambda rely on them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.clock import Clock

_ANY_NUMBER = 10**9


@dataclass(slots=True)
class Message:
    """One message; ``visible_at`` in epoch milliseconds."""

    message_id: str
    body: str
    visible_at: int
    receives: int = 0

    def as_record(self) -> dict[str, Any]:
        """As a Pipe or an event source mapping hands it over."""
        return {
            "messageId": self.message_id,
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": str(self.receives)},
        }


@dataclass(slots=True)
class TurnedQueue:
    """One queue. ``dead`` holds what was received too often."""

    name: str
    visibility_ms: int
    max_receives: int
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)


class TurnedSqs:
    """The calls of boto3's client that the product makes, plus the receiving side for the world's own Pipes."""

    def __init__(self, clock: Clock, visibility_seconds: int = 360, max_receives: int = 3) -> None:
        self._clock = clock
        self._visibility_ms = visibility_seconds * 1000
        self._max_receives = max_receives
        self._number = 0
        self.queues: dict[str, TurnedQueue] = {}
        self.sent: Counter[str] = Counter()
        self.on_record = False
        """Whether dead letters go on to a queue of their own, ``<queue>.dead``."""

    def queue(self, url: str) -> TurnedQueue:
        """The queue, made on first use."""
        if url not in self.queues:
            self.queues[url] = TurnedQueue(url, self._visibility_ms, self._max_receives)
        return self.queues[url]

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> dict[str, Any]:
        """As boto3's."""
        assert isinstance(DelaySeconds, int), DelaySeconds
        assert 0 <= DelaySeconds <= 900, f"SQS delays 900 seconds at most, not {DelaySeconds}"
        json.loads(MessageBody)
        self._number += 1
        message = Message(f"m-{self._number}", MessageBody, self._clock.now_ms() + DelaySeconds * 1000)
        self.queue(QueueUrl).messages.append(message)
        self.sent[QueueUrl] += 1
        return {"MessageId": message.message_id}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        """As boto3's; nothing fails."""
        assert 1 <= len(Entries) <= 10, "a batch has one to ten entries"
        for entry in Entries:
            self.send_message(
                QueueUrl=QueueUrl, MessageBody=entry["MessageBody"], DelaySeconds=entry.get("DelaySeconds", 0)
            )
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries], "Failed": []}

    def visible(self, url: str) -> list[Message]:
        """What could be received now, in order of arrival."""
        now = self._clock.now_ms()
        return [one for one in self.queue(url).messages if one.visible_at <= now]

    def receive(self, url: str, message: Message) -> bool:
        """Take ``message`` in hand; False when its receives are used up and it went to the dead letter queue."""
        queue = self.queue(url)
        message.receives += 1
        if message.receives > queue.max_receives:
            queue.messages.remove(message)
            if self.on_record:  # a machine takes it from there, however often it fails
                dead = self.queue(f"{url}.dead")
                dead.max_receives = _ANY_NUMBER
                dead.messages.append(Message(message.message_id, message.body, self._clock.now_ms()))
            else:
                queue.dead.append(message)
            return False
        message.visible_at = self._clock.now_ms() + queue.visibility_ms
        return True

    def delete(self, url: str, message: Message) -> None:
        """Its work is done; of one that is gone already, too."""
        held = self.queue(url).messages
        if message in held:
            held.remove(message)

    def next_visible_at(self) -> int | None:
        """When the next message that waits or is hidden comes up; None when there is no such message."""
        now, queues = self._clock.now_ms(), self.queues.values()
        return min((one.visible_at for queue in queues for one in queue.messages if one.visible_at > now), default=None)
