"""Logs and metrics on their way to the local CloudWatch, off the invocations' path.

`Telemetry.log` and `Telemetry.metric` only queue; one thread sends in batches. A logged line that is an
embedded-metric document (an ``_aws`` member, as Powertools prints) becomes metric data as well. Lines are also kept in
memory (the newest ``keep`` of each log group), which is quicker to search than the emulator. `flush` returns when
everything queued so far has been sent.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.local_cloud.clients import Clients
from sandbox.local_cloud.function_code import Function

_STREAM = "local"
_BATCH = 500
# ministack looks at every alarm and every metric whenever data arrive, so they come seldom and many at once.
_SEND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where something belongs."""

    account: str
    region: str


class Telemetry:
    """Queues lines and data points, sends them from one background thread until `stop`."""

    def __init__(self, clients: Clients, *, keep: int = 20000, interval_seconds: float = _SEND_SECONDS) -> None:
        self._clients = clients
        self._interval = interval_seconds
        self._lines: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=keep))
        self._logs: list[tuple[Place, str, int, str]] = []
        self._data: list[tuple[Place, str, dict[str, Any]]] = []
        self._groups: set[tuple[Place, str]] = set()
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._stopped = threading.Event()
        self.problems: deque[str] = deque(maxlen=100)
        self._thread = threading.Thread(target=self._work, daemon=True, name="telemetry")
        self._thread.start()

    def from_function(self, function: Function, lines: list[str]) -> None:
        """What an invocation of ``function`` printed; the pool's log sink."""
        place = Place(function.account, function.region)
        for line in lines:
            self.log(place, function.log_group, line)
            if '"_aws"' in line:
                self._embedded(place, line)

    def from_invocation(self, function: Function, milliseconds: float, error: str | None) -> None:
        """The metrics Lambda keeps of an invocation."""
        place, dimensions = Place(function.account, function.region), {"FunctionName": function.name}
        self.metric(place, "AWS/Lambda", "Invocations", 1, dimensions=dimensions)
        self.metric(place, "AWS/Lambda", "Errors", 1 if error else 0, dimensions=dimensions)
        self.metric(place, "AWS/Lambda", "Duration", milliseconds, unit="Milliseconds", dimensions=dimensions)

    def log(self, place: Place, group: str, line: str) -> None:
        """One line for a log group."""
        with self._lock:
            self._lines[group].append(line)
            self._logs.append((place, group, int(time.time() * 1000), line))

    def metric(
        self,
        place: Place,
        namespace: str,
        name: str,
        value: float,
        *,
        unit: str = "Count",
        dimensions: dict[str, str] | None = None,
        at: float | None = None,
    ) -> None:
        """One data point; ``at`` is epoch seconds (default: now)."""
        datum = {
            "MetricName": name,
            "Value": value,
            "Unit": unit,
            "Timestamp": time.time() if at is None else at,
            "Dimensions": [{"Name": key, "Value": text} for key, text in (dimensions or {}).items()],
        }
        with self._lock:
            self._data.append((place, namespace, datum))

    def lines(self, group: str) -> list[str]:
        """The newest lines of a log group, oldest first."""
        with self._lock:
            return list(self._lines.get(group, ()))

    def groups(self) -> list[str]:
        """The log groups that got lines."""
        with self._lock:
            return sorted(self._lines)

    def flush(self) -> None:
        """Send what is queued now."""
        with self._sending:
            with self._lock:
                logs, self._logs = self._logs, []
                data, self._data = self._data, []
            self._send_logs(logs)
            self._send_data(data)

    def stop(self) -> None:
        """Send what is left and end the thread."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while not self._stopped.wait(self._interval):
            self._try_flush()
        self._try_flush()

    def _try_flush(self) -> None:
        try:
            self.flush()
        except Exception as error:  # telemetry must not end with the emulator's hiccup; a test reads `problems`
            self.problems.append(f"{type(error).__name__}: {error}")

    def _embedded(self, place: Place, line: str) -> None:
        try:
            document = json.loads(line)
            directives = document["_aws"]["CloudWatchMetrics"]
        except (ValueError, KeyError, TypeError):
            return
        at = document["_aws"].get("Timestamp", time.time() * 1000) / 1000
        for directive in directives:
            for names in directive.get("Dimensions") or [[]]:
                dimensions = {name: str(document[name]) for name in names}
                for metric in directive["Metrics"]:
                    values = document[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        unit = metric.get("Unit", "None")
                        self.metric(
                            place,
                            directive["Namespace"],
                            metric["Name"],
                            value,
                            unit=unit,
                            dimensions=dimensions,
                            at=at,
                        )

    def _send_logs(self, logs: list[tuple[Place, str, int, str]]) -> None:
        batches: defaultdict[tuple[Place, str], list[dict[str, Any]]] = defaultdict(list)
        for place, group, at, line in logs:
            batches[place, group].append({"timestamp": at, "message": line})
        for (place, group), events in batches.items():
            client = self._clients.get("logs", region=place.region, account=place.account)
            self._ensure(client, place, group)
            for start in range(0, len(events), _BATCH):
                client.put_log_events(
                    logGroupName=group, logStreamName=_STREAM, logEvents=events[start : start + _BATCH]
                )

    def _ensure(self, client: Any, place: Place, group: str) -> None:
        if (place, group) in self._groups:
            return
        for create, arguments in (
            (client.create_log_group, {"logGroupName": group}),
            (client.create_log_stream, {"logGroupName": group, "logStreamName": _STREAM}),
        ):
            try:
                create(**arguments)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise
        self._groups.add((place, group))

    def _send_data(self, data: list[tuple[Place, str, dict[str, Any]]]) -> None:
        batches: defaultdict[tuple[Place, str], list[dict[str, Any]]] = defaultdict(list)
        for place, namespace, datum in data:
            batches[place, namespace].append(datum)
        for (place, namespace), points in batches.items():
            client = self._clients.get("cloudwatch", region=place.region, account=place.account)
            for start in range(0, len(points), _BATCH):
                client.put_metric_data(Namespace=namespace, MetricData=points[start : start + _BATCH])
