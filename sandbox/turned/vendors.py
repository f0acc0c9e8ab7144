"""HubSpot in this process, with the product's own adapter on top of it; the partners are beside it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from typing import Any

import config
from config.property_setup import set_up
from config.webhooks import EVENTS, watched_properties
from lambdas.shared.adapters.hubspot import HubSpot
from sandbox.fakes import FakeClock
from sandbox.faults import FaultRules
from sandbox.hubspot import HubSpotAccount, WebhookSender, WebhookTrouble, direct, make_app
from sandbox.hubspot.properties import PropertyRegister
from sandbox.hubspot.switches import Settings as HubSpotSettings
from sandbox.hubspot.switches import Switches as HubSpotSwitches
from sandbox.hubspot.webhooks import A_DAYS_SCHEDULE_MS
from sandbox.turned.wire import Note

CLIENT_SECRET = "11111111-2222-3333-4444-555555555555"
WEBHOOK_URL = "https://webhooks.example/webhook/hubspot"
APP_TOKEN = "pat-na1-sandbox"
HUBSPOT_URL = "https://api.hubapi.example"


@functools.cache
def configuration() -> config.Configuration:
    """The shipped configuration."""
    return config.load()


@functools.cache
def _properties() -> Mapping[str, PropertyRegister]:
    """What the product's set-up leaves in an account: done once, since every world of a test run begins with it."""
    clock = FakeClock()
    account = HubSpotAccount(clock, settings=HubSpotSettings(per_ten_seconds=None, per_day=None))
    send = direct(make_app(account, FaultRules(), sleep=lambda _seconds: None))
    report = set_up(HubSpot(lambda _fresh: APP_TOKEN, HUBSPOT_URL, http=send, clock=clock), configuration())
    assert not report.wrong, report.wrong
    return account.state.properties


class HubSpotSide:
    """HubSpot: ``account``, ``faults``, the product's ``adapter`` and the webhook ``sender``."""

    def __init__(
        self, clock: FakeClock, settings: Mapping[str, Any], trouble: WebhookTrouble, deliver: Any, note: Note
    ) -> None:
        self.account = HubSpotAccount(
            clock, portal_id=300, settings=HubSpotSettings(per_day=None), switches=HubSpotSwitches()
        )
        self.faults = FaultRules(trouble.seed)
        send = direct(make_app(self.account, self.faults, sleep=lambda _seconds: None))

        def http(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Any:
            answer = send(method, url, headers, body)
            note(f"{method} {url.split('?', maxsplit=1)[0].rpartition('/')[2]}")
            return answer

        self.account.state.properties = {kind: register.copy() for kind, register in _properties().items()}
        self.adapter = HubSpot(lambda _fresh: APP_TOKEN, HUBSPOT_URL, http=http, clock=clock)
        self.sender = WebhookSender(
            self.account,
            WEBHOOK_URL,
            CLIENT_SECRET,
            deliver=deliver,
            trouble=trouble,
            retry_schedule_ms=A_DAYS_SCHEDULE_MS,
            monotonic_ms=lambda: float(clock.now_ms()),
        )
        subscriptions = self.account.feed.subscriptions
        for crm_object, properties in watched_properties(settings).items():
            for kind in EVENTS.get(crm_object, ()):
                subscriptions.add(kind, crm_object)
            subscriptions.add("propertyChange", crm_object, properties)
        subscriptions.add("privacyDeletion", "contacts")

    def writes(self) -> Counter[str]:
        """How often each operation was called that changes something."""
        return Counter({name: count for name, count in self.account.calls.items() if not name.endswith(_READING)})


_READING = ("read", "search", "list", "labels")
