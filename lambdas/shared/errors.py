"""The named errors of the product.

Adapters map every vendor status to one of these, once; the state machines' ``Retry`` and ``Catch`` name the
classes. A message says what is wrong, where and what to do, and never carries a customer's value: it ends
up in execution histories and logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person has to put right.

    ``object`` is ``deal``, ``company`` or ``contact``; ``property`` the HubSpot property to fill in or correct;
    ``message`` one readable sentence; ``field`` the name in the field map; ``allowed`` the values that would do.
    A message may name an unknown stage or picklist value (configuration vocabulary) but no free text of a customer.
    """

    field: str
    message: str
    object: str = "deal"
    property: str | None = None
    allowed: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON form, as it lies in the run item."""
        return {
            "field": self.field,
            "message": self.message,
            "object": self.object,
            "property": self.property,
            "allowed": list(self.allowed),
        }


class CosellError(Exception):
    """Base of the named errors."""


class Throttled(CosellError):
    """The vendor asked us to slow down. ``retry_after_seconds`` is what it said, if it said anything.

    The router waits so long, if SQS can. A machine sees no more of an error than its class and message, and has pauses
    of its own.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Retryable(CosellError):
    """A passing fault: 5xx, time-out, lost connection, a record locked for a moment.

    ``sent``: whether the vendor may have got the request. False only where that is certain (no token, no connection):
    whatever it was to write was then not written.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


def was_not_sent(error: BaseException) -> bool:
    """Whether ``error`` says for certain that the request never went out."""
    return isinstance(error, Retryable) and not error.sent


class Unauthorized(CosellError):
    """Credentials or permission refused; a person has to act.

    ``denied``: the credentials are good, and it is this one right that they lack.
    """

    def __init__(self, message: str, *, denied: bool = False) -> None:
        super().__init__(message)
        self.denied = denied


class Conflict(CosellError):
    """The record changed, or the key is taken, since we read it: read again and decide again."""


class NotFound(CosellError):
    """The vendor says that there is no such record. Never raised for a look-up that merely failed."""


class Rejected(CosellError):
    """The vendor will not take what we sent. ``problems`` says why, one by one."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Unexpected(CosellError):
    """A bug or an unreadable answer, scrubbed to the exception's type and the place it came from."""
