"""A machine on a bench: the real definition, an in-memory ledger, and plain answers for the Lambdas."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lambdas.shared.adapters.ledger import Links
from sandbox.fakes import FakeDynamoDb, FakeSqs
from sandbox.local_cloud.failures import FunctionFailed
from sandbox.local_cloud.interpreter import ExecutionResult, Interpreter
from tests.workflow.machines.definitions import load

TABLE = "LedgerTable"
PLAN = {"action": "none", "outcome": "synced", "writes": 0, "write_deal": False, "steps": []}


class Bench:
    """A machine, a ledger and queues; ``functions`` maps a function to its answer, or to an error's name to raise.

    ``pauses`` holds the seconds of every Wait and retry, in order: nobody really waits.
    """

    def __init__(self, **functions: Any) -> None:
        self.dynamodb = FakeDynamoDb()
        self.sqs = FakeSqs()
        self.links = Links(self.dynamodb, TABLE)
        self.payloads: list[tuple[str, Any]] = []
        self.pauses: list[float] = []
        self.during: Callable[[str], None] = lambda _name: None
        self.functions = {
            "FetchDeal": {"deal": "current", "deal_id": "500"},
            "FetchOpportunity": {"opportunity": "none"},
            "PlanChanges": PLAN,
            "DecideInvitation": {"do": "accept"},
            "ReserveQuota": {"verdict": "now", "wait_seconds": 0, "not_before": 0, "spacing_ms": 1000},
            "CreateOpportunity": {"opportunity_id": "O1", "version": "v"},
            "UpdateOpportunity": {"opportunity_id": "O1", "version": "v"},
            "CompleteOpportunity": {"done": ["S-1"]},
            "WriteDeal": {"deal_id": "500", "created": False, "written": []},
            "RecordOutcome": {"state": "open", "again": False, "look_in": 0, "wake_in": 0},
            **functions,
        }

    def run(self, machine: str, body: str, message_id: str = "m-1") -> ExecutionResult:
        record = {"messageId": message_id, "body": body, "attributes": {"ApproximateReceiveCount": "3"}}
        engine = Interpreter(invoke_function=self._function, call_service=self._service, sleep=self.pauses.append)
        return engine.run(json.dumps(load(machine)).replace("QueueName", "aws-inbox"), [record])

    def _function(self, name: str, payload: Any) -> Any:
        self.payloads.append((name, payload))
        self.during(name)
        answer = self.functions[name]
        if isinstance(answer, str):
            raise FunctionFailed({"errorType": answer, "errorMessage": "as ordered"})
        return answer

    def _service(self, name: str, action: str, arguments: dict[str, Any]) -> Any:
        return getattr(self.dynamodb if name == "dynamodb" else self.sqs, action)(**arguments)

    def called(self) -> list[str]:
        return [name for name, _ in self.payloads]

    def waking(self) -> list[str]:
        return [message["link"] for message in self.sqs.bodies("InboxUrl")]


def wake(link: str) -> str:
    return json.dumps({"link": link, "why": "hubspot", "correlation_id": "c-1"})
