"""The partners that a world may have. A further one is a module beside these and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.turned.partners.aws import AwsSide
from sandbox.turned.partners.google import GoogleSide
from sandbox.turned.partners.microsoft import MicrosoftSide
from sandbox.turned.partners.side import Side, Step, Surroundings

SIDES: Mapping[str, type[Side]] = {side.name: side for side in (AwsSide, MicrosoftSide, GoogleSide)}

__all__ = ["SIDES", "AwsSide", "GoogleSide", "MicrosoftSide", "Side", "Step", "Surroundings"]
