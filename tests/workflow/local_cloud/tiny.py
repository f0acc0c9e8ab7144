"""The tiny app as it runs, and patience with it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.local_cloud.cloud import LocalCloud


@dataclass
class Deployed:
    """The running cloud with the tiny app in it."""

    cloud: LocalCloud
    outputs: dict[str, str]

    def send(self, **body: Any) -> str:
        """Put a message on the piped queue; answers its id."""
        answer = self.cloud.client("sqs").send_message(QueueUrl=self.outputs["QueueUrl"], MessageBody=json.dumps(body))
        return str(answer["MessageId"])

    def runs_of(self, message_id: str) -> list[Any]:
        """Finished executions that got this message."""
        return [entry for entry in self.cloud.executions() if entry.input[0]["messageId"] == message_id]

    def received(self, queue: str, wait_seconds: int = 1) -> list[dict[str, Any]]:
        """Take what is on a queue."""
        answer = self.cloud.client("sqs").receive_message(
            QueueUrl=self.outputs[queue], MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds
        )
        messages = answer.get("Messages", [])
        for message in messages:
            self.cloud.client("sqs").delete_message(
                QueueUrl=self.outputs[queue], ReceiptHandle=message["ReceiptHandle"]
            )
        return messages


def eventually(check: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true answer of ``check``; fails when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := check():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"nothing true from {check} within {seconds} s")
