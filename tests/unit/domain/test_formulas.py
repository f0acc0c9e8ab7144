"""Computed fields: exact, safe, and readable where they cannot be computed."""

from __future__ import annotations

import ast
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import formulas
from lambdas.shared.domain import formula
from lambdas.shared.domain.codecs import CODECS
from lambdas.shared.domain.computed import computed_by, read_rule
from lambdas.shared.domain.field_map import FieldRule, Formula, parse_rules, properties_to_read
from lambdas.shared.domain.formula import Uncomputable, compute
from lambdas.shared.domain.planner import Window, plan_fields
from lambdas.shared.domain.values import Context

MONTHLY = Formula("amount / aws_contract_months", ("amount", "aws_contract_months"))
RULE = FieldRule("spend", "Spend.Amount", "money", properties=("monthly",), direction="to_partner", compute=MONTHLY)
CONTEXT = Context(0, {"tag": "#AWS"})


def deal(**properties: str | None) -> dict[str, Any]:
    return {"properties": properties}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("amount / months", "2500"),
        ("amount * 0.1", "3000"),
        ("0.1 + 0.2", "0.3"),
        ("-(amount - months) / 2", "-14994"),
        ("round(amount / 7, 2)", "4285.71"),
        ("round(2.5) + round(3.5)", "7"),
        ("min(amount, months) + max(1, 2)", "14"),
        ("amount / months if months > 0 and not amount < 1 else 0", "2500"),
        ("amount - amount", "0"),
        ("amount / 3", "10000"),
        ("amount * amount * 1000", "900000000000"),
    ],
)
def test_what_a_formula_gives(text: str, value: str) -> None:
    assert compute(text, {"amount": "30000", "months": "12"}) == value
    assert not [each for each in formulas.mistakes_in(text) if "names no property" not in each]


@settings(deadline=None)
@given(st.decimals("0.01", "99999999.99", places=2), st.integers(1, 144))
def test_money_is_exact(amount: Decimal, months: int) -> None:
    texts = {"amount": str(amount), "aws_contract_months": str(months)}
    assert Decimal(compute("amount / aws_contract_months * aws_contract_months", texts)).quantize(amount) == amount
    assert compute("amount * aws_contract_months", texts) == f"{(amount * months).normalize():f}"


@pytest.mark.parametrize(
    ("text", "said", "name"),
    [
        ("amount / months", "divides by zero", None),
        ("months / months", "divides by zero", None),
        ("amount / word", "is not a number", "word"),
        ("amount > months", "gives yes or no", None),
        ("round(amount, 99)", "rounds to 99 places", None),
        ("amount / missing", "is no formula", None),
        ("round(amount, amount, amount)", "cannot be computed", None),
        ("amount.real", "is no formula", None),
        ("__import__('os')", "is no formula", None),
        ("[amount for amount in amount]", "is no formula", None),
        ("amount ** amount", "is no formula", None),
        ("'a' * 9", "neither a property nor a number", None),
        ("amount = 1", "is no formula", None),
        ("(lambda: amount)()", "is no formula", None),
        (" + ".join(["amount * 1e999"] * 2), "too many digits", None),
    ],
)
def test_what_a_formula_cannot_give_is_said_in_words(text: str, said: str, name: str | None) -> None:
    used = {"amount": "30000", "months": "0", "word": "twelve"}
    names = [each for each in formulas.names_of(text) if each in used]
    with pytest.raises(Uncomputable, match=said) as caught:
        compute(text, {each: used[each] for each in names})
    assert caught.value.name == name


@pytest.mark.parametrize("said", ["nan", "inf", "-Infinity", "1,000", "", "0x10"])
def test_only_finite_numbers_count(said: str) -> None:
    with pytest.raises(Uncomputable, match="is not a number"):
        compute("amount / 2", {"amount": said})


def test_the_configuration_knows_what_the_functions_can_evaluate() -> None:
    assert set(formulas.NODES) == set(formula.NODES)
    assert {getattr(ast, name) for name in formulas.OPERATORS} == set(formula.OPERATORS)
    assert set(formulas.FUNCTIONS) == set(formula.FUNCTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "amount.real",
        "__import__('os')",
        "amount ** 2",
        "amount // 2",
        "[amount]",
        "open('x')",
        "amount if True else 2",
        "amount + 'x'",
        "lambda: amount",
        "amount := 1",
        "round",
        "round(amount, ndigits=2)",
        "min(amount)",
        "amount; amount",
        "amount +",
        "amount + 1.00000000000000001",
        "1 + 1",
        "",
        "amount[0]",
        "f'{amount}'",
        "amount in amount",
    ],
)
def test_what_is_no_formula_is_found_before_it_is_deployed(text: str) -> None:
    assert list(formulas.mistakes_in(text))


def test_the_names_of_a_formula_are_its_properties_in_order() -> None:
    assert formulas.names_of("round(b / a, 2) if b > 1 else max(a, c)") == ("b", "a", "c")


def test_a_rule_counts_its_own_property_first_and_reads_both() -> None:
    context, codec = CONTEXT, CODECS["money"]
    assert read_rule(codec, deal(amount="30000", aws_contract_months="12"), RULE, context).value == "2500.00"
    assert read_rule(codec, deal(monthly="7", amount="30000", aws_contract_months="12"), RULE, context).value == "7.00"
    assert read_rule(codec, deal(amount="30000"), RULE, context).value is None
    assert properties_to_read([RULE], "deal") == ["amount", "aws_contract_months", "monthly"]
    assert computed_by(deal(monthly="7"), RULE) is None


@pytest.mark.parametrize(
    ("properties", "message", "asked"),
    [
        (
            {"amount": "30000", "aws_contract_months": "0"},
            "The deal property 'amount / aws_contract_months' divides by zero.",
            "amount",
        ),
        (
            {"amount": "30000", "aws_contract_months": "a year"},
            "The deal property 'aws_contract_months' is not a number.",
            "aws_contract_months",
        ),
        (
            {"amount": "-5", "aws_contract_months": "1"},
            "The deal property 'amount / aws_contract_months' must be more than 0.",
            "amount",
        ),
        (
            {"amount": "30000"},
            "The deal property 'monthly' is empty; please fill it in.",
            "monthly",
        ),
    ],
)
def test_a_field_that_cannot_be_computed_is_blocked_with_a_reason(
    properties: dict[str, str], message: str, asked: str
) -> None:
    required = FieldRule(
        "spend", "Spend.Amount", "money", properties=("monthly",), direction="to_partner", compute=MONTHLY,
        required="create",
    )  # fmt: skip
    found = plan_fields(
        deal(**properties),
        None,
        {},
        [required],
        codecs=CODECS,
        locked=frozenset(),
        window=Window(0, 0),
        context=CONTEXT,
    )
    (problem,) = found.problems
    assert (problem.message, problem.property, found.became) == (message, asked, {"spend": "problem"})
    assert not found.opportunity


def test_a_formula_alone_asks_for_what_it_lacks() -> None:
    rule = FieldRule("spend", "S", "money", direction="to_partner", compute=MONTHLY, required="create")
    found = plan_fields(
        deal(amount="5"), None, {}, [rule], codecs=CODECS, locked=frozenset(), window=Window(0, 0), context=CONTEXT
    )
    assert [each.property for each in found.problems] == ["aws_contract_months"]


def test_a_formula_over_what_another_partner_wrote_is_withheld() -> None:
    rule = FieldRule("spend", "S", "money", direction="to_partner", compute=MONTHLY)
    theirs = {**deal(amount="30000", aws_contract_months="12"), "foreign": {"deal": ["amount"]}}
    found = plan_fields(
        theirs, None, {}, [rule], codecs=CODECS, locked=frozenset(), window=Window(0, 0), context=CONTEXT
    )
    assert (found.withheld, found.became) == (["spend"], {"spend": "withheld"})


def test_a_formula_of_the_company_reads_the_company() -> None:
    rule = FieldRule("size", "S", "whole_number", "company", direction="to_partner", compute=Formula("a * 2", ("a",)))
    assert read_rule(CODECS["whole_number"], {"company": {"properties": {"a": "4"}}}, rule, CONTEXT).value == "8"


def test_settings_carry_the_formula_with_its_names() -> None:
    entry = {"name": "x", "path": "X", "codec": "money", "compute": {"text": "a / b", "names": ["a", "b"]}}
    (rule,) = parse_rules({"fields": [entry]})
    assert rule.compute == Formula("a / b", ("a", "b"))
    assert rule.reads == ("a", "b")
