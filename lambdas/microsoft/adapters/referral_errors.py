"""Partner Center's refusals as our error classes, in one table by code and one by status.

Microsoft's ``message`` can repeat what a customer typed. Only codes, targets and request ids go into our messages.
https://learn.microsoft.com/partner-center/developer/referrals-api-introduction
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lambdas.shared.adapters.refusals import object_in, object_of, pause_in
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
    "accessdenied": Unauthorized,
    "invalidrequest": Rejected,
    "itemnotfound": NotFound,
    "preconditionfailed": Conflict,
    "resourcemodified": Conflict,
    "servicenotavailable": Retryable,
    "unauthenticated": Unauthorized,
    "unauthorized": Unauthorized,
}
"""By code in lower case: Microsoft's own spelling varies. Any other code is judged by the status."""

BY_STATUS: Mapping[int, type[CosellError]] = {
    400: Rejected,
    401: Unauthorized,
    403: Unauthorized,
    408: Retryable,
    409: Conflict,
    412: Conflict,
    422: Rejected,
    423: Retryable,
    429: Throttled,
    509: Throttled,
}
"""These go before the code, except 400: a throttled call is throttled whatever its body says.

Anything else from 500 up is ``Retryable``, a 503 that names a pause too: after ``Throttled`` it is certain that nothing
was done, and a service that fails may have begun. The rest is ``Unexpected``, a 404 too unless its code says that the
item is missing: an address that moved must not be read as "every referral was deleted".
"""

_NO_MFA = "900421"
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,99}")
_PAUSE = re.compile(r"try again in (\d{1,6}) seconds?", re.IGNORECASE)


def failure(what: str, status: int, headers: Mapping[str, str], body: bytes, now_ms: int = 0) -> CosellError:
    """The error for an answer that is no success; ``what`` completes "Microsoft refused …".

    ``headers`` have lower-case names.
    """
    said = object_of(body)
    error = object_in(said, "error")
    codes = [code for code in (_word(error.get("code")), _word(_inner(error).get("code"))) if code]
    error_class = _class_of(status, codes)
    if error_class is Rejected and not error:
        error_class = Unexpected  # a proxy's page must not be read as a person's mistake
    message = _message(what, status, codes, headers)
    if error_class is Throttled:
        return Throttled(message, retry_after(headers, said, now_ms))
    if error_class is Rejected:
        return Rejected(message, _problems(error, codes))
    if error_class is Unauthorized:
        message += _advice(said)
    return error_class(message)


def retry_after(headers: Mapping[str, str], said: Mapping[str, Any], now_ms: int = 0) -> float | None:
    """Seconds to wait: the ``Retry-After`` header (seconds or a date), else what the body's sentence says."""
    pause = pause_in(headers.get("retry-after", ""), now_ms)
    if pause is not None:
        return pause
    sentences = (said.get("message"), object_in(said, "error").get("message"))
    found = next((match for each in sentences if isinstance(each, str) and (match := _PAUSE.search(each))), None)
    return float(found[1]) if found else None


def _class_of(status: int, codes: list[str]) -> type[CosellError]:
    by_code = next((BY_CODE[code.lower()] for code in codes if code.lower() in BY_CODE), None)
    if status in BY_STATUS and status != 400:
        return BY_STATUS[status]
    if by_code is not None and status < 500:
        return by_code
    return BY_STATUS.get(status) or (Retryable if status >= 500 else Unexpected)


def _message(what: str, status: int, codes: list[str], headers: Mapping[str, str]) -> str:
    request = re.sub(r"[^A-Za-z0-9-]", "", headers.get("request-id", ""))[:64]
    said = " ".join([str(status), *codes])
    return f"Microsoft refused {what}: {said}" + (f", request id {request}" if request else "")


def _advice(said: Mapping[str, Any]) -> str:
    if _NO_MFA in json.dumps(said):
        return ". The sign-in lacks multi-factor authentication: sign in again with it"
    return ". Check the sign-in, and that its user has a Referrals role in Partner Center"


def _problems(error: Mapping[str, Any], codes: list[str]) -> list[Problem]:
    target = _word(error.get("target")) or _word(_inner(error).get("target"))
    code = f" ({codes[-1]})" if codes else ""
    return [Problem(target or "referral", f"{target or 'The referral'} is not taken by Microsoft as it is{code}.")]


def _inner(error: Mapping[str, Any]) -> Mapping[str, Any]:
    return object_in(error, "innerError") or object_in(error, "innererror")


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""
