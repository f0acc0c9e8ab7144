"""``cosell smoke``: whether a deployed stage works from end to end, without touching a deal or a partner's record.

It sends what no customer is in: an empty delivery, signed as HubSpot signs; one without a signature, which must be
refused; and the wake-up of a poll that reads the ledger alone, followed through queue, Pipe and machine by its
correlation id.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import config
from cli.doctor import examined
from cli.doctor_checks import AREAS, Deployment
from cli.stage import add_stage, place_of
from lambdas.shared.domain.signature import sign

EMPTY = b"[]"
POLL = "dead-letters.due"
_WAIT_SECONDS = 180.0
_LOOK_SECONDS = 1.0
_WEBHOOK = "WebhookUrl"
_ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")


class SmokeFailed(Exception):
    """What was expected did not happen; the text says what did, and where to look."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """Status and text of the answer to a POST. ``SmokeFailed`` when there is none."""
    request = urllib.request.Request(  # noqa: S310 - an address of the stage's own
        url, data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - see above
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as caught:
        return caught.code, caught.read().decode(errors="replace")
    except OSError as caught:
        raise SmokeFailed(f"{url} did not answer: {caught}") from None


@dataclass(frozen=True)
class Smoke:
    """One test of one stage. ``seconds`` is its patience for what takes its way through queues and logs."""

    deployment: Deployment
    seconds: float = _WAIT_SECONDS
    only: list[str] | None = None
    run_id: str = field(default_factory=lambda: f"smoke-{uuid.uuid4()}")
    send: Callable[[str, bytes, Mapping[str, str]], tuple[int, str]] = post

    def steps(self, *, refused: bool) -> Iterator[tuple[str, Callable[[], str]]]:
        """What is tried, by name, in order. ``refused``: with the delivery that must be refused, which is an alarm."""
        yield "doctor", self.doctor
        yield "signed", self.signed
        if refused:
            yield "unsigned", self.unsigned
        yield "poll", self.poll
        yield "drained", self.drained

    def doctor(self) -> str:
        """No check of the doctor finds an error."""
        found = examined(self.deployment, self.only)
        errors = [each for one in found for each in one.findings if each.level == "error"]
        if errors:
            told = "\n".join(f"    {each.where} {each.what}\n      → {each.do}" for each in errors)
            raise SmokeFailed(f"{len(errors)} errors\n{told}")
        return f"{len(found)} checks, no error"

    def signed(self) -> str:
        """Every address that HubSpot may send to takes an empty delivery, signed with the stored client secret."""
        held = self._webhook_secret()
        urls, secrets = held.get("target_urls") or [], held.get("client_secrets") or []
        if not urls or not secrets:
            stage = self.deployment.name
            raise SmokeFailed(f"the webhook's secret is not set: cosell secrets set hubspot-webhook --stage {stage}")
        for url in urls:
            stamp = str(self.deployment.now_ms())
            signature = sign(secret=secrets[0], method="POST", uri=url, body=EMPTY, timestamp=stamp)
            headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}
            status, answer = self.send(url, EMPTY, headers)
            if status != 200:
                raise SmokeFailed(f"{url} answered {status} to a signed delivery: {answer[:300]}")
        return f"{len(urls)} addresses took an empty delivery"

    def unsigned(self) -> str:
        """A delivery without a signature is refused."""
        url = self.deployment.seen_from_here(self.deployment.place.output(_WEBHOOK))
        status, answer = self.send(url, EMPTY, {})
        if status != 401:
            raise SmokeFailed(f"{url} answered {status}, not 401, to a delivery without a signature: {answer[:300]}")
        return "a delivery without a signature got 401 (one SignatureRejected in the metrics)"

    def poll(self) -> str:
        """A wake-up in the poll queue becomes an execution that ends well."""
        queue = self.deployment.place.output("PollQueueUrl")
        began = self.deployment.now_ms() - 60_000
        body = json.dumps({"poll": POLL, "correlation_id": self.run_id})
        self.deployment.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
        group = f"/aws/vendedlogs/states/cosell-{self.deployment.name}-poll"
        until = time.monotonic() + self.seconds
        ended = self._end(group, began)
        while ended is None:
            if time.monotonic() > until:
                raise SmokeFailed(
                    f"no execution for {self.run_id} ended within {self.seconds:.0f} s (log group {group}); "
                    f"see `cosell doctor --stage {self.deployment.name} --only flow`"
                )
            time.sleep(_LOOK_SECONDS)
            ended = self._end(group, began)
        if ended != "ExecutionSucceeded":
            raise SmokeFailed(f"the execution for {self.run_id} is {ended}: search for it in the log group {group}")
        return f"{POLL} went from the queue through Pipe, machine and function"

    def drained(self) -> str:
        """The poll queue gets empty."""
        client, queue = self.deployment.client("sqs"), self.deployment.place.output("PollQueueUrl")
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        until = time.monotonic() + self.seconds
        while True:
            held = client.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
            if not any(int(held[name]) for name in names):
                return "nothing waits in the poll queue"
            if time.monotonic() > until:
                waiting, flying = (held[name] for name in names)
                where = "docs/operations.md#queue-waiting"
                raise SmokeFailed(f"the poll queue still has {waiting} messages and {flying} in flight: {where}")
            time.sleep(_LOOK_SECONDS)

    def _webhook_secret(self) -> Mapping[str, Any]:
        name = self.deployment.place.output("HubspotWebhookSecret")
        answer = self.deployment.client("secretsmanager").get_secret_value(SecretId=name)
        try:
            return json.loads(answer.get("SecretString") or "{}")
        except ValueError:
            raise SmokeFailed("the secret hubspot-webhook is not well-formed") from None

    def _end(self, group: str, since: int) -> str | None:
        """How the execution of our message ended, as the machine's log has it; None while it has not."""
        begun = self._events(group, since, self.run_id)
        for arn in {one["execution_arn"] for one in begun if "execution_arn" in one}:
            for one in self._events(group, since, arn.rpartition(":")[2]):
                if one.get("execution_arn") == arn and one.get("type") in _ENDS:
                    return str(one["type"])
        return None

    def _events(self, group: str, since: int, word: str) -> list[dict[str, Any]]:
        pages = self.deployment.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=group, startTime=since, filterPattern=f'"{word}"')
        return [json.loads(each["message"]) for page in found for each in page.get("events", ())]


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell smoke``."""
    add_stage(parser)
    parser.add_argument(
        "--only", action="append", choices=AREAS, metavar="AREA", help="areas of the doctor; default all"
    )
    parser.add_argument("--no-alarm", action="store_true", help="leave out the delivery that must be refused")
    parser.add_argument("--seconds", type=float, default=_WAIT_SECONDS, help="patience for one step (%(default)s)")
    parser.epilog = (
        "Touches no deal and no partner's record. The delivery that must be refused raises the alarm on signatures. "
        f"AREA is one of {', '.join(AREAS)}. The exit status is 1 when a step failed."
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Try every step and print what each saw; 1 when one failed."""
    smoke = Smoke(Deployment(place_of(arguments.stage), config.load()), arguments.seconds, arguments.only)
    failed = 0
    for name, step in smoke.steps(refused=not arguments.no_alarm):
        try:
            print(f"  ok      {name}: {step()}", flush=True)
        except SmokeFailed as caught:
            failed += 1
            print(f"  failed  {name}: {caught}", flush=True)
    print(f"{arguments.stage}: {'failed' if failed else 'works'}", file=sys.stderr)
    return 1 if failed else 0
