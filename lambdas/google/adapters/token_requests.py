"""How a token is asked for: once, with a time limit, and with a passing fault told from a refusal."""

from __future__ import annotations

import json
from typing import Any

import requests
from google.auth.exceptions import TransportError
from google.auth.transport.requests import Request
from requests.adapters import HTTPAdapter

TIMEOUT_SECONDS = (3.05, 10.0)
"""To connect, and between two bytes."""
PASSING = frozenset({408, 429})


class TokenRequest(Request):
    """google-auth's request, which raises ``TransportError`` where trying again later would help.

    google-auth itself takes an exchange's 503 for a refusal, and repeats others after sleeping: the state machines
    repeat, and a function that sleeps is paid for.
    """

    def __init__(self) -> None:
        super().__init__(plain_transport(requests.Session()))

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Ask; the answer is a refusal or a JSON object."""
        answer = super().__call__(*args, **{**options, "timeout": TIMEOUT_SECONDS, "allow_redirects": False})
        if answer.status >= 500 or answer.status in PASSING:
            raise TransportError(f"the token end point answered {answer.status}", retryable=True)
        if answer.status == 200 and not _is_object(answer.data):
            raise TransportError("the token end point's answer is no JSON object", retryable=True)
        return answer


def plain_transport[S: requests.Session](session: S) -> S:
    """The session without repeats of its own, and following no redirect. Proxies stay as the environment says."""
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=0))
    return session


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False
