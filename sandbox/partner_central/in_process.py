"""An unmodified boto3 client that is answered in this process, without sockets, for fast tests."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from werkzeug.datastructures import Headers

from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.wire import respond

_SERVICE = "partnercentral-selling"


class _Raw(io.BytesIO):
    """The body as botocore reads it from urllib3."""

    def stream(self, amount: int = 65536, **_options: Any) -> Iterator[bytes]:
        """Chunks of the body."""
        while chunk := self.read(amount):
            yield chunk


def answer_client(
    client: Any,
    account: PartnerCentralAccount,
    faults: FaultRules | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Any:
    """Have an existing boto3 client answered by ``account``; returns the client."""
    rules = faults if faults is not None else FaultRules()

    def send(request: AWSPreparedRequest, **_context: Any) -> AWSResponse:
        headers = Headers()
        for name, value in request.headers.items():
            headers.add(name, value.decode() if isinstance(value, bytes) else value)
        body: Any = request.body or b""
        answered: Any = AWSResponse  # its headers' type is the SDK's own, a mapping will do
        response = respond(account, rules, headers, body.encode() if isinstance(body, str) else bytes(body), sleep)
        return answered(request.url, response.status_code, dict(response.headers), _Raw(response.get_data()))

    client.meta.events.register_first(f"before-send.{_SERVICE}", send)
    return client


def client_for(
    account: PartnerCentralAccount,
    faults: FaultRules | None = None,
    *,
    config: Config | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Any:
    """A boto3 ``partnercentral-selling`` client of the account. ``sleep`` waits latency and ordered delays."""
    client = boto3.client(
        _SERVICE,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=config or Config(retries={"total_max_attempts": 1}),
    )
    return answer_client(client, account, faults, sleep)
