"""Makes the SDK client for Partner Central: its one region, our time limits, and the role in the linked account."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

SERVICE = "partnercentral-selling"
REGION = "us-east-1"
"""The only region the service has; the SDK would build a host that does not exist for any other without complaint."""

SESSION_NAME = "cosell-sync"


def make_client(settings: Mapping[str, Any], role_arn: str | None = None, external_id: str | None = None) -> Any:
    """Return an SDK client for Partner Central; make one, outside the handler.

    ``settings`` is the partner's part of the settings document (its ``region``). With ``role_arn`` the client acts as
    that role, with credentials that renew themselves; without, as the function's own. There are no retries in the SDK:
    the state machine has them, and a hidden second write would cost a second slot of the write quota. The environment
    variable ``AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING`` names another endpoint, as for any SDK client.
    """
    import botocore.session
    from botocore.config import Config

    session = botocore.session.get_session()
    if role_arn:
        session = _as_role(session, role_arn, external_id)
    config = Config(
        connect_timeout=2,
        read_timeout=15,
        retries={"mode": "standard", "total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return session.create_client(SERVICE, region_name=settings.get("region", REGION), config=config)


def _as_role(source: Any, role_arn: str, external_id: str | None) -> Any:
    """A session whose credentials are the role's, fetched on first use and renewed before they end."""
    import botocore.session
    from botocore.config import Config
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )

    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
    region = source.get_config_variable("region") or REGION
    extra = {"RoleSessionName": SESSION_NAME, **({"ExternalId": external_id} if external_id else {})}

    class RoleProvider(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> Any:
            fetcher = AssumeRoleCredentialFetcher(
                client_creator=partial(source.create_client, region_name=region, config=config),
                source_credentials=source.get_credentials(),
                role_arn=role_arn,
                extra_args=extra,
            )
            return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method=self.METHOD)

    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver([RoleProvider()]))
    return session
