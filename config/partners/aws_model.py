"""``aws.yaml`` as types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from config.base import Model, Partner
from config.deployment import Catalog


class ContractValue(Model):
    """The deal's amount is the contract's worth over a term of months."""

    amount: str
    currency: str
    months: str
    frequency: Literal["None", "Monthly"] = "None"


class MonthlySpend(Model):
    """A property of its own estimates what the customer will spend with AWS each month."""

    amount: str
    currency: str


class Spend(Model):
    """Which of the two meanings an amount has. Only the chosen one is ever sent."""

    mode: Literal["contract-value", "monthly-spend"]
    contract_value: ContractValue
    monthly_spend: MonthlySpend


class AwsPartner(Partner):
    """``aws.yaml``."""

    invitations: Literal["accept-all", "manual"] = "accept-all"
    solutions: dict[Catalog, list[Annotated[str, StringConstraints(pattern=r"^S-\d{1,19}$")]]]
    spend: Spend
    review_locks: Literal["strict", "lenient"] = "strict"
    industries: dict[str, str]
