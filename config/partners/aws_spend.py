"""The rules that ``spend`` stands for: target, frequency, amount, currency and, for a contract, its term.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_ExpectedCustomerSpend.html
"""

from __future__ import annotations

from typing import Literal

from config.base import Condition, FieldRule
from config.partners.aws_model import AwsPartner, ContractValue, MonthlySpend

_WITH_AMOUNT = Condition(field="spend_amount")


def spend_rules(aws: AwsPartner) -> list[FieldRule]:
    """The rows that the chosen meaning of an amount stands for."""
    contract = aws.spend.mode == "contract-value"
    names = aws.spend.contract_value if contract else aws.spend.monthly_spend
    row = f"Project.ExpectedCustomerSpend[TargetCompany={'Self' if contract else 'AWS'}]"
    literals = {"spend_target": (f"{row}.TargetCompany", "Self" if contract else "AWS")}
    literals["spend_frequency"] = (f"{row}.Frequency", aws.spend.contract_value.frequency if contract else "Monthly")
    if contract:
        literals["contract_term"] = ("Project.ExpectedContractDuration.Term", "Months")
    rules = [
        FieldRule(name=name, path=path, codec="literal", default=value, only_when=_WITH_AMOUNT)
        for name, (path, value) in literals.items()
    ]
    return [*rules, *_amount_rules(row, names), *([_months_rule(aws.spend.contract_value)] if contract else [])]


def _amount_rules(row: str, names: ContractValue | MonthlySpend) -> list[FieldRule]:
    """An amount and its currency: what is computed cannot be written back, and so its currency is not either."""
    formula = names.compute if isinstance(names, MonthlySpend) else None
    direction: Literal["both", "to_partner"] = "both" if formula is None else "to_partner"
    return [
        FieldRule(
            name="spend_amount",
            properties=(names.amount,) if names.amount else (),
            path=f"{row}.Amount",
            codec="money",
            required="create",
            compute=formula,
            direction=direction,
            together_with="spend_currency",
        ),
        FieldRule(
            name="spend_currency",
            properties=(names.currency,),
            path=f"{row}.CurrencyCode",
            codec="currency",
            required="create",
            only_when=_WITH_AMOUNT,
            direction=direction,
            options={"allowed": ["USD", "EUR"]},
        ),
    ]


def _months_rule(names: ContractValue) -> FieldRule:
    return FieldRule(
        name="contract_months",
        properties=(names.months,),
        path="Project.ExpectedContractDuration.Value",
        codec="whole_number",
        required="create",
        only_when=_WITH_AMOUNT,
        options={"min": 1, "max": 144},
    )
