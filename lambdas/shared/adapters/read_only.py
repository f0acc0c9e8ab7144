"""Looking without touching: with ``COSELL_READ_ONLY`` set, every client that is made refuses whatever is no read.

It is refused on the wire, whoever asks: an HTTP request that is neither a GET nor one of HubSpot's reads by POST, and
an operation of AWS whose name does not begin like a read. The command sets it for a preview; no function has it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lambdas.shared.adapters.http import Answer, Transport
from lambdas.shared.errors import CosellError

VARIABLE = "COSELL_READ_ONLY"

_READS_BY_POST = re.compile(r"(/search|/batch/read|/access-token-info)$")
_READS = re.compile(r"^(Get|BatchGet|TransactGet|List|Query|Scan|Describe|Head|AssumeRole)")


class WriteRefused(CosellError):
    """Something was about to be written where nothing may be."""


def is_on() -> bool:
    """Whether this process only looks."""
    return bool(os.environ.get(VARIABLE))


def gated(transport: Transport) -> Transport:
    """``transport``, and where this process only looks, without writes."""
    return read_only(transport) if is_on() else transport


def gated_client(client: Any) -> Any:
    """An SDK client, and where this process only looks, without writes; the client itself."""
    return read_only_client(client) if is_on() else client


def gated_session(session: Any) -> Any:
    """A session that sends requests, and where this process only looks, without writes."""
    return ReadOnlySession(session) if is_on() else session


def read_only(transport: Transport) -> Transport:
    """A transport that sends reads alone. ``WriteRefused`` for anything else, before it is sent."""

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        _refuse_request(method, url)
        return transport(method, url, headers, body)

    return send


def read_only_client(client: Any) -> Any:
    """The SDK client, which from now on refuses operations that are no reads with ``WriteRefused``."""

    def refuse(model: Any, **_more: Any) -> None:
        refuse_operation(model.name)

    client.meta.events.register_first("before-call", refuse)
    return client


class ReadOnlySession:
    """A session of requests that sends reads alone."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def request(self, method: str, url: str, **more: Any) -> Any:
        """Send a read; ``WriteRefused`` for anything else."""
        _refuse_request(method, url)
        return self._session.request(method, url, **more)


def refuse_operation(name: str) -> None:
    """``WriteRefused`` unless the operation of AWS (``GetItem``) is a read by its name."""
    if not _READS.match(name):
        raise WriteRefused(f"Nothing may be written here, and {name} was about to be called.")


def _refuse_request(method: str, url: str) -> None:
    path = urlsplit(url).path
    if method.upper() in ("GET", "HEAD") or (method.upper() == "POST" and _READS_BY_POST.search(path)):
        return
    raise WriteRefused(f"Nothing may be written here, and a {method.upper()} request was about to be sent.")
