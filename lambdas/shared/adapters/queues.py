"""SQS queues: JSON messages out.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient, named_errors
from lambdas.shared.errors import Retryable

_CHUNK = 10
_TRIES = 4


class Queue:
    """``Queue(client, url)``: ``client`` is a low-level SQS client; ``sleep`` waits between quick retries."""

    def __init__(self, client: AwsClient, url: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._url = url
        self._sleep = sleep

    def send(self, message: Mapping[str, Any], delay_seconds: int = 0) -> None:
        """Send one message; it becomes visible after ``delay_seconds`` (900 at most)."""
        with named_errors(f"SendMessage {self._name}"):
            self._client.send_message(QueueUrl=self._url, MessageBody=_text(message), DelaySeconds=delay_seconds)

    def send_batch(self, messages: Iterable[Mapping[str, Any]], delay_seconds: int = 0) -> None:
        """Send all, ten at a time, each visible after ``delay_seconds``.

        What SQS refuses is sent again a few times, then Retryable (others may be out).
        """
        delay = {"DelaySeconds": delay_seconds} if delay_seconds else {}
        entries = [{"Id": str(number), "MessageBody": _text(each), **delay} for number, each in enumerate(messages)]
        for start in range(0, len(entries), _CHUNK):
            self._send_chunk(entries[start : start + _CHUNK])

    def _send_chunk(self, entries: Sequence[Mapping[str, Any]]) -> None:
        codes: set[str] = set()
        for attempt in range(_TRIES):
            with named_errors(f"SendMessageBatch {self._name}"):
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=list(entries))
            failed = {each["Id"]: str(each.get("Code")) for each in answer.get("Failed", ())}
            entries = [each for each in entries if each["Id"] in failed]
            codes = set(failed.values())
            if not entries:
                return
            self._sleep(0.05 * 2**attempt)
        raise Retryable(f"{len(entries)} messages to {self._name} refused: {', '.join(sorted(codes))}")

    @property
    def _name(self) -> str:
        return self._url.rpartition("/")[2]


def _text(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
