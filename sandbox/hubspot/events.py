"""From changes to webhook events (hubspot.md 1.3, 1.5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from sandbox.hubspot.changes import Change
from sandbox.hubspot.facts import OBJECT_TYPES
from sandbox.hubspot.state import AccountState
from sandbox.hubspot.subscriptions import Subscription, Subscriptions

EVENT_LOG = 20_000
REUSED_EVENT_IDS = 31

Event = dict[str, Any]


class Receiver(Protocol):
    """Takes events and knows when all of them are delivered."""

    def enqueue(self, events: list[Event]) -> None:
        """Take events for delivery."""
        ...

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until nothing is left to deliver."""
        ...


class EventFeed:
    """Turns changes into events, one for every subscription that wants them, and hands them to the receivers.

    ``events`` keeps the last events made, without ``attemptNumber``.
    """

    def __init__(self, state: AccountState) -> None:
        self._state = state
        self.subscriptions = Subscriptions(state.settings.webhook_format)
        self.events: deque[Event] = deque(maxlen=EVENT_LOG)
        self.receivers: list[Receiver] = []

    def on_change(self, change: Change) -> None:
        """Make the events of one change."""
        both_ways = self._state.switches.association_events_both_ways
        made = [self._event(change, one) for one in self.subscriptions.all if one.wants(change, both_ways)]
        if not made:
            return
        self.events.extend(made)
        for receiver in self.receivers:
            receiver.enqueue([dict(event) for event in made])

    def drain(self, timeout_seconds: float) -> bool:
        """Wait until every receiver has delivered everything."""
        return all([receiver.drain(timeout_seconds) for receiver in list(self.receivers)])

    def _event(self, change: Change, subscription: Subscription) -> Event:
        state = self._state
        number = state.next_id("events") - 9_000_000_000
        event: Event = {
            "eventId": number if state.switches.event_ids_unique else number % REUSED_EVENT_IDS + 1,
            "subscriptionId": subscription.id,
            "portalId": state.portal_id,
            "appId": state.app_id,
            "occurredAt": change.at,
            "subscriptionType": _type(change, subscription),
            "changeSource": change.actor.source_type,
        }
        if state.switches.events_carry_source_id or change.actor.is_person:
            event["sourceId"] = change.actor.source_id
        return {**event, **_DETAILS[change.kind](change, subscription, state)}


def _type(change: Change, subscription: Subscription) -> str:
    family = OBJECT_TYPES[subscription.object_type].singular if subscription.classic else "object"
    return f"{family}.{change.kind}"


def _object(change: Change, subscription: Subscription) -> Event:
    named: Event = {"objectId": int(change.object_id)}
    if not subscription.classic:
        named["objectTypeId"] = OBJECT_TYPES[change.object_type].type_id
    return named


def _plain(change: Change, subscription: Subscription, state: AccountState) -> Event:
    return _object(change, subscription)


def _creation(change: Change, subscription: Subscription, state: AccountState) -> Event:
    return {**_object(change, subscription), "changeFlag": state.switches.creation_flag}


def _deletion(change: Change, subscription: Subscription, state: AccountState) -> Event:
    return {**_object(change, subscription), "changeFlag": "DELETED"}


def _property_change(change: Change, subscription: Subscription, state: AccountState) -> Event:
    hidden = change.sensitive and subscription.classic
    event = {**_object(change, subscription), "propertyName": change.property_name}
    event["propertyValue"] = "REDACTED" if hidden else change.value
    return event if subscription.classic else {**event, "isSensitive": change.sensitive}


def _merge(change: Change, subscription: Subscription, state: AccountState) -> Event:
    return {
        **_object(change, subscription),
        "primaryObjectId": int(change.primary_id),
        "mergedObjectIds": [int(key) for key in change.merged_ids],
        "newObjectId": int(change.object_id),
        "numberOfPropertiesMoved": change.moved,
    }


def _association_change(change: Change, subscription: Subscription, state: AccountState) -> Event:
    source, target = OBJECT_TYPES[change.object_type], OBJECT_TYPES[change.to_type]
    event: Event = {
        "fromObjectId": int(change.object_id),
        "toObjectId": int(change.to_id),
        "associationRemoved": change.removed,
        "isPrimaryAssociation": change.primary,
    }
    if change.actor.is_person:
        event["changeSource"] = "USER"
    if subscription.classic:
        return {**event, "associationType": f"{source.singular}_to_{target.singular}".upper()}
    return {**event, "fromObjectTypeId": source.type_id, "toObjectTypeId": target.type_id}


_DETAILS: dict[str, Callable[[Change, Subscription, AccountState], Event]] = {
    "creation": _creation,
    "propertyChange": _property_change,
    "deletion": _deletion,
    "restore": _plain,
    "merge": _merge,
    "associationChange": _association_change,
    "privacyDeletion": _plain,
}
