"""From HubSpot's webhook body to notices: ids, kinds and property names, never values.

Both formats are read: classic (``deal.propertyChange``) and generic (``object.propertyChange`` with
``objectTypeId``). Fields are read leniently; what cannot be read is handed back with a reason, so that one bad
event never costs the good ones beside it.
https://developers.hubspot.com/docs/api-reference/latest/webhooks/guide
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

_OBJECT_OF_TYPE_ID = {"0-1": "contact", "0-2": "company", "0-3": "deal", "0-46": "note"}
_OBJECTS = frozenset(_OBJECT_OF_TYPE_ID.values())


@dataclass(frozen=True, slots=True)
class BadPart:
    """A part of a delivery that cannot be read, as it came."""

    reason: str
    body: str


@dataclass(slots=True)
class Delivery:
    """What one delivery holds: ``events`` (notice events, JSON-able) and ``bad`` parts. Foreign objects are dropped."""

    events: list[dict[str, Any]] = field(default_factory=list)
    bad: list[BadPart] = field(default_factory=list)


class Unreadable(ValueError):
    """An event lacks what a notice needs; the text says what."""


def read_delivery(body: bytes, portal_id: int | None = None) -> Delivery:
    """Read the raw body of one verified delivery. ``portal_id``: the only account to listen to, None for any."""
    text = body.decode("utf-8", "replace")
    delivery = Delivery()
    try:
        events = json.loads(text)
    except ValueError:
        delivery.bad.append(BadPart("the body is not JSON", text))
        return delivery
    if not isinstance(events, list):
        delivery.bad.append(BadPart("the body is not a JSON array of events", text))
        return delivery
    for event in events:
        try:
            notice = _read_event(event, portal_id)
        except Unreadable as error:
            delivery.bad.append(BadPart(str(error), json.dumps(event)))
            continue
        if notice is not None:
            delivery.events.append(notice)
    return delivery


def _read_event(event: Any, portal_id: int | None) -> dict[str, Any] | None:
    if not isinstance(event, dict):
        raise Unreadable("an event is not a JSON object")
    kind_of = event.get("subscriptionType") or event.get("eventType")
    if not isinstance(kind_of, str) or "." not in kind_of:
        raise Unreadable("subscriptionType is missing or has no dot")
    if portal_id is not None and event.get("portalId") != portal_id:
        raise Unreadable("portalId is not the configured account")
    family, kind = kind_of.split(".", 1)
    name = _object_name(family, event)
    if name not in _OBJECTS:
        return None
    notice: dict[str, Any] = {
        "kind": kind,
        "object": name,
        "occurred_at": _number(event, "occurredAt"),
        "own": event.get("changeSource") == "INTEGRATION" and str(event.get("sourceId")) == str(event.get("appId")),
    }
    if kind == "associationChange":
        notice |= {"from_id": _identifier(event, "fromObjectId"), "to_id": _identifier(event, "toObjectId")}
        notice |= {"id": notice["from_id"], "to_object": _association_target(event)}
    elif kind == "merge":
        merged = event.get("mergedObjectIds")
        if not isinstance(merged, list):
            raise Unreadable("mergedObjectIds is missing or no list")
        notice["new_id"] = _identifier(event, "newObjectId" if "newObjectId" in event else "objectId")
        notice["id"] = notice["new_id"]
        notice["merged_ids"] = [_identifier(event, "primaryObjectId"), *(str(one) for one in merged)]
    else:
        notice["id"] = _identifier(event, "objectId")
    if isinstance(event.get("propertyName"), str):
        notice["property"] = event["propertyName"]
    return notice


def _object_name(family: str, event: dict[str, Any]) -> str:
    if family != "object":
        return family
    type_id = event.get("objectTypeId") or event.get("fromObjectTypeId")
    if not isinstance(type_id, str):
        raise Unreadable("objectTypeId is missing")
    return _OBJECT_OF_TYPE_ID.get(type_id, type_id)


def _association_target(event: dict[str, Any]) -> str:
    type_id = event.get("toObjectTypeId")
    if isinstance(type_id, str):
        return _OBJECT_OF_TYPE_ID.get(type_id, type_id)
    return str(event.get("associationType", "")).rpartition("_TO_")[2].lower()


def _identifier(event: dict[str, Any], name: str) -> str:
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdigit():
        raise Unreadable(f"{name} is missing or no id")
    return str(value)


def _number(event: dict[str, Any], name: str) -> int:
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{name} is missing or no number")
    return int(value)
