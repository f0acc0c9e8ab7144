"""The sync bus: what happened, for notifications, metrics and users' own additions. Ids and names only, no values.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import json
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient, named_code, named_errors

SOURCE = "cosell-sync"


class Announcements:
    """``Announcements(client, bus)`` with an EventBridge client and the bus's name."""

    def __init__(self, client: AwsClient, bus: str) -> None:
        self._client = client
        self._bus = bus

    def announce(self, kind: str, detail: dict[str, Any]) -> None:
        """Put one event with detail type ``kind``. A named error when the bus does not take it."""
        where = f"PutEvents {self._bus}"
        entry = {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": self._bus}
        with named_errors(where):
            answer = self._client.put_events(Entries=[entry])
        if answer.get("FailedEntryCount"):
            raise named_code(str(answer["Entries"][0].get("ErrorCode")), where)
