"""One partner's functions of the sync, by the placeholder that the definition knows them under."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.handlers import (
    complete_opportunity,
    create_opportunity,
    fetch_deal,
    fetch_opportunity,
    open_link,
    plan_changes,
    record_outcome,
    reserve_quota,
    update_opportunity,
    write_deal,
)
from sandbox.turned.parts import Function, Parts, bound


def sync_functions(
    p: Parts,
    records: Opportunities,
    plan_run: Callable[..., Any],
    settings: Mapping[str, Any],
    announce: Callable[[str, dict[str, Any]], None],
    *,
    extras: Callable[[Any], Mapping[str, Any]] = lambda _link: {},
    errands: Callable[[str, str], Any] = lambda _partner, kind: {}[kind],
) -> dict[str, Function]:
    """Placeholder to function. ``settings`` is the whole settings document."""
    partners = settings["partners"]
    return {
        "FetchDeal": bound(
            fetch_deal.fetch_deal,
            fetch_deal.Collaborators(
                hubspot=p.hubspot, runs=p.runs, origins=p.origins, partners=partners, links=p.links
            ),
        ),
        "FetchOpportunity": bound(
            fetch_opportunity.fetch_opportunity, fetch_opportunity.Collaborators(records, p.links, p.runs, p.clock)
        ),
        "PlanChanges": bound(
            plan_changes.plan_changes,
            plan_changes.Collaborators(p.links, p.base, p.runs, settings, plan_run, p.clock, extras),
        ),
        "ReserveQuota": bound(
            reserve_quota.reserve_quota, reserve_quota.Collaborators(p.quota, p.links, partners, p.clock)
        ),
        "CreateOpportunity": bound(
            create_opportunity.create_opportunity,
            create_opportunity.Collaborators(records, p.links, p.runs, p.audit, p.token, p.turn, p.clock),
        ),
        "UpdateOpportunity": bound(
            update_opportunity.update_opportunity,
            update_opportunity.Collaborators(records, p.runs, p.audit, p.turn),
        ),
        "CompleteOpportunity": bound(
            complete_opportunity.complete_opportunity,
            complete_opportunity.Collaborators(records, p.links, p.runs, p.audit, p.turn),
        ),
        "WriteDeal": bound(
            write_deal.write_deal,
            write_deal.Collaborators(
                hubspot=p.hubspot,
                links=p.links,
                runs=p.runs,
                audit=p.audit,
                origins=p.origins,
                partners=partners,
                clock=p.clock,
            ),
        ),
        "RecordOutcome": bound(
            record_outcome.record_outcome,
            record_outcome.Collaborators(p.links, p.base, p.runs, p.audit, announce, p.inbox, p.clock, errands),
        ),
        "OpenLink": bound(open_link.open_link, open_link.Collaborators(p.links, p.inbox)),
    }
