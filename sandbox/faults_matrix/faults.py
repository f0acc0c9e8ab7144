"""The faults, and on which row each makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.turned.probe import DOORS, ROUTER

THROTTLE, FAILING, TIMEOUT, LOST = "throttle", "5xx", "timeout before", "answer lost"
LAMBDA, BETWEEN = "Lambda crash", "crash between states"
TWICE, REORDERED = "delivered twice", "delivered out of order"
TOKEN, TABLE, QUEUE = "expired token", "table refuses", "queue refuses"
FAULTS = (THROTTLE, FAILING, TIMEOUT, LOST, LAMBDA, BETWEEN, TWICE, REORDERED, TOKEN, TABLE, QUEUE)

ONCE, LASTING = "once", "lasting"

VENDOR_ANSWERS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "aws": {
        THROTTLE: {"status": 400, "code": "ThrottlingException"},
        FAILING: {"status": 503},
        TOKEN: {"status": 400, "code": "ExpiredTokenException"},
    },
    "microsoft": {
        THROTTLE: {"status": 429, "headers": {"Retry-After": "7"}},
        FAILING: {"status": 503},
        TOKEN: {"status": 401},
    },
    "google": {
        THROTTLE: {"status": 403, "code": "rateLimitExceeded"},
        FAILING: {"status": 503},
        TOKEN: {"status": 401},
    },
    "hubspot": {THROTTLE: {"status": 429}, FAILING: {"status": 502}, TOKEN: {"status": 401}},
}
_READING = ("read", "search", "list", "labels", ".get", ".query", ".usage")
_TOKENS = ("Token", "Discovery", "sts.token", "oauth2.token", "iamcredentials.generateAccessToken", "token.read")


@dataclass(frozen=True, order=True)
class Row:
    """A state (``call`` false: ``group`` is the machine, ``name`` the state) or a vendor's operation at ``where``.

    A function that no machine calls is a row of its own: ``group`` is the door, ``name`` the function.
    """

    call: bool
    group: str
    name: str
    where: str = ""

    def __str__(self) -> str:
        return " / ".join(part for part in (self.group, self.name, self.where) if part)


def reads(operation: str) -> bool:
    """Whether an operation of a vendor changes nothing there."""
    return operation.startswith(("Get", "List")) or operation.endswith(_READING) or operation in _TOKENS


_OF_STATES = {BETWEEN: [ONCE], TWICE: [ONCE], REORDERED: [ONCE], TABLE: [LASTING], QUEUE: [LASTING]}
_OF_DOORS = {TABLE: [ONCE, LASTING], QUEUE: [ONCE, LASTING]}
_OF_ROUTER = {TWICE: [ONCE], REORDERED: [ONCE]}


def variants(row: Row, fault: str, resource: str | None, effects: int) -> list[str] | str:
    """How the fault is tried on the row, or why it makes no sense there.

    ``resource`` is what the state calls (None: nothing), ``effects`` how many things its function does.
    """
    if row.call:
        return _of_call(row, fault)
    if fault in _OF_STATES:
        return _of_door(row, fault) if row.group in DOORS else _OF_STATES[fault]
    if resource is None or fault == TOKEN:
        return "the state calls nothing" if resource is None else "the vendors' calls have tokens: see their rows"
    service = ":" in resource
    if fault == LAMBDA:
        return "no Lambda: the machine calls the service" if service else [str(k) for k in range(effects + 1)]
    if fault == LOST and resource.endswith(":get_item"):
        return "a read: nothing was done"
    return [ONCE, LASTING]


def _of_door(row: Row, fault: str) -> list[str] | str:
    if fault == BETWEEN:
        return "a function by itself is no machine, and has no states"
    if fault in _OF_DOORS:
        return _OF_DOORS[fault]
    return _OF_ROUTER[fault] if row.group == ROUTER else "webhooks come twice and shuffled in tests/workflow"


def _of_call(row: Row, fault: str) -> list[str] | str:
    if fault in (THROTTLE, FAILING, TIMEOUT, TOKEN):
        return [ONCE, LASTING]
    if fault == LOST:
        return "a read: nothing was done" if reads(row.name) else [ONCE, LASTING]
    if fault == LAMBDA:
        return [ONCE]
    return "a fault of states and messages: see the states"
