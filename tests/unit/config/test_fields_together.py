"""Fields that stand together in the files: both go the same way, and a mistake is named with file, line and key."""

from __future__ import annotations

import pytest

import config
from tests.unit.config.test_configuration import Edit, edit, line_of
from tests.unit.config.test_partners_apart import Folder, folder

__all__ = ["edit", "folder"]

VALUE = "codec: money, required: create, together_with: currency}"
CURRENCY = "path: details.currency, codec: currency, required: create"
TITLE = "path: name, codec: title, required: create"
NOTES = "path: details.notes, codec: plain_text, required: create"


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        (VALUE, VALUE.replace(": currency}", ": curency}"), "together_with", "unknown other field 'curency'"),
        (VALUE, VALUE.replace(": currency}", ": deal_value}"), "together_with", "unknown other field 'deal_value'"),
        (
            TITLE,
            f"{TITLE}, together_with: currency",
            "together_with",
            "'currency' stands together with a field already",
        ),
        (CURRENCY, f"{CURRENCY}, direction: to_partner", "together_with", "has the direction 'both', and 'currency'"),
        (TITLE, f"{TITLE}, together_with: country", "together_with", "has the object 'deal', and 'country'"),
        (
            NOTES,
            f"{NOTES}, together_with: title, only_when: {{field: stage, values: [Closed/Won]}}",
            "together_with",
            "different conditions",
        ),
        (CURRENCY, f"{CURRENCY}, strategy: manual", "strategy", "whose strategy counts for both: say it there"),
        (
            "conflict_strategies: {}",
            "conflict_strategies: {currency: manual}",
            "conflict_strategies.currency",
            "stands together with 'deal_value'",
        ),
    ],
)
def test_a_mistake_is_named(edit: Edit, old: str, new: str, key: str, message: str) -> None:
    found = edit("microsoft.yaml", old, new)
    line = line_of("microsoft.yaml", old)
    assert any(each.key.endswith(key) and message in each.message for each in found), [str(each) for each in found]
    assert all(abs(each.line - line) < 6 for each in found)


def test_who_wins_is_said_once_for_both(folder: Folder) -> None:
    for said in ("{deal_value: manual}", "{deal_value: manual, currency: manual}"):
        loaded = config.load(folder(("microsoft.yaml", "conflict_strategies: {}", f"conflict_strategies: {said}")))
        fields = config.render_settings(loaded, "sandbox")["partners"]["microsoft"]["fields"]
        (value,) = [each for each in fields if each["name"] == "deal_value"]
        assert (value["strategy"], value["together_with"]) == ("manual", "currency")


def test_an_amount_that_is_computed_has_a_currency_that_goes_out_only(folder: Folder) -> None:
    spend = "monthly_spend: {amount: aws_monthly_spend,"
    edited = folder(
        ("aws.yaml", "mode: contract-value", "mode: monthly-spend"),
        ("aws.yaml", spend, f"{spend} compute: amount / aws_contract_months,"),
    )
    fields = config.render_settings(config.load(edited), "sandbox")["partners"]["aws"]["fields"]
    directions = {each["name"]: each["direction"] for each in fields if each["name"].startswith("spend_")}
    assert (directions["spend_amount"], directions["spend_currency"]) == ("to_partner", "to_partner")
