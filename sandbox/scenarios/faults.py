"""When things go wrong: a vendor that is down, and a message that no run can digest."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from lambdas.shared.adapters.ledger import DeadLetter
from sandbox.faults import FaultRule
from sandbox.partner_central.fields import get
from sandbox.scenarios.scene import Stage

ALARM = "DeadLettersPermanent"


def down_and_poisoned(stage: Stage) -> None:
    """503 for a while recovers without a dead letter; a poisoned message is recorded, told, alarms and is replayed."""
    down = stage.new_deal("Quarry Telemetry #AWS")
    poisoned_deal = stage.new_deal("Glacier Maps #AWS")
    standing, bad = stage.opportunity_of(down.deal_id), stage.opportunity_of(poisoned_deal.deal_id)
    stage.world.settle(stage.patience)
    out_of_order(stage, "UpdateOpportunity", count=2, match=standing.id)
    stage.edit(down.deal_id, amount="91000")
    stage.wait(
        lambda: get(standing.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "91000.00",
        "the amount, once Partner Central is back",
    )
    letters = stage.world.dead_letters()
    with poisoned(stage, poisoned_deal.deal_id, bad.id, "92000") as (letter, cure):
        _told(stage, letter, poisoned_deal.deal_id)
        cure()
    letters.replay(letters.live(letter.message_id) or letter, stage.world.cloud.client("sqs"))
    stage.wait(
        lambda: get(bad.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "92000.00", "the amount after replay"
    )
    synced = lambda: stage.world.deal(poisoned_deal.deal_id).get("aws_sync_status") == "synced"  # noqa: E731
    stage.wait(synced, "the deal in sync again")
    stage.say("with the cause gone the replayed message went through, and the deal says so")


def out_of_order(stage: Stage, operation: str, *, count: int, match: str | None = None) -> FaultRule:
    """Partner Central answers the next calls of an operation, or those about ``match``, with 503."""
    return stage.world.central_server.faults.add(operation=operation, status=503, count=count, match=match)


def all_well(stage: Stage) -> None:
    """No fault is in force at any vendor."""
    world = stage.world
    for server in (world.hubspot_server, world.central_server, world.microsoft_server, world.google_server):
        server.faults.clear()


@contextmanager
def poisoned(
    stage: Stage, deal_id: str, opportunity_id: str, amount: str
) -> Generator[tuple[DeadLetter, Callable[[], None]]]:
    """AWS answers garbage about the opportunity, and a new amount on its deal dies of it: the letter, and the cure.

    Inside ``with`` what fails comes back soon. On a machine with other things to do, even the good runs of this while
    would be received too often: so the cure belongs inside, and what else wakes the link comes back as soon. So does a
    look that reads the same opportunity meanwhile, but not so often that it would be given up.
    """
    faults = stage.world.central_server.faults
    before = {letter.message_id for letter in stage.world.dead_letters().newest()}
    garbage = faults.add(operation="GetOpportunity", malformed=True, match=opportunity_id, count=None)
    stage.poisoned.add(f"link#aws#d{deal_id}")
    with (
        stage.world.quickly_again("AwsInboxUrl", 1 if stage.calm else 4),
        stage.world.quickly_again("AwsNotificationsUrl", 10 if stage.calm else 20),
    ):
        stage.edit(deal_id, amount=amount)
        letter: DeadLetter = stage.world.wait_for(
            lambda: next((one for one in stage.world.dead_letters().newest() if one.message_id not in before), None),
            "the dead letter on record",
            stage.patience + 40,  # three receives, each after the queue's visibility timeout
        )
        yield letter, lambda: faults.clear(garbage.id)


def _told(stage: Stage, letter: DeadLetter, deal_id: str) -> None:
    """The letter says why, is judged, raises the alarm, and stands on the deal."""
    letters = stage.world.dead_letters()
    stage.require(letter.error and letter.execution and letter.cause, "error, execution and cause on the dead letter")
    stage.require(letter.link == f"link#aws#d{deal_id}", "only the poisoned message is dead")
    cause = (letter.cause or "")[:60]
    stage.say(f"503s recovered by themselves; dead letter {letter.message_id[:8]}…: {letter.error} ({cause}…)")
    stage.world.poll("dead-letters.due")
    judged = lambda: (one := letters.get(letter.message_id)) and one.kind  # noqa: E731
    stage.require(stage.wait(judged, "the sweep's judgement") == "permanent", "a fault waits for a person")
    alarm = stage.wait(lambda: stage.world.cloud.alarm_state(ALARM) == "ALARM", f"the alarm {ALARM}")
    stage.require(alarm, "the alarm")
    stage.say("the alarm on dead letters that wait for a person is in state ALARM")
    stage.world.poll("dead-letters.tell")
    shown = lambda: letter.named in (stage.world.deal(deal_id).get("aws_sync_message") or "")  # noqa: E731
    stage.require(stage.wait(shown, "the dead letter's id on the deal"), "the deal says whom to tell")
    stage.say("the deal says that an operator has to act, and which letter it is")
