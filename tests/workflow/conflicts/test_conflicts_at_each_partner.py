"""Who wins where both sides changed the same field, by field and by partner, and how a person decides."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.workflow.conflicts.support import FIELDS, LABEL, PREFIX, STATUS, Both
from tests.workflow.three_partners.support import look_at_everything

_numbers = itertools.count(1)
pytestmark = [pytest.mark.xdist_group("conflicts"), pytest.mark.parametrize("partner", FIELDS)]
THEIRS = {
    "aws": {"partner-wins": "2027-08-30", "last-write-wins": "AWS's title"},
    "microsoft": {"partner-wins": "2027-08-30T00:00:00.0000000Z", "last-write-wins": "GBP"},
    "google": {
        "partner-wins": {"year": 2027, "month": 8, "day": 30},
        "last-write-wins": {"currencyCode": "USD", "units": "88000"},
    },
}
OURS = {"aws": "Our title #AWS", "microsoft": "EUR", "google": "77000"}
HUBSPOT_WINS = {
    "aws": ("Our words on forty servers.", "Their words on forty servers."),
    "microsoft": ("64000", 99000.0),
    "google": ("Our words on forty servers.", "Their words on forty servers."),
}


@pytest.fixture
def both(partner: str) -> Both:
    return Both(partner, next(_numbers))


@pytest.fixture
def apart(both: Both) -> Both:
    """The manual field changed on both sides, and shown."""
    both.say("manual", "Meet on Monday, says the rep")
    both.pass_time()
    both.answer("manual", "Meet on Friday, says the partner")
    both.rest()
    return both


def _rules(both: Both, strategy: str) -> list[str]:
    return [one["rule"] for one in both.changes() if one["field"] == both.fields[strategy].name][1:]


def test_the_word_of_each_side_stands_where_the_fields_strategy_says_so(both: Both) -> None:
    ours, theirs = HUBSPOT_WINS[both.partner]
    both.answer("partner-wins", THEIRS[both.partner]["partner-wins"])
    both.say("hubspot-wins", ours)
    both.pass_time()
    both.answer("hubspot-wins", theirs)
    both.say("partner-wins", "2027-02-28T00:00:00Z")
    both.rest()
    assert str(both.theirs("hubspot-wins")).removesuffix(".0") == ours
    assert (both.deal("closedate") or "").startswith("2027-08-30")
    assert (_rules(both, "hubspot-wins"), _rules(both, "partner-wins")) == (["hubspot-wins"], ["partner-wins"])
    assert both.deal(STATUS[both.partner]) == "synced"


@pytest.mark.parametrize("deal_is_later", [True, False])
def test_of_two_words_the_later_stands_by_the_vendors_own_times(both: Both, deal_is_later: bool) -> None:
    """HubSpot's history says when the deal's value changed, the partner's stamp when its record did."""
    steps: list[Callable[[], None]] = [
        lambda: both.answer("last-write-wins", THEIRS[both.partner]["last-write-wins"]),
        lambda: both.say("last-write-wins", OURS[both.partner]),
    ]
    before = both.theirs("last-write-wins")
    for step in steps if deal_is_later else reversed(steps):
        step()
        both.pass_time()
    both.rest()
    rule = "last-write-wins" if deal_is_later else "last-write-wins (tie)"
    assert _rules(both, "last-write-wins") == [rule]
    now = both.theirs("last-write-wins")
    assert now != before
    theirs = THEIRS[both.partner]["last-write-wins"]
    assert (now == ({**now, **theirs} if isinstance(theirs, dict) else theirs)) is not deal_is_later
    assert look_at_everything(both.world) == {}


def test_nothing_is_overwritten_and_the_deal_shows_both_values_with_who_and_when(apart: Both) -> None:
    shown = apart.own("conflicts") or ""
    assert apart.deal(apart.fields["manual"].property) == "Meet on Monday, says the rep"
    assert apart.theirs("manual") == "Meet on Friday, says the partner"
    label = {"hs_next_step": "Next step", "description": "Deal description"}[apart.fields["manual"].property]
    assert f"\n{label}\n  HubSpot: Meet on Monday, says the rep (changed by " in shown
    assert f"\n  {LABEL[apart.partner]}: Meet on Friday, says the partner (its record was changed on 2026-" in shown
    assert apart.deal(STATUS[apart.partner]) == "conflict"
    assert f"'{PREFIX[apart.partner]}_conflict_pick'" in (apart.own("sync_message") or "")
    assert len(apart.tasks()) == 1
    assert "Meet on" not in repr(apart.link)
    assert look_at_everything(apart.world) == {}, "it is asked once"


@pytest.mark.parametrize("strategy", ["manual", "hubspot-wins"])
def test_a_word_of_the_rep_s_that_came_after_the_read_is_not_written_over(both: Both, strategy: str) -> None:
    words = {"manual": ("Meet on Monday, says the rep", "Meet on Friday, says the partner")}
    rep, partner = words.get(strategy) or HUBSPOT_WINS[both.partner]
    both.meanwhile("Write back to the deal", lambda: both.say(strategy, rep))
    both.answer(strategy, partner)
    both.rest()
    assert both.deal(both.fields[strategy].property) == rep
    assert both.own("sync_status") == {"manual": "conflict", "hubspot-wins": "synced"}[strategy]


def test_a_field_in_conflict_holds_up_no_other(apart: Both) -> None:
    apart.say("hubspot-wins", HUBSPOT_WINS[apart.partner][0])
    apart.rest()
    assert str(apart.theirs("hubspot-wins")).removesuffix(".0") == HUBSPOT_WINS[apart.partner][0]
    assert apart.deal(STATUS[apart.partner]) == "conflict"
    assert len(apart.tasks()) == 1


@pytest.mark.parametrize("choice", ["hubspot", "partner"])
def test_a_pick_is_applied_recorded_and_cleared(apart: Both, choice: str) -> None:
    apart.pick(choice)
    value = "Meet on Monday, says the rep" if choice == "hubspot" else "Meet on Friday, says the partner"
    assert (apart.deal(apart.fields["manual"].property), apart.theirs("manual")) == (value, value)
    assert [apart.own(name) for name in ("conflicts", "conflict_pick", "conflict_field_picks")] == [None] * 3
    assert apart.deal(STATUS[apart.partner]) == "synced"
    winner = "deal" if choice == "hubspot" else "opportunity"
    (change,) = [one for one in apart.changes() if one.get("rule") == "picked"]
    assert (change["field"], change["winner"], change["actor"]) == (
        apart.fields["manual"].name,
        winner,
        "CRM_UI userId:600",
    )
    (decision,) = apart.decisions()
    assert (decision["winner"], decision["by"], decision["rule"]) == (winner, "CRM_UI userId:600", "picked")
    assert apart.link.conflicts_shown is None
    assert look_at_everything(apart.world) == {}
    assert (apart.world.dead_letters(), apart.world.unexpected, apart.world.unsettled()) == ([], [], [])


def test_a_single_field_is_picked_by_its_label_in_words(apart: Both) -> None:
    label = {"hs_next_step": "Next step", "description": "Deal description"}[apart.fields["manual"].property]
    apart.pick(single=f"{label.upper()} : {LABEL[apart.partner].split()[0].lower()}")
    assert apart.deal(apart.fields["manual"].property) == "Meet on Friday, says the partner"
    assert apart.own("conflict_field_picks") is None


def test_a_text_that_names_nothing_says_what_is_allowed_and_loses_nothing(apart: Both) -> None:
    apart.pick(single="Amont: AWS")
    message = apart.own("sync_message") or ""
    assert "“Amont: AWS” names no field that is in conflict" in message
    assert f"HubSpot or {LABEL[apart.partner].split()[0]}" in message
    assert apart.own("conflict_field_picks") == "Amont: AWS"
    assert apart.theirs("manual") == "Meet on Friday, says the partner"
    apart.pick(single=f"{apart.fields['manual'].name}: HubSpot")
    assert apart.theirs("manual") == "Meet on Monday, says the rep"


@pytest.mark.parametrize("mover", ["deal", "partner"])
def test_a_pick_for_values_that_moved_since_is_asked_again(apart: Both, mover: str) -> None:
    if mover == "deal":
        apart.say("manual", "Meet on Tuesday, says the rep")
    else:
        apart.answer("manual", "Meet on Thursday, says the partner")
    apart.pick("partner")
    ours = "Meet on Tuesday, says the rep" if mover == "deal" else "Meet on Monday, says the rep"
    assert apart.deal(apart.fields["manual"].property) == ours
    assert apart.own("conflict_pick") is None
    assert ("Tuesday" if mover == "deal" else "Thursday") in (apart.own("conflicts") or "")
    assert len(apart.tasks()) == 2, "other values are another question"
    apart.pick("hubspot")
    assert apart.theirs("manual") == ours


def test_both_sides_alike_need_no_pick(apart: Both) -> None:
    apart.say("manual", "Meet on Friday, says the partner")
    apart.rest()
    assert apart.own("conflicts") is None
    assert apart.deal(STATUS[apart.partner]) == "synced"
    assert apart.link.conflicts_shown is None
