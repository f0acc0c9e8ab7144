"""What a scene has to work with: the world, a narrator, and a stopwatch."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.google.state import Opportunity as GoogleOpportunity
from sandbox.hubspot.actors import rep
from sandbox.hubspot.fixtures import RepDeal, create_rep_deal
from sandbox.partner_central.state import Invitation, Opportunity
from sandbox.world import CATALOG, PATIENCE, NotSeen, World

_numbers = itertools.count(1)
_user_ids = itertools.count(9000)

CHOICES = {
    "#AWS": {"aws_contract_months": "12"},
    "#Microsoft": {
        "microsoft_deal_kind": "partner-led",
        "microsoft_share_sellers": "true",
        "microsoft_share_others": "true",
        "microsoft_may_contact": "true",
    },
    "#GCP": {"gcp_product_family": "Google Cloud Platform"},
}
"""What a person fills in on a deal for the partner of each tag: choices that nobody makes for them."""


@dataclass
class Stage:
    """One performance.

    ``say`` tells the audience; ``times_ms`` collects how long changes took to arrive. ``deals`` were tagged;
    ``poisoned`` are links that were made to fail, so that dead letters are theirs to have. ``calm``: nothing else goes
    on in the world, so that calls can be counted.
    """

    world: World
    say: Callable[[str], None] = lambda _line: None
    deals: list[str] = field(default_factory=list)
    poisoned: set[str] = field(default_factory=set)
    times_ms: list[float] = field(default_factory=list)
    patience: float = PATIENCE
    calm: bool = True

    def new_deal(self, name: str, *, tagged: bool = True, **options: Any) -> RepDeal:
        """A rep makes a company, a contact and a deal complete for every tag in its name. Tagged ones are counted."""
        number = next(_numbers)
        details = {"description": "Moving forty servers and two databases to the cloud this year."}
        for tag, choices in CHOICES.items():
            if tag in name:
                details |= choices
        details |= options.pop("deal", {})
        company = {"numberofemployees": "120"} | options.pop("company", {})
        made = create_rep_deal(self.world.hubspot, name, number=number, deal=details, company=company, **options)
        if tagged:
            self.deals.append(made.deal_id)
        return made

    def edit(self, deal_id: str, **properties: str) -> None:
        """A rep edits a deal."""
        self.world.hubspot.update("deals", deal_id, properties)

    @contextmanager
    def timed(self) -> Generator[None]:
        """Count the time inside ``with`` as the time a change took to arrive."""
        began = time.monotonic()
        yield
        self.times_ms.append((time.monotonic() - began) * 1000)

    def wait(self, look: Callable[[], Any], what: str) -> Any:
        """Wait for something, as long as this performance is patient."""
        return self.world.wait_for(look, what, self.patience)

    def opportunity_of(self, deal_id: str) -> Opportunity:
        """The opportunity that the deal names, once it names one."""
        opportunity_id = self.wait(
            lambda: self.world.deal(deal_id).get("aws_opportunity_id"), f"an opportunity id on deal {deal_id}"
        )
        return self.world.opportunities()[opportunity_id]

    def referral_of(self, deal_id: str) -> str:
        """The id of the referral that the deal names, once it names one; ``World.referral`` shows it as it is now."""
        found = self.wait(
            lambda: self.world.deal(deal_id).get("microsoft_referral_id"), f"a referral id on deal {deal_id}"
        )
        self.require(self.world.referral(found), "the referral that the deal names")
        return found

    def google_of(self, deal_id: str) -> GoogleOpportunity:
        """Google's opportunity that the deal names, once it names one."""
        found = self.wait(
            lambda: self.world.deal(deal_id).get("gcp_opportunity_id"), f"Google's opportunity id on deal {deal_id}"
        )
        return self.world.google.state.opportunities[f"opportunities/{found}"]

    def shown(self, deal_id: str, **properties: str) -> None:
        """Wait until the deal shows these values."""
        for name, value in properties.items():
            self.wait(lambda n=name, v=value: self.world.deal(deal_id).get(n) == v, f"{name} {value!r} on the deal")

    def told(self, deal_id: str, text: str) -> bool:
        """Whether a note or a task on the deal says so."""
        hubspot = self.world.hubspot
        return any(
            text in value
            for kind in ("notes", "tasks")
            for written in hubspot.associated("deals", deal_id, kind)
            for value in hubspot.values(kind, written).values()
        )

    def rep_note(self, deal_id: str, body: str) -> str:
        """A rep writes a note on the deal; its id."""
        values = {"hs_note_body": body, "hs_timestamp": str(int(time.time() * 1000))}
        return self.world.hubspot.create("notes", values, rep(600), [("deals", deal_id)]).id

    def deal_with(self, name: str, value: str) -> str | None:
        """The id of the deal whose property has that value."""
        found = (each.id for each in self.world.hubspot.records("deals") if each.values().get(name) == value)
        return next(found, None)

    def invitation(self, invitation_id: str) -> Invitation:
        """An invitation as Partner Central has it."""
        return self.world.central.catalogs[CATALOG].invitations[invitation_id]

    def new_owner(self, first_name: str, last_name: str, email: str) -> str:
        """The id of a HubSpot user of that address, made if need be."""
        owners = self.world.hubspot.state.owners.owners.values()
        known = next((each.id for each in owners if each.email == email), None)
        return known or self.world.hubspot.add_owner(first_name, last_name, email, next(_user_ids)).id

    def require(self, holds: object, what: str) -> None:
        """Stop the performance unless it holds."""
        if not holds:
            raise NotSeen(what)


@dataclass(frozen=True)
class Scene:
    """One part of the main job. ``play`` returns when it held."""

    number: int
    title: str
    play: Callable[[Stage], None]
