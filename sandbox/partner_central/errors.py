"""Refusals of the simulated Partner Central, in the vendor's words and codes (fact sheet section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

REQUIRED = "REQUIRED_FIELD_MISSING"
BAD_ENUM = "INVALID_ENUM_VALUE"
BAD_FORMAT = "INVALID_STRING_FORMAT"
BAD_VALUE = "INVALID_VALUE"
TOO_FEW = "NOT_ENOUGH_VALUES"
TOO_MANY = "TOO_MANY_VALUES"
BAD_STATE = "INVALID_RESOURCE_STATE"
OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
NOT_PERMITTED = "ACTION_NOT_PERMITTED"

SHAPE = "REQUEST_VALIDATION_FAILED"
BUSINESS = "BUSINESS_VALIDATION_FAILED"


def field_name(path: str) -> str:
    """``Project.ExpectedCustomerSpend`` -> ``project.expectedCustomerSpend``, the form that ErrorList uses."""
    return ".".join(part[:1].lower() + part[1:] for part in path.split("."))


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of ErrorList. ``path`` is the dotted request path, ``sheet`` the section of the fact sheet."""

    path: str | None
    code: str
    text: str
    sheet: str

    def as_dict(self) -> dict[str, str]:
        """The wire form."""
        entry = {"Message": f"{self.text} [fact sheet {self.sheet}]", "Code": self.code}
        return entry if self.path is None else {"FieldName": field_name(self.path), **entry}


class VendorError(Exception):
    """An error answer: exception name, HTTP status, message with the section of the fact sheet it enforces."""

    code = "InternalServerException"
    status = 400

    def __init__(self, text: str, sheet: str) -> None:
        super().__init__(f"{text} [fact sheet {sheet}]")

    def members(self) -> dict[str, Any]:
        """Members of the error shape."""
        return {"Message": str(self)}


class ConflictException(VendorError):
    """LastModifiedDate is not the current one, or a ClientToken came back with another body."""

    code = "ConflictException"


class ResourceNotFoundException(VendorError):
    """No such record in this catalog."""

    code = "ResourceNotFoundException"


class ThrottlingException(VendorError):
    """Over the rate or the day quota."""

    code = "ThrottlingException"


class AccessDeniedException(VendorError):
    """The account may not do this, for instance because it is not linked to the catalog."""

    code = "AccessDeniedException"


class UnknownOperationException(VendorError):
    """Not an operation of the service, or one that the simulator does not play."""

    code = "UnknownOperationException"


class SignatureRefused(VendorError):
    """The request is not signed, or for another region or service."""

    status = 403

    def __init__(self, code: str, text: str, sheet: str) -> None:
        super().__init__(text, sheet)
        self.code = code


class ValidationException(VendorError):
    """``reason`` is REQUEST_VALIDATION_FAILED (shape) or BUSINESS_VALIDATION_FAILED (rules and state)."""

    code = "ValidationException"

    def __init__(self, reason: str, problems: Sequence[Problem]) -> None:
        sheets = ", ".join(dict.fromkeys(problem.sheet for problem in problems))
        super().__init__("; ".join(problem.text for problem in problems), sheets)
        self.reason = reason
        self.problems = tuple(problems)

    def members(self) -> dict[str, Any]:
        """Members of the error shape."""
        entries = [problem.as_dict() for problem in self.problems]
        return {"Message": str(self), "Reason": self.reason, "ErrorList": entries}


def refuse(path: str | None, code: str, text: str, sheet: str) -> ValidationException:
    """A business refusal with one problem."""
    return ValidationException(BUSINESS, [Problem(path, code, text, sheet)])
