"""The secrets of the sign-in: the app's, the person's consent (by version), and the access token for the workers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.errors import Conflict, CosellError, Retryable, Throttled, Unauthorized, Unexpected

_BY_CODE: Mapping[str, type[CosellError]] = {
    "ResourceNotFoundException": Unauthorized,
    "InvalidRequestException": Unauthorized,  # marked for deletion
    "AccessDeniedException": Unauthorized,
    "DecryptionFailure": Unauthorized,
    "EncryptionFailure": Unauthorized,
    "UnrecognizedClientException": Unauthorized,
    "ExpiredTokenException": Unauthorized,
    "ThrottlingException": Throttled,
    "InternalServiceError": Retryable,
    "InternalServiceErrorException": Retryable,
}


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's consent as it was read; ``version`` is the secret's. ``refresh_token`` is empty before any login."""

    refresh_token: str = field(repr=False)
    obtained_at: int
    version: str


@dataclass(frozen=True, slots=True)
class Access:
    """An access token's end (epoch seconds), ``obtained_at`` of the consent that it came with, the secret's version."""

    expires_at: int
    consent_at: int
    version: str


class TokenStore:
    """The three secrets behind one boto3 ``secretsmanager`` client. Named errors; no message holds a value.

    Only the refresh function and the login command have it; workers read the access token by ``AccessToken``.
    """

    def __init__(
        self,
        client: Any,
        app: str,
        consent: str,
        access: str,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._client = client
        self._app, self._consent, self._access = app, consent, access
        self._new_id = new_id

    def app(self) -> dict[str, Any]:
        """The app's registration, for ``SignIn``."""
        return self._read(self._app)[0]

    def consent(self) -> Consent:
        """The consent as it stands."""
        document, version = self._read(self._consent)
        return Consent(_text(document, "refresh_token"), _number(document, "obtained_at"), version)

    def access(self) -> Access:
        """What is known of the stored access token; zeros if there is none."""
        document, version = self._read(self._access)
        if not _text(document, "access_token"):
            return Access(0, 0, version)
        return Access(_number(document, "expires_at"), _number(document, "consent_at"), version)

    def put_app(self, document: Mapping[str, Any]) -> None:
        """The app's registration, in the form which ``SignIn`` takes."""
        self._put(self._app, document, self._new_id(), "AWSCURRENT")

    def put_consent(self, refresh_token: str, obtained_at: int) -> None:
        """A new consent, whatever stood there before; that stays readable as ``AWSPREVIOUS``."""
        self._put(self._consent, _consent(refresh_token, obtained_at), self._new_id(), "AWSCURRENT")

    def rotate_consent(self, before: Consent, refresh_token: str, obtained_at: int) -> None:
        """Put a rotated refresh token in the place of ``before``, which stays readable as ``AWSPREVIOUS``.

        The new version becomes the current one only by taking that label from the version that was read.

        Raises:
            Conflict: another version is current by now (a login, say), and stays it.
        """
        version = self._new_id()
        self._put(self._consent, _consent(refresh_token, obtained_at), version, "AWSPENDING")
        try:
            self._call(
                self._consent,
                "update_secret_version_stage",
                VersionStage="AWSCURRENT",
                MoveToVersionId=version,
                RemoveFromVersionId=before.version,
            )
        except CosellError:
            # The label was not where we looked for it: another took it, or this very call did, and its answer was lost.
            current = self._current_version()
            if current == version:
                return
            if current not in (None, before.version):
                raise Conflict(f"The secret {self._consent} was written by another since it was read.") from None
            raise

    def put_access(self, access_token: str, expires_at: int, consent_at: int) -> None:
        """The access token for the workers."""
        document = {"access_token": access_token, "expires_at": expires_at, "consent_at": consent_at}
        self._put(self._access, document, self._new_id(), "AWSCURRENT")

    def _current_version(self) -> str | None:
        with suppress(CosellError):
            return self._read(self._consent)[1]
        return None

    def _put(self, name: str, document: Mapping[str, Any], version: str, label: str) -> None:
        # The id makes a repeated call the same call: the SDK repeats one whose answer was lost.
        self._call(
            name,
            "put_secret_value",
            SecretString=json.dumps(document),
            ClientRequestToken=version,
            VersionStages=[label],
        )

    def _read(self, name: str) -> tuple[dict[str, Any], str]:
        answer = self._call(name, "get_secret_value", VersionStage="AWSCURRENT")
        try:
            document = json.loads(answer.get("SecretString") or "{}")
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise Unauthorized(f"The secret {name} is not a JSON object.")
        return document, answer["VersionId"]

    def _call(self, name: str, operation: str, **arguments: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
        from botocore.exceptions import ConnectionError as Unreachable

        try:
            return getattr(self._client, operation)(SecretId=name, **arguments)
        except ClientError as error:
            raise _failure(name, operation, error.response) from None
        except (Unreachable, HTTPClientError) as error:
            raise Retryable(f"Secrets Manager could not be reached for {name} ({type(error).__name__}).") from None
        except BotoCoreError as error:
            raise Unexpected(f"{operation} of the secret {name} failed ({type(error).__name__}).") from None


def _consent(refresh_token: str, obtained_at: int) -> dict[str, Any]:
    return {"refresh_token": refresh_token, "obtained_at": obtained_at}


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value.strip() if isinstance(value, str) else ""


def _number(document: Mapping[str, Any], name: str) -> int:
    value = document.get(name)
    return value if isinstance(value, int) else 0


def _failure(name: str, operation: str, response: Any) -> CosellError:
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _BY_CODE.get(code) or (Retryable if status >= 500 else Unexpected)
    advice = " The role must be allowed to." if code == "AccessDeniedException" else ""
    return kind(f"Secrets Manager answered {code or status} to {operation} of the secret {name}.{advice}")
