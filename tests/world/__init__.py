"""The product in one process on a turned clock: real handlers, real definitions, simulated vendors, no sockets."""

from __future__ import annotations

from tests.world.options import Options
from tests.world.world import World

__all__ = ["Options", "World"]
