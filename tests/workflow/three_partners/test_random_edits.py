"""Random edits on all four sides, many deal stages to one of a partner's: the writes end, and then nothing moves.

A value that goes back and forth between two partners' coarser words would never end. More seeds:
``SEEDS=500 .venv/bin/python -m pytest tests/workflow/three_partners/test_random_edits.py``; one alone: ``--seed 123``.
"""

from __future__ import annotations

import copy
import os
from random import Random
from typing import Any

import pytest

from sandbox.turned import Options, World
from tests.workflow.three_partners.edits import DEAL_STAGES, EVERYBODY
from tests.workflow.three_partners.support import (
    ALL,
    ID,
    TAGS,
    come_to_rest,
    look_at_everything,
    record,
    shared,
    statuses,
    wrong_in,
)

SEEDS = int(os.environ.get("SEEDS", "8"))
EDITS = 12
TAG = dict(zip(ALL, TAGS.split(), strict=True))
_COARSE = {
    "aws": ("Qualified", "Technical Validation", "Business Validation"),
    "google": tuple(f"SANDBOX_STAGE_{number}" for number in range(5)),
}


class LossyWorld(World):
    """The deal's stages fall together at AWS and Google as the seed wants; at Microsoft they all do as shipped."""

    def _settings(self) -> dict[str, Any]:
        settings, dice = copy.deepcopy(super()._settings()), Random(self.options.seed)
        for partner, words in _COARSE.items():
            few = sorted(dice.sample(words, dice.randint(2, len(words))))
            mapped = {stage: few[number * len(few) // len(DEAL_STAGES)] for number, stage in enumerate(DEAL_STAGES)}
            ours = settings["partners"][partner]
            ours["stage_map"]["default"] |= mapped
            backward = {word: stage for stage, word in reversed(mapped.items())}
            unused = {word: dice.choice(DEAL_STAGES) for word in words if word not in backward}
            ours["inbound_stage_map"]["default"] |= backward | unused
            accepts = {stage: [word for word, on in unused.items() if on == stage] for stage in DEAL_STAGES}
            ours["stage_accepts"]["default"] |= accepts
        return settings


def play(seed: int) -> list[str]:
    """What does not hold after the seed's edits."""
    trouble = {"copies_of_events": (0, 1, 1, 2), "notices": seed % 2 == 0}
    world = LossyWorld(Options(seed=seed, partners=ALL, **trouble))
    dice, made = Random(seed), shared(world)
    for number in range(EDITS):
        if number == 2 or dice.random() < 0.4:
            world.run_until_quiet()
        dice.choice(EVERYBODY)(world, made, dice)
        world.advance(dice.choice((0, 0, 3, 400)))
    come_to_rest(world)
    written = look_at_everything(world)
    values = world.deal(made.deal_id)
    told = statuses(world, made.deal_id)
    missing = [name for name in ALL if not values.get(ID[name]) and TAG[name] in values["dealname"] and not told[name]]
    apart = [partner for partner, word in _words(world, made.deal_id).items() if word not in _fitting(world, partner)]
    return [
        *wrong_in(world),
        *(f"written although nothing had moved: {name}" for name in written),
        *(f"there is no record at {name}, and the deal does not say why" for name in missing),
        *(f"the deal's stage and that of {partner} are apart" for partner in apart),
    ]


def _words(world: World, deal_id: str) -> dict[str, str]:
    """In which stage each partner has the deal; those that are not to be told, or cannot be for now, are left out."""
    values, found = world.deal(deal_id), {}
    if values.get(ID["aws"]):
        found["aws"] = record(world, deal_id, "aws")["LifeCycle"]["Stage"]
    if values.get(ID["google"]) and record(world, deal_id, "google")["state"] == "ACCEPTED":
        found["google"] = record(world, deal_id, "google")["stage"]
    return {partner: word for partner, word in found.items() if TAG[partner] in values["dealname"]}


def _fitting(world: World, partner: str) -> list[str]:
    """The partner's words for the deal's stage."""
    (deal,) = world.hubspot.account.records("deals")
    stage, settings = world.deal(deal.id)["dealstage"], world.settings["partners"][partner]
    return [settings["stage_map"]["default"][stage], *settings["stage_accepts"]["default"].get(stage, ())]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_edits_on_all_four_sides_end_and_leave_nothing_to_write(seed: int, pytestconfig: pytest.Config) -> None:
    only = pytestconfig.getoption("--seed")
    if only is None or only == seed:
        assert play(seed) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_partners_stage_that_the_deals_stage_stands_for_too_is_left_as_it_is(seed: int) -> None:
    world = LossyWorld(Options(seed=seed, partners=ALL))
    made = shared(world, deal={"dealstage": DEAL_STAGES[seed]})
    come_to_rest(world)
    google_id = world.deal(made.deal_id)[ID["google"]]
    world.google.account.review(world.google.name_of(google_id), accept=True)
    come_to_rest(world)
    before, words = world.writes(), {partner: _fitting(world, partner)[-1] for partner in _COARSE}
    world.central.account.edit_as_aws(world.deal(made.deal_id)[ID["aws"]], stage=words["aws"])
    world.google.account.edit_as_google(world.google.name_of(google_id), {"stage": words["google"]})
    come_to_rest(world)
    assert _words(world, made.deal_id) == words
    assert world.deal(made.deal_id)["dealstage"] == DEAL_STAGES[seed]
    assert world.writes() - before == {}
