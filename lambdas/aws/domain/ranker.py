"""The ranker that is in use, and what a deal gets by it: the one place to put another in.

To rank by rules of your own, write a function as ``Ranker`` says it (facts, solutions, weights: matches, best first)
and name it here. Nothing else knows which one it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain import solution_match
from lambdas.aws.domain.solution_match import MOST, DealFacts, Match, Ranker, Weights
from lambdas.aws.domain.solutions import Catalogue
from lambdas.shared.domain.computed import read_rule
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.tags import strip_tags
from lambdas.shared.domain.values import Codec, Context

RANKER: Ranker = solution_match.rank


@dataclass(frozen=True, slots=True)
class Matching:
    """What the ranker says of one deal. ``chosen`` are the ids that would be associated by themselves; ``off`` says why
    there are none, as a sentence, where that is not for want of a match."""

    matches: tuple[Match, ...] = ()
    chosen: tuple[str, ...] = ()
    off: str | None = None


def match_deal(
    deal: Mapping[str, Any],
    catalogue: Catalogue,
    rules: Mapping[str, FieldRule],
    codecs: Mapping[str, Codec],
    context: Context,
    *,
    ranker: Ranker | None = None,
) -> Matching:
    """Rank the active solutions for a deal. ``rules`` are those of the field map, by name."""
    matching = context.partner["solution_matching"]
    if (why := catalogue.why_empty) is not None:
        return Matching(off=why)
    facts = deal_facts(deal, rules, codecs, context)
    found = (ranker or RANKER)(facts, catalogue.active, Weights.from_settings(matching))
    known = {each.solution_id for each in catalogue.active}
    matches = tuple(each for each in found if each.solution_id in known)[:MOST]
    if not matching["automatic"]:
        return Matching(matches, off="Automatic matching is off in the settings (solution_matching.automatic).")
    good = (each.solution_id for each in matches if each.score >= matching["minimum_score"])
    return Matching(matches, tuple(dict.fromkeys(good))[: matching["at_most"]])


def deal_facts(
    deal: Mapping[str, Any], rules: Mapping[str, FieldRule], codecs: Mapping[str, Codec], context: Context
) -> DealFacts:
    """What of the deal speaks for a solution; a value that AWS would not take speaks for none."""

    def said(name: str) -> str | None:
        rule = rules.get(name)
        value = read_rule(codecs[rule.codec], deal, rule, context).value if rule else None
        return value if isinstance(value, str) else None

    name = strip_tags(text_of(deal, "deal", "dealname"), context.tags)
    return DealFacts(said("use_case"), said("industry"), " ".join(filter(None, (name, said("customer_problem")))))
