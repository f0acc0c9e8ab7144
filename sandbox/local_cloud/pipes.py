"""EventBridge Pipes from SQS to Express machines, which ministack accepts but never runs.

The contract, as tested in ``tests/workflow/local_cloud``:

- The machine gets an **array** of records in the shape Pipes uses for SQS (``messageId``, ``receiptHandle``, ``body``
  as text, ``attributes`` with ``ApproximateReceiveCount`` as text, ``messageAttributes``, ``md5OfBody``,
  ``eventSource``, ``eventSourceARN``, ``awsRegion``), at most ``BatchSize`` of them; with a batch size of one an array
  of one.
- An ``InputTemplate`` is applied to each record (``<$.body.link>``; a body that is JSON can be looked into).
- The execution is synchronous (``REQUEST_RESPONSE``). It succeeds: the messages are deleted. It fails or times out:
  they are left alone, so they stay invisible for exactly the queue's visibility timeout, come back with a higher
  receive count, and the queue's redrive policy moves them to the dead-letter queue.
- Up to 100 executions run at once for a pipe; there is no other throttle.
- A pipe that is stopped or deleted is no longer polled; new pipes are found by `PipeRunner.discover`.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.local_cloud.clients import Clients
from sandbox.local_cloud.executions import ExecutionRunner
from sandbox.local_cloud.templates import resources_of

AT_ONCE = 100
_EXECUTION_ID = "<aws.scheduler.execution-id>"
"""What EventBridge Scheduler fills into a schedule's input, and ministack leaves as it stands. The id of the message
that the schedule sent is as unique, and stays the same when the message comes again."""
_PLACEHOLDER = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class Pipe:
    """One pipe as its template declares it."""

    name: str
    arn: str
    queue_arn: str
    machine_arn: str
    batch_size: int
    input_template: str | None


class PipeRunner:
    """Polls the queues of pipes and runs their machines until `stop`."""

    def __init__(
        self, clients: Clients, runner: ExecutionRunner, *, wait_seconds: int = 10, at_once: int = AT_ONCE
    ) -> None:
        self._clients = clients
        self._runner = runner
        self._wait_seconds = wait_seconds
        self._at_once = at_once
        self._pollers: dict[str, _Poller] = {}

    def discover(self, places: set[tuple[str, str]]) -> list[Pipe]:
        """Start polling every running pipe deployed in ``places`` (account, region), end those that are gone."""
        found: dict[str, Pipe] = {}
        for account, region in places:
            for pipe in _deployed_pipes(self._clients, account, region):
                found[pipe.arn] = pipe
        for arn in list(self._pollers):
            if self._pollers[arn].pipe != found.get(arn):
                self._pollers.pop(arn).stop()
        for arn, pipe in found.items():
            if arn not in self._pollers:
                self._pollers[arn] = _Poller(self._clients, self._runner, pipe, self._wait_seconds, self._at_once)
        return list(found.values())

    @property
    def busy(self) -> int:
        """How many executions are under way."""
        return sum(poller.busy for poller in self._pollers.values())

    @property
    def problems(self) -> list[str]:
        """What went wrong in the pollers themselves (never what a machine reports)."""
        return [problem for poller in self._pollers.values() for problem in poller.problems]

    def ask_to_stop(self) -> None:
        """Start nothing more. A poll under way ends in its own time, or with the queues."""
        for poller in self._pollers.values():
            poller.ask_to_stop()

    def stop(self) -> None:
        """End all polling; executions under way are left to finish on their own."""
        self.ask_to_stop()
        pollers, self._pollers = list(self._pollers.values()), {}
        for poller in pollers:
            poller.stop()


class _Poller:
    """One pipe's loop."""

    def __init__(self, clients: Clients, runner: ExecutionRunner, pipe: Pipe, wait_seconds: int, at_once: int) -> None:
        self.pipe = pipe
        self._runner = runner
        self._wait_seconds = wait_seconds
        self._sqs, self._polled = (clients.for_arn("sqs", pipe.queue_arn, once=once) for once in (False, True))
        self._queue_url = self._sqs.get_queue_url(QueueName=pipe.queue_arn.rsplit(":", 1)[1])["QueueUrl"]
        self._free = threading.Semaphore(at_once)
        self._executions = ThreadPoolExecutor(at_once, thread_name_prefix=f"pipe-{pipe.name}")
        self._stopped = threading.Event()
        self.busy = 0
        self._count = threading.Lock()
        self.problems: deque[str] = deque(maxlen=100)
        self._thread = threading.Thread(target=self._poll, daemon=True, name=f"pipe-{pipe.name}")
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stopped.set()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=self._wait_seconds + 1)
        self._executions.shutdown(wait=False, cancel_futures=True)

    def _poll(self) -> None:
        while not self._stopped.is_set():
            try:
                self._receive()
            except Exception as error:
                if self._stopped.is_set():
                    return
                self.problems.append(f"{type(error).__name__}: {error}")
                self._stopped.wait(0.2)

    def _receive(self) -> None:
        """Take as many messages as there is room for and start an execution for each batch."""
        self._free.acquire()
        room = 1
        while room < 10 and self._free.acquire(blocking=False):
            room += 1
        messages: list[dict[str, Any]] = []
        try:
            came = self._messages(min(10, room * self.pipe.batch_size))
            messages = [] if self._stopped.is_set() else came
        finally:
            batches = [messages[i : i + self.pipe.batch_size] for i in range(0, len(messages), self.pipe.batch_size)]
            self._free.release(room - len(batches)) if room > len(batches) else None
        for batch in batches:
            with self._count:
                self.busy += 1
            self._executions.submit(self._run, batch).add_done_callback(self._done)

    def _messages(self, most: int) -> list[dict[str, Any]]:
        answer = self._polled.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=most,
            WaitTimeSeconds=self._wait_seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def _run(self, messages: list[dict[str, Any]]) -> None:
        records = [record(message, self.pipe.queue_arn) for message in messages]
        if self.pipe.input_template is not None:
            records = [apply_template(self.pipe.input_template, item) for item in records]
        result = self._runner.start(self.pipe.machine_arn, records)
        if result.status == "SUCCEEDED":
            entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages)]
            self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)

    def _done(self, future: Future[None]) -> None:
        with self._count:
            self.busy -= 1
        self._free.release()
        error = None if future.cancelled() else future.exception()
        if error is not None and not self._stopped.is_set():
            self.problems.append(f"{type(error).__name__}: {error}")


def record(message: dict[str, Any], queue_arn: str) -> dict[str, Any]:
    """A received message as Pipes shows it to its target."""
    attributes = {
        name: {
            key[0].lower() + key[1:]: value.decode("latin-1") if isinstance(value, bytes) else value
            for key, value in attribute.items()
        }
        for name, attribute in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"].replace(_EXECUTION_ID, message["MessageId"]),
        "attributes": {name: str(value) for name, value in message.get("Attributes", {}).items()},
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def apply_template(template: str, item: dict[str, Any]) -> Any:
    """The record transformed by a pipe's input template: JSON when the result is JSON, else text."""
    opened = dict(item)
    try:
        opened["body"] = json.loads(item["body"])
    except ValueError:
        opened["body"] = item["body"]

    def value(match: re.Match[str]) -> str:
        found: Any = opened
        for name in match.group(1).removeprefix("$").strip(".").split("."):
            if name:
                found = found.get(name) if isinstance(found, dict) else None
        inside_text = template[: match.start()].count('"') % 2 == 1
        if isinstance(found, str) and inside_text:
            return json.dumps(found)[1:-1]
        return json.dumps(found)

    text = _PLACEHOLDER.sub(value, template)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _deployed_pipes(clients: Clients, account: str, region: str) -> list[Pipe]:
    """Running pipes from SQS to a machine. ministack drops a pipe's parameters, so they come from the templates."""
    client = clients.get("pipes", account=account, region=region)
    declared = _declared_parameters(clients, account, region)
    pipes = []
    for entry in client.list_pipes()["Pipes"]:
        if (
            entry.get("CurrentState") != "RUNNING"
            or ":sqs:" not in entry["Source"]
            or ":states:" not in entry["Target"]
        ):
            continue
        described = client.describe_pipe(Name=entry["Name"])
        parameters = declared.get(entry["Name"], {})
        source = (described.get("SourceParameters") or parameters.get("SourceParameters") or {}).get(
            "SqsQueueParameters", {}
        )
        target = described.get("TargetParameters") or parameters.get("TargetParameters") or {}
        template = target.get("InputTemplate")
        pipes.append(
            Pipe(
                name=entry["Name"],
                arn=entry["Arn"],
                queue_arn=entry["Source"],
                machine_arn=entry["Target"],
                batch_size=int(source.get("BatchSize", 10)),
                input_template=template if isinstance(template, str) else None,
            )
        )
    return pipes


def _declared_parameters(clients: Clients, account: str, region: str) -> dict[str, dict[str, Any]]:
    """The properties of every pipe in the deployed templates, by physical name.

    Only the templates of stacks that have a pipe are read: others need not be ours, such as the CDK's own bootstrap.
    """
    client = clients.get("cloudformation", account=account, region=region)
    declared: dict[str, dict[str, Any]] = {}
    for stack in client.describe_stacks()["Stacks"]:
        name = {"StackName": stack["StackName"]}
        try:
            deployed = client.describe_stack_resources(**name)["StackResources"]
            pipes = [entry for entry in deployed if entry["ResourceType"] == "AWS::Pipes::Pipe"]
            resources = resources_of(client.get_template(**name)["TemplateBody"]) if pipes else {}
        except ClientError:  # it is gone
            continue
        for entry in pipes:
            if entry["LogicalResourceId"] in resources:
                declared[entry["PhysicalResourceId"]] = resources[entry["LogicalResourceId"]].get("Properties", {})
    return declared


def wait_until_idle(runner: PipeRunner, seconds: float) -> bool:
    """Whether no execution was under way at some moment within ``seconds``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not runner.busy:
            return True
        time.sleep(0.01)
    return False
