"""What a backfill would make of a deal or an opportunity, given the plan of the run that would follow."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.domain.backfill import (
    Foreseen,
    Tagged,
    before_rehearsal,
    of_deal,
    of_opportunity,
    same_title,
    search_word,
    title_of,
)
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import FieldChange, FieldConflict, Plan
from lambdas.shared.errors import Problem
from tests.unit.domain.domain_support import rules

DEAL = Tagged("500", "BigCorp #AWS")
NAMED = Tagged("500", "BigCorp #AWS", named="O1")
CLAIMED = Tagged("500", "BigCorp #AWS", claims=("O1",))
COUNTRY = Problem("country", "Fill in the country.", "company", "country")
MOVED = FieldChange("title", "a", "b", "deal", "hubspot-wins")
APART = FieldConflict("title", "dealname", "a", "b", "c")


def link(**members: Any) -> Link:
    return Link("aws", "d500", "deal", **members)


def foreseen(plan: Plan | None, adopted: dict[str, str] | None = None, deal: str = "current") -> Foreseen:
    return Foreseen(deal, None if plan is None else plan.as_dict(), adopted or {})


def found(deal: Tagged, plan: Plan | None, adopted: dict[str, str] | None = None, **more: Any) -> tuple[Any, ...]:
    one = of_deal("aws", deal, foreseen(plan, adopted, "missing"), id_property="aws_opportunity_id", **more)
    return one.verdict, one.opportunity_id, one.by


@pytest.mark.parametrize(
    ("deal", "plan", "adopted", "expected"),
    [
        (DEAL, Plan("create", "synced"), {}, ("create", None, "deal")),
        (DEAL, Plan("none", "blocked", problems=(COUNTRY,)), {}, ("cannot", None, "deal")),
        (DEAL, Plan("none", "conflict", reason="several records of one create"), {}, ("ambiguous", None, None)),
        (DEAL, Plan("none", "paused", reason="the deal carries no tag"), {}, ("alone", None, None)),
        (DEAL, Plan("none", "deferred", reason="a create of ours is open"), {}, ("wait", None, None)),
        (DEAL, None, {}, ("alone", None, None)),
        (DEAL, Plan("update", "synced"), {"opportunity_id": "O7"}, ("link", "O7", "deal")),
        (NAMED, Plan("none", "synced"), {"opportunity_id": "O1"}, ("link", "O1", "deal")),
        (CLAIMED, Plan("none", "synced"), {}, ("link", "O1", "opportunity")),
        (CLAIMED, Plan("none", "blocked", problems=(COUNTRY,)), {}, ("link", "O1", "opportunity")),
        (CLAIMED, Plan("none", "conflict", conflicts=(APART,)), {}, ("link", "O1", "opportunity")),
        (NAMED, Plan("none", "conflict", reason="the opportunity is missing"), {}, ("cannot", "O1", None)),
        (
            NAMED,
            Plan("none", "conflict", reason="the opportunity belongs to another deal"),
            {},
            ("ambiguous", "O1", None),
        ),
        (NAMED, Plan("none", "paused", reason="the deal carries no tag"), {}, ("alone", "O1", None)),
    ],
)
def test_a_deal(deal: Tagged, plan: Plan | None, adopted: dict[str, str], expected: tuple[Any, ...]) -> None:
    assert found(deal, plan, adopted) == expected


def test_what_is_missing_is_named_by_its_property_and_fields_by_their_side() -> None:
    plan = Plan("none", "blocked", problems=(COUNTRY,))
    one = of_deal("aws", DEAL, foreseen(plan), id_property="aws_opportunity_id")
    assert one.why == "company country"
    assert one.missing == (COUNTRY.as_dict(),)
    both = Plan("update", "synced", opportunity_changes=(MOVED,), deal_changes=(MOVED, MOVED))
    linked = of_deal("aws", CLAIMED, foreseen(both), id_property="aws_opportunity_id")
    assert (linked.to_partner, linked.to_deal) == (("title",), ("title", "title"))
    blocked = of_deal("aws", CLAIMED, foreseen(plan), id_property="aws_opportunity_id")
    assert blocked.why == "the opportunity names the deal; then it is blocked by company country"


def test_a_title_that_nobody_claims_keeps_a_deal_from_being_created() -> None:
    create = Plan("create", "synced")
    assert found(DEAL, create, alike=("O5",)) == ("ambiguous", None, None)
    assert found(DEAL, Plan("none", "blocked", problems=(COUNTRY,)), alike=("O5",)) == ("cannot", None, "deal")
    one = of_deal("aws", DEAL, foreseen(create), id_property="aws_opportunity_id", alike=("O5",))
    assert "O5" in one.why
    assert "'aws_opportunity_id'" in one.why


@pytest.mark.parametrize(
    ("deal", "held", "expected"),
    [
        (DEAL, link(deal_id="500", opportunity_id="O1"), "linked"),
        (DEAL, link(deal_id="500", attempt={"token": "t"}), "wait"),
        (DEAL, link(deal_id="500", state="blocked"), None),
        (DEAL, None, None),
        (Tagged("500", "x", "O1", ("O1",)), None, None),
        (Tagged("500", "x", "O1", ("O2",)), None, "ambiguous"),
        (Tagged("500", "x", None, ("O1", "O2")), None, "ambiguous"),
    ],
)
def test_what_needs_no_rehearsal(deal: Tagged, held: Link | None, expected: str | None) -> None:
    one = before_rehearsal("aws", deal, held)
    assert (one.verdict if one else None) == expected


@pytest.mark.parametrize(
    ("plan", "adopted", "expected"),
    [
        (Plan("none", "synced", creates_deal=True), {}, ("deal", None, "opportunity")),
        (Plan("none", "ignored", reason="it was not shared with us"), {}, ("alone", None, None)),
        (Plan("none", "deferred", reason="a create of ours is open"), {}, ("wait", None, None)),
        (Plan("none", "synced"), {"deal_id": "500"}, ("link", "500", "opportunity")),
        (Plan("none", "paused", reason="the deal carries no tag"), {"deal_id": "500"}, ("alone", "500", None)),
        (Plan("none", "conflict", reason="two opportunities"), {"deal_id": "500"}, ("ambiguous", "500", None)),
        (None, {"deal_id": "500"}, ("alone", "500", None)),
    ],
)
def test_an_opportunity(plan: Plan | None, adopted: dict[str, str], expected: tuple[Any, ...]) -> None:
    one = of_opportunity("aws", "O1", "Title", foreseen(plan, adopted, "missing"))
    assert (one.verdict, one.deal_id, one.by) == expected
    assert one.record == "opportunity#aws#O1"


def test_names_of_the_same_sale() -> None:
    tags = ("#AWS", "#GCP")
    assert same_title("Big  Corp #aws", tags) == same_title("big corp", tags)
    assert same_title("Big Corp 2", tags) != same_title("Big Corp", tags)
    assert title_of({"Project": {"Title": "T"}}, rules()) == "T"
    assert title_of(None, rules()) == ""


@pytest.mark.parametrize(("tag", "word"), [("#AWS", "AWS"), ("[Google Cloud]", "Google"), ("#", None)])
def test_the_word_to_search_for(tag: str, word: str | None) -> None:
    assert search_word(tag) == word
