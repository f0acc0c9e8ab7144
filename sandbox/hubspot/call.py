"""One vendor call as the handlers see it, and the answer they give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from sandbox.hubspot.account import HubSpotAccount
from sandbox.hubspot.actors import Actor
from sandbox.hubspot.facts import object_type
from sandbox.hubspot.reading import Wanted
from sandbox.hubspot.refusals import Refusal, invalid
from sandbox.hubspot.state import AccountState


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON document (None = no body) and extra headers."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A call that is authenticated and routed. ``version`` is ``2026-09``, ``2026-03``, ``v3`` or ``v4``."""

    account: HubSpotAccount
    actor: Actor
    version: str
    path: Mapping[str, str]
    query: MultiDict[str, str]
    raw: bytes
    content_type: str

    @property
    def state(self) -> AccountState:
        """The account's data."""
        return self.account.state

    @property
    def kind(self) -> str:
        """The plural name of the object type in the path."""
        return object_type(self.path["kind"]).name

    @property
    def target(self) -> str:
        """The plural name of the associated object type in the path."""
        return object_type(self.path["target"]).name

    def body(self) -> Any:
        """The JSON body. Refuses another content type (415) and unreadable JSON (400)."""
        if "json" not in self.content_type:
            raise Refusal(415, "VALIDATION_ERROR", "Content-Type must be application/json", "4.2")
        try:
            return json.loads(self.raw)
        except ValueError:
            raise invalid("Invalid input JSON", "4.2") from None

    def document(self) -> Mapping[str, Any]:
        """The JSON body, which must be an object."""
        body = self.body()
        if not isinstance(body, Mapping):
            raise invalid("Invalid input JSON: an object is needed", "4.2")
        return body

    def names(self, key: str) -> tuple[str, ...]:
        """A list in the query, repeated or separated by commas."""
        return tuple(name for text in self.query.getlist(key) for name in text.split(",") if name)

    def flag(self, key: str) -> bool:
        """A boolean in the query; absent is false."""
        return self.query.get(key, "false").lower() == "true"

    def limit(self, default: int, most: int) -> int:
        """The page size in the query. Refuses one beyond ``most``."""
        text = self.query.get("limit", str(default))
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise invalid(f"limit must be 1 to {most}", "3.3")
        return int(text)

    def wanted(self) -> Wanted:
        """What the query asks to see of a record."""
        return Wanted(self.names("properties"), self.names("propertiesWithHistory"), self.names("associations"))
