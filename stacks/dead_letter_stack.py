"""DeadLetterStack: what puts the dead letters of the queues that all partners share on record.

A stack of its own, because one stack may hold 500 resources and each queue's recorder has a dozen. Those of a partner's
queues lie in the partner's stack.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from config.model import Stage
from constructs_lib.alarms import add_dead_letter_alarms
from constructs_lib.dead_letters import DeadLetters, DeadLettersProps
from constructs_lib.sync_queue import SyncQueue
from stacks.data_stack import DataStack
from stacks.names import Names, pascal
from stacks.sources import Sources


class DeadLetterStack(Stack):
    """One recorder for each of ``queues``, in the home region.

    ``queues`` are by the name of their dead letters; a bare queue is one of events that a rule could not deliver.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        data: DataStack,
        sources: Sources,
        queues: Mapping[str, SyncQueue | sqs.IQueue],
        stage: Stage,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("dead-letters"),
            description="cosell-sync: dead letters, put on record",
            termination_protection=stage.protected,
        )
        self.recorders = recorders(self, queues, names=names, data=data, sources=sources)
        every = Duration.minutes(stage.intervals.dead_letters_minutes)
        add_dead_letter_alarms(self, names.prefix, data.alarms, every)


def recorders(
    scope: Construct, queues: Mapping[str, SyncQueue | sqs.IQueue], *, names: Names, data: DataStack, sources: Sources
) -> dict[str, DeadLetters]:
    """One recorder for each of ``queues``, by the name of its dead letters."""
    return {
        name: DeadLetters(
            scope,
            f"DeadLetters{pascal(name)}",
            DeadLettersProps(
                name=f"{names.prefix}-{name}-dead-letters",
                queue_name=name,
                source=queue,
                ledger=data.ledger.ledger,
                definition=sources.definitions / "dead_letter.asl.json",
                alarms=data.alarms,
            ),
        )
        for name, queue in queues.items()
    }
