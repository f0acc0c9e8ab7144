"""``notifications`` of ``aws.yaml``: which rules tell, when, and where the messages go.

The rules themselves are in ``lambdas/aws/domain/notify``; a test holds these names to their table.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.base import Model

TOPIC = re.compile(r"arn:aws:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")
Hours = Annotated[int, Field(ge=1, le=720)]
Announced = Literal["Blocked", "ConflictFound", "ReviewChanged", "Paused", "Closed"]
"""Further events of the sync bus that people may want to hear of."""


def topic_arn(text: str) -> str:
    """``text``, if it is the ARN of a standard SNS topic."""
    if not TOPIC.fullmatch(text):
        raise ValueError("is no ARN of a standard SNS topic (arn:aws:sns:<region>:<account>:<name>)")
    return text


def _topic(text: str) -> str:
    if text in ("own", "none"):
        return text
    try:
        return topic_arn(text)
    except ValueError:
        raise ValueError("must be own, none, or the ARN of a standard SNS topic") from None


class Rule(Model):
    """A rule that has nothing to set but whether it tells."""

    on: bool = True


class Quality(Rule):
    """Points (of 100) by which AWS's opportunity quality must move, and the mark from which on it is high.

    The seed's ENGAGEMENT_SCORE_THRESHOLD and HIGH_ENGAGEMENT_SCORE: AWS's engagement score itself has three levels.
    """

    threshold: int = Field(default=15, ge=1, le=100)
    high: int = Field(default=80, ge=1, le=100)


class Seller(Rule):
    """``first_sight``: also tell who was there already at the first look."""

    first_sight: bool = True


class Rules(Model):
    """Every rule, by its name."""

    engagement_score: Rule = Rule()
    opportunity_quality: Quality = Quality()
    review_status: Rule = Rule()
    seller_assigned: Seller = Seller()
    invitation_expiring: Rule = Rule()


class Notifications(Model):
    """The whole block. ``topic``: a topic of ours, an existing one, or none; ``also``: what else goes there."""

    rules: Rules = Rules()
    high_priority_due_hours: Hours = 24
    due_hours: Hours = 72
    topic: Annotated[str, AfterValidator(_topic)] = "own"
    format: Literal["text", "chat"] = "text"
    also: tuple[Announced, ...] = Field(default=(), strict=False)
