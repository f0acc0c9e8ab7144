"""Dead letters in the world: their queues, what puts them on record, and the two polls that let them feed back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.adapters.ledger import DeadLetters
from lambdas.shared.adapters.ledger.dead_letters import TO_TELL
from lambdas.shared.domain.dead_letters import Policy
from lambdas.shared.handlers import sweep_dead_letters, tell_dead_letters
from sandbox.turned.parts import LEDGER, Function, Parts, bound

DEAD = ".dead"
DUE, TELL = "dead-letters.due", "dead-letters.tell"
POLLS = (DUE, TELL)
_PARTITION = {DUE: "dead-letters", TELL: TO_TELL}


def dead_of(queue: str) -> str:
    """The dead letter queue of a queue."""
    return queue + DEAD


def letters_name(queue: str) -> str:
    """How letters name the queue that they died in: as the stacks do."""
    own = {"invitations": "aws-invitations", "submissions": "aws-submissions"}
    return own.get(queue, queue.replace("aws.look.", "aws-").replace(".", "-"))


def of(p: Parts) -> DeadLetters:
    """What the ledger keeps of them."""
    return DeadLetters(p.store, LEDGER, p.clock)


def functions(p: Parts, sqs: Any, settings: Mapping[str, Any]) -> dict[str, Function]:
    """The two polls."""
    letters, policy = of(p), Policy.of(settings["dead_letters"])
    sweep = sweep_dead_letters.Collaborators(letters, p.links, sqs, policy, p.clock)
    tell = tell_dead_letters.Collaborators(letters, p.links, p.hubspot, p.audit, settings["partners"], p.clock)
    return {
        DUE: bound(sweep_dead_letters.sweep_dead_letters, sweep),
        TELL: bound(tell_dead_letters.tell_dead_letters, tell),
    }


def items(store: Any) -> list[dict[str, Any]]:
    """The letters."""
    return [item for item in store.items(LEDGER) if item["pk"].startswith("dead-letter#")]


def next_due(store: Any, poll: str | None = None) -> int | None:
    """When the first letter is due for ``poll``, or for either of the two."""
    partitions = [_PARTITION[poll]] if poll else list(_PARTITION.values())
    due = [one["due_at"] for one in items(store) if one.get("partner") in partitions and one.get("due_at") is not None]
    return min(due, default=None)
