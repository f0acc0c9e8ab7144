"""What moves the work: queues, pipes, schedules and event rules."""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment, Resource

AREA = "flow"
_OLD_SECONDS = 30 * 60


def queues(d: Deployment) -> Iterator[Finding]:
    """No message waits for long, and no dead letter is left without a record."""
    total = 0
    for each, attributes in _queues(d):
        name, waiting = _name(each), int(attributes["ApproximateNumberOfMessages"])
        total += waiting
        dimensions = {"QueueName": each.physical_id.rpartition("/")[2]}
        age = d.metric_last("AWS/SQS", "ApproximateAgeOfOldestMessage", dimensions, 15) if waiting else None
        if "RedrivePolicy" not in attributes:
            yield from _last_queue(d, name, waiting)
        elif age is not None and age >= _OLD_SECONDS:
            do = "docs/operations.md#queue-waiting: throttling, a pipe that is stopped, a mapping that is off"
            yield error(f"{waiting} messages wait, the oldest for {age / 60:.0f} minutes", name, do)
        elif waiting:
            yield ok(f"{waiting} messages wait", name)
    yield ok(f"{total} messages wait in all queues", "queues")


def _last_queue(d: Deployment, name: str, waiting: int) -> Iterator[Finding]:
    if waiting:
        do = "a recorder has them within a minute; if they stay: docs/operations.md#dead-letter-not-recorded"
        yield warning(f"{waiting} dead letters are not on record yet", name, do)


def _queues(d: Deployment) -> Iterator[tuple[Resource, dict[str, str]]]:
    client = d.client("sqs")
    wanted = ["ApproximateNumberOfMessages", "RedrivePolicy"]
    for each in d.resources("AWS::SQS::Queue"):
        answer = client.get_queue_attributes(QueueUrl=each.physical_id, AttributeNames=wanted)
        yield each, answer.get("Attributes", {})


def pipes(d: Deployment) -> Iterator[Finding]:
    """Every pipe runs."""
    client, found = d.client("pipes"), d.resources("AWS::Pipes::Pipe")
    well = 0
    for each in found:
        pipe = client.describe_pipe(Name=each.physical_id.rpartition("/")[2])
        if pipe["CurrentState"] == "RUNNING" and pipe["DesiredState"] == "RUNNING":
            well += 1
            continue
        start = f"aws pipes start-pipe --name {pipe['Name']} --region {d.place.client_options['region_name']}"
        reason = f" ({pipe['StateReason']})" if pipe.get("StateReason") else ""
        yield error(f"is {pipe['CurrentState']}, not RUNNING{reason}: its queue only fills", pipe["Name"], start)
    if well == len(found):
        yield ok(f"all {well} run", "pipes")


def mappings(d: Deployment) -> Iterator[Finding]:
    """Every queue that a function takes from is connected."""
    client, found = d.client("lambda"), d.resources("AWS::Lambda::EventSourceMapping")
    well = 0
    for each in found:
        mapping = client.get_event_source_mapping(UUID=each.physical_id)
        if mapping["State"] in ("Enabled", "Enabling", "Updating"):
            well += 1
            continue
        function = mapping["FunctionArn"].rpartition(":")[2]
        do = f"aws lambda update-event-source-mapping --uuid {each.physical_id} --enabled"
        yield error(f"its queue is not read ({mapping['State']})", function, do)
    if well == len(found):
        yield ok(f"{well} functions read their queues", "event source mappings")


def schedules(d: Deployment) -> Iterator[Finding]:
    """Every poll is on the clock."""
    found = {_logical(each): each for each in d.resources("AWS::Scheduler::Schedule")}
    pages = d.client("scheduler").get_paginator("list_schedules").paginate(NamePrefix=f"cosell-{d.name}-")
    states = {row["Name"]: row for page in pages for row in page["Schedules"]}
    off = 0
    for each in found.values():
        name = each.physical_id.rpartition("/")[2].rpartition("|")[2]
        row = states.get(name)
        if row is None or row["State"] != "ENABLED":
            off += 1
            what = "is gone" if row is None else f"is {row['State']}"
            do = "enable it in EventBridge Scheduler: docs/operations.md#polls-stopped"
            yield error(f"{what}: what no notice tells of is not found", name, do)
    if not off:
        yield ok(f"all {len(found)} are on", "schedules")


def rules(d: Deployment) -> Iterator[Finding]:
    """Every event rule is on."""
    client, found, off = d.client("events"), d.resources("AWS::Events::Rule"), 0
    for each in found:
        bus, _, name = each.physical_id.rpartition("|")  # CloudFormation names a rule of another bus so
        rule = client.describe_rule(Name=name, **_bus_of(d, bus, name))
        if rule["State"] != "ENABLED":
            off += 1
            at = f"aws events enable-rule --name {name} --event-bus-name {rule.get('EventBusName', 'default')}"
            yield error(f"is {rule['State']}: its events are lost, and only the polls find what they told", name, at)
    if not off:
        yield ok(f"all {len(found)} are on", "event rules")


def _bus_of(d: Deployment, bus: str, name: str) -> dict[str, str]:
    """The argument that names a rule's bus; the local cloud leaves it out of the rule's physical id."""
    if bus or not d.is_local:
        return {"EventBusName": bus} if bus else {}

    def read() -> dict[str, str]:
        client, found = d.client("events"), {}
        for one in (None, d.place.outputs.get("EventsBusName"), d.place.outputs.get("PartnerEventsBusName")):
            asked = {"EventBusName": one} if one else {}
            for page in client.get_paginator("list_rules").paginate(**asked):
                found |= {rule["Name"]: rule.get("EventBusName", "default") for rule in page["Rules"]}
        return found

    found = d.once("rules", read).get(name)
    return {"EventBusName": found} if found else {}


def _name(each: Resource) -> str:
    return each.physical_id.rpartition("/")[2]


def _logical(each: Resource) -> str:
    return f"{each.stack}/{each.logical_id}"


CHECKS = [
    Check(area=AREA, name="queues", run=queues, needs="sqs:GetQueueAttributes"),
    Check(area=AREA, name="pipes", run=pipes, needs="pipes:DescribePipe"),
    Check(area=AREA, name="mappings", run=mappings, needs="lambda:GetEventSourceMapping"),
    Check(area=AREA, name="schedules", run=schedules, needs="scheduler:ListSchedules"),
    Check(area=AREA, name="rules", run=rules, needs="events:DescribeRule"),
]
