"""Operator's API: which of our solutions fit a deal, with scores and reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.entities import KINDS, is_entity_of
from lambdas.aws.domain.ranker import match_deal
from lambdas.aws.handlers.api_deals import current_deal, deal_id_of
from lambdas.aws.handlers.api_solutions import as_resource
from lambdas.aws.wiring import PARTNER
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.domain.values import Context
from lambdas.shared.handlers.rehearsal import Deals, read_deal
from lambdas.shared.http_api import Reply, Request, check_query, routed
from lambdas.shared.runtime import entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with: the solutions' ``cache``, and what a deal is read with."""

    cache: Any
    links: Any
    deals: Deals
    clock: Clock = field(default_factory=SystemClock)


def match_solutions(request: Request, c: Collaborators) -> Reply:
    """``GET /deals/{id}/solutions``. ``automatic.off`` says why nothing would be associated by itself, if so."""
    check_query(request, ())
    deal_id = deal_id_of(request)
    document = current_deal(read_deal(PARTNER, deal_id, c.deals))
    settings = c.deals.settings
    aws = settings["partners"][PARTNER]
    context = Context(c.clock.now_ms(), aws, settings.get("hubspot") or {})
    rules = {rule.name: rule for rule in parse_rules(aws)}
    catalogue = c.cache.get()
    found = match_deal(document, catalogue, rules, CODECS, context)
    body = {
        "deal": deal_id,
        "matches": [
            {
                "solution": as_resource(catalogue.by_id[match.solution_id]),
                "score": match.score,
                "reasons": list(match.reasons),
                "chosen": match.solution_id in found.chosen,
            }
            for match in found.matches
        ],
        "associated": _associated(deal_id, c),
        "automatic": {
            "on": found.off is None,
            "off": found.off,
            "minimum_score": aws["solution_matching"]["minimum_score"],
            "at_most": aws["solution_matching"]["at_most"],
        },
    }
    return Reply(body)


def _associated(deal_id: str, c: Collaborators) -> list[str]:
    """What the link knows to be associated; nothing for a deal that has none."""
    key = c.links.for_deals(PARTNER, [deal_id]).get(deal_id)
    link = c.links.get(key) if key else None
    return [each for each in (link.associated if link else ()) if is_entity_of(each, KINDS)]


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import solution_cache
    from lambdas.shared import wiring

    deals = Deals(wiring.hubspot(), wiring.origins(), wiring.settings())
    return Collaborators(solution_cache(), wiring.links(), deals)


ROUTES = {("GET", "/deals/{id}/solutions"): match_solutions}
handler = entry_point(routed(ROUTES), _collaborators)
