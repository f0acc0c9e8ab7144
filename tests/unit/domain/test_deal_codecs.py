"""What every partner has of a deal means the same in every room."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.domain.deal_codecs import Country, Currency, Stage, Title
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Reading, Unwritable

PARTNER: dict[str, Any] = {
    "tag": "#GCP",
    "all_tags": ["#AWS", "#GCP"],
    "tables": {"countries": {"Kosovo": "XK", "Deutschland (BRD)": "DE"}},
    "stage_map": {"default": {"new": "Prospect", "won": "Committed"}},
    "inbound_stage_map": {"default": {"Prospect": "new"}},
    "closed_stages": {"default": ["won"]},
}


def context(**partner: Any) -> Context:
    return Context(1_790_000_000_000, {**PARTNER, **partner}, {"company_currency": "EUR"})


def rule(*properties: str, crm_object: str = "deal", **options: Any) -> FieldRule:
    return FieldRule("field", "Path", "codec", crm_object, properties, options=options)


def country(raw: str, **options: Any) -> Reading:
    deal = {"properties": {}, "company": {"properties": {"country": raw}}}
    return Country().read(deal, rule("hs_country_code", "country", crm_object="company", **options), context())


@pytest.mark.parametrize(
    ("raw", "code"),
    [("cote d’ivoire", "CI"), ("Kosovo", "XK"), ("xk", "XK"), ("deutschland (brd)", "DE"), ("us", "US")],
)
def test_a_country_is_known_to_all_and_the_settings_add_to_them(raw: str, code: str) -> None:
    assert country(raw) == Reading(code)


def test_two_letters_that_are_no_country_and_one_that_is_not_sent_are_problems() -> None:
    for reading in (country("QQ"), country("Kosovo", allowed=["DE"])):
        assert reading.problem is not None
        assert (reading.value, reading.problem.property) == (None, "hs_country_code")


@pytest.mark.parametrize(
    ("codec", "options", "length"), [(Title(), {}, 300), (Title(most=9), {}, 9), (Title(9), {"max": 20}, 20)]
)
def test_a_title_is_cut_only_where_somebody_says_so(codec: Codec, options: dict[str, Any], length: int) -> None:
    assert len(codec.canonical("x" * 300, rule("dealname", **options), context())) == length


def test_a_deal_is_never_left_without_a_name() -> None:
    with pytest.raises(Unwritable):
        Title().to_properties(None, {"properties": {"dealname": "A #AWS"}}, rule("dealname"), context())


@pytest.mark.parametrize(
    ("code", "options", "taken"),
    [("JPY", {}, True), ("EURO", {}, False), ("EUR", {"allowed": ["USD"]}, False), ("USD", {"allowed": ["USD"]}, True)],
)
def test_without_a_list_any_iso_currency_is_sent(code: str, options: dict[str, Any], taken: bool) -> None:
    assert (Currency().check(code, rule("deal_currency_code", **options), context()) is None) is taken


class Showing(Stage):
    asks_for_a_place = False


@pytest.mark.parametrize(
    ("codec", "stage", "asks"),
    [(Stage(), "new", True), (Showing(), "new", False), (Showing(), "won", False), (Stage(), "won", True)],
)
def test_a_stage_without_a_place_asks_a_person_where_the_partner_wants_that(
    codec: Stage, stage: str, asks: bool
) -> None:
    with pytest.raises(Unwritable) as raised:
        codec.to_properties("Launched", {"properties": {"dealstage": stage}}, rule("dealstage"), context())
    assert raised.value.needs_person is asks


def test_no_partner_moves_a_closed_deal() -> None:
    for codec in (Stage(), Showing()):
        with pytest.raises(Unwritable) as raised:
            codec.to_properties("Prospect", {"properties": {"dealstage": "won"}}, rule("dealstage"), context())
        assert raised.value.needs_person
