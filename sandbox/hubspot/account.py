"""The simulated HubSpot account: one object that a test or the sandbox works with as a person would.

Everything that the HTTP side can do to records is also a method here, done as a sales rep unless an actor is given.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from sandbox.hubspot import associations, merging, writes
from sandbox.hubspot.actors import Actor, Token, default_tokens, rep
from sandbox.hubspot.events import EventFeed
from sandbox.hubspot.facts import object_type
from sandbox.hubspot.limits import RateLimits
from sandbox.hubspot.owners import Owner
from sandbox.hubspot.pipelines import Pipeline
from sandbox.hubspot.records import Record, Version
from sandbox.hubspot.state import AccountState
from sandbox.hubspot.switches import Settings, Switches, from_mapping

CALL_LOG = 10_000


class HubSpotAccount:
    """One account with one app of ours.

    ``calls`` counts vendor calls by operation; ``call_log`` keeps the last ones as ``(at, operation, status, token
    kind)``. ``feed`` holds the webhook subscriptions and the events made so far. All methods raise
    ``sandbox.hubspot.refusals.Refusal`` where HubSpot would refuse.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        portal_id: int = 300,
        app_id: int = 400,
        tokens: Iterable[Token] | None = None,
        *,
        settings: Settings | None = None,
        switches: Switches | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        given_settings = settings or Settings()
        self.switches = switches or Switches()
        self.state = AccountState(self.clock, portal_id, app_id, given_settings, self.switches)
        given = default_tokens(app_id) if tokens is None else tokens
        self.tokens: dict[str, Token] = {token.value: token for token in given}
        self.limits = RateLimits(self.clock, given_settings, self.switches)
        self.feed = EventFeed(self.state)
        self.state.listeners.append(self.feed.on_change)
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.call_log: deque[tuple[int, str, int, str]] = deque(maxlen=CALL_LOG)

    @property
    def portal_id(self) -> int:
        """The account's number (``hubId``, ``portalId``)."""
        return self.state.portal_id

    @property
    def app_id(self) -> int:
        """Our app's number, as in ``appId`` and the ``sourceId`` of our own writes."""
        return self.state.app_id

    @property
    def settings(self) -> Settings:
        """The account's size and speed."""
        return self.state.settings

    def change_settings(self, members: Mapping[str, Any]) -> Settings:
        """Change some settings while the account is in use; the form of webhooks stays. Raises ``ValueError``."""
        if "webhook_format" in members:
            raise ValueError("webhook_format is fixed once subscriptions exist")
        with self.state.lock:
            now = {one.name: getattr(self.settings, one.name) for one in fields(Settings)}
            changed: Settings = from_mapping(Settings, {**now, **members})
            self.state.settings = self.limits.settings = changed
            return changed

    def create(
        self,
        kind: str,
        properties: Mapping[str, str],
        actor: Actor | None = None,
        associated: Iterable[tuple[str, str]] = (),
    ) -> Record:
        """Create a record of ``kind`` (``deals`` …) and tie it to ``(kind, id)`` pairs by their default types."""
        with self.state.lock:
            name = object_type(kind).name
            record = writes.create(self.state, name, properties, actor or rep(), "2026-09").record
            for other, key in associated:
                associations.associate(self.state, (name, record.id), (object_type(other).name, key), actor or rep())
            return record

    def update(self, kind: str, record_id: str, properties: Mapping[str, str], actor: Actor | None = None) -> Record:
        """Change values of a record; an old id of a merge finds the new record."""
        with self.state.lock:
            record = self.state.find(object_type(kind).name, record_id)
            return writes.update(self.state, record, properties, actor or rep(), "2026-09").record

    def archive(self, kind: str, record_id: str, actor: Actor | None = None) -> None:
        """Move a record to the recycle bin."""
        with self.state.lock:
            writes.archive(self.state, object_type(kind).name, record_id, actor or rep())

    def restore(self, kind: str, record_id: str, actor: Actor | None = None) -> Record:
        """Take a record out of the recycle bin."""
        with self.state.lock:
            return writes.restore(self.state, object_type(kind).name, record_id, actor or rep())

    def merge(self, kind: str, primary_id: str, other_id: str, actor: Actor | None = None) -> Record:
        """Merge two records into a new one."""
        with self.state.lock:
            return merging.merge(self.state, object_type(kind).name, primary_id, other_id, actor or rep())

    def associate(self, source: tuple[str, str], target: tuple[str, str], actor: Actor | None = None) -> None:
        """Tie ``(kind, id)`` to ``(kind, id)`` by the default type."""
        with self.state.lock:
            associations.associate(self.state, _ref(source), _ref(target), actor or rep())

    def dissociate(self, source: tuple[str, str], target: tuple[str, str], actor: Actor | None = None) -> None:
        """Untie two records."""
        with self.state.lock:
            associations.dissociate(self.state, _ref(source), _ref(target), actor or rep())

    def privacy_delete(self, contact_id: str, actor: Actor | None = None) -> None:
        """GDPR delete of a contact."""
        with self.state.lock:
            writes.privacy_delete(self.state, self.state.find("contacts", contact_id), actor or rep())

    def record(self, kind: str, record_id: str, *, archived: bool = False) -> Record:
        """The record itself, or a 404 refusal."""
        with self.state.lock:
            return self.state.find(object_type(kind).name, record_id, archived=archived)

    def records(self, kind: str, *, archived: bool = False) -> list[Record]:
        """All records of a type, in id order."""
        with self.state.lock:
            return self.state.live(object_type(kind).name, archived)

    def values(self, kind: str, record_id: str) -> dict[str, str]:
        """The values of a record that are not empty."""
        return self.record(kind, record_id).values()

    def history(self, kind: str, record_id: str, name: str) -> list[Version]:
        """Every value that a property had, oldest first."""
        return list(self.record(kind, record_id).history.get(name, []))

    def associated(self, kind: str, record_id: str, target: str) -> list[str]:
        """The ids of the records of type ``target`` tied to a record, in id order."""
        with self.state.lock:
            found = self.state.associations.targets((object_type(kind).name, record_id), object_type(target).name)
            return sorted(found, key=int)

    def create_pipeline(self, label: str, stages: Iterable[tuple[str, str]]) -> Pipeline:
        """A pipeline with ``(label, probability)`` stages; ids are numbers as text."""
        body = {
            "label": label,
            "displayOrder": 1,
            "stages": [
                {"label": name, "displayOrder": order, "metadata": {"probability": probability}}
                for order, (name, probability) in enumerate(stages)
            ],
        }
        with self.state.lock:
            return self.state.pipelines.create(body, self.state.now())

    def create_property(self, kind: str, body: Mapping[str, Any]) -> None:
        """A custom property, from the body that the API takes."""
        with self.state.lock:
            self.state.properties[object_type(kind).name].create(body, self.state.now())

    def add_owner(self, first_name: str, last_name: str, email: str, user_id: int = 600) -> Owner:
        """A person who can own deals; their owner id is not their user id."""
        with self.state.lock:
            owner_id = str(self.state.next_id("owners"))
            return self.state.owners.add(Owner(owner_id, user_id, email, first_name, last_name, at=self.state.now()))

    def drain_webhooks(self, timeout_seconds: float = 30.0) -> bool:
        """Wait until every event made so far is delivered or given up. False if that took longer than the time-out."""
        return self.feed.drain(timeout_seconds)


def _ref(pair: tuple[str, str]) -> tuple[str, str]:
    return object_type(pair[0]).name, pair[1]
