"""The room that the tests of AWS's handlers share: ledger, runs and audit in memory, one deal's link, one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Audit, Base, Leases, Links, Origins, Runs
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import FieldChange, Plan
from lambdas.shared.errors import CosellError
from lambdas.shared.handlers.turn import Turn
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeQueue

CUSTOMER = ("BigCorp", "Ann Example", "ann@bigcorp.example.com", "120000")
"""Values of a customer: they may stand in the run item and the audit, and nowhere else."""
ENVELOPE = {"trigger": "hubspot", "correlation_id": "c"}


class Vendor:
    """Records calls and gives the next prepared answer, or raises it. A method without answers left is a failure."""

    def __init__(self, **answers: Iterable[Any]) -> None:
        self.answers = {name: list(each) for name, each in answers.items()}
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in self.answers:
            raise AttributeError(f"nobody expected a call of {name}")

        def called(*arguments: Any) -> Any:
            self.calls.append((name, *arguments))
            answer = self.answers[name].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return called


class Room:
    """``run`` is the envelope that the machine passes; ``slept`` are the waits for our turn, in seconds."""

    def __init__(self) -> None:
        self.clock, self.dynamodb, self.inbox = FakeClock(), FakeDynamoDb(), FakeQueue()
        self.links = Links(self.dynamodb, "ledger", self.clock)
        self.leases = Leases(self.dynamodb, "ledger", self.clock)
        self.base = Base(self.dynamodb, "ledger")
        self.origins = Origins(self.dynamodb, "ledger")
        self.runs = Runs(self.dynamodb, "runs", self.clock)
        self.audit = Audit(self.dynamodb, "audit", self.clock, ledger="ledger")
        self.slept: list[float] = []
        self.turn = Turn(self.clock, self.slept.append)
        self.key = self.links.open_for_deal("aws", "500", "hubspot")
        self.leases.take_lease(self.key, "r")
        self.run: dict[str, Any] = {"run_id": "r", "partner": "aws", "link": self.key, "deal_id": "500", **ENVELOPE}

    @property
    def now(self) -> int:
        return self.clock.now_ms()

    def link(self) -> Link:
        link = self.links.get(self.key)
        assert link is not None
        return link

    def document(self, name: str, run_id: str = "r") -> Any:
        return self.runs.get(run_id, name).get(name)

    def trail(self) -> list[dict[str, Any]]:
        """The link's audit entries, oldest first."""
        return self.audit.entries(self.key)[::-1]

    def results(self) -> list[str | None]:
        """``None`` for each intent, what came of it for each outcome."""
        return [entry.get("result") for entry in self.trail()]


def planned(values: dict[str, Any], *fields: str, action: str = "update", **more: Any) -> dict[str, Any]:
    """A plan document that writes ``values``, with one change on record for each of ``fields``."""
    changes = tuple(FieldChange(name, "before", "after", "deal", "only-deal-moved") for name in fields)
    return Plan(action, "synced", opportunity=values, opportunity_changes=changes, **more).as_dict()  # type: ignore[arg-type]


def assert_no_customer(*spoken: Any) -> None:
    """Answers, links and messages of errors are logged: no customer's value may be in them."""
    text = json.dumps([asdict(one) if isinstance(one, Link) else one for one in spoken], default=str)
    assert [value for value in CUSTOMER if value in text] == []


def named_error(kind: type[CosellError], work: Callable[[], Any]) -> CosellError:
    """The error that ``work`` ends with, of exactly this kind."""
    with pytest.raises(kind) as caught:
        work()
    assert type(caught.value) is kind
    return caught.value
