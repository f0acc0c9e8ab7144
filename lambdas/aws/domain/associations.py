"""Which entities belong on a deal's opportunity: what the deal names, else what matches, else what is configured."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.entities import (
    KINDS,
    SOLUTION_KINDS,
    SOLUTIONS,
    entity,
    is_entity_of,
    named_on,
    too_many,
    unknown_solutions,
)
from lambdas.aws.domain.ranker import match_deal
from lambdas.aws.domain.solutions import Catalogue
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

LOOK_AGAIN_MS = 3_600_000
_ROLES = tuple(dict.fromkeys(kind.role for kind in KINDS.values()))


@dataclass(frozen=True, slots=True)
class Associations:
    """``rules`` are those of the field map by name, ``catalogue`` is what is known of our solutions."""

    rules: Mapping[str, FieldRule]
    catalogue: Catalogue

    def wanted(
        self, deal: Mapping[str, Any], context: Context, tied: AbstractSet[str]
    ) -> tuple[list[str], list[Problem]]:
        """Entities that belong on the opportunity and what is wrong with those named; with a problem there are none.

        Of each kind the deal's own word counts, else the settings'. Solutions are matched in between, if the settings
        want it, and only while the opportunity (``tied``) has none: what was associated once is the answer, however
        the ranking would come out today. Nothing here takes anything off an opportunity.
        """
        names = context.partner["status_properties"]
        named, problems = _named(deal, names)
        if not problems:
            problems = unknown_solutions(named.get(SOLUTIONS, ()), self.catalogue, tied, names.get("solution_ids"))
        if problems:
            return [], problems
        wanted = [entity(kind, each) for kind in KINDS for each in self._of_kind(kind, named, deal, context, tied)]
        problems = too_many(wanted, tied, names)
        return ([], problems) if problems else (wanted, [])

    def _of_kind(
        self,
        kind: str,
        named: Mapping[str, list[str]],
        deal: Mapping[str, Any],
        context: Context,
        tied: AbstractSet[str],
    ) -> list[str]:
        if kind in named:
            return named[kind]
        configured = list(dict.fromkeys(_configured(kind, context)))
        if kind != SOLUTIONS:
            return configured
        if any(each in named for each in SOLUTION_KINDS):  # a person chose one on Marketplace
            return []
        if not context.partner["solution_matching"]["automatic"]:
            return configured
        if any(is_entity_of(each, SOLUTION_KINDS) for each in tied):
            return sorted(each for each in tied if is_entity_of(each, (SOLUTIONS,)))
        return list(match_deal(deal, self.catalogue, self.rules, CODECS, context).chosen) or configured


def _named(deal: Mapping[str, Any], names: Mapping[str, str]) -> tuple[dict[str, list[str]], list[Problem]]:
    """What the deal names, by kind, and every property of it that cannot be read."""
    found: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for role in _ROLES:
        of_role, problem = named_on(deal, role, names)
        found |= of_role
        problems += [problem] if problem else []
    return found, problems


def _configured(kind: str, context: Context) -> list[str]:
    if kind == SOLUTIONS:
        return context.partner.get("solutions") or []
    return (context.partner.get("entities") or {}).get(kind) or []


def await_catalogue(plan: Plan, now: Situation, partner: Any, context: Context) -> Plan:
    """A deal that names a solution which the catalogue does not have is looked at again each hour.

    The solution may be newer than the catalogue, and nobody touches the deal once the next poll has read it.
    """
    if not any(each.field == "solution_ids" and each.allowed for each in plan.problems):
        return plan
    look_at = context.now_ms + LOOK_AGAIN_MS
    return replace(plan, look_at=look_at if plan.look_at is None else min(plan.look_at, look_at))
