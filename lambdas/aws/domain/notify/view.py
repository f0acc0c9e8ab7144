"""What the notification rules look at: AWS's two documents about an opportunity, read once and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.summary import SCORES
from lambdas.shared.domain import paths
from lambdas.shared.domain.messages import digest

LEVELS = tuple(reversed(SCORES))
"""Engagement scores, lowest first."""
SELLERS: Mapping[str, str] = {"AWSSalesRep": "sales representative", "AWSAccountOwner": "account owner"}
"""Who of AWS's team sells, by ``BusinessTitle``, and what we call them."""

_QUALITY = range(101)


@dataclass(frozen=True, slots=True)
class Seller:
    """One of AWS's sellers on an opportunity. ``title`` is a key of ``SELLERS``."""

    title: str
    name: str
    email: str

    @property
    def mark(self) -> str:
        """A digest by which the same person is known again."""
        return digest(self.email.lower() or self.name)

    @property
    def spoken(self) -> str:
        """Name, address and what they are, for the deal."""
        who = f"{self.name} ({self.email})" if self.name and self.email else self.name or self.email
        return f"{who}, {SELLERS[self.title]}"


@dataclass(frozen=True, slots=True)
class View:
    """An opportunity as AWS shows it now.

    None where AWS says nothing: every section of its summary may be missing, and that is never news. ``quality`` is 0
    to 100. ``unknown`` has what AWS said that we have no word for, as (what, value): no rule sees it.
    """

    engagement_score: str | None = None
    quality: int | None = None
    review_status: str | None = None
    review_comments: str | None = None
    sellers: tuple[Seller, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


def view_of(opportunity: Mapping[str, Any], summary: Mapping[str, Any]) -> View:
    """The view of GetOpportunity's and GetAwsOpportunitySummary's documents; ``{}`` for one that is not there.

    https://docs.aws.amazon.com/partner-central/latest/APIReference/API_GetAwsOpportunitySummary.html
    """
    score = paths.get(summary, "Insights.EngagementScore")
    quality = paths.get(summary, "Insights.OpportunityQuality.Score")
    unknown: list[tuple[str, str]] = []
    if score is not None and score not in LEVELS:
        unknown.append(("engagement_score", str(score)[:40]))
        score = None
    if quality is not None and (isinstance(quality, bool) or not isinstance(quality, int) or quality not in _QUALITY):
        unknown.append(("opportunity_quality", str(quality)[:40]))
        quality = None
    return View(
        engagement_score=score,
        quality=quality,
        review_status=paths.get(opportunity, "LifeCycle.ReviewStatus"),
        review_comments=paths.get(opportunity, "LifeCycle.ReviewComments"),
        sellers=_sellers(paths.get(summary, "OpportunityTeam") or ()),
        unknown=tuple(unknown),
    )


def _sellers(team: Any) -> tuple[Seller, ...]:
    """Sellers with a name or an address, each once, in the order of their titles."""
    found: dict[tuple[str, str], Seller] = {}
    for title in SELLERS:
        for member in team:
            if member.get("BusinessTitle") == title:
                name = f"{member.get('FirstName') or ''} {member.get('LastName') or ''}".strip()
                seller = Seller(title, name, str(member.get("Email") or "").strip())
                if seller.name or seller.email:
                    found.setdefault((title, seller.mark), seller)
    return tuple(found.values())
