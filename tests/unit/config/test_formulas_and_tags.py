"""Formulas, options and tag properties in the files: a mistake is named with file, line, key and what is allowed."""

from __future__ import annotations

import pytest

import config
from tests.unit.config.test_configuration import Edit, edit, line_of
from tests.unit.config.test_partners_apart import Folder, folder

__all__ = ["edit", "folder"]

SPEND = "monthly_spend: {amount: aws_monthly_spend,"
FORMULA = "spend.monthly_spend.compute"
CITY = "properties: [city], path: Customer.Account.Address.City, codec: plain_text, direction: to_partner"
TYPES = "map: {newbusiness: Net New Business, existingbusiness: Expansion}"


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        (SPEND, f"{SPEND} compute: amount / aws_months,", FORMULA, "unknown deal property 'aws_months'"),
        (SPEND, f"{SPEND} compute: amount ** 2,", FORMULA, "Pow is no operator"),
        (SPEND, f'{SPEND} compute: "__import__(1)",', FORMULA, "__import__ is no function"),
        (SPEND, f"{SPEND} compute: amount / gcp_deal_term,", FORMULA, "belongs to Google"),
        (SPEND, f"{SPEND} compute: amount / aws_use_case,", FORMULA, "is of type enumeration"),
        (SPEND, "monthly_spend: {", "spend.monthly_spend", "needs amount (a property), compute (a formula), or both"),
        (CITY, CITY.replace("to_partner", "both, compute: zip * 2"), "direction", "cannot be written back"),
        (CITY, CITY.replace("plain_text", "website, compute: zip * 2"), "codec", "unknown codec of a computed number"),
        ("options: {max: 120}", 'options: {max: "120"}', "options.max", "'120' does not fit"),
        ("options: {max: 255, cut: true}", "options: {cut: true}", "options", "needs to know where: max"),
        (TYPES, "map: []", "options.map", "does not fit"),
        ('pattern: "[0-9]{12}"', 'pattern: "[0-9"', "options.pattern", "does not fit"),
        ('pattern: "[0-9]{12}", ', "", "options", "needs the option pattern"),
    ],
)
def test_a_mistake_is_named(edit: Edit, old: str, new: str, key: str, message: str) -> None:
    found = edit("aws.yaml", old, new)
    line = line_of("aws.yaml", old)
    assert any(each.key.endswith(key) and message in each.message for each in found), [str(each) for each in found]
    assert all(line - 6 <= each.line <= line for each in found), "the key's line, or that of the rule it is missing in"


def test_a_formula_is_rendered_with_its_names_and_watched(folder: Folder) -> None:
    edited = folder(
        ("aws.yaml", "mode: contract-value", "mode: monthly-spend"),
        ("aws.yaml", SPEND, f"{SPEND} compute: amount / aws_contract_months,"),
    )
    loaded = config.load(edited)
    rules = config.render_settings(loaded, "sandbox")["partners"]["aws"]["fields"]
    (amount,) = [rule for rule in rules if rule["name"] == "spend_amount"]
    assert amount["compute"] == {"text": "amount / aws_contract_months", "names": ["amount", "aws_contract_months"]}
    assert (amount["properties"], amount["direction"]) == (["aws_monthly_spend"], "to_partner")
    from config.webhooks import watched_in_any_stage, watched_properties

    wanted = {"amount", "aws_contract_months", "aws_monthly_spend"}
    assert wanted <= set(watched_properties(config.render_settings(loaded, "sandbox"))["deal"])
    assert wanted <= set(watched_in_any_stage(loaded)["deal"])


@pytest.mark.parametrize(
    ("said", "key", "message"),
    [
        ("{name: partners, value: aws}", "tag_property.name", "unknown deal property 'partners'"),
        ("{name: microsoft_deal_kind, value: aws}", "tag_property.name", "unknown deal property"),
        ("{name: aws_submit, value: perhaps}", "tag_property.value", "unknown value of aws_submit 'perhaps'"),
        ('{name: dealtype, value: "a;b"}', "tag_property.value", "should match pattern"),
    ],
)
def test_a_tag_property_must_be_there_and_have_the_value(edit: Edit, said: str, key: str, message: str) -> None:
    found = edit("aws.yaml", 'tag: "#AWS"', f'tag_property: {said}\ntag: "#AWS"')[0]
    assert (found.key, found.line) == (key, line_of("aws.yaml", 'tag: "#AWS"'))
    assert message in found.message


def test_two_partners_have_no_tag_in_common(folder: Folder) -> None:
    where = "tag_property: {name: dealtype, value: newbusiness}\n"
    edited = folder(
        ("aws.yaml", 'tag: "#AWS"', f'{where}tag: "#AWS"'),
        ("google.yaml", 'tag: "#GCP"', f'{where}tag: "#GCP"'),
    )
    with pytest.raises(config.ConfigurationError, match="stands for AWS already"):
        config.load(edited)


def test_a_tag_property_is_in_the_settings_and_heard_of(folder: Folder) -> None:
    where = "tag_property: {name: dealtype, value: newbusiness, or_name: true}\n"
    loaded = config.load(folder(("aws.yaml", 'tag: "#AWS"', f'{where}tag: "#AWS"')))
    settings = config.render_settings(loaded, "sandbox")
    assert settings["partners"]["aws"]["tag_property"] == {"name": "dealtype", "value": "newbusiness", "or_name": True}
    assert settings["partners"]["google"]["tag_property"] is None
