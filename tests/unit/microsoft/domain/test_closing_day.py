"""The close date is a day at both ends; what an earlier version kept of it as a moment is read as the days it meant."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.microsoft.domain.json_patch import to_operations
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.reconcile import drifts_of
from tests.unit.domain.domain_support import history
from tests.unit.microsoft.microsoft_support import NOW, REFERRAL, SETTINGS, run, tied

ZONES = ["Pacific/Pago_Pago", "America/New_York", "UTC", "Europe/Berlin", "Pacific/Kiritimati"]
MOMENTS = ["2030-06-30T00:00:00Z", "2030-06-29T22:00:00Z", "2030-06-30T10:00:00Z", "2030-06-30T23:59:59Z"]
_PATH = "details.closingDateTime"


def closing(referral: dict[str, Any], time: str) -> dict[str, Any]:
    return {**referral, "details": {**referral["details"], "closingDateTime": time}}


def of_an_earlier_version(moment: str, zone: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A deal, its referral and their base as that version left them: at one moment, all three."""
    document, referral, base = tied()
    document = apply_to_deal(document, {"closedate": moment})
    referral, base = closing(referral, moment), {**base, "closing_time": moment}
    shown = run(document, referral, base, time_zone=zone)
    status = {name: text for name, text in shown.deal.items() if name.startswith("microsoft_")}
    return apply_to_deal(document, status), referral, {**shown.base, "closing_time": moment}


def dates(plan: Plan) -> tuple[Any, Any]:
    """What is written to the deal and to the referral."""
    return plan.deal.get("closedate"), plan.opportunity.get(_PATH)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("direction", ["both", "to_partner", "to_deal"])
@pytest.mark.parametrize("foreign", [[], ["closedate"]])
def test_an_upgrade_writes_nothing_asks_nothing_and_is_no_drift(zone: str, direction: str, foreign: list[str]) -> None:
    fields = [{**one, **({"direction": direction} if one["path"] == _PATH else {})} for one in SETTINGS["fields"]]
    link = Link("microsoft", "d500", "deal", deal_id="500", opportunity_id=REFERRAL)
    for moment in MOMENTS:
        document, referral, base = of_an_earlier_version(moment, zone)
        document = {**document, "foreign": {"deal": foreign}}
        plan = run(document, referral, base, time_zone=zone, fields=fields)
        assert (plan.action, dict(plan.deal), plan.conflicts, plan.withheld) == ("none", {}, (), ()), moment
        assert plan.base == base
        assert list(drifts_of(link, {"deal": "current"}, plan.as_dict(), base, SETTINGS["status_properties"])) == []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("moment", MOMENTS)
def test_after_an_upgrade_the_side_that_moves_to_another_day_moves_the_other(moment: str, zone: str) -> None:
    document, referral, base = of_an_earlier_version(moment, zone)
    plan = run(apply_to_deal(document, {"closedate": "2030-08-15"}), referral, base, time_zone=zone)
    assert dates(plan) == (None, "2030-08-15")
    assert [each["value"] for each in to_operations(plan.opportunity, referral)] == ["2030-08-15T00:00:00Z"]
    plan = run(document, closing(referral, "2030-08-15T00:00:00Z"), base, time_zone=zone)
    written, sent = dates(plan)
    assert (sent, plan.base["closing_time"]) == (None, "2030-08-15")
    again = run(
        apply_to_deal(document, {"closedate": written}),
        closing(referral, "2030-08-15T00:00:00Z"),
        dict(plan.base),
        time_zone=zone,
    )
    assert dates(again) == (None, None)


def test_after_an_upgrade_two_sides_that_both_moved_are_settled_by_the_strategy() -> None:
    document, referral, base = of_an_earlier_version("2030-06-30T00:00:00Z", "America/New_York")
    moved = apply_to_deal(document, {"closedate": "2030-08-15"})
    history(moved, "closedate", NOW + 1000)
    plan = run(moved, closing(referral, "2030-09-01T00:00:00Z"), base, time_zone="America/New_York")
    assert dates(plan) == (None, "2030-08-15")


@pytest.mark.parametrize("zone", ZONES)
def test_a_side_whose_day_fits_already_is_left_alone(zone: str) -> None:
    document, referral, base = tied()
    day = {"closedate": "2027-06-30"}
    for there in ("2027-06-30T00:00:00Z", "2027-06-30T23:59:59Z"):
        plan = run(apply_to_deal(document, day), closing(referral, there), base, time_zone=zone)
        assert dates(plan) == (None, None)
        moved = run(
            apply_to_deal(document, day),
            closing(referral, there),
            {**base, "closing_time": "2027-01-01"},
            time_zone=zone,
        )
        assert (dates(moved), moved.base["closing_time"]) == ((None, None), "2027-06-30")
