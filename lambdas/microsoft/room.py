"""What the Microsoft room gives to the sync (``lambdas.shared.room.Room``)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lambdas.microsoft.domain.partner import plan_run
from lambdas.microsoft.wiring import PARTNER

if TYPE_CHECKING:
    from lambdas.shared.adapters.opportunities import Opportunities

__all__ = ["PARTNER", "opportunities", "plan_run"]


@cache
def opportunities() -> Opportunities:
    """The partner tenant's referrals."""
    from lambdas.microsoft.adapters.opportunities import MicrosoftOpportunities
    from lambdas.microsoft.wiring import referrals, settings
    from lambdas.shared.domain.field_map import parse_rules

    ours = settings()
    return MicrosoftOpportunities(
        referrals(),
        parse_rules(ours),
        names=ours.get("solution_names"),
        send_status=bool(ours.get("send_status")),
    )
