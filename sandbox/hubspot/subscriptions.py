"""Webhook subscriptions: which changes an app wants to hear of, and in which form (hubspot.md 1.1, 1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.changes import Change
from sandbox.hubspot.facts import FACTS, object_type
from sandbox.hubspot.refusals import invalid

KINDS = ("creation", "propertyChange", "deletion", "restore", "merge", "associationChange", "privacyDeletion")
NEVER_FIRE = ("hs_lastmodifieddate", "lastmodifieddate", "num_unique_conversion_events")
MAX_SUBSCRIPTIONS: int = FACTS["webhook"]["max_subscriptions_per_app"]
DEAL_PROPERTIES = ("dealname", "dealstage", "pipeline", "amount", "closedate", "hubspot_owner_id", "deal_currency_code",
                   "description", "hs_next_step")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription. ``classic`` events are named ``deal.*``, generic ones ``object.*``."""

    id: int
    kind: str
    object_type: str
    property_name: str = ""
    classic: bool = False
    active: bool = True

    def wants(self, change: Change, both_ways: bool) -> bool:
        """Whether a change is one that this subscription is about."""
        if not self.active or change.kind != self.kind:
            return False
        if self.kind == "associationChange" and both_ways and change.to_type == self.object_type:
            return True
        if change.object_type != self.object_type:
            return False
        return self.kind != "propertyChange" or (
            change.property_name == self.property_name and self.property_name not in NEVER_FIRE
        )


class Subscriptions:
    """The subscriptions of our app."""

    def __init__(self, webhook_format: str) -> None:
        if webhook_format not in ("generic", "classic"):
            raise ValueError(f"unknown webhook_format {webhook_format!r}; allowed: generic, classic")
        self._classic = webhook_format == "classic"
        self.all: list[Subscription] = []

    def add(
        self,
        kind: str,
        word: str = "deals",
        properties: Iterable[str] = ("",),
        *,
        classic: bool | None = None,
        active: bool = True,
    ) -> list[Subscription]:
        """Subscribe to ``kind`` on an object type; propertyChange takes one subscription per property."""
        if kind not in KINDS:
            raise ValueError(f"unknown subscription {kind!r}; allowed: {', '.join(KINDS)}")
        form = kind == "privacyDeletion" or (self._classic if classic is None else classic)
        made = []
        for name in properties:
            if (kind == "propertyChange") != bool(name):
                raise ValueError("propertyChange needs property names, other kinds take none")
            if len(self.all) >= MAX_SUBSCRIPTIONS:
                raise invalid(f"At most {MAX_SUBSCRIPTIONS} subscriptions per app", "1.1")
            made.append(Subscription(200 + len(self.all), kind, object_type(word).name, name, form, active))
            self.all.append(made[-1])
        return made

    def add_minimum(self, more_deal_properties: Iterable[str] = ()) -> None:
        """The minimum that the fact sheet suggests for a deal sync, plus a company's and a contact's usual fields."""
        for kind in ("creation", "deletion", "restore", "merge", "associationChange"):
            self.add(kind, "deals")
        self.add("propertyChange", "deals", dict.fromkeys((*DEAL_PROPERTIES, *more_deal_properties)))
        company = ("name", "domain", "country", "state", "city", "zip", "address", "website", "industry")
        self.add("propertyChange", "companies", company)
        self.add("propertyChange", "contacts", ("email", "firstname", "lastname", "jobtitle", "phone"))
        self.add("privacyDeletion", "contacts")

    def load(self, component: Mapping[str, Any]) -> str:
        """Take the subscriptions of a project's webhooks component (``*-hsmeta.json``); returns its target URL."""
        config = component["config"]
        limit = config.get("settings", {}).get("maxConcurrentRequests")
        if limit is not None and limit <= 5:
            raise invalid("maxConcurrentRequests must be above 5", "1.4")
        declared = config.get("subscriptions", {})
        for one in declared.get("crmObjects", []):
            word = one.get("objectType") or one["objectName"]
            self._load_one(one, one["subscriptionType"].removeprefix("object."), word, classic=False)
        for one in [*declared.get("legacyCrmObjects", []), *declared.get("hubEvents", [])]:
            word, _, kind = one["subscriptionType"].partition(".")
            self._load_one(one, kind, word, classic=True)
        return str(config.get("settings", {}).get("targetUrl", ""))

    def _load_one(self, one: Mapping[str, Any], kind: str, word: str, *, classic: bool) -> None:
        self.add(kind, word, (one.get("propertyName", ""),), classic=classic, active=bool(one.get("active", True)))
