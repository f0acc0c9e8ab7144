"""Refusals of the simulated Partner Center: status, code, and the fact sheet's section (7) that each enforces."""

from __future__ import annotations

from typing import Any

from sandbox.microsoft.facts import FACTS
from sandbox.microsoft.switches import Switches


class VendorError(Exception):
    """An error answer. ``sheet`` is the section of the fact sheet, ``target`` the field or resource."""

    def __init__(self, status: int, text: str, sheet: str, *, target: str = "referral", code: str | None = None):
        super().__init__(f"{text} [fact sheet {sheet}]")
        self.status = status
        self.target = target
        self.code = code or code_of(status)

    def document(self, switches: Switches) -> dict[str, Any]:
        """The wire form."""
        code = self.code
        if code == "unauthenticated":
            code = switches.unauthenticated_code
        inner = {"code": code, "message": str(self)}
        error = {"code": code, "message": str(self), "target": self.target, switches.inner_error_name: inner}
        return {"error": error}

    def headers(self) -> dict[str, str]:
        """Headers of the answer."""
        return {}


class Throttled(VendorError):
    """Over the quota: a body of another shape, and Retry-After in seconds (7)."""

    def __init__(self, seconds: int) -> None:
        super().__init__(429, "over the quota", "7")
        self.seconds = seconds

    def document(self, switches: Switches) -> dict[str, Any]:
        """The wire form."""
        return {"statusCode": 429, "message": f"Rate limit is exceeded. Try again in {self.seconds} seconds."}

    def headers(self) -> dict[str, str]:
        """``Retry-After``."""
        return {"Retry-After": str(self.seconds)}


def code_of(status: int) -> str:
    """The error code that goes with an HTTP status."""
    return FACTS["error_codes"].get(str(status), "generalException")


def invalid(target: str, text: str, sheet: str) -> VendorError:
    """400 invalidRequest about a field, header or query option."""
    return VendorError(400, f"{target}: {text}", sheet, target=target)


def not_found(identifier: str) -> VendorError:
    """404 itemNotFound."""
    return VendorError(404, f"no referral {identifier} in this organisation", "7")
