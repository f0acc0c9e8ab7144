"""A world that keeps every execution: what a log group with execution data would hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lambdas.shared.runtime import entry_point
from sandbox.local_cloud.interpreter import ExecutionResult, Interpreter
from sandbox.turned import Options, World, machines
from sandbox.turned.parts import LEDGER
from sandbox.turned.sqs import Message


class RecordingWorld(World):
    """``results`` are the executions that came to their end, in that order. Functions run behind the product's own
    entry point, so that what they raise is scrubbed as in the cloud."""

    def __init__(self, options: Options | None = None) -> None:
        self.results: list[ExecutionResult] = []
        super().__init__(options)
        for name in self.functions:
            self.around(name, lambda _event: None)

    def around(self, name: str, before: Callable[[Mapping[str, Any]], None]) -> None:
        """Call ``before(event)`` ahead of function ``name``; what it raises is taken for the function's own error."""
        work = self.functions[name]

        def both(event: Mapping[str, Any], _none: None) -> Any:
            before(event)
            return work(event)

        self.functions[name] = entry_point(both, lambda: None)

    def record_dead_letter(self, queue: str, message: Message) -> ExecutionResult:
        """Run the machine that puts a dead letter on record."""
        parts = (("LedgerTable", LEDGER), ("QueueName", queue.replace(".", "-")), ("SourceQueueUrl", queue))
        filled = machines.filled("dead_letter", parts)
        engine = Interpreter(
            invoke_function=lambda name, _payload: self.functions[name],
            call_service=lambda _service, action, arguments: getattr(self.store, action)(**arguments),
            clock=lambda: self.clock.now_ms() / 1000,
            sleep=lambda _seconds: None,
        )
        return engine.run(filled.text, [message.as_record()], name=f"dead-letter-{message.message_id}")

    def _collect(self) -> None:
        ended = [actor.answer for actor in self.baton.actors if actor.done]
        self.results += [answer for answer in ended if isinstance(answer, ExecutionResult)]
        super()._collect()


def with_data(result: ExecutionResult) -> str:
    """All that a log with execution data shows: input, output, parameters, variables, errors and causes."""
    return json.dumps([result.events, result.output, result.error, result.cause], default=str, ensure_ascii=False)


def without_data(result: ExecutionResult) -> str:
    """What a log without execution data still shows: names, errors and causes."""
    kept = ("name", "resource", "resourceType", "error", "cause")
    details = [value for event in result.events for value in event.values() if isinstance(value, dict)]
    shown = [{name: each[name] for name in kept if name in each} for each in details]
    return json.dumps([shown, result.error, result.cause], ensure_ascii=False)
