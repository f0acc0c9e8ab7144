"""One API call from bytes to bytes: AWS JSON 1.0 (fact sheet 1.1), shared by the server and the in-process client."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from sandbox.faults import Fault, FaultRules, answer
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.errors import (
    BAD_VALUE,
    SHAPE,
    Problem,
    SignatureRefused,
    UnknownOperationException,
    ValidationException,
    VendorError,
)

CONTENT_TYPE = "application/x-amz-json-1.0"
TARGET_PREFIX = "AWSPartnerCentralSelling."
_SHAPE_NAMESPACE = "com.amazonaws.partnercentralselling#"
_SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/,\s]+/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")
_CODES = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    409: "ConflictException",
    429: "ThrottlingException",
}


def respond(
    account: PartnerCentralAccount,
    faults: FaultRules,
    headers: Headers,
    body: bytes,
    sleep: Callable[[float], None] = time.sleep,
) -> Response:
    """Answer one POST, after the account's latency."""
    if account.latency_seconds:
        sleep(account.latency_seconds)
    try:
        operation = _operation(headers.get("X-Amz-Target", ""))
        text = body.decode("utf-8", errors="replace")
        fault = faults.decide(operation, text)
        if fault is not None and fault.replaces_work:
            account.note_call(operation)
        return answer(fault, lambda: _play(account, operation, headers, text), _refusal, sleep)
    except VendorError as error:
        return _error(error)


def _play(account: PartnerCentralAccount, operation: str, headers: Headers, text: str) -> Response:
    try:
        if account.switches.check_signature_scope:
            _check_scope(headers.get("Authorization", ""))
        return _json(account.handle(operation, _document(text)), 200)
    except VendorError as error:
        return _error(error)


def _operation(target: str) -> str:
    if not target.startswith(TARGET_PREFIX):
        raise UnknownOperationException(f"X-Amz-Target must be {TARGET_PREFIX}<Operation>", "1.1")
    return target.removeprefix(TARGET_PREFIX)


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text or "{}")
    except ValueError:
        document = None
    if not isinstance(document, dict):
        problem = Problem(None, BAD_VALUE, "the body must be a JSON object", "1.1")
        raise ValidationException(SHAPE, [problem])
    return document


def _check_scope(authorization: str) -> None:
    match = _SCOPE.match(authorization)
    if match is None:
        text = "the request must be signed with Signature Version 4"
        raise SignatureRefused("MissingAuthenticationTokenException", text, "1.1")
    if match.groups() != ("us-east-1", "partnercentral-selling"):
        text = f"credential scope {'/'.join(match.groups())}, expected us-east-1/partnercentral-selling"
        raise SignatureRefused("InvalidSignatureException", text, "1.1")


def _refusal(fault: Fault) -> Response:
    status = fault.status or 500
    code = fault.code or _CODES.get(status, "InternalServerException" if status >= 500 else "ValidationException")
    members: dict[str, Any] = {"Message": "ordered by a fault rule of the sandbox"}
    if code == "ValidationException":
        members |= {"Reason": "BUSINESS_VALIDATION_FAILED", "ErrorList": []}
    return _json({"__type": _SHAPE_NAMESPACE + code, **members}, status)


def _error(error: VendorError) -> Response:
    return _json({"__type": _SHAPE_NAMESPACE + error.code, **error.members()}, error.status)


def _json(document: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(document, separators=(",", ":")), status=status, content_type=CONTENT_TYPE)
