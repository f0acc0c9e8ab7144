"""The status machine (fact sheet 3)."""

from __future__ import annotations

from typing import Any

from sandbox.microsoft.errors import invalid
from sandbox.microsoft.facts import SUBSTATUSES, TRANSITIONS
from sandbox.microsoft.switches import Switches


def check_pair(status: Any, substatus: Any) -> None:
    """Refuse a substatus that does not belong to the status."""
    if substatus not in SUBSTATUSES[status]:
        raise invalid("substatus", f"with status {status} takes: {', '.join(SUBSTATUSES[status])}", "3")


def check_move(before: tuple[str, str], after: tuple[str, str], switches: Switches) -> None:
    """Refuse a move that the machine does not know."""
    if after[0] not in TRANSITIONS.get(before[0], []):
        allowed = ", ".join(TRANSITIONS.get(before[0], []))
        raise invalid("status", f"{before[0]} may become: {allowed}", "3")
    check_pair(*after)
    if before[0] == "Closed" and before != after and not switches.closed_substatus_changes:
        raise invalid("substatus", "Closed is terminal", "3")
