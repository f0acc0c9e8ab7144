"""The product in one process on a turned clock: real handlers, real definitions, simulated vendors, no sockets."""

from __future__ import annotations

from sandbox.turned.options import Options
from sandbox.turned.world import World

__all__ = ["Options", "World"]
