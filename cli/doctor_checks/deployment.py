"""What the checks look at: one deployment stage, its configuration, its stacks' resources and its vendors.

Everything is made or read once, when the first check asks for it; what failed fails for the next one alike.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config

import config
from cli.doctor_checks.check import NotChecked
from cli.stage import Place, deployed_stacks
from config.model import Stage
from lambdas.shared.adapters.hubspot import BASE_URL, HubSpot
from lambdas.shared.adapters.secrets import Secrets, token_reader
from lambdas.shared.errors import Unauthorized

_BRIEF = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 2})


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack: CloudFormation's two names of it."""

    stack: str
    logical_id: str
    physical_id: str


@dataclass
class Deployment:
    """``place`` with what belongs to it. ``now_ms`` is the clock. All members are safe to use from several threads."""

    place: Place
    configuration: config.Configuration
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    _made: dict[Any, Future[Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _making: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.place.stage

    @property
    def stage(self) -> Stage:
        """The stage's entry in ``stages.yaml``."""
        return self.configuration.stage(self.name)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings document as the configuration renders it now."""
        return self.once("settings", lambda: config.render_settings(self.configuration, self.name))

    @property
    def is_local(self) -> bool:
        """Whether this is the local cloud, which keeps no backups and evaluates no alarms."""
        return "endpoint_url" in self.place.client_options

    def partner(self, name: str) -> Mapping[str, Any] | None:
        """A partner's part of the settings; None where it is not on."""
        return self.settings["partners"].get(name)

    def client(self, service: str, region: str | None = None) -> Any:
        """A client with short time limits, made once."""

        def make() -> Any:
            further = {"region_name": region} if region else {}
            with self._making:  # boto3's default session is not safe to make clients from side by side
                return self.place.client(service, config=_BRIEF, **further)

        return self.once(("client", service, region), make)

    def once[T](self, key: Any, make: Callable[[], T]) -> T:
        """What ``make`` gave, or raised, the first time."""
        with self._lock:
            mine = key not in self._made
            kept: Future[T] = self._made.setdefault(key, Future())
        if mine:
            try:
                kept.set_result(make())
            except BaseException as caught:
                kept.set_exception(caught)
        return kept.result()

    def seen_from_here(self, url: str) -> str:
        """An address of the stage's APIs; the local cloud serves them at its own."""
        endpoint, parts = self.place.client_options.get("endpoint_url"), urlsplit(url)
        if endpoint is None:
            return url
        return f"{endpoint.rstrip('/')}/_aws/execute-api/{parts.netloc.partition('.')[0]}{parts.path}"

    def stacks(self) -> Mapping[str, Mapping[str, Any]]:
        """The stage's stacks in the home region, by the last part of their name (``data``)."""
        found = self.once("stacks", lambda: deployed_stacks(self.client("cloudformation"), self.name))
        return {name.removeprefix(f"cosell-{self.name}-"): stack for name, stack in found.items()}

    def resources(self, kind: str) -> list[Resource]:
        """All resources of a type (``AWS::Pipes::Pipe``) in the stage's home stacks."""
        return [each for stack in self.stacks() for each in self._of_stack(stack).get(kind, ())]

    def _of_stack(self, part: str) -> Mapping[str, list[Resource]]:
        def read() -> dict[str, list[Resource]]:
            pages = self.client("cloudformation").get_paginator("list_stack_resources")
            found: dict[str, list[Resource]] = {}
            for page in pages.paginate(StackName=f"cosell-{self.name}-{part}"):
                for row in page["StackResourceSummaries"]:
                    if row.get("PhysicalResourceId"):
                        held = Resource(part, row["LogicalResourceId"], row["PhysicalResourceId"])
                        found.setdefault(row["ResourceType"], []).append(held)
            return found

        return self.once(("resources", part), read)

    def metric_sum(self, namespace: str, name: str, dimensions: Mapping[str, str], minutes: int) -> float:
        """The sum of a metric over the last minutes; 0 where there is none."""
        return sum(self._points(namespace, name, dimensions, minutes, "Sum"))

    def metric_last(self, namespace: str, name: str, dimensions: Mapping[str, str], minutes: int) -> float | None:
        """A metric's greatest value of the last of these minutes that has one."""
        points = self._points(namespace, name, dimensions, minutes, "Maximum")
        return points[-1] if points else None

    def _points(
        self, namespace: str, name: str, dimensions: Mapping[str, str], minutes: int, statistic: str
    ) -> list[float]:
        now = self.now_ms() / 1000
        answer = self.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - minutes * 60,
            EndTime=now + 60,
            Period=60 if minutes <= 60 else 3600,
            Statistics=[statistic],
        )
        ordered = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
        return [float(point[statistic]) for point in ordered]

    @property
    def hubspot(self) -> HubSpot:
        """HubSpot by the stage's own token."""

        def make() -> HubSpot:
            secret = self.place.output("HubspotTokenSecret")
            token = token_reader(Secrets(self.client("secretsmanager")), secret)
            return HubSpot(token, self.place.vendors.get("hubspot", BASE_URL))

        return self.once("hubspot", make)

    def token_facts(self) -> Mapping[str, Any]:
        """What HubSpot says of the token."""
        return self.once("token", self.hubspot.token_facts)

    def in_hubspot[T](self, key: str, read: Callable[[HubSpot], T]) -> T:
        """What ``read`` gave the first time. ``NotChecked`` where the token is refused: its own check tells that."""
        try:
            return self.once(("hubspot", key), lambda: read(self.hubspot))
        except Unauthorized as caught:
            raise NotChecked(f"HubSpot refuses the token ({caught})") from None

    def pipelines(self) -> list[dict[str, Any]]:
        """The account's deal pipelines."""
        return self.in_hubspot("pipelines", lambda hubspot: hubspot.pipelines())

    def properties(self, object_type: str) -> list[dict[str, Any]]:
        """What ``deals``, ``companies`` or ``contacts`` hold."""
        return self.in_hubspot(f"properties of {object_type}", lambda hubspot: hubspot.properties(object_type))

    def partners_on(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The partners of the stage, with their settings."""
        yield from self.settings["partners"].items()


def ago(ms: float) -> str:
    """A time that has passed, for a person: ``3 days``, ``2 hours``, ``5 minutes``."""
    for size, name in ((86_400_000, "days"), (3_600_000, "hours"), (60_000, "minutes")):
        if ms >= 2 * size:
            return f"{ms // size:.0f} {name}"
    return f"{ms / 1000:.0f} seconds"
