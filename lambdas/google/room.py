"""What the Google room gives to the sync (``lambdas.shared.room.Room``)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lambdas.google.domain.partner import plan_run
from lambdas.google.wiring import PARTNER

if TYPE_CHECKING:
    from lambdas.shared.adapters.opportunities import Opportunities

__all__ = ["PARTNER", "opportunities", "plan_run"]


@cache
def opportunities() -> Opportunities:
    """Opportunities of the configured partner."""
    from lambdas.google.adapters.opportunities import GoogleOpportunities
    from lambdas.google.wiring import channel, leads, service_account, settings
    from lambdas.shared.domain.field_map import parse_rules

    return GoogleOpportunities(channel(), parse_rules(settings()), leads=leads(), creator=service_account())
