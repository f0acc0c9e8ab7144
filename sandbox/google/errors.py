"""How the vendor says no: API refusals and OAuth refusals (fact sheet 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
Detail = dict[str, Any]
Violation = tuple[str, str]  # field path, why

STATUS_OF = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class VendorError(Exception):
    """A refusal with its HTTP status and JSON ``body``."""

    http: int

    def body(self) -> dict[str, Any]:
        """The JSON form of the answer."""
        raise TypeError("a refusal says its own body")


class ApiError(VendorError):
    """``{"error": {code, message, status, details?, errors?}}``. ``legacy``: reasons of the older ``errors[]``."""

    def __init__(
        self, http: int, message: str, status: str = "", details: Iterable[Detail] = (), legacy: Iterable[Detail] = ()
    ) -> None:
        super().__init__(message)
        self.http = http
        self.status = status or STATUS_OF.get(http, "UNKNOWN")
        self.details = list(details)
        self.legacy = list(legacy)

    def body(self) -> dict[str, Any]:
        """The JSON form of the answer."""
        error: dict[str, Any] = {"code": self.http, "message": str(self), "status": self.status}
        if self.details:
            error["details"] = self.details
        if self.legacy:
            error["errors"] = self.legacy
        return {"error": error}


class OAuthError(VendorError):
    """``{"error", "error_description"}`` of the token end points."""

    def __init__(self, code: str, description: str, http: int = 400) -> None:
        super().__init__(description)
        self.http = http
        self.code = code

    def body(self) -> dict[str, Any]:
        """The JSON form of the answer."""
        return {"error": self.code, "error_description": str(self)}


def invalid(violations: Iterable[Violation], *, named: bool = True) -> ApiError:
    """INVALID_ARGUMENT for these fields; not ``named``: without saying which."""
    listed = list(violations)
    if not named:
        return ApiError(400, "Request contains an invalid argument.")
    rows = [{"field": field, "description": why} for field, why in listed]
    message = "; ".join(f"{field}: {why}" for field, why in listed)
    return ApiError(400, message, details=[{"@type": BAD_REQUEST, "fieldViolations": rows}])


def denied(message: str, reason: str) -> ApiError:
    """PERMISSION_DENIED with the reason in ``details``."""
    return ApiError(403, message, details=[{"@type": ERROR_INFO, "reason": reason, "domain": "googleapis.com"}])


def not_found(what: str) -> ApiError:
    """NOT_FOUND."""
    return ApiError(404, f"{what} was not found")


def unauthenticated(message: str) -> ApiError:
    """401; a client gets a new token once and tries again."""
    return ApiError(401, message)
