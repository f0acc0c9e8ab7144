"""What a person is told, when HubSpot will not have it told that way."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Audit, Links
from lambdas.shared.domain.plan import Fact
from lambdas.shared.errors import CosellError, Problem, Rejected, Retryable
from lambdas.shared.handlers.deal_facts import tell
from sandbox.fakes import FakeClock, FakeDynamoDb

TASK = Fact("blocked:1", "task", "Complete the deal", "<p>country</p>")


class HubSpot:
    """Refuses tasks of the owners in ``refuses`` with ``error``; ``asked`` are the owners that were tried."""

    def __init__(self, error: CosellError, *refuses: str | None) -> None:
        self.error, self.refuses = error, refuses
        self.asked: list[str | None] = []

    def create_task(self, _deal: Any, _subject: str, _body: str, _due: int, owner: str | None = None) -> str:
        self.asked.append(owner)
        if owner in self.refuses:
            raise self.error
        return "t1"


class Room:
    def __init__(self) -> None:
        dynamodb, clock = FakeDynamoDb(), FakeClock()
        self.links = Links(dynamodb, "ledger", clock)
        self.audit = Audit(dynamodb, "audit", clock, ledger="ledger")
        self.key = self.links.open_for_deal("aws", "500", "hubspot")

    def tell(self, hubspot: HubSpot, owner: str | None = "77") -> None:
        deal = {"id": "500", "archived": False, "properties": {"hubspot_owner_id": owner}}
        tell(
            [TASK],
            {"link": self.key, "run_id": "r1", "partner": "aws"},
            deal,
            links=self.links,
            hubspot=hubspot,
            audit=self.audit,
            now_ms=1,
        )

    def told(self) -> dict[str, str]:
        return self.links.get(self.key).told


WRONG = Rejected("HubSpot refused it: 400", [Problem("hubspot_owner_id", "does not take this value")])


def test_a_task_whose_owner_hubspot_no_longer_takes_is_nobodys_and_told_once() -> None:
    room, hubspot = Room(), HubSpot(WRONG, "77")
    room.tell(hubspot)
    room.tell(hubspot)
    assert hubspot.asked == ["77", None]
    assert room.told() == {"blocked:1": "t1"}


@pytest.mark.parametrize(("owner", "asked"), [("77", ["77", None]), (None, [None])])
def test_a_task_that_is_refused_without_an_owner_too_is_a_refusal(owner: str | None, asked: list[str | None]) -> None:
    room, hubspot = Room(), HubSpot(WRONG, "77", None)
    with pytest.raises(Rejected):
        room.tell(hubspot, owner)
    assert hubspot.asked == asked


def test_a_passing_fault_does_not_cost_the_owner() -> None:
    room, hubspot = Room(), HubSpot(Retryable("HubSpot is away"), "77")
    with pytest.raises(Retryable):
        room.tell(hubspot)
    assert hubspot.asked == ["77"]
