"""Partner Central's refusals as our error classes, in one table.

AWS's ``Message`` can repeat what a customer typed. Only codes, field names and request ids go into our messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lambdas.aws.domain.paths import fold_path
from lambdas.shared.errors import (
    Conflict,
    CosellError,
    NotFound,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)

BY_CODE: Mapping[str, type[CosellError]] = {
    "ThrottlingException": Throttled,
    "Throttling": Throttled,
    "TooManyRequestsException": Throttled,
    "ServiceQuotaExceededException": Throttled,
    "InternalServerException": Retryable,
    "RequestTimeout": Retryable,
    "RequestTimeoutException": Retryable,
    "ConflictException": Conflict,
    "ResourceNotFoundException": NotFound,
    "ValidationException": Rejected,
    "AccessDenied": Unauthorized,
    "AccessDeniedException": Unauthorized,
    "ExpiredToken": Unauthorized,
    "ExpiredTokenException": Unauthorized,
    "IncompleteSignature": Unauthorized,
    "InvalidClientTokenId": Unauthorized,
    "InvalidSignatureException": Unauthorized,
    "MissingAuthenticationTokenException": Unauthorized,
    "SignatureDoesNotMatch": Unauthorized,
    "UnrecognizedClientException": Unauthorized,
}
"""Any other code is judged by its status: 429 ``Throttled``, from 500 ``Retryable``, the rest ``Unexpected``."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})

LOCK_CODES = frozenset({"ACTION_NOT_PERMITTED", "INVALID_RESOURCE_STATE"})
"""Codes that speak of the record's state and not of a value: look at the review status, and plan anew later."""

SAYS = {
    "REQUIRED_FIELD_MISSING": "is missing",
    "INVALID_ENUM_VALUE": "is not one of the values that AWS allows",
    "INVALID_STRING_FORMAT": "does not have the form that AWS wants",
    "INVALID_VALUE": "has a value that AWS does not accept",
    "NOT_ENOUGH_VALUES": "has too few values",
    "TOO_MANY_VALUES": "has too many values",
    "INVALID_RESOURCE_STATE": "cannot be changed in the opportunity's present state",
    "DUPLICATE_KEY_VALUE": "is already there",
    "VALUE_OUT_OF_RANGE": "is out of range",
    "ACTION_NOT_PERMITTED": "may not be changed now",
}
ENTITY_FIELD = "relatedentityidentifier"
"""The field of a problem with an entity that was to be associated."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,79}")
_CODE_AT_END = re.compile(r"\(([A-Z_]+)\)\.$")
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]]{1,200}")
_FIELD_IN_MESSAGE = re.compile(r"\bat '([A-Za-z0-9_.\[\]]{1,200})' failed to satisfy")


def client_failure(what: str, response: Mapping[str, Any]) -> CosellError:
    """The error for the ``response`` of a botocore ``ClientError``; ``what`` completes "AWS refused …"."""
    meta = response.get("ResponseMetadata") or {}
    status = meta.get("HTTPStatusCode") or 0
    code = _code(response.get("Error", {}).get("Code"))
    error_class = BY_CODE.get(code) or _by_status(status)
    reason, request = _code(response.get("Reason")), re.sub(r"[^A-Za-z0-9-]", "", str(meta.get("RequestId", "")))
    message = f"AWS refused {what}: {' '.join(word for word in (code or str(status), reason) if word)}"
    message += f", request id {request[:64]}" if request else ""
    if error_class is Rejected:
        return Rejected(message, list(_problems(response)))
    if error_class is Unauthorized:
        message += (
            ". Check the role, its permissions for this catalog, and that the account is linked to Partner Central"
        )
        return Unauthorized(message, denied=code in _DENIED)
    return error_class(message)


def transport_failure(what: str, error: Exception) -> CosellError:
    """The error for what botocore raised without an answer: no connection, no credentials, a malformed request."""
    from botocore.exceptions import (
        ConnectionError as Unreachable,
    )
    from botocore.exceptions import (
        CredentialRetrievalError,
        HTTPClientError,
        NoCredentialsError,
        ParamValidationError,
        PartialCredentialsError,
    )

    kind = type(error).__name__
    if isinstance(error, (Unreachable, HTTPClientError)):
        return Retryable(f"AWS Partner Central could not be reached {what} ({kind}).")
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)):
        return Unauthorized(f"There are no AWS credentials {what} ({kind}). Check the function's role.")
    if isinstance(error, ParamValidationError):
        names = sorted(set(re.findall(r"parameter (?:in )?([A-Za-z][A-Za-z0-9_.\[\]]*)[,:]", str(error))))
        return Unexpected(f"Our request {what} does not fit the service model ({', '.join(names) or kind}).")
    return Unexpected(f"Asking AWS {what} failed ({kind}).")


def refusal_codes(error: Rejected) -> frozenset[str]:
    """The validation codes of a refusal, for instance to tell a lock (``LOCK_CODES``) from a wrong value."""
    return frozenset(match[1] for problem in error.problems if (match := _CODE_AT_END.search(problem.message)))


def unknown_entity(entity_type: str, entity_id: str) -> Problem:
    """The problem of an entity that the catalog does not have."""
    advice = "Correct it on the deal, or have it corrected in the settings if the deal names none."
    return Problem(ENTITY_FIELD, f"AWS knows no {entity_id} among the {entity_type} of this catalog. {advice}")


def of_entity(problem: Problem, entity_type: str, entity_id: str) -> Problem:
    """The same problem, saying which entity AWS refused to associate; its code stays at the end."""
    return replace(problem, message=f"{entity_id} of the {entity_type}: {problem.message}")


def _problems(response: Mapping[str, Any]) -> Iterator[Problem]:
    """One problem for each entry of ``ErrorList``; failing that, for each path in a pattern failure's text."""
    listed = [one for one in response.get("ErrorList") or [] if isinstance(one, Mapping)]
    for one in listed:
        name = str(one.get("FieldName") or "")
        yield _problem(fold_path(name) if _FIELD.fullmatch(name) else "", _code(one.get("Code")))
    if not listed:
        for name in dict.fromkeys(_FIELD_IN_MESSAGE.findall(str(response.get("Error", {}).get("Message", "")))):
            yield _problem(fold_path(name), "INVALID_STRING_FORMAT")


def _problem(field: str, code: str) -> Problem:
    says = SAYS.get(code, "was refused")
    return Problem(field=field, message=f"{field or 'The opportunity'} {says}" + (f" ({code})." if code else "."))


def _by_status(status: int) -> type[CosellError]:
    if status == 429:
        return Throttled
    return Retryable if status >= 500 else Unexpected


def _code(value: Any) -> str:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""
