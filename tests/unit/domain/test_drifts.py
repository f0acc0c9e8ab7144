"""How the records of a link differ, told from the plan of its next run."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import FieldChange, FieldConflict, Plan
from lambdas.shared.domain.reconcile import drifts_of, of_pointers
from lambdas.shared.errors import Problem

NAMES = {"sync_status": "aws_sync_status", "last_sync": "aws_last_sync", "opportunity_id": "aws_opportunity_id"}
BOTH = {"deal_id": "500", "opportunity_id": "O1"}
OUT = FieldChange("title", "theirs", "ours", "deal", "only-deal-moved")
IN = FieldChange("amount", "ours", "theirs", "opportunity", "only-opportunity-moved")
APART = FieldConflict("stage", "dealstage", "base", "ours", "theirs")
HERE = {"deal": "current"}


def link(key: str = "d500", **members: Any) -> Link:
    return Link("aws", key, "deal", **{**BOTH, **members})


def kinds(plan: Plan | None, of: Link | None = None, base: Any = None, deal: Any = None) -> dict[str, tuple[str, ...]]:
    document = None if plan is None else plan.as_dict()
    return {one.kind: one.names for one in drifts_of(of or link(), deal or HERE, document, base or {}, NAMES)}


def test_both_sides_of_a_field_are_told_apart() -> None:
    plan = Plan("update", "synced", opportunity_changes=(OUT,), deal_changes=(IN,)).as_dict()
    (one,) = drifts_of(link(), HERE, plan, {}, NAMES)
    assert one.names == ("amount", "title")
    assert one.values == {"title": ("ours", "theirs"), "amount": ("ours", "theirs")}
    assert "values" not in one.as_dict()
    assert one.as_dict(values=True)["values"]["title"] == {"deal": "ours", "partner": "theirs"}


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Plan("none", "synced"), {}),
        (Plan("create", "synced"), {"create": ()}),
        (Plan("none", "synced", creates_deal=True), {"inbound": ()}),
        (Plan("none", "conflict", conflicts=(APART,)), {"conflict": ("stage",)}),
        (Plan("none", "conflict", reason="the opportunity is missing"), {"gone": ()}),
        (Plan("none", "conflict", reason="two opportunities on one deal"), {"conflict": ()}),
        (Plan("none", "blocked", problems=(Problem("country", "…", "company", "country"),)), {"blocked": ("country",)}),
        (Plan("none", "synced", blocked=("title",)), {"waiting": ("title",)}),
        (Plan("none", "deferred", reason="the create of 500 is open"), {"waiting": ()}),
        (Plan("none", "synced", steps=("S-1",)), {"steps": ("S-1",)}),
        (Plan("none", "adopt", adopt={"opportunity_id": "O1"}, reason="found"), {"untied": ("O1",)}),
        (Plan("none", "synced", deal={"aws_sync_status": "x", "aws_last_sync": "1"}), {"shown": ("aws_sync_status",)}),
        (Plan("none", "synced", deal={"aws_last_sync": "1"}), {}),
        (Plan("none", "paused"), {"shown": ()}),
        (Plan("none", "synced", base={"title": "t"}), {"base": ("title",)}),
        (Plan("update", "synced", base={"title": "ours"}, opportunity_changes=(OUT,)), {"fields": ("title",)}),
    ],
)
def test_what_the_plan_says(plan: Plan, expected: dict[str, tuple[str, ...]]) -> None:
    assert kinds(plan) == expected


def test_what_the_link_says() -> None:
    assert kinds(Plan("none", "synced"), link(wanted=2, done=1)) == {"unfinished": ()}
    assert kinds(Plan("none", "paused"), link(state="paused")) == {}
    assert kinds(None, deal={"deal": "archived"}) == {"gone": ()}
    assert kinds(None, link(state="closed"), deal={"deal": "archived"}) == {}
    assert set(kinds(None, link(deal_id=None, opportunity_id=None), deal={"deal": "none"})) >= {"empty"}


def test_pointers() -> None:
    one, two = link(), link("oO1", deal_id=None)
    whole = {"deal#aws#500": one.key, "opportunity#aws#O1": one.key}
    assert of_pointers({one.key: one}, whole) == []
    over = link("oO1", deal_id=None, handed_to=one.key)
    assert of_pointers({one.key: one, over.key: over}, whole) == [], "who was handed over claims nothing"

    def told(links: dict[str, Link], pointers: dict[str, str], *more: Any) -> list[tuple[str, str | None]]:
        return [(each.kind, each.link) for each in of_pointers(links, pointers, *more)]

    assert told({one.key: one, two.key: two}, whole) == [("doubled", one.key), ("doubled", two.key)]
    assert told({one.key: one}, {"deal#aws#500": one.key}) == [("pointer", one.key)]
    assert told({}, {"deal#aws#7": "link#aws#d7"}) == [("pointer", None)]
    assert told({}, {"deal#aws#7": "link#aws#d7"}, ["google"]) == []
