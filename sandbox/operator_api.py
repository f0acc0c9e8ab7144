"""Calls of the deployed operator's API in a world, signed as an operator's are."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.world import World


def ask(world: World, method: str, path: str, **query: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer; a refusal is problem details (RFC 9457)."""
    url = world.cloud.http_url(world.outputs["OperatorApiUrl"]).rstrip("/") + path
    url += f"?{urlencode(query, quote_via=quote)}" if query else ""
    request = AWSRequest(method=method, url=url, data=b"" if method == "POST" else None)
    SigV4Auth(Credentials(world.cloud.account, "sandbox"), "execute-api", world.cloud.region).add_auth(request)
    answer = urllib3.request(
        method, url, headers=dict(request.headers), body=request.data or None, timeout=60, retries=False
    )
    return answer.status, json.loads(answer.data)
