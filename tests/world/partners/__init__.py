"""The partners that a world may have. A further one is a module beside these and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from tests.world.partners.aws import AwsSide
from tests.world.partners.google import GoogleSide
from tests.world.partners.microsoft import MicrosoftSide
from tests.world.partners.side import Side, Step, Surroundings

SIDES: Mapping[str, type[Side]] = {side.name: side for side in (AwsSide, MicrosoftSide, GoogleSide)}

__all__ = ["SIDES", "AwsSide", "GoogleSide", "MicrosoftSide", "Side", "Step", "Surroundings"]
