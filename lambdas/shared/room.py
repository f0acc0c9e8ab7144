"""What a partner's room gives to the sync, and how a deployed function finds it.

A room is a package such as ``lambdas.aws``; its module ``room`` fits ``Room``. The functions of the sync are the same
for every partner: the variable ``COSELL_ROOM`` names the module whose partner they serve.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lambdas.shared.adapters.opportunities import Opportunities
    from lambdas.shared.domain.link import Link
    from lambdas.shared.domain.plan import Plan
    from lambdas.shared.domain.situation import Situation

VARIABLE = "COSELL_ROOM"


class Room(Protocol):
    """The module ``room`` of a partner's room."""

    PARTNER: str
    """The partner's name, as in the settings and in the keys of links."""

    plan_run: Callable[[Situation, Mapping[str, Any], int], Plan]
    """The plan of one run from the situation, the whole settings document and now (epoch milliseconds)."""

    def opportunities(self) -> Opportunities:
        """The partner's records, made once per process."""
        ...


def extras_of(room: Room) -> Callable[[Link], Mapping[str, Any]]:
    """The room's function ``extras(link)``: what it reads from the ledger for ``Situation.extras``; may be absent."""
    return getattr(room, "extras", _nothing)


def _nothing(_link: Link) -> Mapping[str, Any]:
    return {}


def this_room() -> Room:
    """The room of this function. ``KeyError`` or ``ImportError`` when it was deployed without a right one."""
    module: Any = import_module(os.environ[VARIABLE])
    return module
