"""What AWS says of an opportunity on its own side, as properties of the deal.

AWS's next steps are a property of their own: ours stand in GetOpportunity and never meet them.
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_GetAwsOpportunitySummary.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lambdas.shared.domain import paths

SCORES = ("High", "Medium", "Low")
INVOLVEMENTS = ("Co-Sell", "For Visibility Only")
VISIBILITIES = ("Full", "Limited")
LONGEST_TEXT = 60_000
"""Characters; HubSpot keeps 65,536 bytes of a text."""

ROLES: Mapping[str, str] = {
    "AWSSalesRep": "AWS sales representative",
    "AWSAccountOwner": "AWS account owner",
    "WWPSPDM": "Public sector partner development manager",
    "PDM": "Partner development manager",
    "PSM": "Partner success manager",
    "ISVSM": "ISV success manager",
    "Signatory": "Signatory",
}
"""``BusinessTitle`` in words; a title that is not here is shown as AWS says it."""


class Unknown(ValueError):
    """AWS says a word where we know all that there are. ``str`` of it names where, the word, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``texts`` maps a property to its text, ``""`` where AWS says that there is nothing; what AWS does not speak of is
    not in it. ``unknown`` maps a property to what is wrong with what AWS says: such a property stays as it is."""

    texts: Mapping[str, str]
    unknown: Mapping[str, str]


def shown(summary: Mapping[str, Any]) -> Shown:
    """The properties of a summary as ``Summaries.read`` gives it."""
    texts, unknown = {}, {}
    for name, (path, text_of) in PROPERTIES.items():
        value = paths.get(summary, path)
        if value is None:
            continue
        try:
            texts[name] = text_of(value)
        except Unknown as error:
            unknown[name] = f"{path}: {error}"
    return Shown(texts, unknown)


def news(before: Mapping[str, str], now: Shown) -> dict[str, str]:
    """Property to its new text, for those that differ from what was shown ``before``.

    A property that AWS speaks of no more is cleared, if it was we who had set it.
    """
    gone = {name: "" for name, text in before.items() if text and name not in now.texts and name not in now.unknown}
    return {name: text for name, text in now.texts.items() if before.get(name) != text} | gone


def kept(before: Mapping[str, str], now: Shown) -> dict[str, str]:
    """What to compare with the next time."""
    untouched = {name: before[name] for name in now.unknown if name in before}
    return {**untouched, **now.texts}


def _text(value: Any) -> str:
    text = str(value).strip()
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _one_of(allowed: Collection[str]) -> Callable[[Any], str]:
    def word(value: Any) -> str:
        text = str(value)
        if text and text not in allowed:
            raise Unknown(f"{text[:80]!r} is unknown; allowed: {', '.join(allowed)}")
        return text

    return word


def _score(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise Unknown(f"{str(value)[:80]!r} is no score; allowed: a whole number from 0 to 100")
    return str(value)


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except (TypeError, ValueError):
        raise Unknown(f"{str(value)[:80]!r} is no date; allowed: YYYY-MM-DD") from None


def _team(members: Any) -> str:
    """One line a person, in the order of ``ROLES`` and then of names: AWS's own order means nothing."""
    order = list(ROLES)
    people = [each for each in _rows(members) if each.get("Email") or _name(each)]
    place = lambda each: order.index(each["BusinessTitle"]) if each.get("BusinessTitle") in ROLES else len(order)  # noqa: E731
    lines = [
        _person(each) for each in sorted(people, key=lambda each: (place(each), _name(each), each.get("Email", "")))
    ]
    return _text("\n".join(dict.fromkeys(lines)))


def _person(member: Mapping[str, Any]) -> str:
    name, email, title = _name(member), str(member.get("Email") or "").strip(), member.get("BusinessTitle")
    who = f"{name} ({email})" if name and email else name or email
    return f"{who}, {ROLES.get(title, title)}" if title else who


def _name(member: Mapping[str, Any]) -> str:
    return " ".join(part for part in (_part(member, "FirstName"), _part(member, "LastName")) if part)


def _part(member: Mapping[str, Any], name: str) -> str:
    return str(member.get(name) or "").strip()


def _recommendations(rows: Any) -> str:
    """One line each, in AWS's order: the first is the one that AWS means most."""
    return _text("\n".join(filter(None, map(_recommendation, _rows(rows)))))


def _recommendation(row: Mapping[str, Any]) -> str:
    said = ": ".join(part for part in (_part(row, "Type"), _part(row, "Details")) if part)
    more = "; ".join(f"{name}: {text}" for name, text in sorted((row.get("Attributes") or {}).items()))
    return f"{said} ({more})" if said and more else said or more


def _rows(value: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise Unknown("no list of records; allowed: a list of records")
    return value


PROPERTIES: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "aws_engagement_score": ("Insights.EngagementScore", _one_of(SCORES)),
    "aws_opportunity_quality": ("Insights.OpportunityQuality.Score", _score),
    "aws_quality_trend": ("Insights.OpportunityQuality.Trend", _text),
    "aws_involvement": ("InvolvementType", _one_of(INVOLVEMENTS)),
    "aws_involvement_reason": ("InvolvementTypeChangeReason", _text),
    "aws_visibility": ("Visibility", _one_of(VISIBILITIES)),
    "aws_partner_stage": ("LifeCycle.Stage", _text),
    "aws_partner_close_date": ("LifeCycle.TargetCloseDate", _date),
    "aws_their_next_steps": ("LifeCycle.NextSteps", _text),
    "aws_next_best_actions": ("Insights.NextBestActions", _text),
    "aws_team": ("OpportunityTeam", _team),
    "aws_recommendations": ("Insights.Recommendations", _recommendations),
    "aws_cosell_motion": ("CosellMotion", _text),
}
"""Property of the deal to the path in AWS's summary, and how what stands there is written."""
