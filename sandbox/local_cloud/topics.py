"""Reads what is published to a topic, as a subscriber would."""

from __future__ import annotations

import json
import threading

from sandbox.local_cloud.clients import Clients


class TopicReader:
    """A queue that is subscribed to a topic from now on; ``messages`` has everything that came since."""

    def __init__(self, clients: Clients, topic_arn: str) -> None:
        self._sqs = clients.for_arn("sqs", topic_arn)
        name = f"local-reader-{topic_arn.rsplit(':', 1)[1]}"[:80]
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        sns = clients.for_arn("sns", topic_arn)
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["QueueArn"])
        self._read: list[str] = []
        self._lock = threading.Lock()

    def messages(self) -> list[str]:
        """The texts so far, oldest first; a text of several lines comes with its lines apart and unquoted."""
        with self._lock:
            while batch := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
                for message in batch:
                    self._read.append(_unquoted(json.loads(message["Body"])["Message"]))
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            return list(self._read)


def _unquoted(text: str) -> str:
    """EventBridge keeps the quotation marks around each line of a template; a person reads over them."""
    if not text.startswith('"'):
        return text
    return "\n".join(line.removeprefix('"').removesuffix('"') for line in text.splitlines())
