"""The session that signs in at Google: keyless from the function's own role, or with a service account's key.

Keyless, the credentials that Lambda puts into the environment are exchanged through workload identity federation for a
token of one service account; nothing secret is stored, and no metadata server is asked. The key is for partners who
cannot use federation; it stays in memory. https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from google.auth import aws
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import service_account

from lambdas.google.adapters.token_requests import TokenRequest, plain_transport
from lambdas.shared.adapters.http import checked_base_url
from lambdas.shared.errors import CosellError, Retryable, Throttled, Unauthorized

STS_URL = "https://sts.googleapis.com"
IAM_URL = "https://iamcredentials.googleapis.com"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
KEY_VARIABLE = "COSELL_GOOGLE_KEY_SECRET"
AWS_REQUEST = "urn:ietf:params:aws:token-type:aws4_request"
_KEY_MEMBERS = ("client_email", "private_key")


class SecretReader(Protocol):
    """What reads a secret; ``lambdas.shared.adapters.secrets.Secrets`` fits."""

    def get(self, name: str, fresh: bool = False) -> dict[str, Any]:
        """The secret's JSON object."""
        ...


def google_session(
    scope: str,
    settings: Mapping[str, Any],
    secrets: Callable[[], SecretReader],
    environ: Mapping[str, str] | None = None,
) -> AuthorizedSession:
    """A session whose requests carry a token for ``scope``; keep it for the life of the process.

    ``settings`` is the Google part of the settings document. With ``COSELL_GOOGLE_KEY_SECRET`` in ``environ`` the key
    in that secret signs in, else ``settings["identity"]`` (``{"audience", "service_account"}``) says as whom the
    function's role does. No token is asked for before the first request. A token that Google refuses with 401 is
    renewed once. ``secrets`` is called only where there is a key to read.

    Raises:
        Unauthorized: neither is configured, or not wholly; the message names what to fill.
        CosellError: the key could not be read.
    """
    variables = os.environ if environ is None else environ
    name = variables.get(KEY_VARIABLE)
    credentials = _with_key(name, secrets(), scope, variables) if name else _keyless(settings, scope, variables)
    session = AuthorizedSession(credentials, max_refresh_attempts=1, auth_request=TokenRequest())
    return plain_transport(session)


class RoleOfThisFunction(aws.AwsSecurityCredentialsSupplier):
    """The AWS credentials and region that Lambda keeps in the environment; asks nobody else."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get_aws_security_credentials(self, context: Any, request: Any) -> aws.AwsSecurityCredentials:
        """The credentials. ``RefreshError`` where the environment has none."""
        return aws.AwsSecurityCredentials(
            self._variable("AWS_ACCESS_KEY_ID"),
            self._variable("AWS_SECRET_ACCESS_KEY"),
            self._environ.get("AWS_SESSION_TOKEN"),
        )

    def get_aws_region(self, context: Any, request: Any) -> str:
        """The region. ``RefreshError`` where the environment has none."""
        return self._variable("AWS_REGION")

    def _variable(self, name: str) -> str:
        value = self._environ.get(name)
        if not value:
            raise RefreshError(f"{name} is not in the environment")
        return value


class KeyInSecret(Credentials):
    """A service account's key, read anew for every token: a rotated key is taken up without a deployment."""

    def __init__(self, read: Callable[[], Mapping[str, Any]], scope: str) -> None:
        super().__init__()
        self._read = read
        self._scope = scope

    def refresh(self, request: Any) -> None:
        """Take a new token. ``RefreshError`` if the key cannot be read, is no key, or is refused."""
        try:
            signer = service_account.Credentials.from_service_account_info(self._read(), scopes=[self._scope])
        except CosellError as error:
            raise RefreshError(str(error), retryable=isinstance(error, Retryable | Throttled)) from None
        except ValueError:
            raise RefreshError("the key cannot be read as a private key") from None
        signer.refresh(request)
        self.token, self.expiry = signer.token, signer.expiry


def _keyless(settings: Mapping[str, Any], scope: str, environ: Mapping[str, str]) -> aws.Credentials:
    identity = settings.get("identity") or {}
    missing = [name for name in ("audience", "service_account") if not identity.get(name)]
    if missing:
        raise Unauthorized(
            f"Google's sign-in is not configured. Fill in {' and '.join(missing)} under google.identity of the stage "
            f"in config/stages.yaml, or say google.key there and store a service account's key ({KEY_VARIABLE})."
        )
    sts = _address(environ, "COSELL_GOOGLE_STS_URL", STS_URL)
    iam = _address(environ, "COSELL_GOOGLE_IAM_URL", IAM_URL)
    account = identity["service_account"]
    return aws.Credentials(
        audience=identity["audience"],
        subject_token_type=AWS_REQUEST,
        token_url=f"{sts}/v1/token",
        service_account_impersonation_url=f"{iam}/v1/projects/-/serviceAccounts/{account}:generateAccessToken",
        aws_security_credentials_supplier=RoleOfThisFunction(environ),
        scopes=[scope],
    )


def _with_key(name: str, secrets: SecretReader, scope: str, environ: Mapping[str, str]) -> KeyInSecret:
    address = _address(environ, "COSELL_GOOGLE_TOKEN_URL", TOKEN_URL)

    def read() -> Mapping[str, Any]:
        # The address is ours to say: a key names one of its own, and a wrong one would be given signed assertions.
        return {**_checked_key(name, secrets.get(name, fresh=True)), "token_uri": address}

    read()
    return KeyInSecret(read, scope)


def _checked_key(name: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    missing = [member for member in _KEY_MEMBERS if not isinstance(key.get(member), str) or not key[member].strip()]
    if missing:
        raise Unauthorized(f"The secret {name} is no service account's JSON key: it has no {' and no '.join(missing)}.")
    return key


def _address(environ: Mapping[str, str], variable: str, vendors: str) -> str:
    return checked_base_url(environ.get(variable) or vendors, "Google", variable)
