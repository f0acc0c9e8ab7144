"""Refusals in HubSpot's words (hubspot.md 4.3); each message ends with the row of the fact sheet that it enforces."""

from __future__ import annotations

import html
import uuid
from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):
    """A call that the account refuses: HTTP status and the members of the error body."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        row: str,
        *,
        sub_category: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Sequence[str]] | None = None,
        links: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.category = category
        self.row = row
        self.message = f"{message} [hubspot.md {row}]"
        self.sub_category = sub_category
        self.errors = [dict(error) for error in errors]
        self.context = {name: list(values) for name, values in (context or {}).items()}
        self.links = dict(links or {})
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        """The error body of a whole call."""
        return {**self._members(), "correlationId": str(uuid.uuid4())}

    def batch_row(self, **context: str) -> dict[str, Any]:
        """The same refusal as one entry of a batch answer's ``errors``."""
        merged = {**self.context, **{name: [value] for name, value in context.items()}}
        return {**self._members(), "context": merged, "links": self.links, "errors": self.errors}

    def _members(self) -> dict[str, Any]:
        members: dict[str, Any] = {"status": "error", "message": self.message, "category": self.category}
        if not self.category:
            del members["category"]
        for name, value in (
            ("subCategory", self.sub_category),
            ("errors", self.errors),
            ("context", self.context),
            ("links", self.links),
        ):
            if value:
                members[name] = value
        return {**members, **self.extra}


class NoSuchPath(Refusal):
    """404 from in front of the API: a page, not an error body (hubspot.md 4.3), and never to be read as "no record"."""

    def __init__(self, path: str) -> None:
        super().__init__(404, "", f"No such path: {path}", "3.1")

    def page(self) -> str:
        """The page."""
        return f"<html><body><h1>404</h1><p>{html.escape(self.message)}</p></body></html>"


class NoSuchRecord(Refusal):
    """404 of a record. Of one alone HubSpot was seen to say so without a category; a row of a batch has it."""

    def __init__(self, what: str, row: str = "3.2", **members: Any) -> None:
        super().__init__(404, "OBJECT_NOT_FOUND", f"{what} could not be found", row, **members)

    def plain(self) -> Refusal:
        """The same as it was seen: HubSpot's words for it, and no category."""
        return Refusal(404, "", "resource not found", self.row)


def invalid(message: str, row: str, **members: Any) -> Refusal:
    """400 ``VALIDATION_ERROR``."""
    return Refusal(400, "VALIDATION_ERROR", message, row, **members)


def invalid_value(code: str, property_name: str, message: str, row: str) -> Refusal:
    """400 about one property value; ``code`` as in ``PROPERTY_DOESNT_EXIST`` or ``INVALID_OPTION``."""
    error = {"message": message, "code": code, "context": {"propertyName": [property_name]}}
    return invalid(f"Property values were not valid: {message}", row, errors=[error])


def all_of(refusals: Sequence[Refusal]) -> Refusal:
    """Several refusals of one record as one, as the vendor reports them."""
    if len(refusals) == 1:
        return refusals[0]
    errors = [error for refusal in refusals for error in refusal.errors]
    rows = ", ".join(dict.fromkeys(refusal.row for refusal in refusals))
    text = "; ".join(str(error["message"]) for error in errors)
    return invalid(f"Property values were not valid: {text}", rows, errors=errors)


def not_found(what: str, row: str, **members: Any) -> Refusal:
    """404 ``OBJECT_NOT_FOUND`` of what is no record: a property, a pipeline."""
    return Refusal(404, "OBJECT_NOT_FOUND", f"{what} could not be found", row, **members)


def conflict(message: str, row: str, **members: Any) -> Refusal:
    """409 ``CONFLICT``."""
    return Refusal(409, "CONFLICT", message, row, **members)
