"""One subsegment for each piece of work, with what it belongs to as annotations, to the daemon that Lambda runs.

By hand, because the X-Ray SDK costs tens of milliseconds of import and is in maintenance mode; the daemon takes one
JSON document in one datagram. https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping

_HEADER = b'{"format": "json", "version": 1}\n'


def send_subsegment(name: str, began: float, ended: float, annotations: Mapping[str, str], *, failed: bool) -> None:
    """Say that ``name`` took from ``began`` to ``ended`` (epoch seconds).

    ``annotations`` can be searched for in X-Ray: ids and names of ours only, never a customer's value. Nothing happens
    where no daemon is or the trace is not sampled, and a daemon that is not there disturbs nobody: tracing is no work.
    """
    trace, daemon = _trace(), _daemon()
    if trace is None or daemon is None:
        return
    trace_id, parent_id = trace
    document = {
        "name": name,
        "id": secrets.token_hex(8),
        "trace_id": trace_id,
        "parent_id": parent_id,
        "type": "subsegment",
        "start_time": began,
        "end_time": ended,
        "annotations": dict(annotations),
        **({"fault": True} if failed else {}),
    }
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(_HEADER + json.dumps(document).encode(), daemon)
    except OSError:
        return


def _trace() -> tuple[str, str] | None:
    """Id and parent of the sampled trace that this invocation is part of (``Root=…;Parent=…;Sampled=1``)."""
    parts: dict[str, str] = {}
    for part in os.environ.get("_X_AMZN_TRACE_ID", "").split(";"):
        name, _, text = part.partition("=")
        parts[name] = text
    root, parent = parts.get("Root"), parts.get("Parent")
    return (root, parent) if parts.get("Sampled") == "1" and root and parent else None


def _daemon() -> tuple[str, int] | None:
    host, _, port = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "").rpartition(":")
    return (host, int(port)) if host and port.isdigit() else None
