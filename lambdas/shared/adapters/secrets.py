"""Secrets Manager, read at run time with a short cache.

A secret is a JSON object. A rotation needs no redeployment: values are read again after ``ttl_seconds``, and at once
when a vendor answers 401 (``fresh=True``). Values appear in no message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import CosellError, Retryable, Throttled, Unauthorized, Unexpected

_HOW_TO_SET = "Set it with: cosell secrets set (hubspot-token or hubspot-webhook), or cosell microsoft login"

_BY_CODE: Mapping[str, type[CosellError]] = {
    "ResourceNotFoundException": Unauthorized,
    "InvalidRequestException": Unauthorized,  # marked for deletion
    "DecryptionFailure": Unauthorized,
    "AccessDeniedException": Unauthorized,
    "UnrecognizedClientException": Unauthorized,
    "ExpiredTokenException": Unauthorized,
    "ThrottlingException": Throttled,
    "InternalServiceError": Retryable,
    "InternalServiceErrorException": Retryable,
}


class Secrets:
    """Reads secrets through a boto3 ``secretsmanager`` client and keeps each for ``ttl_seconds``."""

    def __init__(self, client: Any, clock: Clock | None = None, ttl_seconds: float = 60) -> None:
        self._client = client
        self._clock = clock or SystemClock()
        self._ttl_ms = ttl_seconds * 1000
        self._kept: dict[str, tuple[int, dict[str, Any]]] = {}

    def get(self, name: str, fresh: bool = False) -> dict[str, Any]:
        """Return the JSON object stored under ``name``; ``fresh`` goes past the cache.

        Raises ``Unauthorized`` when it is missing, empty, no JSON object or not ours to read (the message says how to
        set it); else ``Throttled``, ``Retryable`` or ``Unexpected``.
        """
        now = self._clock.now_ms()
        kept = self._kept.get(name)
        if kept and not fresh and now - kept[0] < self._ttl_ms:
            return kept[1]
        value = _decode(name, self._read(name))
        self._kept[name] = (now, value)
        return value

    def _read(self, name: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
        from botocore.exceptions import ConnectionError as Unreachable

        try:
            return self._client.get_secret_value(SecretId=name).get("SecretString") or ""
        except ClientError as error:
            raise _failure(name, error.response) from None
        except (Unreachable, HTTPClientError) as error:
            raise Retryable(f"Secrets Manager could not be reached for {name} ({type(error).__name__}).") from None
        except BotoCoreError as error:
            raise Unexpected(f"Reading the secret {name} failed ({type(error).__name__}).") from None


def token_reader(secrets: Secrets, name: str, key: str = "access_token") -> Callable[[bool], str]:
    """A function ``(fresh) -> token`` over the secret ``name``, the shape which the vendor clients take."""

    def read(fresh: bool) -> str:
        token = secrets.get(name, fresh).get(key)
        if isinstance(token, str) and token.strip():
            return token.strip()
        raise Unauthorized(f"The secret {name} has no {key}. {_HOW_TO_SET}")

    return read


def _failure(name: str, response: Any) -> CosellError:
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _BY_CODE.get(code) or (Retryable if status >= 500 else Unexpected)
    advice = f" {_HOW_TO_SET}" if code in ("ResourceNotFoundException", "InvalidRequestException") else ""
    if code == "AccessDeniedException":
        advice = " The function's role must be allowed to read it."
    return kind(f"Secrets Manager answered {code or status} for the secret {name}.{advice}")


def _decode(name: str, text: str) -> dict[str, Any]:
    if not text.strip():
        raise Unauthorized(f"The secret {name} is empty. {_HOW_TO_SET}")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict) or not value:
        raise Unauthorized(f"The secret {name} is not a filled JSON object. {_HOW_TO_SET}")
    return value
