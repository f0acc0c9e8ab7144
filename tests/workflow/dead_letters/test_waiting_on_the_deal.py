"""A change that waits after an error: the deal says so, and says that it is in sync again once it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.shared.errors import Rejected, Retryable
from sandbox.turned import Options, World
from tests.workflow.backlog.test_reconcile_in_the_world import settled_deal
from tests.workflow.dead_letters.feedback import NAMES, Feedback

TROUBLE = "Retryable"


def tell(stage: Feedback) -> None:
    stage.run_sweeps()


def shown(stage: Feedback) -> tuple[str | None, str | None]:
    found = stage.deals.properties["500"]
    return found.get(NAMES["sync_status"]), found.get(NAMES["sync_message"])


def put_off(stage: Feedback, times: int, error: str = TROUBLE) -> str:
    """A change whose run was postponed so often; the link says of its deal that it is in sync."""
    key = stage.deal()
    now = stage.clock.now_ms()
    names = {"#status": "status", "#attempts": "attempts", "#error": "last_error", "#due": "due_at"}
    stage.store.update_item(
        TableName="ledger",
        Key={"pk": {"S": key}, "sk": {"S": "link"}},
        UpdateExpression="SET #status = :status, #attempts = :attempts, #error = :error, #due = :due",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":status": {"S": "synced"},
            ":attempts": {"N": str(times)},
            ":due": {"N": str(now + 60_000)},
            ":error": {"M": {"kind": {"S": error}, "reason": {"S": "AWS did not answer"}, "at": {"N": str(now)}}},
        },
    )
    stage.deals.properties["500"] |= {NAMES["sync_status"]: "synced", NAMES["sync_message"]: "In sync."}
    return key


def test_a_change_that_waits_after_an_error_is_told_once_with_the_reason() -> None:
    stage = Feedback()
    key = put_off(stage, 3)
    for _ in range(3):
        tell(stage)
    status, message = shown(stage)
    assert status == "waiting"
    assert message is not None
    assert message.startswith("The last changes have not come across yet: AWS did not answer.")
    assert stage.deals.updates == 1
    link = stage.links.get(key)
    assert link is not None
    assert (link.status, link.wanted) == ("waiting", 1), "noted, and nothing was woken"


@pytest.mark.parametrize(("times", "error"), [(2, TROUBLE), (9, "Quota"), (9, "Deferred")])
def test_what_passes_at_once_or_waits_for_its_turn_is_not_worth_a_word(times: int, error: str) -> None:
    stage = Feedback()
    put_off(stage, times, error)
    tell(stage)
    assert (shown(stage)[0], stage.deals.updates) == ("synced", 0)


def test_what_asks_something_of_a_person_is_not_replaced() -> None:
    stage = Feedback()
    put_off(stage, 3)
    stage.deals.properties["500"][NAMES["sync_status"]] = "conflict"
    tell(stage)
    assert (shown(stage)[0], stage.deals.updates) == ("conflict", 0)


def test_while_hubspot_is_away_it_is_told_later_and_a_deal_that_takes_nothing_is_left_alone() -> None:
    stage = Feedback()
    put_off(stage, 3)
    stage.deals.refuses = Retryable("away")
    with pytest.raises(Retryable):
        tell(stage)
    stage.deals.refuses = None
    tell(stage)
    assert shown(stage)[0] == "waiting"

    stage = Feedback()
    key = put_off(stage, 3)
    stage.deals.refuses = Rejected("no")
    tell(stage)
    stage.deals.refuses = None
    tell(stage)
    assert stage.deals.updates == 0
    link = stage.links.get(key)
    assert link is not None
    assert link.status == "waiting", "it is not tried every minute"


def test_a_run_that_ended_while_it_was_told_is_followed_by_one_that_says_it_last() -> None:
    stage = Feedback()
    key = put_off(stage, 3)
    write: Callable[..., Any] = stage.deals.update_deal

    def meanwhile(deal_id: str, properties: dict[str, str]) -> Any:
        stage.clock.advance(seconds=1)
        stage.links.raise_wanted(key)
        return write(deal_id, properties)

    stage.deals.update_deal = meanwhile  # type: ignore[method-assign]
    tell(stage)
    link = stage.links.get(key)
    assert link is not None
    assert link.wanted == 3, "the change of meanwhile, and one more run"


def test_in_the_world_the_deal_says_waiting_and_then_synced() -> None:
    world = World(Options(letters=True))
    deal, _ = settled_deal(world)
    world.central.faults.add(operation="UpdateOpportunity", status=503, count=None)
    world.hubspot.account.update("deals", deal, {"amount": "77000"})
    for _ in range(6):
        world.advance(20)
    assert world.deal(deal)["aws_sync_status"] == "synced", "nobody has told it yet"
    world.poll("dead-letters.tell")
    world.advance(10)
    assert world.deal(deal)["aws_sync_status"] == "waiting"
    assert "the partner did not take the update for now" in world.deal(deal)["aws_sync_message"]
    world.central.faults.clear()
    world.run_until_quiet()
    assert world.deal(deal)["aws_sync_status"] == "synced"
    assert world.deal(deal)["aws_sync_message"] == "The deal and AWS are in sync."
