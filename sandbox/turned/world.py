"""The world: HubSpot, the partners that are on, the product between them, and what a test asks.

    world = World(Options(seed=7))
    deal = world.new_deal()
    world.run_until_quiet()
    assert world.duplicates() == [] and world.unsettled() == []

Without ``fine`` an execution runs through to its next pause; with it the seed decides, step by step, who goes on.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import config
from lambdas.shared.runtime import logger, take_counted
from sandbox.fakes import FakeClock, FakeDynamoDb
from sandbox.hubspot import RepDeal, create_rep_deal
from sandbox.turned import letters, vendors
from sandbox.turned.baton import Baton
from sandbox.turned.executions import Ledger
from sandbox.turned.functions import receiver, shared_functions
from sandbox.turned.options import Options
from sandbox.turned.partners import SIDES, Side, Surroundings
from sandbox.turned.parts import Parts
from sandbox.turned.probe import WEBHOOK, Probed, through
from sandbox.turned.scheduler import DEALS_POLL, Scheduler
from sandbox.turned.sqs import TurnedSqs

COMPLETE = {
    "description": "Moving forty servers to the cloud.",
    "aws_contract_months": "12",
    "microsoft_deal_kind": "co-sell",
    "microsoft_assistance": "GeneralOrOther",
    "microsoft_share_sellers": "true",
    "microsoft_share_others": "true",
    "microsoft_may_contact": "true",
    "gcp_product_family": "Google Cloud Platform",
    "gcp_submit": "true",
}
"""What the partners want of a deal beside what a rep fills in anyway."""


class World(Scheduler):
    """See the module. ``hubspot`` and ``sides`` hold the accounts and the faults; ``clock`` is the only clock."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = o = options or Options()
        logger.setLevel("CRITICAL")
        random.seed(o.seed)  # the definitions' $random and the jitter of their retries
        self.dice = random.Random(o.seed)
        self.clock = FakeClock(1_790_000_000_000)
        self.settings = self._settings()
        self.store = FakeDynamoDb()
        self.baton = Baton(self.clock.now_ms, o.fine)
        self.sqs = TurnedSqs(self.clock)
        self.sqs.on_record = o.letters
        ledger = Probed(Ledger(self.store, self.baton, o.ledger_steps), "dynamodb", o.probe)
        queues = Probed(self.sqs, "sqs", o.probe)
        self.parts = Parts(ledger, queues, self.clock, self.dice, self.baton.sleep, o.partners)
        secret = {"client_secrets": [vendors.CLIENT_SECRET], "target_urls": [vendors.WEBHOOK_URL]}
        self._receive = receiver(self.parts, self.settings, secret)
        self.hubspot = vendors.HubSpotSide(self.clock, self.settings, o.webhooks, self._deliver, self._answered)
        self.parts.hubspot = self.hubspot.adapter
        around = Surroundings(self.clock, o, self.dice, self.settings, self.parts, self._answered)
        self.sides: dict[str, Side] = {name: SIDES[name](around) for name in o.partners}
        self.announced: Counter[str] = Counter()
        self.functions = shared_functions(self.parts, self.sides.values())
        for side in self.sides.values():
            self.functions |= side.functions(lambda kind, _: self._announce(kind))
        if o.letters:
            self.functions |= letters.functions(self.parts, queues, self.settings)
        super().__init__()
        self._set_watermarks()
        take_counted()

    def _settings(self) -> dict[str, Any]:
        shipped = config.render_settings(vendors.configuration(), "sandbox")
        o = self.options
        limits = o.limiter or {"writes_per_second": o.writes_per_second, "writes_per_day": o.writes_per_day}
        own = {name: {"quota": dict(limits), **_SEED.get(name, {}), **o.settings.get(name, {})} for name in o.partners}
        partners = {name: {**shipped["partners"][name], **own[name]} for name in o.partners}
        return {**copy.copy(shipped), "partners": partners}

    def _set_watermarks(self) -> None:
        """The first poll of each kind only notes where it begins."""
        for poll in (DEALS_POLL, *(f"{name}.opportunities" for name in self.sides)):
            self.functions[poll]({"poll": poll})

    def _announce(self, kind: str) -> None:
        self.announced[kind] += 1

    def _answered(self, operation: str) -> None:
        self.options.probe.answered(operation)
        self.clock.advance(ms=self.options.latency_ms)
        self.baton.here(f"after {operation}")

    def _deliver(self, _url: str, headers: Mapping[str, str], body: bytes) -> int:
        event = {"httpMethod": "POST", "path": "/webhook/hubspot", "headers": dict(headers), "body": body.decode()}
        return through(self.options.probe, WEBHOOK, lambda: self._receive(event))["statusCode"]

    # What a test asks.

    @property
    def central(self) -> Any:
        """AWS's side."""
        return self.sides["aws"]

    @property
    def microsoft(self) -> Any:
        """Microsoft's side."""
        return self.sides["microsoft"]

    @property
    def google(self) -> Any:
        """Google's side."""
        return self.sides["google"]

    def new_deal(self, name: str = "Harbour Migration #AWS", **more: Any) -> RepDeal:
        """A rep's deal with company and contact, complete for the partners that are on."""
        own = [prefix for side, prefix in _PREFIXES.items() if side not in self.sides]
        details = {key: text for key, text in COMPLETE.items() if not key.startswith(tuple(own))}
        company = {**({"numberofemployees": "300"} if "microsoft" in self.sides else {}), **more.pop("company", {})}
        deal = {**details, **more.pop("deal", {})}
        made = create_rep_deal(self.hubspot.account, name, deal=deal, company=company, **more)
        if "microsoft" in self.sides:
            self.hubspot.account.update("contacts", made.contact_id, {"phone": "+12065550173"})
        return made

    def deal(self, deal_id: str) -> dict[str, str]:
        """The deal's properties."""
        return self.hubspot.account.values("deals", deal_id)

    def opportunities(self) -> dict[str, Any]:
        """The opportunities in Partner Central, by id."""
        return self.central.account.catalogs["Sandbox"].opportunities

    def duplicates(self) -> list[str]:
        """What is there more than once, as ``partner: whose``."""
        return [
            f"{name}: {origin}"
            for name, side in self.sides.items()
            for origin, number in Counter(side.origins()).items()
            if number > 1
        ]

    def dead_letters(self) -> list[str]:
        """What went to a dead letter queue, as ``queue: body``."""
        return [f"{queue.name}: {one.body}" for queue in self.sqs.queues.values() for one in queue.dead]

    def calls(self, operation: str) -> int:
        """How often an operation of a partner was called."""
        return sum(side.operations().count(operation) for side in self.sides.values())

    def writes(self) -> Counter[str]:
        """How often anything was written at any vendor, by the vendor's operation."""
        return sum((side.writes() for side in self.sides.values()), self.hubspot.writes())


_SEED = {"aws": {"invitations": {"rule": "accept-all", "remind_days": 3, "lead_qualified": "Qualified", "listed": {}}}}
"""The seed's rule, whatever the sandbox's own word for the demo is."""
_PREFIXES = {"aws": "aws_", "microsoft": "microsoft_", "google": "gcp_"}
