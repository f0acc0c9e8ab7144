"""Something that a person is told about a deal, once: by a task, a note, or both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["task", "note", "both"]
Priority = Literal["high", "normal"]
Audience = Literal["owner", "anybody"]

DUE_HOURS = 24
"""Hours until a task is due whose notification does not say it."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One fact that is told once, however often it is seen.

    ``key`` holds no value of a customer, and the same fact has the same key; it is remembered on the link. ``body`` is
    HTML, escaped (``messages.py`` has what makes it). ``due_hours`` is for tasks; None takes ``DUE_HOURS``.
    ``audience``: whose task it is, the deal's ``owner`` or ``anybody``'s.
    """

    key: str
    kind: Kind
    subject: str
    body: str
    priority: Priority = "normal"
    due_hours: int | None = None
    audience: Audience = "owner"

    def as_dict(self) -> dict[str, Any]:
        """JSON form, as it lies in the run item; ``Notification(**it)`` brings it back."""
        return asdict(self)
