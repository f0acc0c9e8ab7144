"""Executions of the world: which machine a message starts, what it may call, and what becomes of its message."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from lambdas.shared.errors import CosellError, Unexpected
from lambdas.shared.runtime import take_counted
from sandbox.fakes import FakeClock, FakeDynamoDb
from sandbox.local_cloud.failures import FunctionFailed
from sandbox.turned import machines
from sandbox.turned.baton import Actor, Baton, Died
from sandbox.turned.letters import DEAD, dead_of, letters_name
from sandbox.turned.options import Options
from sandbox.turned.partners import Side
from sandbox.turned.parts import INVITATIONS, LEDGER, NOTICES, POLLS, Function, Parts
from sandbox.turned.probe import DOORS, ROUTER, through
from sandbox.turned.sqs import Message, TurnedSqs


class Ledger:
    """The ledger's client as an actor sees it: a dead one reaches nothing."""

    def __init__(self, store: FakeDynamoDb, baton: Baton, steps: bool) -> None:
        self._store, self._baton, self._steps = store, baton, steps

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        call = getattr(self._store, name)
        if not self._steps or name in ("get_item", "query", "batch_get_item"):
            return call

        def stepped(**request: Any) -> dict[str, Any]:
            self._baton.here(f"ledger {name}")
            return call(**request)

        return stepped


class Executions:
    """``functions`` are called by the machines. ``statuses`` counts how executions ended, by queue and status;
    ``counted`` the product's metrics; ``unexpected`` what was no named error."""

    options: Options
    clock: FakeClock
    store: FakeDynamoDb
    sqs: TurnedSqs
    baton: Baton
    parts: Parts
    sides: dict[str, Side]
    functions: dict[str, Function]

    def __init__(self) -> None:
        self.statuses: Counter[tuple[str, str]] = Counter()
        self.counted: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self.trace: list[str] = []
        self._in_hand: dict[int, tuple[str, list[Message]]] = {}
        self._number = 0

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Call a function as Lambda would: named errors pass, everything else becomes ``Unexpected``."""
        try:
            return json.loads(json.dumps(self.functions[name](json.loads(json.dumps(event)))))
        except (CosellError, Died, FunctionFailed):
            raise
        except Exception as error:
            self.unexpected.append(f"{name}: {type(error).__name__}: {error}")
            raise Unexpected(type(error).__name__) from error
        finally:
            for metric, found in take_counted().items():
                self.counted[metric] += round(found)

    @functools.cached_property
    def queues(self) -> dict[str, str]:
        """Every queue whose messages start a machine, and the machine."""
        inboxes = {side.inbox: "sync" for side in self.sides.values()}
        own = {queue: name for side in self.sides.values() for queue, name in side.machines.items()}
        queues = {**inboxes, **own, POLLS: "poll"}
        dead = {dead_of(queue): "dead_letter" for queue in (*queues, NOTICES)} if self.options.letters else {}
        return {**queues, **dead}

    def row_of(self, queue: str, message: Message) -> str:
        """Which deployed machine takes a message of ``queue``; of the polls', which poll it runs."""
        machine = self.queues[queue]
        if machine == "poll":
            return f"poll {json.loads(message.body).get('poll')}"
        if machine == "dead_letter":
            return f"dead_letter {letters_name(queue.removesuffix(DEAD))}"
        of = {"sync": queue.partition(".")[0], "look": queue.rpartition(".")[2]}.get(machine)
        return f"{machine} {of}" if of else machine

    def start_machine(self, queue: str, message: Message) -> None:
        """What the Pipe of ``queue`` does with a message."""
        if not self.sqs.receive(queue, message):
            return
        self._number += 1
        definition = machines.filled(self.queues[queue], self._parts_of(queue, message))
        row = self.row_of(queue, message)
        payload = [message.as_record()]

        def work(actor: Actor) -> Any:
            return machines.execute(
                definition,
                payload,
                actor,
                self.baton,
                invoke=self.invoke,
                call=self._call,
                clock=lambda: self.clock.now_ms() / 1000,
                probe=self.options.probe,
                row=row,
            )

        self._launch(queue, [message], f"{definition.name}-{self._number}", work)

    def start_router(self, messages: list[Message]) -> None:
        """What Lambda does with a batch of notices."""
        taken = [one for one in messages if self.sqs.receive(NOTICES, one)]
        if taken:
            self._number += 1
            event = {"Records": [one.as_record() for one in taken]}
            self._launch(NOTICES, taken, f"router-{self._number}", lambda _: self._route(event))

    def _route(self, event: Mapping[str, Any]) -> Any:
        return through(self.options.probe, ROUTER, lambda: self.invoke(DOORS[ROUTER], event))

    def _parts_of(self, queue: str, message: Message) -> tuple[tuple[str, str], ...]:
        """What the placeholders of the queue's machine stand for: the functions of its partner, and the queues."""
        if queue.endswith(DEAD):
            source = queue.removesuffix(DEAD)
            own = {"LedgerTable": LEDGER, "QueueName": letters_name(source), "SourceQueueUrl": source}
            return tuple(sorted(own.items()))
        partner = next(one for one in self.sides.values() if queue in (one.inbox, *one.machines, POLLS))
        begin = f"{partner.name}."
        ours = {name.removeprefix(begin): name for name in self.functions if name.startswith(begin)}
        poll = json.loads(message.body).get("poll")
        own = {
            "LedgerTable": LEDGER,
            "InboxUrl": partner.inbox,
            "InvitationsUrl": INVITATIONS,
            "PollQueueUrl": POLLS,
            "ListPage": poll if poll in self.functions else f"{partner.name}.due",
            **partner.parts_of(queue),
        }
        return tuple(sorted({**ours, **own}.items()))

    def _call(self, service: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        client = {"dynamodb": self.store, "sqs": self.sqs}[service]
        try:
            return getattr(client, action)(**arguments)
        except ClientError as error:
            answer: Any = error.response
            answer.setdefault("ResponseMetadata", {}).setdefault("RequestId", "none")  # moto's engine reads it
            raise
        except Exception as error:
            self.unexpected.append(f"{service}.{action}: {type(error).__name__}: {error}")
            raise

    def _launch(self, queue: str, messages: list[Message], name: str, work: Callable[[Actor], Any]) -> None:
        self.options.probe.begun(name, queue, messages)
        actor = self.baton.start(name, work)
        self._in_hand[actor.number] = (queue, messages)
        self._collect()

    def _collect(self) -> None:
        """Delete the messages of what ended well."""
        for actor in self.baton.finished():
            queue, messages = self._in_hand.pop(actor.number)
            if actor.dead:
                self.statuses[queue, "DIED"] += 1
                continue
            failed: set[str] = set()
            if queue == NOTICES and isinstance(actor.error, (CosellError, FunctionFailed, ClientError)):
                failed, status = {one.message_id for one in messages}, "FAILED"
            elif actor.error is not None:
                raise actor.error
            elif queue == NOTICES:
                failed = {one["itemIdentifier"] for one in actor.answer["batchItemFailures"]}
                status = "FAILED" if failed else "SUCCEEDED"
            else:
                status = actor.answer.status
                if status != "SUCCEEDED":
                    failed = {one.message_id for one in messages}
                    self.trace.append(f"{actor.name} {status}: {actor.answer.error}: {actor.answer.cause}")
            self.statuses[queue, status] += 1
            for message in messages:
                if message.message_id not in failed:
                    self.sqs.delete(queue, message)
