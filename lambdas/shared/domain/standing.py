"""How the links of a stage stand, added up page by page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

STANDINGS = ("synced", "waiting", "blocked", "conflict", "paused", "closed", "ignored", "open")
"""``synced`` and ``waiting`` are open links by what their deal shows; ``open`` is one that no run has settled yet."""

_AT_REST = frozenset({"paused", "closed", "ignored"})


def standing_of(link: Mapping[str, Any]) -> str:
    """One of ``STANDINGS`` for a link's ``state`` and ``status``."""
    state, status = link.get("state", "open"), link.get("status")
    return status if state == "open" and status in ("synced", "waiting") else state


@dataclass(frozen=True, slots=True)
class Count:
    """``standing`` maps partner to standing to the number of links; ``oldest`` partner to when (ms) the first notice
    came that no run has answered. Links that were handed over are counted where they went."""

    standing: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    oldest: Mapping[str, int] = field(default_factory=dict)

    def plus(self, links: Iterable[Mapping[str, Any]]) -> Count:
        """This count and these links."""
        standing = {partner: dict(each) for partner, each in self.standing.items()}
        oldest = dict(self.oldest)
        for link in links:
            if link.get("handed_to"):
                continue
            partner, stands = link["partner"], standing_of(link)
            of_partner = standing.setdefault(partner, {})
            of_partner[stands] = of_partner.get(stands, 0) + 1
            if link.get("wanted_at") and link.get("state") not in _AT_REST:
                oldest[partner] = min(oldest.get(partner, link["wanted_at"]), link["wanted_at"])
        return Count(standing, oldest)

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"standing": self.standing, "oldest": self.oldest}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """From ``as_dict``."""
        return cls(found["standing"], found["oldest"])
