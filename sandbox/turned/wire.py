"""A vendor's WSGI app asked without sockets: the product's ``Transport``, and what goes over it kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client

from sandbox.serving import WsgiApp

Note = Callable[[str], None]
"""Called with an operation's name when a vendor has answered."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent to a vendor: the body as text, the address with its query."""

    method: str
    url: str
    body: str


class Wire:
    """``send`` is the transport. ``requests`` are what it sent; ``answered`` is called after each answer."""

    def __init__(self, app: WsgiApp, answered: Callable[[], None] = lambda: None) -> None:
        self._client = Client(app)
        self._answered = answered
        self.requests: list[Request] = []
        self.before: Callable[[str, str], None] = lambda _method, _url: None
        """Done with method and address before a request arrives: somebody else is quicker."""

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """As the product's transports answer."""
        self.before(method, url)
        self.requests.append(Request(method, url, (body or b"").decode()))
        parts = urlsplit(url)
        answer = self._client.open(
            parts.path,
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            headers=dict(headers),
            data=body or b"",
        )
        said: dict[str, Any] = {name.lower(): value for name, value in answer.headers.items()}
        self._answered()
        return answer.status_code, said, answer.get_data()
