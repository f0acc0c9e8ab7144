"""Days of trouble in seconds, on a turned clock: nothing is lost, nothing dies, and it drains by itself."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from sandbox.partner_central.fields import get
from sandbox.turned import Options, World

BURST = int(os.environ.get("BURST", "80"))
HOURLY = {"aws.due": 1, "aws.opportunities": 60, "aws.invitations": 60, "hubspot.deals": 60}
DEAL = {"description": "Moving forty servers to the cloud this year.", "aws_contract_months": "12"}


@pytest.fixture(autouse=True)
def _hourly_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The intervals are configuration; hourly ones keep three days short."""
    monkeypatch.setattr("sandbox.turned.scheduler.SCHEDULES", HOURLY)


def _shared(world: World, name: str) -> str:
    deal = world.new_deal(f"{name} #AWS", deal=DEAL, number=len(world.hubspot.account.records("deals")) + 1)
    return deal.deal_id


def _opportunity(world: World, deal_id: str):
    return world.opportunities()[world.hubspot.account.values("deals", deal_id)["aws_opportunity_id"]]


def _assert_drained(world: World, deals: list[str]) -> None:
    assert world.dead_letters() == []
    assert world.unsettled() == []
    assert world.unexpected == []
    claimed = Counter(one.document["PartnerOpportunityIdentifier"] for one in world.opportunities().values())
    assert claimed == Counter(deals)
    for deal_id in deals:
        assert world.hubspot.account.values("deals", deal_id)["aws_sync_status"] == "synced"


@pytest.mark.parametrize(
    ("trouble", "hours"),
    [
        ({"status": 503}, 72),
        ({"status": 400, "code": "ThrottlingException"}, 24),
        ({"status": 400, "code": "AccessDeniedException"}, 24),
    ],
    ids=["down", "throttling", "access denied"],
)
def test_partner_central_away_for_days(trouble: dict, hours: int) -> None:
    world = World(Options(seed=1))
    standing = _shared(world, "Standing")
    world.run_until_quiet()
    world.central.faults.add("*", count=None, **trouble)
    deals = [standing, *(_shared(world, f"New {number}") for number in range(2))]
    world.hubspot.account.update("deals", standing, {"amount": "71000"})
    before = len(world.central.account.calls)
    world.advance(hours * 3600)
    world.hubspot.account.update("deals", standing, {"hs_next_step": "Still here"})
    during = Counter(name for name, _ in world.central.account.calls[before:] if not name.startswith("List"))
    # Hourly in the end: a run has at most four tries of one call.
    assert sum(during.values()) <= len(deals) * 4 * (hours + 15), during
    assert len(world.opportunities()) == 1
    world.central.faults.clear()
    world.advance(2 * 3600)
    _assert_drained(world, deals)
    document = _opportunity(world, standing).document
    assert get(document, "Project.ExpectedCustomerSpend")[0]["Amount"] == "71000.00"
    assert get(document, "LifeCycle.NextSteps") == "Still here"


@pytest.mark.parametrize(("status", "hours"), [(502, 72), (401, 120), (429, 24)])
def test_hubspot_away_for_days(status: int, hours: int) -> None:
    """502: down for three days; 401: a dead token, mended after five days; 429: no quota left."""
    world = World(Options(seed=2))
    standing = _shared(world, "Standing")
    world.run_until_quiet()
    world.hubspot.faults.add("*", status=status, count=None)
    deals = [standing, *(_shared(world, f"New {number}") for number in range(2))]
    world.central.account.edit_as_aws(_opportunity(world, standing).id, next_steps="Meet in May")
    world.advance(hours * 3600)
    assert len(world.opportunities()) == 1
    world.hubspot.faults.clear()
    world.advance(3 * 3600)
    _assert_drained(world, deals)
    assert world.hubspot.account.values("deals", standing)["hs_next_step"] == "Meet in May"


def test_a_day_quota_that_is_used_up_drains_on_the_following_days() -> None:
    world = World(Options(seed=3, writes_per_day=10))
    deals = [_shared(world, f"Deal {number}") for number in range(12)]
    world.advance(3600)
    assert world.calls("CreateOpportunity") <= 5, "two writes each"
    world.advance(6 * 26 * 3600)
    _assert_drained(world, deals)
    assert sum(world.central.account.throttles.values()) == 0, "the limiter keeps us within the vendor's own count"


def test_a_burst_of_deals_drains_at_the_quota() -> None:
    """One write a second, two writes a deal."""
    world = World(Options(seed=4, latency_ms=0, at_once=100))
    deals = [_shared(world, f"Deal {number}") for number in range(BURST)]
    world.run_until_quiet()
    writes = [at for name, at in world.central.account.calls if name in ("CreateOpportunity", "AssociateOpportunity")]
    _assert_drained(world, deals)
    assert world.statuses["aws.inbox", "FAILED"] == 0
    throttled = sum(world.central.account.throttles.values())
    use = (2 * BURST - 1) / ((max(writes) - min(writes)) / 1000)
    print(f"{BURST} deals: quota use {100 * use:.1f} %, {throttled} throttled, {len(writes)} writes")
    assert use >= 0.95
    # A run that comes late for its slot uses it all the same, and then meets the next one.
    assert throttled <= 0.2 * len(writes), "most writes keep to their slots"
