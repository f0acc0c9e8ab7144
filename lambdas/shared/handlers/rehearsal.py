"""What the next run of a link would decide, found out by the same functions, with nothing written to anybody.

The documents of a run lie in memory here, so no run item is made; a lost create's first base, which lies in one, is
then not known, and the decision may call that a conflict. The link is the one that is given, whatever the ledger has
under its key: so the first run of a link that nobody has opened can be rehearsed too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.handlers import fetch_deal, fetch_opportunity, plan_changes

_RUN = "rehearsal"


@dataclass(frozen=True)
class Deals:
    """What a deal is read with. ``settings`` is the settings document."""

    hubspot: Any
    origins: Any
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Stage:
    """What the functions of the sync work with, but for the run's documents."""

    deals: Deals
    links: Any
    base: Any
    opportunities: Opportunities
    plan_run: Callable[[Situation, Mapping[str, Any], int], Plan]
    extras: Callable[[Link], Mapping[str, Any]] = lambda _link: {}
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """``deal`` is what ``fetch_deal`` answered, ``document`` the deal as it is; ``plan`` is a plan document, None where
    there is no deal to plan on. ``opportunity`` is the partner's document, None where there is none."""

    deal: Mapping[str, Any]
    document: Mapping[str, Any] | None = None
    plan: Mapping[str, Any] | None = None
    opportunity: Mapping[str, Any] | None = None


def read_deal(partner: str, deal_id: str, deals: Deals) -> Rehearsed:
    """The deal alone, as a run would read it."""
    runs = _InMemory()
    answer = _fetch_deal(_run(partner, deal_id), deals, runs)
    return Rehearsed(answer, runs.documents.get("deal"))


def rehearse(
    link: Link, stage: Stage, says: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda document: document
) -> Rehearsed:
    """The plan of a run now, for a deal that ``says(document)`` more than it does; or for an opportunity's link that
    has no deal."""
    runs, links = _InMemory(), _AsGiven(link, stage.links)
    run = {**_run(link.partner, link.deal_id), "link": link.key, "opportunity_id": link.opportunity_id}
    deal = _fetch_deal(run, stage.deals, runs)
    document = runs.documents.get("deal")
    if deal["deal"] not in ("current", "none") or (document is None and link.deal_id is not None):
        return Rehearsed(deal, document)
    if document is not None:
        runs.documents["deal"] = says(document)
    found = fetch_opportunity.fetch_opportunity(
        {"run": run}, fetch_opportunity.Collaborators(stage.opportunities, links, runs, stage.clock)
    )
    plan_changes.plan_changes(
        {"run": run, "deal": deal, "opportunity": found},
        plan_changes.Collaborators(
            links, stage.base, runs, stage.deals.settings, stage.plan_run, stage.clock, stage.extras
        ),
    )
    return Rehearsed(deal, document, runs.documents["plan"], runs.documents.get("opportunity"))


def _fetch_deal(run: Mapping[str, Any], deals: Deals, runs: _InMemory) -> Mapping[str, Any]:
    c = fetch_deal.Collaborators(deals.hubspot, runs, deals.origins, deals.settings["partners"])
    return fetch_deal.fetch_deal({"run": run}, c)


def _run(partner: str, deal_id: str | None) -> dict[str, Any]:
    return {"run_id": _RUN, "partner": partner, "deal_id": deal_id, "link": None, "opportunity_id": None}


class _AsGiven:
    """``Links`` with one link as it was given, of which nothing is noted."""

    def __init__(self, link: Link, links: Any) -> None:
        self._link = link
        self._links = links

    def get(self, link_key: str) -> Link | None:
        """The given link, or another one as the ledger has it."""
        return self._link if link_key == self._link.key else self._links.get(link_key)

    def follow(self, link_key: str) -> Link | None:
        """As the ledger has it, or the given link."""
        return self._link if link_key == self._link.key else self._links.follow(link_key)

    def for_deals(self, partner: str, deal_ids: Iterable[str]) -> dict[str, str]:
        """As the ledger has it."""
        return self._links.for_deals(partner, deal_ids)

    def for_opportunities(self, partner: str, opportunity_ids: Iterable[str]) -> dict[str, str]:
        """As the ledger has it."""
        return self._links.for_opportunities(partner, opportunity_ids)

    def open_attempts(self, partner: str) -> Mapping[str, Mapping[str, Any]]:
        """As the ledger has it."""
        return self._links.open_attempts(partner)

    def note_named_deal(self, link_key: str, deal_id: str) -> None:
        """A rehearsal notes nothing."""


class _InMemory:
    """``Runs`` for one run that never was."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}

    def put(self, run_id: str, name: str, document: Any) -> None:
        """Keep it."""
        if run_id == _RUN:
            self.documents[name] = document

    def get(self, run_id: str, *names: str) -> dict[str, Any]:
        """Those that are there; none of another run's."""
        return {name: self.documents[name] for name in names if run_id == _RUN and name in self.documents}
