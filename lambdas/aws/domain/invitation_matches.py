"""Which deals of ours an invitation may be about: a suggestion for a person, never a decision. Pure.

A deal scores 60 for the customer's domain and up to 40 for how alike the names are; what scores less than 30, or is
tied to an opportunity already, is not suggested.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_OF_DOMAIN, _OF_NAME, _LEAST, _MOST = 60, 40, 30, 5
_WORD = re.compile(r"\w+")
# Words that name a kind of deal rather than this one.
_COMMON = frozenset({"and", "for", "with", "the", "new", "project", "deal", "aws", "cloud", "opportunity", "company"})
_COMPANY_FORMS = frozenset({"gmbh", "inc", "ltd", "llc", "corp"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A deal that HubSpot found. ``same_domain``: its company has the customer's domain."""

    deal_id: str
    name: str
    same_domain: bool = False
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A suggestion. ``score`` is 0 to 100, ``why`` says what it is made of."""

    deal_id: str
    name: str
    score: int
    why: tuple[str, ...]


def words_of(*texts: Any) -> list[str]:
    """Words worth searching for, in order, each once; at most five, as many as a search takes groups."""
    words = [word for text in texts for word in _WORD.findall((text or "").casefold())]
    return [word for word in dict.fromkeys(words) if len(word) > 2 and word not in _COMMON | _COMPANY_FORMS][:_MOST]


def ranked(candidates: Sequence[Candidate], title: str, company: str | None, domain: str | None) -> tuple[Match, ...]:
    """The best suggestions, best first; deals of the same score by their id."""
    found = (_scored(each, set(_all_words(title)), set(_all_words(company)), domain) for each in candidates)
    good = [match for match in found if match is not None]
    return tuple(sorted(good, key=lambda match: (-match.score, match.deal_id))[:_MOST])


def matches_text(matches: Sequence[Match]) -> str:
    """The suggestions as a person reads them in one property, one a line."""
    return "\n".join(
        f"Deal {each.deal_id} ({each.score} of 100): {each.name} - {', '.join(each.why)}" for each in matches
    )


def _scored(deal: Candidate, title: set[str], company: set[str], domain: str | None) -> Match | None:
    words = set(_all_words(deal.name))
    alike = max(_overlap(words, title), _overlap(words, title | company), _overlap(words, company))
    score = (_OF_DOMAIN if deal.same_domain else 0) + round(_OF_NAME * alike)
    if deal.taken or score < _LEAST:
        return None
    why = [f"same customer domain {domain}"] if deal.same_domain else []
    if alike:
        why.append(f"names {round(100 * alike)} % alike")
    return Match(deal.deal_id, deal.name, score, tuple(why))


def _all_words(text: str | None) -> list[str]:
    return [word for word in _WORD.findall((text or "").casefold()) if word not in _COMMON | _COMPANY_FORMS]


def _overlap(one: set[str], other: set[str]) -> float:
    """Shared words among all of both, 0 to 1."""
    return len(one & other) / len(one | other) if one and other else 0.0
