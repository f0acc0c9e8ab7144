"""What this room gives to the sync (``lambdas.shared.room.Room``)."""

from __future__ import annotations

import os
from functools import cache

from lambdas.shared import wiring
from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.adapters.secrets import token_reader

from alliance.partner import PARTNER, plan_run
from alliance.portal import BASE_URL, Portal

__all__ = ["PARTNER", "opportunities", "plan_run"]


@cache
def opportunities() -> Opportunities:
    """The portal's records, with the token of the secret that ``app.py`` lets the functions read."""
    token = token_reader(wiring.secrets(), os.environ["COSELL_ALLIANCE_SECRET"])
    return Portal(token, os.environ.get("COSELL_ALLIANCE_URL") or BASE_URL)
