"""Carries events from one bus to a bus in another account or region, which ministack leaves out.

ministack delivers a rule's events to queues, functions, machines and buses of the rule's own account and region
(schedules too), so only the crossing is filled in: for every rule with a bus elsewhere as its target, a queue beside
the rule is added as a second target, and a thread puts what arrives there onto the far bus. The difference from AWS:
the event gets a new id, and the far account and region, where AWS keeps the original ones.
"""

from __future__ import annotations

import datetime
import json
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from sandbox.local_cloud.clients import Clients

_TARGET_ID = "local-cloud-bridge"


@dataclass(frozen=True, slots=True)
class Bridge:
    """One rule that targets a bus elsewhere."""

    rule: str
    bus: str
    far_bus_arn: str
    queue_url: str
    account: str
    region: str


class EventBridges:
    """Finds the crossings of deployed rules and serves them until `stop`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._bridges: dict[tuple[str, str, str, str], Bridge] = {}
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self.problems: deque[str] = deque(maxlen=100)

    def discover(self, places: set[tuple[str, str]]) -> list[Bridge]:
        """Serve every crossing deployed in ``places`` (account, region)."""
        for account, region in sorted(places):
            client = self._clients.get("events", account=account, region=region)
            for bus in client.list_event_buses()["EventBuses"]:
                pages = client.get_paginator("list_rules").paginate(EventBusName=bus["Name"])
                for rule in (one for page in pages for one in page["Rules"]):
                    self._look_at(client, (account, region), bus["Name"], rule["Name"])
        return list(self._bridges.values())

    def idle(self) -> bool:
        """Whether no event is on its way across."""
        return not any(self._is_crossing(bridge) for bridge in list(self._bridges.values()))

    def _is_crossing(self, bridge: Bridge) -> bool:
        sqs = self._clients.get("sqs", account=bridge.account, region=bridge.region)
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        held = sqs.get_queue_attributes(QueueUrl=bridge.queue_url, AttributeNames=names)["Attributes"]
        return any(int(held[name]) for name in names)

    def ask_to_stop(self) -> None:
        """Carry nothing more. A poll under way ends in its own time, or with the queues."""
        self._stopped.set()

    def stop(self) -> None:
        """End the threads."""
        self.ask_to_stop()
        for thread in self._threads:
            thread.join(timeout=2)

    def _look_at(self, client: Any, place: tuple[str, str], bus: str, rule: str) -> None:
        for target in client.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]:
            arn = target["Arn"]
            _, _, service, region, account, resource = arn.split(":", 5)
            is_far_bus = service == "events" and resource.startswith("event-bus/") and (account, region) != place
            key = (*place, rule, arn)
            if is_far_bus and key not in self._bridges:
                self._bridges[key] = self._build(client, place, bus, rule, arn)

    def _build(self, client: Any, place: tuple[str, str], bus: str, rule: str, far_bus_arn: str) -> Bridge:
        account, region = place
        sqs = self._clients.get("sqs", account=account, region=region)
        url = sqs.create_queue(QueueName=f"local-bridge-{len(self._bridges)}-{rule}"[:80])["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        client.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": _TARGET_ID, "Arn": arn}])
        bridge = Bridge(rule, bus, far_bus_arn, url, account, region)
        thread = threading.Thread(target=self._serve, args=(bridge, sqs), daemon=True, name=f"bridge-{rule}")
        self._threads.append(thread)
        thread.start()
        return bridge

    def _serve(self, bridge: Bridge, sqs: Any) -> None:
        far = self._clients.for_arn("events", bridge.far_bus_arn)
        polled = self._clients.get("sqs", account=bridge.account, region=bridge.region, once=True)
        while not self._stopped.is_set():
            try:
                answer = polled.receive_message(QueueUrl=bridge.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=10)
                for message in answer.get("Messages", []):
                    far.put_events(Entries=[_entry(json.loads(message["Body"]), bridge.far_bus_arn)])
                    sqs.delete_message(QueueUrl=bridge.queue_url, ReceiptHandle=message["ReceiptHandle"])
            except Exception as error:
                if not self._stopped.is_set():
                    self.problems.append(f"{type(error).__name__}: {error}")
                    self._stopped.wait(0.2)


def _entry(event: dict[str, Any], bus_arn: str) -> dict[str, Any]:
    return {
        "EventBusName": bus_arn.split("event-bus/", 1)[1],
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "Resources": event.get("resources", []),
        "Time": datetime.datetime.fromisoformat(event["time"]),
    }
