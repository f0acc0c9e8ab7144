"""``invitations`` of ``aws.yaml``: which rule decides about an invitation, and when people are reminded.

The rules themselves are in ``lambdas/aws/domain/invitation_rules.py``; a test holds these names to their table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from config import vocabulary
from config.base import Model
from config.errors import Finding
from config.files import PartnerFiles, unknown

RULES = ("accept-all", "ask", "listed")
VERDICTS = (
    "accept",
    "ask",
    "reject:Customer problem unclear",
    "reject:Next steps unclear",
    "reject:Unable to support",
    "reject:Duplicate of partner referral",
    "reject:Other",
)
"""What a rule may answer; the reasons are AWS's words."""

INVITATION_ROLES = (
    "invitation_status",
    "invitation_expires",
    "invitation_matches",
    "invitation_answer",
    "invitation_reject_reason",
    "invitation_deal",
    "lead_status",
    "lead_qualification",
)
"""What a deal shows of its invitation and what a person answers there, beside ``invitation_id``."""

_FORMER = {"manual": "ask"}
"""Words of earlier versions, and what they are called now."""


def _rule(name: str) -> str:
    name = _FORMER.get(name, name)
    if name not in RULES:
        raise ValueError(f"unknown rule; allowed: {', '.join(RULES)}")
    return name


def _verdict(said: str) -> str:
    if said not in VERDICTS:
        raise ValueError(f"allowed: {', '.join(VERDICTS)}")
    return said


class Listed(Model):
    """What the rule ``listed`` accepts: an invitation that fits every list that is filled; else ``otherwise``."""

    senders: tuple[str, ...] = Field(default=(), strict=False)
    industries: tuple[str, ...] = Field(default=(), strict=False)
    countries: tuple[str, ...] = Field(default=(), strict=False)
    otherwise: Annotated[str, AfterValidator(_verdict)] = "ask"


class Invitations(Model):
    """``remind_days``: so many days before an invitation ends that nobody answered, people get a task once more.

    ``lead_qualified``: the qualification of a lead upon which its opportunity is made; AWS publishes no list of words.
    """

    rule: Annotated[str, AfterValidator(_rule)] = "accept-all"
    remind_days: int = Field(default=3, ge=1, le=15)
    lead_qualified: Annotated[str, StringConstraints(min_length=1, max_length=255)] = "Qualified"
    listed: Listed = Listed()


def from_word(given: Any) -> Any:
    """The rule's name alone is the whole block in short."""
    return {"rule": given} if isinstance(given, str) else given


InvitationsBlock = Annotated[Invitations, BeforeValidator(from_word)]


def check_invitations(mine: PartnerFiles) -> Iterator[Finding]:
    """Industries and countries are AWS's words: one that AWS never says would let nothing through."""
    listed, enums = mine.model.invitations.listed, vocabulary.service_enums()
    for key, name, allowed in (
        ("industries", "AWS industry", enums["Industry"]),
        ("countries", "country code", enums["CountryCode"]),
    ):
        for index, value in enumerate(getattr(listed, key)):
            if value not in allowed:
                yield unknown(mine.source, ("invitations", "listed", key, index), name, value, allowed)
