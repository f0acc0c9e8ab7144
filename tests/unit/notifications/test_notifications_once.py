"""From looks to what is told: every fact once, however often and in whatever company it is seen."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.notify.findings import find
from lambdas.aws.domain.notify.news import News, Verdict
from lambdas.aws.domain.notify.view import View, view_of
from lambdas.shared.domain.notification import Notification
from tests.unit.notifications.notify_support import ANN, BERLIN, BOB, NOON, RULES, SETTINGS, opportunity, summary


class Deal:
    """Plays show and remember: what is told is told once per key, what was seen is kept unless the look dies first."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.told: dict[str, Notification] = {}
        self.announced: dict[str, dict[str, Any]] = {}

    def look(self, view: View, *, dies: bool = False, settings: dict[str, Any] = SETTINGS) -> list[str]:
        """The keys that are new."""
        found = json.loads(json.dumps(find(self.seen, view, settings, now_ms=NOON, zone=BERLIN)))
        new = [each["key"] for each in found["announce"] if each["key"] not in self.announced]
        for fact in found["facts"]:
            self.told.setdefault(fact["key"], Notification(**fact))
        for each in found["announce"]:
            self.announced.setdefault(each["key"], each["detail"])
        if not dies:
            self.seen = found["seen"]
        return new


def quiet(*but: str) -> dict[str, Any]:
    """Settings with all rules off but these."""
    return {**SETTINGS, "rules": {name: {**own, "on": name in but} for name, own in RULES.items()}}


def test_a_life_is_told_fact_by_fact():
    deal = Deal()
    assert deal.look(view_of(opportunity(), {})) == []
    assert deal.look(view_of(opportunity("Submitted"), summary("Medium", 60))) == []
    assert deal.look(view_of(opportunity("Approved"), summary("Medium", 60, [ANN]))) != []
    assert deal.look(view_of(opportunity("Approved"), summary("High", 85, [ANN]))) != []
    assert deal.look(view_of(opportunity("Approved"), summary("High", 85, [BOB]))) != []
    assert [key.rsplit(":", 1)[0] for key in deal.announced] == [
        "notify:review_status:1",
        "notify:seller_assigned:1",
        "notify:engagement_score:1",
        "notify:opportunity_quality:1",
        "notify:seller_assigned:2",
    ]
    assert set(deal.told) == set(deal.announced)


def test_a_notification_says_what_happened_what_to_do_and_by_when():
    deal = Deal()
    deal.look(view_of(opportunity(), summary(quality=40)))
    (key,) = deal.look(view_of(opportunity(), summary(quality=90)))
    told, detail = deal.told[key], deal.announced[key]
    assert (told.kind, told.priority, told.due_hours, told.audience) == ("both", "high", 24, "owner")
    for words in ("What happened:", "What to do:", "By when:</strong> 2026-09-22 16:13 (Europe/Berlin)"):
        assert words in told.body
    assert {name: detail[name] for name in ("rule", "fact", "priority", "due")} == {
        "rule": "opportunity_quality",
        "fact": key,
        "priority": "high",
        "due": "2026-09-22 14:13 UTC",
    }
    (key,) = deal.look(view_of(opportunity(), summary(quality=60)))
    assert deal.told[key].due_hours == SETTINGS["due_hours"]


def test_names_are_escaped_on_the_deal():
    deal = Deal()
    (key,) = deal.look(view_of({}, summary(team=[{**ANN, "FirstName": "<b>Ann</b>"}])))
    assert "<b>Ann</b>" not in deal.told[key].body
    assert "&lt;b&gt;Ann&lt;/b&gt;" in deal.told[key].body


def test_what_the_sync_tells_on_the_deal_goes_on_the_bus_only():
    deal = Deal()
    deal.look(view_of(opportunity("Submitted"), {}))
    (key,) = deal.look(view_of(opportunity("Action Required", "Say more"), {}))
    assert deal.told == {}
    assert deal.announced[key]["priority"] == "high"
    assert "Say more" not in str(deal.announced)


def test_a_level_that_comes_back_is_told_again():
    deal = Deal()
    for level in ("Low", "High", "Low", "High", "High"):
        deal.look(view_of({}, summary(level)))
    assert list(deal.told) == [
        "notify:engagement_score:1:high",
        "notify:engagement_score:2:low",
        "notify:engagement_score:3:high",
    ]


def test_a_rule_that_was_off_begins_anew_and_never_reuses_a_key():
    deal = Deal()
    deal.look(view_of({}, summary("Low")))
    deal.look(view_of({}, summary("High")))
    assert deal.look(view_of({}, summary("Low")), settings=quiet()) == []
    assert deal.look(view_of({}, summary("Low"))) == []
    assert deal.look(view_of({}, summary("High"))) == ["notify:engagement_score:2:high"]


def test_a_look_that_changes_nothing_leaves_the_memory_as_it_was():
    deal = Deal()
    view = view_of(opportunity("Action Required", "Say more"), summary("Low", 50, [ANN, BOB]))
    deal.look(view)
    before = json.dumps(deal.seen)
    assert deal.look(view) == []
    assert json.dumps(deal.seen) == before


def test_another_rule_is_one_function_and_one_line():
    def stalled(before: Any, now: View, _settings: Any) -> Verdict:
        news = News("stalled", "Nobody moves", "It stands still.", "Move it.", "It stands still.")
        return Verdict({"score": now.quality}, news if before and before["score"] == now.quality else None)

    settings = {**SETTINGS, "rules": {"stalled": {"on": True}}}
    first = find({}, View(quality=1), settings, now_ms=NOON, zone=BERLIN, rules={"stalled": stalled})
    again = find(first["seen"], View(quality=1), settings, now_ms=NOON, zone=BERLIN, rules={"stalled": stalled})
    assert [fact["key"] for fact in again["facts"]] == ["notify:stalled:1:stalled"]


_VIEWS = st.builds(
    lambda score, quality, team, review: view_of(opportunity(*review), summary(score, quality, team)),
    st.sampled_from([None, "Low", "Medium", "High"]),
    st.one_of(st.none(), st.integers(0, 100)),
    st.sampled_from([None, [ANN], [BOB], [ANN, BOB]]),
    st.sampled_from([("Submitted", None), ("Approved", None), ("Action Required", "a"), ("Action Required", "b")]),
)


@given(st.lists(st.tuples(_VIEWS, st.lists(st.booleans(), max_size=3)), max_size=12))
def test_repeated_and_dying_looks_tell_what_single_ones_do(states: list[tuple[View, list[bool]]]):
    """Every state is seen once by one deal; by the other first by looks that die or not, and then once more."""
    once, often = Deal(), Deal()
    for view, repeats in states:
        once.look(view)
        for dies in repeats:
            often.look(view, dies=dies)
        often.look(view)
    assert often.announced == once.announced
    assert often.told == once.told
    assert often.seen == once.seen


@given(st.lists(st.tuples(_VIEWS, st.booleans()), max_size=12))
def test_a_dying_look_never_makes_a_fact_be_told_twice(states: list[tuple[View, bool]]):
    """Even when AWS moves on before the look is repeated: no two keys say the same of one state."""
    deal = Deal()
    for view, dies in states:
        new = deal.look(view, dies=dies)
        assert deal.look(view, dies=True) == []
        assert len(new) == len(set(new))


@given(st.lists(st.sampled_from(["Low", "Medium", "High", None]), max_size=30))
def test_levels_are_told_as_often_as_they_change(levels: list[str | None]):
    deal = Deal()
    for level in levels:
        deal.look(view_of({}, summary(level)))
    said = [level for level in levels if level is not None]
    changes = sum(one != other for one, other in pairwise(said))
    # A first look without a score, then one with it: that is where it begins.
    assert len(deal.told) == changes
