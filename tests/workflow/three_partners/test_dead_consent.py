"""Microsoft's consent is dead for days: nothing is lost, the other partners go on, and a login mends it all."""

from __future__ import annotations

import pytest

from tests.workflow.three_partners.support import come_to_rest, record, shared, statuses, three, wrong_in

HOURLY = {
    "microsoft.due": 1,
    "microsoft.token": 60,
    "microsoft.opportunities": 60,
    "aws.due": 1,
    "google.due": 1,
}
DAY = 86_400


def test_deals_edited_while_the_consent_is_dead_are_equal_within_an_hour_of_the_next_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = three(latency_ms=0)
    standing = shared(world)
    come_to_rest(world)
    google_id = world.deal(standing.deal_id)["gcp_opportunity_id"]
    world.google.account.review(world.google.name_of(google_id), accept=True)
    come_to_rest(world)
    renewed = world.counted["TokenRenewed"]
    with monkeypatch.context() as patch:  # fewer polls keep five days short
        patch.setattr("sandbox.turned.scheduler.SCHEDULES", HOURLY)
        world.microsoft.account.kill_consent(access_tokens_too=True)
        world.hubspot.account.update("deals", standing.deal_id, {"amount": "71000"})
        world.advance(2 * DAY)
        world.microsoft.account.edit_as_microsoft(
            world.deal(standing.deal_id)["microsoft_referral_id"], statusReason="Quota"
        )
        world.advance(2.9 * DAY)
        fresh = shared(world, "Quay Migration", number=2)
        world.advance(0.1 * DAY)
    assert statuses(world, fresh.deal_id) == {"aws": "synced", "microsoft": None, "google": "synced"}
    assert record(world, standing.deal_id, "aws")["Project"]["ExpectedCustomerSpend"][0]["Amount"] == "71000.00"
    assert len(world.microsoft.documents()) == 1
    assert world.counted["ConsentDead"] >= 5 * 23
    assert world.counted["TokenRenewed"] == renewed
    assert [one["last_error"]["kind"] for one in world.unsettled()] == ["Unauthorized"] * 2

    world.microsoft.login()
    world.advance(3600)
    assert wrong_in(world) == []
    assert set(statuses(world, standing.deal_id).values()) == {"synced"}
    assert set(statuses(world, fresh.deal_id).values()) == {"synced"}
    assert record(world, standing.deal_id, "microsoft")["details"]["dealValue"] == 71000
    assert world.deal(standing.deal_id)["microsoft_status_reason"] == "Quota"
    assert len(world.microsoft.documents()) == 2
