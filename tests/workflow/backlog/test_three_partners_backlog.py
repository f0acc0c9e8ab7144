"""The same with all three partners: what each one's records say of the deal is enough to find it again."""

from __future__ import annotations

from typing import Any

import pytest

from cli import backfill
from lambdas.shared.errors import Unauthorized
from sandbox.turned import Options, World
from tests.workflow.backlog import backlog
from tests.workflow.three_partners.support import ID, shared, three

SIDES = ("aws", "microsoft", "google")


def lose_the_ledger(world: World) -> None:
    """The app was set up anew: HubSpot and the partners are as they were, and the ledger knows nothing."""
    world.store._tables.clear()
    backlog.forget_notices(world)


def test_after_the_ledger_was_lost_every_record_is_found_again(capsys: pytest.CaptureFixture[str]) -> None:
    world = three()
    deal = shared(world).deal_id
    world.run_until_quiet()
    ids = {name: world.deal(deal)[ID[name]] for name in SIDES}
    world.hubspot.account.update("deals", deal, {ID["microsoft"]: ""})  # only the referral itself names the deal
    lose_the_ledger(world)
    incoming = world.microsoft.account.new_incoming_referral(name="Sent by Microsoft")["id"]
    document = {
        "opportunityInfo": {"displayName": "Brought by Google"},
        "customerInfo": {"customerDetails": {"organizationName": "Example Customer"}},
    }
    brought = world.google.account.new_google_opportunity(document).rpartition("/")[2]
    backlog.forget_notices(world)
    world.clock.advance(seconds=600)

    found = [one for name in SIDES for one in backlog.findings(world, name)]

    assert {(one.record, one.verdict, one.opportunity_id) for one in found} == {
        *((f"deal#{name}#{deal}", "link", ids[name]) for name in SIDES),
        (f"opportunity#microsoft#{incoming}", "deal", incoming),
        (f"opportunity#google#{brought}", "deal", brought),
    }
    assert all(not one.missing for one in found)

    had = {name: len(world.sides[name].documents()) for name in SIDES}
    arguments = backlog.arguments("backfill", "--apply")
    assert backfill.apply(backlog.access(world), arguments, backlog.silent()) == 0, capsys.readouterr()
    world.run_until_quiet()
    assert {name: len(world.sides[name].documents()) for name in SIDES} == had, "nothing was made twice"
    assert {name: world.deal(deal)[ID[name]] for name in SIDES} == ids
    assert len(world.hubspot.account.records("deals")) == 3
    assert (world.duplicates(), world.dead_letters(), world.unsettled()) == ([], [], [])
    assert {one.verdict for name in SIDES for one in backlog.findings(world, name)} == {"linked"}


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ({"code": "ThrottlingException", "status": 400, "count": 2}, "alone"),
        ({"status": 503, "count": 3}, "alone"),
        ({"code": "ValidationException", "status": 400, "count": 1}, "cannot"),
    ],
)
def test_a_fault_that_passes_is_waited_out_and_one_bad_record_is_a_line(fault: dict[str, Any], verdict: str) -> None:
    world = World(Options())
    opportunity = backlog.past_opportunity(world, "One")
    world.central.faults.add("GetOpportunity", **fault)
    (found,) = backlog.findings(world)
    assert (found.record, found.verdict, found.by) == (f"opportunity#aws#{opportunity}", verdict, None)


def test_a_partner_that_lets_us_in_no_more_ends_it() -> None:
    world = World(Options())
    backlog.past_opportunity(world, "One")
    world.central.faults.add("GetOpportunity", code="AccessDeniedException", status=403, count=None)
    with pytest.raises(Unauthorized):
        backlog.findings(world)
