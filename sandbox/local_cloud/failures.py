"""How a function's failure travels from the worker pool to the state machines."""

from __future__ import annotations

from typing import Any


class FunctionFailed(Exception):
    """The handler raised: ``payload`` is the answer Lambda gives then (``errorType``, ``errorMessage``, …)."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(payload.get("errorType", "Exception"))
        self.payload = payload


class TimedOut(Exception):
    """A worker did not answer in time."""


class Died(Exception):
    """A worker ended without an answer."""
