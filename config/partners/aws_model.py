"""``aws.yaml`` as types."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from config.base import Model, Partner
from config.deployment import Catalog
from config.partners.aws_invitations import Invitations, InvitationsBlock
from config.partners.aws_notifications import Notifications
from config.partners.aws_owners import Owners
from config.partners.aws_resources import Engagement, Resources
from config.partners.aws_solutions import Entities, SolutionId, SolutionMatching


class ContractValue(Model):
    """The deal's amount is the contract's worth over a term of months."""

    amount: str
    currency: str
    months: str
    frequency: Literal["None", "Monthly"] = "None"


class MonthlySpend(Model):
    """What the customer is expected to spend with AWS each month: a property of its own, or (``compute``) a formula
    where that is empty."""

    amount: str | None = None
    compute: str | None = None
    currency: str

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if self.amount is None and self.compute is None:
            raise ValueError("needs amount (a property), compute (a formula), or both")
        return self


class Spend(Model):
    """Which of the two meanings an amount has. Only the chosen one is ever sent."""

    mode: Literal["contract-value", "monthly-spend"]
    contract_value: ContractValue
    monthly_spend: MonthlySpend


class Submission(Model):
    """What a submission is made of where the deal does not say it, and readings of rules that AWS does not publish.

    ``no_support_need``: a deal for visibility only names no need; ``say-so`` sends the spreadsheet's "Do Not Need
    Support from AWS Sales Rep", which the service model does not list. ``limited_visibility``: AWS takes the visibility
    Limited from this account. ``co_sell_contacts``: Co-Sell needs contacts and next steps, as the former file
    integration did. ``other_solution``: OtherSolutionDescription stands in for a solution. ``most_attempts``: how often
    one record is sent while AWS's side fails for reasons that pass.
    """

    involvement_type: Literal["Co-Sell", "For Visibility Only"] = "Co-Sell"
    visibility: Literal["Full", "Limited"] = "Full"
    no_support_need: Literal["leave-empty", "say-so"] = "leave-empty"
    limited_visibility: bool = False
    co_sell_contacts: bool = False
    other_solution: bool = False
    most_attempts: int = Field(default=6, ge=1, le=100)


class AwsPartner(Partner):
    """``aws.yaml``."""

    invitations: InvitationsBlock = Invitations()
    notifications: Notifications = Notifications()
    solutions: dict[Catalog, list[SolutionId]]
    entities: dict[Catalog, Entities] = Field(default_factory=dict)
    solution_matching: SolutionMatching = SolutionMatching()
    spend: Spend
    review_locks: Literal["strict", "lenient"] = "strict"
    owners: dict[Catalog, Owners] = Field(default_factory=dict)
    closed_lost: Literal["task", "follow"] = "task"
    submission: Submission = Submission()
    resources: Resources = Resources()
    engagement: Engagement = Engagement()
    industries: dict[str, str]
