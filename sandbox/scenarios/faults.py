"""When things go wrong: a vendor that is down, and a message that no run can digest."""

from __future__ import annotations

from lambdas.shared.adapters.ledger import DeadLetter
from sandbox.partner_central.fields import get
from sandbox.scenarios.scene import Stage

ALARM = "DeadLettersPermanent"


def down_and_poisoned(stage: Stage) -> None:
    """503 for a while recovers without a dead letter; a poisoned message is recorded, told, alarms and is replayed."""
    down = stage.new_deal("Quarry Telemetry #AWS")
    poisoned = stage.new_deal("Glacier Maps #AWS")
    standing, bad = stage.opportunity_of(down.deal_id), stage.opportunity_of(poisoned.deal_id)
    stage.world.settle(stage.patience)
    before = {letter.message_id for letter in stage.world.dead_letters().newest()}
    faults = stage.world.central_server.faults
    faults.add(operation="UpdateOpportunity", status=503, count=2, match=standing.id)
    stage.edit(down.deal_id, amount="91000")
    stage.wait(
        lambda: get(standing.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "91000.00",
        "the amount, once Partner Central is back",
    )
    garbage = faults.add(operation="GetOpportunity", malformed=True, match=bad.id, count=None)
    stage.poisoned.add(f"link#aws#d{poisoned.deal_id}")
    letters = stage.world.dead_letters()
    # On a machine with other things to do, even the good runs of this while would be received too often. It lasts until
    # the cause is gone: what else wakes the link is to come back as soon, and not half a minute later. So is a look
    # that reads the same opportunity meanwhile, but not so often that it would be given up.
    with (
        stage.world.quickly_again("AwsInboxUrl", 1 if stage.calm else 4),
        stage.world.quickly_again("AwsNotificationsUrl", 10 if stage.calm else 20),
    ):
        stage.edit(poisoned.deal_id, amount="92000")
        letter = stage.world.wait_for(
            lambda: next((one for one in letters.newest() if one.message_id not in before), None),
            "the dead letter on record",
            stage.patience + 40,  # three receives, each after the queue's visibility timeout
        )
        _told(stage, letter, poisoned.deal_id)
        faults.clear(garbage.id)
    letters.replay(letters.live(letter.message_id) or letter, stage.world.cloud.client("sqs"))
    stage.wait(
        lambda: get(bad.document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "92000.00", "the amount after replay"
    )
    synced = lambda: stage.world.deal(poisoned.deal_id).get("aws_sync_status") == "synced"  # noqa: E731
    stage.wait(synced, "the deal in sync again")
    stage.say("with the cause gone the replayed message went through, and the deal says so")


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
