"""What each codec makes of a deal, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from config.partners.aws import CODECS as CONFIGURABLE
from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.company_codecs import postal_fault
from lambdas.shared.domain.codecs import plain
from lambdas.shared.domain.contact_points import e164
from lambdas.shared.domain.countries import country_code, country_name
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.domain.values import Context
from tests.unit.domain.domain_support import NOW, context, deal, rule, settings


def read(name: str, document: dict[str, Any]) -> Any:
    reading = CODECS[rule(name).codec].read(document, rule(name), context())
    return reading.problem or reading.value


def refusal(name: str, value: Any) -> str | None:
    return CODECS[rule(name).codec].check(value, rule(name), context())


def test_the_configuration_knows_exactly_the_codecs_that_there_are() -> None:
    assert set(CONFIGURABLE) == set(CODECS)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2027-03-31T10:00:00Z", "2027-03-31"),
        ("2027-03-31T22:30:00Z", "2027-04-01"),
        ("2027-03-31", "2027-03-31"),
        ("1806534000000", "2027-04-01"),
        ("2027-03-31T23:30:00+05:00", "2027-03-31"),
    ],
)
def test_a_close_date_is_the_day_in_the_accounts_time_zone(raw: str, day: str) -> None:
    berlin = settings("prod")
    zone = Context(NOW, berlin["partners"]["aws"], berlin["hubspot"])
    assert CODECS["close_date"].read(deal(closedate=raw), rule("close_date"), zone).value == day
    written = CODECS["close_date"].to_properties(day, deal(), rule("close_date"), zone)
    assert CODECS["close_date"].read(deal(**written), rule("close_date"), zone).value == day


@pytest.mark.parametrize(("day", "taken"), [("2026-09-20", False), ("2026-09-21", True), ("2090-01-01", False)])
def test_a_close_date_is_neither_past_nor_further_than_60_years(day: str, taken: bool) -> None:
    assert (refusal("close_date", day) is None) is taken


@pytest.mark.parametrize(
    ("raw", "amount"),
    [("120000", "120000.00"), ("1.005", "1.01"), ("12.3", "12.30"), ("1E3", "1000.00"), ("0", "0.00")],
)
def test_an_amount_is_text_with_two_decimals(raw: str, amount: str) -> None:
    assert read("spend_amount", deal(amount=raw)) == amount


def test_an_amount_that_is_none_or_nothing_is_refused() -> None:
    assert read("spend_amount", deal(amount="a lot")).property == "amount"
    assert refusal("spend_amount", "0.00")
    assert refusal("spend_amount", "-5.00")
    assert refusal("spend_amount", "5.00") is None


def test_contract_value_and_monthly_spend_are_never_confused() -> None:
    import config

    document = config.load().model_dump(mode="python")
    document["aws"]["spend"]["mode"] = "monthly-spend"
    monthly = config.render_settings(config.Configuration.model_validate(document, strict=False), "dev")
    rules = {each.name: each for each in parse_rules(monthly["partners"]["aws"])}
    assert rules["spend_amount"].properties == ("aws_monthly_spend",)
    assert rules["spend_amount"].path.endswith("[TargetCompany=AWS].Amount")
    assert (rules["spend_target"].default, rules["spend_frequency"].default) == ("AWS", "Monthly")
    assert "contract_months" not in rules
    assert rule("spend_amount").properties == ("amount",)
    assert rule("spend_amount").path.endswith("[TargetCompany=Self].Amount")
    assert (rule("spend_target").default, rule("spend_frequency").default) == ("Self", "None")


def test_a_deal_without_currency_has_the_accounts_and_only_usd_and_eur_are_sent() -> None:
    assert read("spend_currency", deal(deal_currency_code=None)) == "USD"
    assert refusal("spend_currency", "EUR") is None
    assert "JPY" in (refusal("spend_currency", "JPY") or "")


@pytest.mark.parametrize(("months", "taken"), [("0", False), ("1", True), ("144", True), ("145", False)])
def test_a_contract_runs_1_to_144_months(months: str, taken: bool) -> None:
    assert (refusal("contract_months", months) is None) is taken


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<p>Two</p><p>lines</p>", "Two\nlines"),
        ("Tom &amp; Jerry<br/>run", "Tom & Jerry\nrun"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("  many   spaces\r\nhere ", "many spaces\nhere"),
        ("<!-- hidden -->seen", "seen"),
        ("where a <b and c> d holds", "where a <b and c> d holds"),
        ("Move <to be named> by <Q3 2027>", "Move <to be named> by <Q3 2027>"),
        ("write to <jane@example.com> or </dev/null>", "write to <jane@example.com> or </dev/null>"),
        ("<P style=\"color: red\" class='x'><B>bold</B></P >end", "bold\nend"),
        ('<a href="https://x.example/?a>b" target=_blank>here</a>', "here"),
        ("<h2>Why</h2><ul><li>cost</li><li>speed</li></ul>", "Why\ncost\nspeed"),
        ('<img src="x.png" alt="a > b"/>shown<br class="y">below', "shown below"),
    ],
)
def test_markup_is_taken_off_and_text_is_kept(raw: str, text: str) -> None:
    assert plain(raw) == text
    assert plain(text) == text


@pytest.mark.parametrize(("length", "taken"), [(19, False), (20, True), (2000, True), (2001, False)])
def test_the_customers_problem_has_20_to_2000_characters(length: int, taken: bool) -> None:
    assert (refusal("customer_problem", "x" * length) is None) is taken


def test_the_customers_problem_falls_back_to_the_description() -> None:
    assert read("customer_problem", deal(aws_customer_problem="Said here, at length.")) == "Said here, at length."
    assert read("customer_problem", deal(aws_customer_problem=" ")) == deal()["properties"]["description"]


def test_a_title_is_cut_to_255_and_next_steps_too() -> None:
    assert len(read("title", deal(dealname="x" * 300 + " #AWS"))) == 255
    assert len(read("next_steps", deal(hs_next_step="y" * 300))) == 255


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("Germany", "DE"),
        ("de", "DE"),
        ("United States", "US"),
        ("U.S.A.", "US"),
        ("Türkiye", "TR"),
        ("UK", "GB"),
        ("Côte d’Ivoire", "CI"),
    ],
)
def test_countries_by_name_or_code(country: str, code: str) -> None:
    assert read("country", deal(company={"country": country})) == code


def test_every_code_that_aws_takes_has_a_name_that_leads_back_to_it() -> None:
    for code in rule("country").options["allowed"]:
        name = country_name(code)
        assert name, code
        assert country_code(name) == code


def test_a_country_that_nobody_knows_is_named() -> None:
    problem = read("country", deal(company={"country": "Atlantis"}))
    assert (problem.object, problem.property) == ("company", "country")
    assert "'Atlantis'" in problem.message


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("WA", "Washington"),
        ("new york", "New York"),
        ("DC", "Dist. of Columbia"),
        ("District of Columbia", "Dist. of Columbia"),
    ],
)
def test_us_states_are_spelled_as_aws_spells_them(state: str, name: str) -> None:
    assert read("state", deal(company={"state": state})) == name


def test_a_us_state_that_is_none_is_named() -> None:
    assert "'Bavaria'" in read("state", deal(company={"state": "Bavaria"})).message


@pytest.mark.parametrize(
    ("country", "code", "taken"),
    [
        ("US", "98101", True),
        ("US", "98101-1234", True),
        ("US", "9810", False),
        ("Canada", "k1a 0b1", True),
        ("United Kingdom", "EC1A 1BB", True),
        ("Netherlands", "1012 AB", True),
        ("Netherlands", "AB 1012", False),
        ("Chile", "anything", True),
        ("Ireland", "D02 X285", True),
        ("Ireland", "X91 PK81", True),
        ("Ireland", "V94H2PP", True),
        ("Ireland", "A65 9F4E", True),
        ("Ireland", "D6W V7N8", True),
        ("Ireland", "DW2 X285", False),
        ("Ireland", "D02 X28", False),
        ("Saudi Arabia", "12345", False),
    ],
)
def test_a_postal_code_is_read_as_it_stands_and_held_to_the_countrys_form_by_the_review_alone(
    country: str, code: str, taken: bool
) -> None:
    value = read("postal_code", deal(company={"country": country, "zip": code}))
    assert value == code.upper()
    fault = postal_fault(country_code(country), value, context())
    assert (fault is None) if taken else ("must look like" in fault)


def test_a_postal_code_longer_than_aws_takes_says_so_whatever_the_country() -> None:
    long = read("postal_code", deal(company={"country": "", "zip": "9" * 30}))
    assert "must have at most 20 characters" in long.message


def test_a_country_without_postal_codes_sends_none() -> None:
    assert read("postal_code", deal(company={"country": "Hong Kong", "zip": "999077"})) is None


def test_industries_go_through_the_table_and_an_unknown_one_is_named() -> None:
    assert read("industry", deal()) == "Software and Internet"
    assert read("industry", deal(company={"industry": "Retail"})) == "Retail"
    unknown = read("industry", deal(company={"industry": "BASKET_WEAVING"}))
    assert "'BASKET_WEAVING'" in unknown.message
    assert "added to 'industries'" in unknown.message
    assert "ACCOUNTING" in unknown.allowed, "what HubSpot's property can be set to, not AWS's own words"


def test_another_industry_is_sent_in_readable_words() -> None:
    assert read("other_industry", deal(company={"industry": "CONSUMER_SERVICES"})) == "Consumer Services"


@pytest.mark.parametrize(
    ("site", "taken"), [("example.com", True), ("https://example.com/x", True), ("example", False)]
)
def test_a_website_is_a_domain_with_an_optional_scheme(site: str, taken: bool) -> None:
    assert (refusal("website", site) is None) is taken


def test_a_website_falls_back_to_the_domain() -> None:
    assert read("website", deal()) == "bigcorp.example.com"
    assert read("website", deal(company={"website": "https://bigcorp.example"})) == "https://bigcorp.example"


@pytest.mark.parametrize(
    ("phone", "sent"),
    [("+49 30 123456", "+4930123456"), ("0049 (30) 123-456", "+4930123456"), ("030 123456", None), ("+0 1", None)],
)
def test_a_phone_is_e164_or_left_out(phone: str, sent: str | None) -> None:
    assert e164(phone) == sent


def test_contacts_have_lower_case_mail_and_no_order() -> None:
    ann = {"id": "1", "properties": {"email": "Ann@BigCorp.example.com", "firstname": "Ann", "phone": "030 1"}}
    bob = {"id": "2", "properties": {"email": "no mail", "lastname": "Bob", "jobtitle": "CTO"}}
    nobody = {"id": "3", "properties": {"email": None}}
    people = read("contacts", deal(contacts=[ann, bob, nobody]))
    assert {"Email": "ann@bigcorp.example.com", "FirstName": "Ann"} in people
    assert {"LastName": "Bob", "BusinessTitle": "CTO"} in people
    assert len(people) == 2
    assert read("contacts", deal(contacts=[bob, nobody, ann])) == people


def test_a_choice_that_is_unknown_is_named_with_what_is_allowed() -> None:
    problem = read("opportunity_type", deal(dealtype="renewal"))
    assert "'renewal'" in problem.message
    assert problem.allowed == ("newbusiness", "existingbusiness")


def test_several_choices_have_no_order_and_name_the_unknown_one() -> None:
    assert read("delivery_models", deal(aws_delivery_models="Resell; Managed Services")) == [
        "Managed Services",
        "Resell",
    ]
    assert "'By mail'" in read("delivery_models", deal(aws_delivery_models="Resell;By mail")).message
