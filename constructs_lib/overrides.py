"""A warning at synth when a user turns off one of our safe defaults."""

from __future__ import annotations

from aws_cdk import Annotations
from constructs import IConstruct


def warn_override(scope: IConstruct, default: str, consequence: str) -> None:
    """Warn on ``scope`` that ``default`` (``"alarms"``, ``"point_in_time_recovery"``) is off and what that means."""
    Annotations.of(scope).add_warning_v2(f"cosell:{default}", f"{default} is turned off here: {consequence}")
