"""``DeadLettersPermanent`` rings once for one trouble: not again for each letter that takes the place of a told one."""

from __future__ import annotations

import pytest

from lambdas.shared.domain.dead_letters import Policy
from lambdas.shared.errors import Retryable
from lambdas.shared.runtime import take_counted
from tests.workflow.dead_letters.feedback import Feedback

PASSING, FAULT = "Runtime.ExitError", "Unexpected"


def rung(stage: Feedback, key: str | None = None, **time: float) -> float:
    """How often the alarm's metric was counted while time passes, after a change of ``key``."""
    take_counted()
    if key is not None:
        stage.change(key)
    stage.turn(**(time or {"hours": 1}))
    return take_counted().get("DeadLettersPermanent", 0)


@pytest.mark.parametrize("hubspot_away", [False, True])
def test_changes_that_die_of_a_trouble_that_is_told_ring_no_more(hubspot_away: bool) -> None:
    stage = Feedback()
    key, stage.fails = stage.deal(), FAULT
    stage.deals.refuses = Retryable("HubSpot answered 503") if hubspot_away else None
    assert [rung(stage, key) for _ in range(3)] == [1, 0, 0]
    stage.deals.refuses = None
    assert rung(stage, minutes=20) == 0
    states = [one.state for one in stage.letters.newest()]
    assert (states, len(stage.deals.tasks)) == (["waiting", "replaced", "replaced"], 1), "the deal is told all the same"


def test_a_trouble_whose_wakes_are_used_up_rings_no_more_either() -> None:
    stage = Feedback(Policy(most_wakes=2))
    key, stage.fails = stage.deal(), PASSING
    assert [rung(stage, key, hours=3) for _ in range(2)] == [1, 0]


def test_what_a_person_replayed_and_died_again_is_a_trouble_of_its_own() -> None:
    stage = Feedback()
    key, stage.fails = stage.deal(), FAULT
    assert rung(stage, key) == 1
    (letter,) = stage.in_state("waiting")
    stage.letters.replay(letter, stage.sqs)
    assert rung(stage) == 1, "whoever replayed it has to hear that it was no use"


def test_a_cause_that_passes_between_makes_it_a_trouble_of_its_own() -> None:
    stage = Feedback(Policy(most_wakes=2))
    key, stage.fails = stage.deal(), FAULT
    assert rung(stage, key) == 1
    stage.fails = PASSING
    assert rung(stage, key, minutes=25) == 0
    assert [one.kind for one in stage.in_state("waiting")] == ["transient"]
    assert rung(stage, hours=3) == 1, "it waited for nobody, and does now"


def test_two_deals_are_two_troubles() -> None:
    stage = Feedback()
    stage.deals.properties["501"] = {}
    stage.fails = FAULT
    assert (rung(stage, stage.deal()), rung(stage, stage.deal("501"))) == (1, 1)
