"""Dead letters of a stage on a turned clock: real definitions and sweeps; plain answers stand for a run's work."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lambdas.shared.adapters.ledger import Audit, DeadLetters, Leases, Links
from lambdas.shared.adapters.ledger.dead_letters import TO_TELL
from lambdas.shared.adapters.queues import Queue
from lambdas.shared.domain.dead_letters import Policy
from lambdas.shared.errors import CosellError
from lambdas.shared.handlers import list_due_links, sweep_dead_letters, tell_dead_letters
from sandbox.fakes import FakeClock, FakeDynamoDb
from sandbox.local_cloud.failures import FunctionFailed
from sandbox.local_cloud.interpreter import ExecutionResult, Interpreter
from sandbox.turned import machines
from sandbox.turned.sqs import Message, TurnedSqs

LEDGER, MINUTE_MS = "ledger", 60_000
MACHINES = {"aws-inbox": "sync", "polls": "poll"}
NAMES = {"sync_status": "aws_sync_status", "sync_message": "aws_sync_message", "last_sync": "aws_last_sync"}
ANSWERS = {
    "FetchDeal": {"deal": "current", "deal_id": "500"},
    "FetchOpportunity": {"opportunity": "none"},
    "PlanChanges": {"action": "none", "outcome": "synced", "writes": 0, "write_deal": False, "steps": []},
    "RecordOutcome": {"state": "open", "again": False, "look_in": 0, "wake_in": 0},
    "ListPage": {"more": False, "count": 0},
}


class Deals:
    """HubSpot as far as somebody is told something. ``refuses`` is raised by the next writes."""

    def __init__(self) -> None:
        self.properties: dict[str, dict[str, str | None]] = {"500": {"hubspot_owner_id": "7"}}
        self.tasks: list[tuple[str, str, str]] = []
        self.refuses: Exception | None = None
        self.updates = 0

    def batch_read_deals(self, ids: list[str], _names: list[str]) -> dict[str, dict[str, str | None]]:
        return {one: dict(self.properties[one]) for one in ids if one in self.properties}

    def update_deal(self, deal_id: str, properties: dict[str, str]) -> dict[str, Any]:
        if self.refuses:
            raise self.refuses
        self.updates += 1
        self.properties[deal_id] |= properties
        return {"properties": dict(self.properties[deal_id])}

    def create_task(self, deal_id: str, subject: str, body: str, *_: Any) -> str:
        self.tasks.append((deal_id, subject, body))
        return f"task-{len(self.tasks)}"


class Feedback:
    """``fails`` is the error of every run while it is set. ``wakes``: when which queue got a message of the sweep's."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.clock, self.store = FakeClock(), FakeDynamoDb()
        self.sqs = TurnedSqs(self.clock)
        self.links = Links(self.store, LEDGER, self.clock)
        self.letters = DeadLetters(self.store, LEDGER, self.clock)
        self.deals = Deals()
        self.fails: str | None = None
        self.routed: list[dict[str, Any]] = []
        self.died: list[int] = []
        self.ended: list[ExecutionResult] = []
        self._sweep = sweep_dead_letters.Collaborators(
            self.letters, self.links, self.sqs, policy or Policy(), self.clock
        )
        partners = {"aws": {"label": "AWS", "status_properties": NAMES}}
        audit = Audit(self.store, "audit", self.clock, ledger=LEDGER)
        self._tell = tell_dead_letters.Collaborators(self.letters, self.links, self.deals, audit, partners, self.clock)
        self._due = list_due_links.Collaborators(self.links, lambda _: Queue(self.sqs, "aws-inbox"), self.clock)

    def deal(self, deal_id: str = "500") -> str:
        """A link of that deal, not yet raised further than by its opening."""
        return self.links.open_for_deal("aws", deal_id, "hubspot")

    def change(self, key: str) -> None:
        """A person changes the deal: the router raises its link and wakes it."""
        self.links.raise_wanted(key)
        self.send("aws-inbox", link=key, why="hubspot", correlation_id="c-1")

    def send(self, queue: str, **message: Any) -> None:
        self.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(message))

    # What happens, minute by minute but for those in which nothing does.

    def turn(self, *, hours: float = 0, minutes: float = 0) -> None:
        """Turn the clock on; all that falls due in between happens at its time."""
        until = self.clock.now_ms() + round(hours * 60 * MINUTE_MS + minutes * MINUTE_MS)
        self._ready()
        while (moment := self._next()) is not None and moment <= until:
            self.clock.set(max(moment, self.clock.now_ms() + 1))
            self._ready()
        self.clock.set(until)
        self._ready()

    def run_sweeps(self) -> None:
        sweep_dead_letters.sweep_dead_letters({"poll": "dead-letters.due"}, self._sweep)
        tell_dead_letters.tell_dead_letters({"poll": "dead-letters.tell"}, self._tell)

    def _next(self) -> int | None:
        due = [item["due_at"] for item in self.store.items(LEDGER) if item.get("due_at") is not None]
        moments = [*due, *([at] if (at := self.sqs.next_visible_at()) is not None else [])]
        return min((max(one, self.clock.now_ms() + 1) for one in moments), default=None)

    def _ready(self) -> None:
        for _ in range(20):
            for queue in ("aws-inbox", "polls", "notices"):
                for message in self.sqs.visible(queue):
                    self._receive(queue, message)
            now = self.clock.now_ms()
            if self.links.due("aws", now, 1):
                list_due_links.list_due_links({"poll": "aws.due"}, self._due)
            elif self.letters.due(now, 1) or self.letters.due(now, 1, TO_TELL):
                try:
                    self.run_sweeps()
                except CosellError:
                    return
            elif not any(self.sqs.visible(queue) for queue in self.sqs.queues):
                return

    def _receive(self, queue: str, message: Message) -> None:
        if not self.sqs.receive(queue, message):
            self.sqs.queue(queue).dead.remove(message)
            self.died.append(self.clock.now_ms())
            self.record(queue, message)
        elif queue in MACHINES:
            parts = {"LedgerTable": LEDGER, "InboxUrl": queue, "PollQueueUrl": queue}
            result = self._execute(MACHINES[queue], parts, message)
            if result.status == "SUCCEEDED":
                self.sqs.delete(queue, message)
        elif self.fails:
            Leases(self.store, LEDGER, self.clock).note_failure(message.message_id, self.fails, "why", "route_notices")
        else:
            self.routed.append(json.loads(message.body))
            self.sqs.delete(queue, message)

    def record(self, queue: str, message: Message, **more: Any) -> ExecutionResult:
        """What the Pipe behind a dead letter queue does."""
        parts = {"LedgerTable": LEDGER, "SourceQueueUrl": queue, "QueueName": queue}
        return self._execute("dead_letter", parts, message, **more)

    def _execute(self, name: str, parts: dict[str, str], message: Message, **more: Any) -> ExecutionResult:
        given = tuple(sorted({**{each: each for each in (*ANSWERS, *_UNUSED)}, **parts}.items()))
        engine = Interpreter(
            invoke_function=self._invoke,
            call_service=self._call,
            clock=lambda: self.clock.now_ms() / 1000,
            sleep=lambda _seconds: None,
        )
        self.ended.append(engine.run(machines.filled(name, given).text, [{**message.as_record(), **more}]))
        return self.ended[-1]

    def _invoke(self, name: str, _payload: Any) -> Any:
        if self.fails and name in ("PlanChanges", "ListPage"):
            raise FunctionFailed({"errorType": self.fails, "errorMessage": "as ordered"})
        return ANSWERS[name]

    def _call(self, service: str, action: str, arguments: dict[str, Any]) -> Any:
        client: Any = {"dynamodb": self.store, "sqs": self.sqs}[service]
        call: Callable[..., Any] = getattr(client, action)
        return call(**arguments)

    # What a test asks.

    def in_state(self, state: str) -> list[Any]:
        """The letters in one state, the oldest first."""
        return list(reversed(self.letters.newest(state, 1000)))


_UNUSED = ("ReserveQuota", "CreateOpportunity", "UpdateOpportunity", "CompleteOpportunity", "WriteDeal")
