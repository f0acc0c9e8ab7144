"""What each of Microsoft's codecs makes of a deal, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.microsoft.domain.codecs import CODECS, LARGEST, SIZES, size_of
from lambdas.microsoft.domain.wire import to_wire
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.domain.values import Context, Unwritable
from tests.unit.microsoft.microsoft_support import NOW, context, deal, settings


def rule(name: str) -> FieldRule:
    return next(each for each in parse_rules(settings()) if each.name == name)


def read(name: str, document: dict[str, Any], of: Context | None = None) -> Any:
    reading = CODECS[rule(name).codec].read(document, rule(name), of or context())
    return reading.problem or reading.value


def refused(name: str, document: dict[str, Any], allowed: tuple[str, ...] = ()) -> None:
    problem = read(name, document)
    assert (problem.field, problem.allowed) == (name, allowed)


@pytest.mark.parametrize(
    ("employees", "size"),
    [
        ("1", "1to9employees"),
        ("9", "1to9employees"),
        ("10", "10to50employees"),
        ("50", "10to50employees"),
        ("51", "51to250employees"),
        ("250", "51to250employees"),
        ("251", "251to1000employees"),
        ("1000", "251to1000employees"),
        ("1001", "1001to5000employees"),
        ("5000", "1001to5000employees"),
        ("5001", "5001to10000employees"),
        ("10000", "5001to10000employees"),
        ("10001", "10001to20000employees"),
        ("20000", "10001to20000employees"),
        ("20001", "Morethan20000employees"),
        ("1200.0", "1001to5000employees"),
    ],
)
def test_a_number_of_employees_is_the_size_with_microsofts_boundaries(employees: str, size: str) -> None:
    assert read("size", deal(company={"numberofemployees": employees})) == size


@pytest.mark.parametrize("employees", ["0", "-4", "many", "12.5", "NaN", "Infinity"])
def test_what_is_no_number_of_people_has_no_size(employees: str) -> None:
    refused("size", deal(company={"numberofemployees": employees}))


def test_each_size_ends_where_the_next_begins() -> None:
    assert [size_of(most) for most, _ in SIZES] == [name for _, name in SIZES]
    assert [size_of(most + 1) for most, _ in SIZES] == [*[name for _, name in SIZES[1:]], LARGEST]


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2027-06-30T10:00:00Z", "2027-06-30"),
        ("2027-06-30T10:00:00.7654321Z", "2027-06-30"),
        ("2027-06-29T22:00:00Z", "2027-06-30"),
        ("2027-06-30T23:00:00+01:00", "2027-07-01"),
        ("1814349600000", "2027-06-30"),
        ("2027-06-30", "2027-06-30"),
    ],
)
def test_a_close_date_is_the_day_in_the_accounts_time_zone(raw: str, day: str) -> None:
    berlin = Context(NOW, settings(), {"time_zone": "Europe/Berlin"})
    assert read("closing_time", deal(closedate=raw), berlin) == day


@pytest.mark.parametrize(
    "zone", ["Pacific/Pago_Pago", "America/New_York", "UTC", "Europe/Berlin", "Pacific/Kiritimati"]
)
def test_a_day_at_microsoft_is_the_same_day_on_the_deal_in_every_time_zone(zone: str) -> None:
    there = Context(NOW, settings(), {"time_zone": zone})
    codec, closing = CODECS["closing_time"], rule("closing_time")
    for sent in ("2027-06-30T00:00:00Z", "2027-06-30T00:00:00.0000000Z", "2027-06-30T00:00:00"):
        day = codec.read_partner({"details": {"closingDateTime": sent}}, closing, there)
        assert day == "2027-06-30"
        written = codec.to_properties(day, deal(), closing, there)
        assert read("closing_time", deal(**written), there) == day
        assert to_wire(closing.path, day) == "2027-06-30T00:00:00Z"


def test_a_time_that_a_plan_of_an_earlier_version_holds_is_sent_as_it_is() -> None:
    assert to_wire("details.closingDateTime", "2027-06-30T10:00:00Z") == "2027-06-30T10:00:00Z"


def test_what_is_no_date_is_a_problem() -> None:
    refused("closing_time", deal(closedate="soon"))


@pytest.mark.parametrize(("raw", "code"), [("usd", "USD"), (None, "EUR")])
def test_the_currency_is_the_deals_else_the_accounts(raw: str | None, code: str) -> None:
    assert read("currency", deal(deal_currency_code=raw)) == code


@pytest.mark.parametrize(("code", "taken"), [("USD", True), ("EURO", False), ("E1R", False)])
def test_a_currency_has_three_letters(code: str, taken: bool) -> None:
    assert (CODECS["currency"].check(code, rule("currency"), context()) is None) is taken


def test_both_sides_say_one_deal_value_alike() -> None:
    codec = CODECS["money"]
    for said in (50000, 50000.0, "50000", "50000.00"):
        assert codec.canonical(said, rule("deal_value"), context()) == "50000.00"


@pytest.mark.parametrize(("raw", "code"), [("germany", "DE"), ("de", "DE"), ("United  States", "US")])
def test_a_country_is_its_two_letters(raw: str, code: str) -> None:
    assert read("country", deal(company={"country": raw})) == code


def test_an_unknown_country_becomes_no_other_one() -> None:
    assert "'Atlantis'" in read("country", deal(company={"country": "Atlantis"})).message


def test_an_industry_goes_through_the_table_or_is_microsofts_own() -> None:
    assert read("industries", deal(company={"industry": "BANKING"})) == ["Financial Services"]
    assert read("industries", deal(company={"industry": "Education"})) == ["Education"]
    refused("industries", deal(company={"industry": "ANIMATION"}), ("BANKING",))
    rows = {"details": {"requirements": {"industries": [{"id": "Education"}, {"id": "Education"}, {}]}}}
    assert CODECS["industries"].read_partner(rows, rule("industries"), context()) == ["Education"]


def test_solutions_are_the_deals_else_the_configured_ones() -> None:
    assert read("solutions", deal()) == ["SOL-00000-AAA"]
    assert read("solutions", deal(microsoft_solution_ids="SOL-2; SOL-1;SOL-2")) == ["SOL-1", "SOL-2"]
    assert read("solutions", deal(), context(solutions=[])) is None
    refused("solutions", deal(microsoft_solution_ids="S-1234567"))


def test_people_are_known_by_email_and_nobody_is_invented() -> None:
    document = deal()
    document["contacts"] = [
        {"properties": {"email": "Zoe@X.example", "phone": " +49  1 "}},
        {"properties": {"email": "ann@x.example", "firstname": "Ann"}},
        {"properties": {"email": "ANN@x.example", "firstname": "Anna"}},
        {"properties": {"firstname": "Nobody"}},
        {"properties": {"email": "not an address"}},
    ]
    assert read("contacts", document) == [
        {"email": "ann@x.example", "firstName": "Ann"},
        {"email": "zoe@x.example", "phoneNumber": "+49 1"},
    ]
    assert read("contacts", {**document, "contacts": []}) is None


def test_our_team_is_the_deals_owner() -> None:
    assert read("seller", deal()) == [{"email": "pat@partner.example", "firstName": "Pat", "lastName": "Seller"}]
    assert read("seller", {**deal(), "owner": None}) is None


@pytest.mark.parametrize(("raw", "flag"), [("true", True), ("false", False), ("TRUE", True), (None, None), ("", None)])
def test_silence_is_no_consent_and_no_refusal_either(raw: str | None, flag: bool | None) -> None:
    assert read("share_sellers", deal(microsoft_share_sellers=raw)) is flag


def test_a_consent_that_is_neither_yes_nor_no_is_a_problem() -> None:
    refused("share_sellers", deal(microsoft_share_sellers="maybe"), ("true", "false"))
    assert CODECS["consent"].to_text(False, rule("share_sellers"), context()) == "false"


def test_the_kind_of_a_deal_is_chosen_and_read_back() -> None:
    refused("deal_kind", deal(microsoft_deal_kind="Shared"), ("private", "partner-led", "co-sell"))
    assert read("deal_kind", deal(microsoft_deal_kind=None)) is None
    for kind, type_, share in (("private", "Independent", False), ("co-sell", "Shared", True)):
        document = {"type": type_, "consent": {"consentToShareReferralWithMicrosoftSellers": share}}
        assert CODECS["deal_kind"].read_partner(document, rule("deal_kind"), context()) == kind


def test_no_tag_of_any_partner_reaches_the_name() -> None:
    assert read("title", deal(dealname="A (#AWS) #Microsoft B #gcp")) == "A B"
    written = CODECS["title"].to_properties("New", deal(), rule("title"), context())
    assert written == {"dealname": "New #AWS #Microsoft"}


def test_a_stage_or_pipeline_without_a_place_in_the_map_is_named() -> None:
    stages = tuple(settings()["stage_map"]["default"])
    refused("stage", deal(dealstage="odd"), stages)
    refused("stage", deal(pipeline="odd"), ("default",))
    assert read("sales_stage", deal(dealstage="review")) is None
    assert read("sales_stage", deal(dealstage="proposal")) == "Propose"


@pytest.mark.parametrize("value", ["Closed/Expired", "Active/Engaged"])
def test_a_standing_that_a_partner_may_not_write_is_refused(value: str) -> None:
    assert CODECS["standing"].check(value, rule("stage"), context())
    assert CODECS["standing"].check("Closed/Won", rule("stage"), context()) is None


def test_a_sales_stage_that_microsoft_does_not_list_is_read_and_not_written() -> None:
    assert CODECS["sales_stage"].read_partner({"salesStage": "100"}, rule("sales_stage"), context()) == "100"
    assert CODECS["sales_stage"].check("100", rule("sales_stage"), context())


def test_a_standing_lands_on_the_deal_only_where_the_map_says_so() -> None:
    codec = CODECS["standing"]
    assert codec.to_properties("Closed/Lost", deal(), rule("stage"), context()) == {"dealstage": "closedlost"}
    with pytest.raises(Unwritable) as shown_only:
        codec.to_properties("Closed/Won", deal(), rule("stage"), context())
    assert not shown_only.value.needs_person
    with pytest.raises(Unwritable) as reopening:
        codec.to_properties("Active/Accepted", deal(dealstage="closedwon"), rule("stage"), context())
    assert reopening.value.needs_person
