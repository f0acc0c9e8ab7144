"""Money, dates, times and shapes lose nothing, and send nothing that a partner may not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.google.domain.dates import from_date, to_date
from lambdas.google.domain.enums import check_settings, members
from lambdas.google.domain.lifecycle import editable
from lambdas.google.domain.money import amount_text, from_money, to_money
from lambdas.google.domain.opportunity import to_create_body, to_document, to_patch
from lambdas.google.domain.times import from_ms, stamp
from lambdas.shared.domain.days import day_in, noon
from lambdas.shared.errors import Unexpected
from tests.unit.google.google_support import google


@given(st.decimals(min_value=-(10**18), max_value=10**18, places=9))
def test_money_keeps_every_digit_and_one_sign(amount: Decimal) -> None:
    money = to_money(amount, "EUR")
    assert from_money(money) == (amount, "EUR")
    assert int(money["units"]) * money["nanos"] >= 0
    assert Decimal(amount_text(amount)) == amount


def test_money_that_would_come_apart_as_a_float_does_not() -> None:
    assert to_money(Decimal("0.1"), "EUR") == {"currencyCode": "EUR", "units": "0", "nanos": 100000000}
    assert to_money(Decimal("90071992547409931.07"), "EUR")["nanos"] == 70000000
    assert amount_text(Decimal("1E+3")) == "1000"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e30"])
def test_money_refuses_what_it_cannot_hold(text: str) -> None:
    with pytest.raises(ValueError, match="Money"):
        to_money(Decimal(text), "EUR")


@pytest.mark.parametrize("money", [{"units": "x"}, {"nanos": 10**9}, {"units": "1.5"}, {"units": "Infinity"}])
def test_what_is_no_money_is_no_amount(money: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Money"):
        from_money(money)


@given(
    st.dates(min_value=date(1971, 1, 1), max_value=date(2200, 1, 1)), st.sampled_from(["Europe/Berlin", "Asia/Tokyo"])
)
def test_a_day_survives_the_way_to_hubspot_and_back(day: date, zone: str) -> None:
    assert day_in(noon(day, ZoneInfo(zone)), ZoneInfo(zone)) == day
    assert from_date(to_date(day)) == day


@pytest.mark.parametrize(
    "value", [{"year": 2026}, {"year": 2026, "month": 2, "day": 30}, {"year": 0, "month": 0, "day": 0}]
)
def test_half_a_date_is_none(value: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_date(value)


def test_times_of_any_precision_compare_as_text() -> None:
    assert stamp("2026-09-01T12:00:00.5+02:00") == stamp("2026-09-01T10:00:00.500000000Z") == from_ms(1788256800500)
    assert stamp("2026-09-01T10:00:00Z") < stamp("2026-09-01T10:00:00.000000001Z")


def test_a_document_has_no_stubs_and_keeps_no_and_nothing() -> None:
    answer = {
        "name": "opportunities/o1",
        "updateTime": "2026-09-01T10:00:00Z",
        "stage": "STAGE_UNSPECIFIED",
        "owner": "",
        "opportunityInfo": {"confidential": False, "productFamily": [], "opportunityAmount": {"nanos": 0}},
    }
    assert to_document(answer) == {
        "id": "o1",
        "name": "opportunities/o1",
        "updateTime": "2026-09-01T10:00:00.000000000Z",
        "opportunityInfo": {"confidential": False, "opportunityAmount": {"nanos": 0}},
    }


@pytest.mark.parametrize("answer", [{"name": "opportunities/o1", "updateTime": "soon"}, {"name": "leads/l1"}, {}])
def test_an_answer_without_name_or_with_an_odd_time_is_unexpected(answer: dict[str, Any]) -> None:
    with pytest.raises(Unexpected):
        to_document(answer)


def test_a_create_begins_as_a_draft_without_a_stage() -> None:
    values = {"opportunityInfo.displayName": "x", "stage": "S1", "salesCycle.closeDate": None}
    assert to_create_body(values) == {"state": "DRAFT", "opportunityInfo": {"displayName": "x"}}
    assert to_create_body({"state": "SUBMITTED"}) == {"state": "SUBMITTED"}


def test_a_patch_has_the_narrowest_mask_and_clears_by_it() -> None:
    changes = {"opportunityInfo.displayName": "x", "opportunityInfo.description": None}
    assert to_patch(changes) == (
        {"opportunityInfo": {"displayName": "x"}},
        ["opportunityInfo.description", "opportunityInfo.displayName"],
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "CLOSED"},
        {"stage": None},
        {"state": "ACCEPTED"},
        {"creatorEmail": "a@b.c"},
        {"opportunityInfo.productFamily": ["PRODUCT_FAMILY_UNSPECIFIED"]},
        {"opportunityInfo": {}, "opportunityInfo.displayName": "x"},
    ],
)
def test_what_a_partner_may_not_send_is_not_sent(changes: dict[str, Any]) -> None:
    with pytest.raises(Unexpected):
        to_patch(changes)


@pytest.mark.parametrize(
    ("state", "stage", "path", "may"),
    [
        ("DRAFT", "S0", "opportunityInfo.displayName", True),
        ("DRAFT", "S0", "stage", False),
        ("DRAFT", "S0", "owner", False),
        ("REJECTED", "S0", "state", True),
        ("SUBMITTED", "S0", "opportunityInfo.description", False),
        ("ACCEPTED", "S0", "opportunityInfo.description", True),
        ("ACCEPTED", "S0", "opportunityInfo.displayName", False),
        ("ACCEPTED", "S0", "stage", True),
        ("ACCEPTED", "S0", "state", False),
        ("ACCEPTED", "CLOSED", "opportunityInfo.description", False),
        (None, "S0", "opportunityInfo.description", False),
        ("NEW_WORD", "S0", "opportunityInfo.description", False),
    ],
)
def test_edit_rights_follow_the_state(state: str | None, stage: str, path: str, may: bool) -> None:
    document = {"state": state, "stage": stage}
    assert editable(document, path, google()["accepted_editable"]) is may


def test_the_unspecified_member_is_none() -> None:
    assert members(google()["enums"], "Stage") == ("S0", "S1", "CLOSED")


def test_an_unknown_enum_value_in_the_settings_stops_the_start_and_is_named() -> None:
    check_settings(google())
    with pytest.raises(Unexpected, match=r"'S9'.*S0, S1"):
        check_settings(google(stage_map={"default": {"new": "S9"}}))
    with pytest.raises(Unexpected, match="'ProductFamily'"):
        check_settings({"fields": [{"name": "f", "default": "CLOUD", "options": {"enum": "ProductFamily"}}]})
