"""Each rule on its own: what is news, of which priority, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.notify.rules import (
    engagement_score,
    opportunity_quality,
    review_status,
    seller_assigned,
)
from lambdas.aws.domain.notify.view import View, view_of
from tests.unit.notifications.notify_support import ANN, BOB, CAT, PDM, RULES, opportunity, summary


def scored(level: str | None) -> View:
    return view_of({}, summary(score=level))


def rated(score: int | None) -> View:
    return view_of({}, summary(quality=score))


def reviewed(status: str | None, comments: str | None = None) -> View:
    return view_of(opportunity(status, comments), {})


def with_team(*members: dict[str, str]) -> View:
    return view_of({}, summary(team=list(members)))


def fact(verdict: Any) -> tuple[str, str] | None:
    return None if verdict.news is None else (verdict.news.fact, verdict.news.priority)


@pytest.mark.parametrize(
    ("was", "level", "told"),
    [
        ("Low", "High", ("high", "high")),
        ("Medium", "High", ("high", "high")),
        ("Low", "Medium", ("medium", "normal")),
        ("High", "Medium", ("medium", "normal")),
        ("High", "Low", ("low", "normal")),
        ("High", "High", None),
        (None, "High", None),
    ],
)
def test_another_level_is_news_either_way(was: str | None, level: str, told: Any):
    verdict = engagement_score({"level": was}, scored(level), RULES["engagement_score"])
    assert fact(verdict) == told
    assert verdict.seen == {"level": level}


def test_the_first_score_is_where_it_begins():
    verdict = engagement_score(None, scored("High"), RULES["engagement_score"])
    assert verdict.news is None
    assert verdict.seen == {"level": "High"}


def test_a_missing_score_is_no_news_and_forgets_nothing():
    for missing in (view_of({}, {}), view_of({}, {"Insights": {}}), scored("Splendid")):
        verdict = engagement_score({"level": "Low"}, missing, RULES["engagement_score"])
        assert verdict.news is None
        assert verdict.seen == {"level": "Low"}


def test_a_score_that_no_rule_knows_is_counted_and_not_taken():
    for quality in (True, 101, -1, "80", 79.5):
        assert view_of({}, summary("Splendid", quality)).unknown == (
            ("engagement_score", "Splendid"),
            ("opportunity_quality", str(quality)),
        )
    assert view_of({}, summary("Low", 0)).unknown == ()
    assert view_of({}, summary("Low", 100)).quality == 100


@pytest.mark.parametrize(
    ("was", "score", "told"),
    [
        (50, 64, None),
        (50, 65, ("up", "normal")),
        (50, 36, None),
        (50, 35, ("down", "normal")),
        (79, 80, ("up-high", "high")),
        (80, 79, ("down", "normal")),
        (80, 80, None),
        (80, 94, None),
        (80, 95, ("up-high", "high")),
        (100, 85, ("down-high", "high")),
        (100, 79, ("down", "normal")),
        (0, 100, ("up-high", "high")),
        (None, 90, None),
    ],
)
def test_quality_is_news_by_the_threshold_and_at_the_mark(was: int | None, score: int, told: Any):
    verdict = opportunity_quality({"score": was}, rated(score), RULES["opportunity_quality"])
    assert fact(verdict) == told
    assert verdict.seen == {"score": score if told or was is None else was}


def test_small_steps_add_up_since_quality_was_last_told():
    memory: Any = {"score": 40}
    told = []
    for score in (50, 54, 55, 60, 69, 70):
        verdict = opportunity_quality(memory, rated(score), RULES["opportunity_quality"])
        memory = verdict.seen
        told += [score] if verdict.news else []
    assert told == [55, 70]


def test_threshold_and_mark_are_settings():
    settings = {"on": True, "threshold": 5, "high": 60}
    assert fact(opportunity_quality({"score": 50}, rated(55), settings)) == ("up", "normal")
    assert fact(opportunity_quality({"score": 58}, rated(60), settings)) == ("up-high", "high")


def test_figures_stay_on_the_deal():
    news = opportunity_quality({"score": 61}, rated(92), RULES["opportunity_quality"]).news
    assert news is not None
    assert "from 61 to 92" in news.happened
    assert "reached the high mark of 80" in news.happened
    assert "61" not in news.announced
    assert "92" not in news.announced
    assert "high mark of 80" in news.announced


@pytest.mark.parametrize(
    ("before", "now", "told", "on_deal"),
    [
        ("Submitted", "Approved", ("approved", "normal"), True),
        ("Submitted", "Rejected", ("rejected", "normal"), False),
        ("Submitted", "In review", None, None),
        ("Approved", "Approved", None, None),
        (None, "Approved", None, None),
    ],
)
def test_review_status(before: str | None, now: str, told: Any, on_deal: bool | None):
    verdict = review_status({"status": before, "asked": None}, reviewed(now), RULES["review_status"])
    assert fact(verdict) == told
    assert (None if verdict.news is None else verdict.news.on_deal) is on_deal
    assert verdict.seen["status"] == now


def test_action_required_is_urgent_news_on_the_bus_once_a_comment():
    first = review_status({"status": "Submitted", "asked": None}, reviewed("Action Required", "Say more"), {})
    again = review_status(first.seen, reviewed("Action Required", "Say more"), {})
    other = review_status(again.seen, reviewed("Action Required", "And the spend"), {})
    assert first.news is not None
    assert other.news is not None
    assert first.news.priority == "high"
    assert not first.news.on_deal
    assert again.news is None
    assert other.news.fact != first.news.fact
    assert "Say more" not in f"{first.news}"


def test_the_first_review_status_is_where_it_begins():
    for status in (None, "Pending Submission", "Approved", "Action Required"):
        assert review_status(None, reviewed(status), RULES["review_status"]).news is None


def test_a_missing_review_status_forgets_nothing():
    verdict = review_status({"status": "Submitted", "asked": None}, reviewed(None), RULES["review_status"])
    assert verdict.seen == {"status": "Submitted", "asked": None}


def test_a_seller_is_named_on_the_deal_and_nowhere_else():
    verdict = seller_assigned({"sellers": {}}, with_team(PDM, ANN), RULES["seller_assigned"])
    assert verdict.news is not None
    assert "Ann Seller (ann@aws.example.com), sales representative" in verdict.news.happened
    assert verdict.news.subject == "AWS assigned the sales representative of this deal"
    for spoken in (verdict.news.announced, verdict.news.do, verdict.news.fact, str(verdict.seen)):
        assert "ann" not in spoken.lower()


def test_another_seller_is_a_change_and_one_more_role_an_assignment():
    before = seller_assigned({"sellers": {}}, with_team(ANN), RULES["seller_assigned"]).seen
    changed = seller_assigned(before, with_team(BOB), RULES["seller_assigned"]).news
    added = seller_assigned(before, with_team(ANN, CAT), RULES["seller_assigned"]).news
    assert changed is not None
    assert changed.subject == "AWS changed the sales representative of this deal"
    assert added is not None
    assert added.subject == "AWS assigned the account owner of this deal"
    assert "Ann" not in added.happened


def test_nobody_sells_is_no_news_and_the_same_seller_again_neither():
    before = seller_assigned({"sellers": {}}, with_team(ANN), RULES["seller_assigned"]).seen
    for view in (view_of({}, {}), with_team(), with_team(PDM), with_team({"BusinessTitle": "AWSSalesRep"})):
        verdict = seller_assigned(before, view, RULES["seller_assigned"])
        assert verdict.news is None
        again = seller_assigned(verdict.seen, with_team({**ANN, "Email": "ANN@aws.example.com"}), {})
        assert again.news is None


def test_two_sellers_at_once_are_one_fact_whatever_their_order():
    one = seller_assigned({"sellers": {}}, with_team(ANN, BOB, CAT), RULES["seller_assigned"])
    other = seller_assigned({"sellers": {}}, with_team(CAT, BOB, ANN, ANN), RULES["seller_assigned"])
    assert fact(one) == fact(other)
    assert one.seen == other.seen


def test_a_seller_at_first_sight_is_news_unless_the_settings_say_no():
    assert seller_assigned(None, with_team(ANN), {"on": True, "first_sight": True}).news is not None
    quiet = seller_assigned(None, with_team(ANN), {"on": True, "first_sight": False})
    assert quiet.news is None
    assert seller_assigned(quiet.seen, with_team(BOB), {"on": True, "first_sight": False}).news is not None
