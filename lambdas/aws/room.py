"""What the AWS room gives to the sync (``lambdas.shared.room.Room``)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lambdas.aws.domain.partner import plan_run
from lambdas.aws.wiring import PARTNER

if TYPE_CHECKING:
    from lambdas.shared.adapters.opportunities import Opportunities

__all__ = ["PARTNER", "opportunities", "plan_run"]


@cache
def opportunities() -> Opportunities:
    """Opportunities of the configured catalog."""
    from lambdas.aws.adapters.opportunities import AwsOpportunities
    from lambdas.aws.wiring import partner_central, settings
    from lambdas.shared.domain.field_map import parse_rules

    return AwsOpportunities(partner_central(), parse_rules(settings()))
