"""An SQS client in memory, and a queue that only remembers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any


class FakeQueue:
    """Stands for ``lambdas.shared.adapters.queues.Queue``: ``sent`` holds ``(message, delay_seconds)`` in order."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, Any], int]] = []

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for message, _ in self.sent]

    def send(self, message: Mapping[str, Any], delay_seconds: int = 0) -> None:
        self.sent.append((json.loads(json.dumps(message)), delay_seconds))

    def send_batch(self, messages: Iterable[Mapping[str, Any]], delay_seconds: int = 0) -> None:
        for message in messages:
            self.send(message, delay_seconds)

    def take_all(self) -> list[dict[str, Any]]:
        """The messages so far; the queue is empty afterwards."""
        messages = self.messages
        self.sent.clear()
        return messages


class FakeSqs:
    """``send_message`` and ``send_message_batch``. ``refuse_next(n)`` makes the next n batch entries fail."""

    def __init__(self) -> None:
        self.queues: dict[str, list[tuple[str, int]]] = {}
        self.calls: list[str] = []
        self._refuse = 0
        self._lock = threading.RLock()

    def refuse_next(self, entries: int) -> None:
        self._refuse = entries

    def bodies(self, url: str) -> list[Any]:
        return [json.loads(body) for body, _ in self.queues.get(url, ())]

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> dict[str, Any]:
        assert 0 <= DelaySeconds <= 900, "SQS delays 15 minutes at most"
        with self._lock:
            self.calls.append("SendMessage")
            self.queues.setdefault(QueueUrl, []).append((MessageBody, DelaySeconds))
        return {"MessageId": str(len(self.calls))}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        assert 1 <= len(Entries) <= 10, "a batch has one to ten entries"
        assert len({each["Id"] for each in Entries}) == len(Entries), "batch entry ids must differ"
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        with self._lock:
            self.calls.append("SendMessageBatch")
            for entry in Entries:
                if self._refuse:
                    self._refuse -= 1
                    answer["Failed"].append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
                    continue
                self.queues.setdefault(QueueUrl, []).append((entry["MessageBody"], entry.get("DelaySeconds", 0)))
                answer["Successful"].append({"Id": entry["Id"]})
        return answer
