"""One searcher for everything that operators can read: `SOURCES` lists it, `search` says what was found where.

Not among the sources is what is meant to hold values and is read by nobody unasked: the runs table, bases, the audit
table, the quarantine and the catalogue. Of each source a value can also be planted, so that a test can hold the
searcher to finding it: a source that is read wrongly would be silent for ever.
"""

from __future__ import annotations

import json
import re
import socket
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.local_cloud.executions import ExecutionRecord
from sandbox.local_cloud.interpreter import ExecutionResult
from sandbox.local_cloud.telemetry import Place
from sandbox.world import World

type Texts = Iterator[tuple[str, str]]
_SHORT = 5
"""A value shorter than this is only found as a word of its own: "Sam" is no part of "Sample"."""
_PLANTED = "planted"


@dataclass(frozen=True)
class Source:
    """``read`` gives places and their texts; ``plant`` puts a text there as the product would have put it."""

    read: Callable[[World], Texts]
    plant: Callable[[World, str], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A ``value`` was found at ``place`` of ``source``."""

    source: str
    place: str
    value: str


def found_in(text: str, values: Iterable[str]) -> list[str]:
    """Those of ``values`` that ``text`` shows, as they are or as JSON writes them."""
    return [value for value in values if _shows(text, value)]


def _shows(text: str, value: str) -> bool:
    if len(value) < _SHORT:
        return value in text and re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text) is not None
    written = json.dumps(value)[1:-1]
    return value in text or (written != value and written in text)


def search(world: World, values: Iterable[str], sources: Iterable[str] | None = None) -> list[Finding]:
    """Every value in every source, or in those that are named. First in each source as a whole, which is quick."""
    wanted, findings = sorted(values), []
    for name in SOURCES if sources is None else sources:
        texts = list(SOURCES[name].read(world))
        suspects = found_in("\n".join(text for _, text in texts), wanted)
        findings += [Finding(name, place, one) for place, text in texts for one in found_in(text, suspects)]
    return findings


def amounts(world: World) -> dict[str, int]:
    """Texts in each source: a search of nothing finds nothing."""
    return {name: sum(1 for _ in source.read(world)) for name, source in SOURCES.items()}


def _logs(world: World) -> Texts:
    world.cloud.telemetry.flush()
    logs = world.cloud.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in (one["logGroupName"] for one in page["logGroups"]):
            for events in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
                yield from ((group, event["message"]) for event in events["events"])


def _plant_log(world: World, value: str) -> None:
    world.cloud.telemetry.log(Place(world.cloud.account, world.cloud.region), _PLANTED, value)


def _executions(world: World) -> Texts:
    """Inputs, outputs and the whole history: what each state was given, answered and kept."""
    for one in world.cloud.executions():
        shown = {**one.as_dict(), "error": None, "cause": None, "events": one.result.events}
        yield f"{one.machine}:{one.result.name}", json.dumps(shown, default=str, ensure_ascii=False)


def _causes(world: World) -> Texts:
    for one in world.cloud.executions():
        if one.result.error or one.result.cause:
            yield f"{one.machine}:{one.result.name}", f"{one.result.error}: {one.result.cause}"


def _execution(**members: Any) -> ExecutionRecord:
    known: dict[str, Any] = {name: None for name in ExecutionResult.__dataclass_fields__}
    known |= {"name": _PLANTED, "status": "FAILED", "history": [], "events": [], "started_at": 0.0, "stopped_at": 0.0}
    return ExecutionRecord(_PLANTED, {}, ExecutionResult(**(known | members)))


def _bodies(world: World) -> Texts:
    """What waits in any queue, dead letters too, and what was taken out of those that functions and Pipes read."""
    sqs = world.cloud.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", ()):
        if "local-reader-" in url:
            continue
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        yield from ((url.rpartition("/")[2], one["Body"]) for one in answer.get("Messages", ()))
    for event in world.cloud.functions.batches():
        yield from ((str(one.get("eventSourceARN")), one["body"]) for one in event["Records"] if "body" in one)
    for one in world.cloud.executions():
        if isinstance(one.input, list):
            yield from ((one.machine, str(each["body"])) for each in one.input if "body" in each)


def _plant_body(world: World, value: str) -> None:
    sqs = world.cloud.client("sqs")
    sqs.send_message(QueueUrl=sqs.create_queue(QueueName=_PLANTED)["QueueUrl"], MessageBody=value)


def _items(world: World, kinds: tuple[str, ...]) -> Texts:
    pages = world.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=world.outputs["LedgerTableName"])
    for page in pages:
        for item in page["Items"]:
            if item["sk"]["S"] in kinds:
                yield item["pk"]["S"], json.dumps(item, ensure_ascii=False)


def _plant_item(world: World, kind: str, value: str) -> None:
    item = {"pk": {"S": f"{kind}#{_PLANTED}"}, "sk": {"S": kind}, "cause": {"S": value}}
    world.cloud.client("dynamodb").put_item(TableName=world.outputs["LedgerTableName"], Item=item)


def _traces(world: World) -> Texts:
    yield from (("trace", document) for document in world.cloud.traces.documents())


def _plant_trace(world: World, value: str) -> None:
    host, _, port = world.cloud.traces.address.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(json.dumps({"annotations": {"link": value}}, ensure_ascii=False).encode(), (host, int(port)))
    world.wait_for(lambda: any(value in one for one in world.cloud.traces.documents()), "the planted trace")


def _metrics(world: World) -> Texts:
    world.cloud.telemetry.flush()
    for page in world.cloud.client("cloudwatch").get_paginator("list_metrics").paginate():
        for one in page["Metrics"]:
            yield one["MetricName"], json.dumps(one, ensure_ascii=False, default=str)


def _plant_metric(world: World, value: str) -> None:
    place = Place(world.cloud.account, world.cloud.region)
    world.cloud.telemetry.metric(place, _PLANTED, "Planted", 1, dimensions={"deal": value})


def _announcements(world: World) -> Texts:
    yield from (("notification topic", text) for text in world.channel.messages())


def _plant_announcement(world: World, value: str) -> None:
    topic = world.outputs["NotificationTopicArn"]
    world.cloud.clients.for_arn("sns", topic).publish(TopicArn=topic, Message=value)
    world.wait_for(lambda: value in world.channel.messages(), "the planted announcement")


SOURCES: dict[str, Source] = {
    "log groups": Source(_logs, _plant_log),
    "execution histories": Source(
        _executions, lambda world, value: world.cloud.log.add(_execution(events=[{"input": value}]))
    ),
    "error causes": Source(_causes, lambda world, value: world.cloud.log.add(_execution(error="E", cause=value))),
    "queue bodies": Source(_bodies, _plant_body),
    "dead letters": Source(
        lambda world: _items(world, ("dead-letter", "failure")),
        lambda world, value: _plant_item(world, "failure", value),
    ),
    "links": Source(lambda world: _items(world, ("link",)), lambda world, value: _plant_item(world, "link", value)),
    "traces": Source(_traces, _plant_trace),
    "metrics": Source(_metrics, _plant_metric),
    "notifications": Source(_announcements, _plant_announcement),
}
"""By the name that a finding shows."""


def unheard_of() -> str:
    """A text that no world has."""
    return f"Planted {uuid.uuid4()}"
