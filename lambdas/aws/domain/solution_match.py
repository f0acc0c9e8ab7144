"""Which of our solutions fits a deal, with a score from 0 to 100 and the reasons for it. Pure.

The score is a sum of four parts, each worth its weight at most (the weights make 100 together):

| part | is full when |
|---|---|
| use_case | every word of the deal's use case stands in the solution's name or category |
| industry | every word of the customer's industry does |
| keywords | every word of the solution's name and category stands in the deal's name or description |
| category | the settings list the solution's category for the deal's use case or industry |

A word counts whatever its case and in singular or plural; ``ignored_words`` of the settings and words of fewer than
three letters do not count. A reason names words that stand in the solution, never others of the deal's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain.solutions import Solution

PARTS = ("use_case", "industry", "keywords", "category")
MOST = 10
"""An opportunity takes no more solutions; AWS developer guide, "Quotas"."""

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class DealFacts:
    """What of a deal speaks for a solution. ``use_case`` and ``industry`` are AWS's words, ``text`` is the deal's
    name and description."""

    use_case: str | None = None
    industry: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts (points, 100 together), and the words and categories that the settings name.

    ``categories`` maps a use case or an industry to categories of solutions.
    """

    use_case: int = 35
    industry: int = 15
    keywords: int = 35
    category: int = 15
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ignored_words: AbstractSet[str] = frozenset()

    @classmethod
    def from_settings(cls, matching: Mapping[str, Any]) -> Weights:
        """Of ``solution_matching`` in AWS's settings."""
        return cls(
            **{part: int(matching["weights"][part]) for part in PARTS},
            categories=matching.get("categories") or {},
            ignored_words=frozenset(each.casefold() for each in matching.get("ignored_words") or ()),
        )


@dataclass(frozen=True, slots=True)
class Match:
    """One solution that fits to some degree. The points that ``reasons`` name make the ``score``."""

    solution_id: str
    score: int
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"solution_id": self.solution_id, "score": self.score, "reasons": list(self.reasons)}


type Ranker = Callable[[DealFacts, Sequence[Solution], Weights], list[Match]]


def rank(facts: DealFacts, solutions: Sequence[Solution], weights: Weights) -> list[Match]:
    """The solutions with any score, best first, ten at most; equal scores in the order of their ids' numbers.

    The order of ``solutions`` makes no difference.
    """
    matches = (_match(facts, solution, weights) for solution in solutions)
    found = [match for match in matches if match.score > 0]
    return sorted(found, key=lambda match: (-match.score, len(match.solution_id), match.solution_id))[:MOST]


def _match(facts: DealFacts, solution: Solution, weights: Weights) -> Match:
    own = _words(f"{solution.name} {solution.category}", weights)
    parts = (
        _overlap("use case", facts.use_case, own, weights.use_case, weights),
        _overlap("industry", facts.industry, own, weights.industry, weights),
        _keywords(facts.text, own, weights),
        _category(facts, solution, weights),
    )
    return Match(
        solution.solution_id,
        sum(points for points, _ in parts),
        tuple(reason for points, reason in parts if points),
    )


def _overlap(what: str, value: str | None, own: Sequence[str], weight: int, weights: Weights) -> tuple[int, str]:
    """How much of the deal's ``value`` the solution's words say."""
    wanted = _words(value or "", weights)
    shared = [word for word in wanted if word in own]
    points = _points(len(shared), len(wanted), weight)
    return points, f"+{points}: the {what} “{value}” shares {_quoted(shared)} with the solution"


def _keywords(text: str, own: Sequence[str], weights: Weights) -> tuple[int, str]:
    """How much of the solution's words the deal says."""
    said = set(_words(text, weights))
    shared = [word for word in own if word in said]
    points = _points(len(shared), len(own), weights.keywords)
    return points, f"+{points}: the deal's name or description says {_quoted(shared)}, as the solution does"


def _category(facts: DealFacts, solution: Solution, weights: Weights) -> tuple[int, str]:
    category = solution.category.casefold()
    for what, value in (("use case", facts.use_case), ("industry", facts.industry)):
        listed = weights.categories.get(value or "", ())
        if category in {each.casefold() for each in listed}:
            points = weights.category
            return points, f"+{points}: the settings list the category “{solution.category}” for the {what} “{value}”"
    return 0, ""


def _points(shared: int, of: int, weight: int) -> int:
    """The part of ``weight`` that is earned, in whole points; half a point counts as one."""
    return (2 * weight * shared + of) // (2 * of) if of else 0


def _words(text: str, weights: Weights) -> list[str]:
    """The words that count, each once, in the order of the text, in the singular."""
    found = (word.casefold() for word in _WORD.findall(text))
    kept = (word for word in found if len(word) >= _SHORTEST and word not in weights.ignored_words)
    return list(dict.fromkeys(_singular(word) for word in kept))


def _singular(word: str) -> str:
    """Plain enough to be understood: "databases" is "database"; "analytics" and "business" stay themselves everywhere
    alike, which is all that matters."""
    return word[:-1] if len(word) > _SHORTEST and word.endswith("s") and not word.endswith("ss") else word


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
