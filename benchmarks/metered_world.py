"""A world whose functions and machines are metered: every call to AWS and to a vendor, every log line, every event."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from benchmarks.dynamodb_units import Key, Sizes, Units, item_bytes, key_of, units_of
from benchmarks.meter import Call, Meter
from benchmarks.templates import DeployedFunction, functions, resources
from sandbox.assembly import sandbox_assembly
from sandbox.world import Options, World

VENDORS = ("hubspot", "partnercentral", "microsoft", "google")
# A function has as much of a processor as its memory is of this: AWS, "Configure Lambda function memory".
WHOLE_PROCESSOR_MB = 1769
_EXPRESS_GB = 64 / 1024  # billed in steps of 64 MB; ours have small definitions and states
_DEFAULT_ITEM_BYTES = 1024  # of an item that is gone when it is asked for


class MeteredWorld(World):
    """A ``World`` with meters between its functions and everything else. ``begin`` starts a count, ``used`` ends it."""

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self.aws = Meter("aws", lambda: self.cloud.endpoint)
        self.meters: dict[str, Meter] = {}
        self.machine_calls: list[Call] = []
        self.log_bytes = self.partner_events = self.routed = 0
        self.metrics: set[tuple[str, str]] = set()
        self._deployed: dict[str, DeployedFunction] = {}
        self._indexes: dict[str, list[list[str]]] = {}

    def _start_vendors(self, stage: Any) -> None:
        super()._start_vendors(stage)
        servers = {
            "hubspot": self.hubspot_server,
            "partnercentral": self.central_server,
            "microsoft": self.microsoft_server,
            "google": self.google_server,
        }
        for name, server in servers.items():
            self.meters[name] = Meter(name, lambda url=server.url: url)
        for meter in (self.aws, *self.meters.values()):
            self._stops.append(meter.stop)
        google = self.meters["google"].url
        own = {
            **self.vendors.environment(),
            "AWS_ENDPOINT_URL": self.aws.url,
            "COSELL_HUBSPOT_API_URL": self.meters["hubspot"].url,
            "AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING": self.meters["partnercentral"].url,
            "COSELL_MICROSOFT_API_URL": self.meters["microsoft"].url,
            "COSELL_GOOGLE_CHANNEL_URL": google,
            "COSELL_GOOGLE_CRM_URL": google,
        }
        self.vendors.environment = lambda: own
        self.hubspot_server = SimpleNamespace(url=self.meters["hubspot"].url)

    def _start(self) -> None:
        super()._start()
        self._deployed = {one.name: one for one in functions(sandbox_assembly())}
        self._indexes = self._read_indexes()
        self._watch_machines()
        self._watch_telemetry()
        self._watch_events()

    def _watch_machines(self) -> None:
        """A machine's own calls (lease, queue) reach AWS without a function."""
        engine_for = self.cloud.machines._engine_for

        def watched(machine: Any) -> Any:
            engine = engine_for(machine)
            call = engine.call_service

            def counted(service: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
                answer = call(service, action, arguments)
                operation = action.title().replace("_", "")
                self.machine_calls.append(Call(service, operation, 0, 0, arguments, answer))
                return answer

            engine.call_service = counted
            return engine

        self.cloud.machines._engine_for = watched

    def _watch_telemetry(self) -> None:
        telemetry = self.cloud.telemetry
        log, metric = telemetry.log, telemetry.metric

        def logged(place: Any, group: str, line: str) -> None:
            self.log_bytes += len(line.encode())
            log(place, group, line)

        def measured(place: Any, namespace: str, name: str, value: float, **more: Any) -> None:
            if not namespace.startswith("AWS/"):
                self.metrics.add((name, str(sorted((more.get("dimensions") or {}).items()))))
            metric(place, namespace, name, value, **more)

        telemetry.log, telemetry.metric = logged, measured

    def _watch_events(self) -> None:
        emit, invoke = self.central.events.emit, self.cloud.functions.invoke

        def emitted(event: dict[str, Any]) -> None:
            self.partner_events += 1
            if emit is not None:
                emit(event)

        def invoked(name: str, event: Any, **more: Any) -> Any:
            if isinstance(event, Mapping) and "Records" in event:
                self.routed += len(event["Records"])
            return invoke(name, event, **more)

        self.central.events.emit, self.cloud.functions.invoke = emitted, invoked

    def begin(self) -> None:
        """Count from now on."""
        for meter in (self.aws, *self.meters.values()):
            meter.calls.clear()
        self.machine_calls.clear()
        self.log_bytes = self.partner_events = self.routed = 0
        self._before = {
            "durations": {name: len(one.durations_ms) for name, one in self.cloud.counters.items()},
            "executions": len(self.cloud.executions()),
            "webhooks": len(self.webhooks.log),
        }

    def vendor_calls(self) -> dict[str, list[Call]]:
        """What the functions asked the vendors since ``begin``, by vendor."""
        return {name: list(meter.calls) for name, meter in self.meters.items()}

    def ledger(self) -> Units:
        """DynamoDB's units since ``begin``, functions' and machines'."""
        sizes = self._sizes()
        calls = [one for one in (*self.aws.calls, *self.machine_calls) if one.service == "dynamodb"]
        return sum((units_of(one, sizes) for one in calls), Units())

    def messages(self) -> int:
        """Messages that functions and machines put into queues since ``begin``."""
        return sum(_messages(one) for one in self._sqs_calls())

    def used(self, latencies_ms: Mapping[str, int]) -> dict[str, float]:
        """What was used since ``begin``, by the rows of prices.yaml.

        A function's time here is scaled: what it waited for vendors stays (``latencies_ms`` by vendor), the rest takes
        as much longer as its memory is below a whole processor's. That is at most what Lambda would bill, since some
        of the rest is waiting for the local cloud.
        """
        executions = self.cloud.executions()[self._before["executions"] :]
        units, sent = self.ledger(), self.messages()
        invocations, gb_seconds = self._lambda_use(latencies_ms)
        received = len(executions) + self.routed
        by_rules = max(0, received - sent)
        billed = sum(math.ceil(one.duration_ms / 100) / 10 for one in executions)
        router = sum(1 for one in self._sqs_calls() if one.operation.startswith("ReceiveMessage"))
        return {
            "lambda_requests": invocations,
            "lambda_gb_seconds": gb_seconds,
            "express_requests": len(executions),
            "express_gb_seconds": billed * _EXPRESS_GB,
            "dynamodb_reads": units.reads,
            "dynamodb_writes": units.writes,
            # Sent by us, put in by rules, then received and deleted one by one at worst.
            "sqs_requests": len(self._sqs_calls()) - router + by_rules + 2 * received,
            "events": self.partner_events + sum(_entries(one) for one in self.aws.calls if one.service == "events"),
            "pipe_requests": len(executions),
            "api_requests": len(self.webhooks.log) - self._before["webhooks"],
            "log_gb": self.log_bytes / 1e9,
            "secret_requests": sum(one.service == "secretsmanager" for one in self.aws.calls),
            "kms_requests": sum(one.service == "kms" for one in self.aws.calls),
        }

    def _lambda_use(self, latencies_ms: Mapping[str, int]) -> tuple[int, float]:
        invocations, measured, seconds, scaled = 0, 0.0, 0.0, 0.0
        for name, counter in self.cloud.counters.items():
            durations = list(counter.durations_ms)[self._before["durations"].get(name, 0) :]
            memory = self._deployed[name].memory_mb if name in self._deployed else 128
            took = sum(durations) / 1000
            invocations += len(durations)
            seconds += took
            measured += took * memory / 1024
            scaled += took * memory / 1024 * max(1.0, WHOLE_PROCESSOR_MB / memory)
        waited = sum(len(meter.calls) * latencies_ms.get(name, 0) / 1000 for name, meter in self.meters.items())
        share = min(1.0, waited / seconds) if seconds else 0.0
        return invocations, share * measured + (1 - share) * scaled

    def _sqs_calls(self) -> list[Call]:
        return [one for one in (*self.aws.calls, *self.machine_calls) if one.service == "sqs"]

    def _read_indexes(self) -> dict[str, list[list[str]]]:
        client, found = self.cloud.client("dynamodb"), {}
        for table in client.list_tables()["TableNames"]:
            described = client.describe_table(TableName=table)["Table"]
            found[table] = [
                [key["AttributeName"] for key in index["KeySchema"]]
                for index in described.get("GlobalSecondaryIndexes", ())
            ]
        return found

    def _sizes(self) -> Sizes:
        """Sizes of the items as they are now."""
        client = self.cloud.client("dynamodb")
        items: dict[tuple[str, Key], Mapping[str, Any]] = {}
        for table in self._indexes:
            for page in client.get_paginator("scan").paginate(TableName=table):
                for item in page["Items"]:
                    items[table, key_of({name: item[name] for name in ("pk", "sk") if name in item})] = item

        def size(table: str, key: Key) -> int:
            item = items.get((table, key))
            return item_bytes(item) if item else _DEFAULT_ITEM_BYTES

        def indexes(table: str, key: Key) -> int:
            item = items.get((table, key)) or {}
            return sum(all(name in item for name in names) for names in self._indexes.get(table, ()))

        return Sizes(size, indexes)


def _messages(call: Call) -> int:
    if call.operation == "SendMessage":
        return 1
    return len(call.asked["Entries"]) if call.operation == "SendMessageBatch" else 0


def _entries(call: Call) -> int:
    return len(call.asked["Entries"]) if call.operation == "PutEvents" else 0


def month_of(assembly: Any) -> dict[str, float]:
    """What a month costs whether anything happens or not, by the rows of prices.yaml, as the templates say it."""
    kinds: dict[str, int] = {}
    alarm_metrics = 0
    for kind, has in resources(assembly):
        kinds[kind] = kinds.get(kind, 0) + 1
        if kind == "AWS::CloudWatch::Alarm":
            alarm_metrics += sum("MetricStat" in one for one in has.get("Metrics", ())) or 1
    return {
        "secrets": kinds.get("AWS::SecretsManager::Secret", 0),
        "kms_keys": kinds.get("AWS::KMS::Key", 0),
        "dashboards": kinds.get("AWS::CloudWatch::Dashboard", 0),
        "alarm_metrics": alarm_metrics,
        "pollers": kinds.get("AWS::Pipes::Pipe", 0) + kinds.get("AWS::Lambda::EventSourceMapping", 0),
    }
