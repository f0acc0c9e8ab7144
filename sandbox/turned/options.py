"""What a test may choose about its world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot import WebhookTrouble
from sandbox.turned.probe import Probe


@dataclass(frozen=True)
class Options:
    """``fine``: stop at every step; ``ledger_steps``: at every write to the ledger as well. ``latency_ms`` of a vendor.

    ``partners`` are those that are on. ``writes_per_second`` and ``writes_per_day`` are each partner's limiter and
    Partner Central's own quota alike, unless ``limiter`` says otherwise. ``crashes``: how many executions may stop
    dead. ``copies_of_events``: how often an event of Partner Central may come (one is drawn). ``notices``: whether
    Partner Center's webhook is registered, beside its poll. ``settings``: by partner, what differs from the shipped.
    ``looks``: whether what AWS only shows is looked at too. ``letters``: whether dead letters are put on record and
    feed back. ``probe`` hears of every step.
    """

    seed: int = 0
    partners: tuple[str, ...] = ("aws",)
    fine: bool = False
    ledger_steps: bool = False
    latency_ms: int = 50
    writes_per_second: float = 1.0
    writes_per_day: int = 10_000
    limiter: Mapping[str, Any] | None = None
    crashes: int = 0
    copies_of_events: tuple[int, ...] = (1,)
    webhooks: WebhookTrouble = field(default_factory=WebhookTrouble)
    notices: bool = True
    at_once: int = 20
    looks: bool = False
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    letters: bool = False
    probe: Probe = field(default_factory=Probe)
