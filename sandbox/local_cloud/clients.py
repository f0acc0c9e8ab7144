"""boto3 clients of the local cloud, made once and shared by threads."""

from __future__ import annotations

import json
import threading
from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(
    inject_host_prefix=False,  # StartSyncExecution would look for sync-127.0.0.1
    max_pool_connections=200,
    retries={"max_attempts": 2, "mode": "standard"},
    s3={"addressing_style": "path"},
)
_ONCE = _CONFIG.merge(Config(retries={"total_max_attempts": 1}))


def _mend_logging_configuration(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_kwargs: Any
) -> None:
    """ministack answers a template's ``LoggingConfiguration`` in CloudFormation's casing, which boto3 would drop."""
    logging = json.loads(response_dict["body"]).get("loggingConfiguration")
    if logging and "Level" in logging:
        customized_response_dict["loggingConfiguration"] = _camel(logging)


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _camel(item) for name, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


class Clients:
    """Clients of one endpoint. ministack takes a 12-digit access key id for the account."""

    def __init__(self, endpoint: str, *, region: str, account: str) -> None:
        self.endpoint = endpoint
        self.region = region
        self.account = account
        self._made: dict[tuple[str, str, str, bool], Any] = {}
        self._session = boto3.Session()  # one: each reads the SDK's descriptions anew
        self._lock = threading.Lock()

    def get(self, service: str, *, region: str | None = None, account: str | None = None, once: bool = False) -> Any:
        """The client of ``service`` in ``region`` and ``account`` (default: the home ones).

        ``once``: it tries no call again, as loops want it that call again anyway and are to end with the services.
        """
        key = (service, region or self.region, account or self.account, once)
        client = self._made.get(key)
        if client is not None:
            return client
        with self._lock:
            if key not in self._made:
                make: Any = self._session.client  # one of some 400 overloads, by a name that comes in
                made = make(
                    service,
                    region_name=key[1],
                    endpoint_url=self.endpoint,
                    aws_access_key_id=key[2],
                    aws_secret_access_key="local",
                    config=_ONCE if once else _CONFIG,
                )
                if service == "stepfunctions":
                    made.meta.events.register("before-parse.sfn.DescribeStateMachine", _mend_logging_configuration)
                self._made[key] = made
            return self._made[key]

    def for_arn(self, service: str, arn: str, *, once: bool = False) -> Any:
        """The client of ``service`` in the account and region that ``arn`` names."""
        _, _, _, region, account, *_ = arn.split(":", 5)
        return self.get(service, region=region or None, account=account or None, once=once)
