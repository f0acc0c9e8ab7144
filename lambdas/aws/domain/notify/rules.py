"""The notification rules about an opportunity, one function each, and their table.

A rule gets what it wanted to know again (``before``, None at its first look), how AWS shows the opportunity now, and
its own settings. It answers with a ``Verdict``. What is missing is never news, and what a rule saw stays its memory
until something else is there. A further rule is one function here, its line in ``RULES``, and its settings in
``config/partners/aws_notifications.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdas.aws.domain.notify.news import News, Verdict
from lambdas.aws.domain.notify.view import LEVELS, SELLERS, Seller, View
from lambdas.shared.domain.messages import digest

type Memory = Mapping[str, Any]
type Rule = Callable[[Memory | None, View, Mapping[str, Any]], Verdict]

_FOLLOW_UP = "Talk to the AWS team on this deal, agree on the next step, and write it into the deal's next steps."
_LOOK_INTO = (
    "Look at AWS's next best actions on the deal, complete what is missing, and ask the AWS team what changed for them."
)


def engagement_score(before: Memory | None, now: View, _settings: Mapping[str, Any]) -> Verdict:
    """AWS's engagement score went to another level, up or down. A rise to High is of high priority."""
    level = now.engagement_score
    if level is None or before is None:
        return _first(before, {"level": level})
    was = before["level"]
    if was in (None, level):
        return Verdict({"level": level})
    rose = LEVELS.index(level) > LEVELS.index(was)
    happened = f"AWS's engagement score of this opportunity {'rose' if rose else 'fell'} from {was} to {level}."
    news = News(
        fact=level.lower(),
        subject=f"AWS engagement score is now {level} (was {was})",
        happened=happened,
        do=_FOLLOW_UP if rose else _LOOK_INTO,
        announced=happened,
        priority="high" if level == "High" else "normal",
    )
    return Verdict({"level": level}, news)


def opportunity_quality(before: Memory | None, now: View, settings: Mapping[str, Any]) -> Verdict:
    """AWS's opportunity quality moved by ``threshold`` since it was last told, or passed the ``high`` mark.

    At or above the mark it is of high priority. Many small steps add up: the memory is the value that was last told.
    """
    score, threshold, mark = now.quality, settings["threshold"], settings["high"]
    if score is None or before is None:
        return _first(before, {"score": score})
    was = before["score"]
    if was is None:
        return Verdict({"score": score})
    passes = (was >= mark) != (score >= mark)
    if not passes and abs(score - was) < threshold:
        return Verdict(before)
    way = "up" if score > was else "down"
    verb = "rose" if way == "up" else "fell"
    passing = f" and {'reached' if way == 'up' else 'fell below'} the high mark of {mark}" if passes else ""
    by = (
        f"{'reached' if way == 'up' else 'fell below'} the high mark of {mark}"
        if passes
        else f"{verb} by {threshold} or more"
    )
    news = News(
        fact=f"{way}-high" if score >= mark else way,
        subject=f"AWS opportunity quality {verb} from {was} to {score}",
        happened=f"AWS's opportunity quality {verb} from {was} to {score} (of 100){passing}.",
        do=_FOLLOW_UP if way == "up" else _LOOK_INTO,
        announced=f"AWS's opportunity quality {by}.",
        priority="high" if score >= mark else "normal",
    )
    return Verdict({"score": score}, news)


def review_status(before: Memory | None, now: View, _settings: Mapping[str, Any]) -> Verdict:
    """AWS approved the opportunity, wants something changed, or rejected it.

    What AWS wants changed, and a rejection, the sync has as a task on the deal already (with AWS's comment, and once a
    comment): of those only the event is ours.
    """
    status = now.review_status
    if status is None:
        return _first(before, {"status": None, "asked": None})
    seen = {"status": status, "asked": digest(now.review_comments) if status == "Action Required" else None}
    if before is None or before["status"] is None or seen == before:
        return Verdict(seen)
    fact = status.lower().replace(" ", "-")
    if status == "Approved":
        happened = "AWS approved this opportunity: it is in AWS's pipeline, and AWS may now work on it with us."
        do = "Get in touch with the AWS team, agree on who does what, and keep the deal's stage and close date true."
        return Verdict(seen, News(fact, "AWS approved this deal", happened, do, "AWS approved the opportunity."))
    if status == "Action Required":
        announced = "AWS reviewed the opportunity and wants something changed before it goes on."
        do = "Read AWS's comments on the deal and change what they ask for; the change goes back to AWS by itself."
        return Verdict(seen, _event_only(f"{fact}:{seen['asked']}", announced, do, "high"))
    if status == "Rejected":
        do = "Read AWS's reason on the deal. AWS takes no more changes: go on without AWS, or share a new deal."
        return Verdict(seen, _event_only(fact, "AWS rejected the opportunity.", do, "normal"))
    return Verdict(seen)


def seller_assigned(before: Memory | None, now: View, settings: Mapping[str, Any]) -> Verdict:
    """AWS put a sales representative or an account owner on the opportunity, or another one.

    Also at the first look, unless ``first_sight`` is off: who sells with us is worth knowing whenever it began. A
    seller who left without a successor is no news, since AWS leaves whole sections out of its answers at times.
    """
    known = dict((before or {}).get("sellers") or {})
    new = [seller for seller in now.sellers if seller.mark not in known.get(seller.title, ())]
    had = {title for title in SELLERS if known.get(title)}
    for title in SELLERS:
        if marks := sorted(seller.mark for seller in now.sellers if seller.title == title):
            known[title] = marks
    seen = {"sellers": known}
    if not new or (before is None and not settings["first_sight"]):
        return Verdict(seen)
    return Verdict(seen, _new_sellers(new, had))


RULES: Mapping[str, Rule] = {
    "engagement_score": engagement_score,
    "opportunity_quality": opportunity_quality,
    "review_status": review_status,
    "seller_assigned": seller_assigned,
}
"""Every rule about an opportunity by its name in the configuration."""


def _first(before: Memory | None, empty: Memory) -> Verdict:
    """No comparison is possible: what was remembered stays, and at the first look what there is becomes it."""
    return Verdict(empty if before is None else before)


def _event_only(fact: str, announced: str, do: str, priority: Any) -> News:
    return News(fact, announced, announced, do, announced, priority=priority, on_deal=False)


def _new_sellers(new: list[Seller], had: set[str]) -> News:
    changed = all(seller.title in had for seller in new)
    verb = "changed" if changed else "assigned"
    who = "; ".join(seller.spoken for seller in new)
    roles = " and ".join(dict.fromkeys(SELLERS[seller.title] for seller in new))
    return News(
        fact=digest(sorted(seller.mark for seller in new)),
        subject=f"AWS {verb} the {roles} of this deal",
        happened=f"AWS {verb} its people on this opportunity. New: {who}.",
        do="Introduce yourself, share where the deal stands, and agree on the next step with AWS.",
        announced=f"AWS {verb} the {roles} of the opportunity.",
    )
