"""A thousand worlds, each interleaved by its own seed: who goes on next, what is delivered when, which run dies.

After everything has come to rest and the sweeps have passed, both sides must be equal, with one opportunity per deal
and one deal per opportunity, nothing told twice, nothing dead and nothing due. Rerun one seed with
``.venv/bin/python -m pytest tests/workflow/interleavings --seed 123``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.hubspot import RepDeal, WebhookTrouble
from sandbox.turned import Options, World
from tests.workflow.interleavings.judging import wrong_in

SEEDS, CHUNK = 1000, 25
COMPLETE = {"description": "Moving forty servers to the cloud this year.", "aws_contract_months": "12"}
Script = Iterator[float | None]


def deal_in(world: World, **more: Any) -> RepDeal:
    return world.new_deal(deal=COMPLETE, **more)


def own_create(world: World) -> None:
    """The events of our own create come before, between and after its steps, twice or never."""
    deal_in(world)


def two_edits(world: World) -> None:
    """Two changes while runs are under way."""
    deal = deal_in(world)
    world.scripts.append(_edits(world, deal, [{"amount": "61000"}, {"amount": "62000", "hs_next_step": "Call them"}]))


def both_sides(world: World) -> None:
    """The rep and AWS change different fields at the same time, and one and the same."""
    deal = deal_in(world)
    world.scripts.append(_edits(world, deal, [{"amount": "63000"}, {"hs_next_step": "Ours"}]))
    world.scripts.append(_aws_edits(world, [{"next_steps": "Theirs"}, {"stage": "Technical Validation"}]))


def tag_off_and_on(world: World) -> None:
    """The tag is taken off and put back while runs are under way."""
    deal = deal_in(world)
    names = [{"dealname": "Harbour Migration"}, {"amount": "64000"}, {"dealname": "Harbour Migration #AWS"}]
    world.scripts.append(_edits(world, deal, names))


def country_missing(world: World) -> None:
    """The company's country is filled in some time later."""
    deal = deal_in(world, country=None)

    def fill() -> Script:
        yield 5
        world.hubspot.account.update("companies", deal.company_id, {"country": "US", "state": "WA"})

    world.scripts.append(fill())


def lost_answers(world: World) -> None:
    """Creates, updates and write-backs whose answer is lost after the work was done."""
    deal = deal_in(world)
    for operation in ("CreateOpportunity", "UpdateOpportunity", "AssociateOpportunity"):
        world.central.faults.add(operation, status=500, answer_lost=True, count=2)
    world.hubspot.faults.add("deals.update", status=504, answer_lost=True, count=2)
    world.scripts.append(_edits(world, deal, [{"amount": "65000"}]))


def invitation(world: World) -> None:
    """AWS invites us; the webhook of the deal that we make may come before its link exists."""
    world.central.account.send_invitation(
        catalog="Sandbox",
        title="Harbour Data Platform",
        business_problem="The port authority wants its sensor data in one place.",
        company="Harbour Authority Example",
        industry="Transportation and Logistics",
        country="US",
        state="Washington",
        website="https://harbour-authority.example",
        target_completion_date="2027-06-30",
        monthly_spend="4200.00",
    )


def webhooks_thrice(world: World) -> None:
    """Every webhook three times, shuffled, late; some never."""
    deal = deal_in(world)
    world.scripts.append(_edits(world, deal, [{"amount": "66000"}, {"closedate": "2027-08-31T00:00:00Z"}]))


SCENARIOS: tuple[Callable[[World], None], ...] = (
    own_create,
    two_edits,
    both_sides,
    tag_off_and_on,
    country_missing,
    lost_answers,
    invitation,
    webhooks_thrice,
)


def _edits(world: World, deal: RepDeal, changes: list[dict[str, str]]) -> Script:
    for change in changes:
        yield world.dice.choice((None, 1, 20))
        world.hubspot.account.update("deals", deal.deal_id, change)


def _aws_edits(world: World, changes: list[dict[str, str]]) -> Script:
    for change in changes:
        yield world.dice.choice((None, 1, 20))
        for opportunity_id in list(world.opportunities()):
            world.central.account.edit_as_aws(opportunity_id, **change)


def world_of(seed: int) -> World:
    scenario = SCENARIOS[seed % len(SCENARIOS)]
    trouble = WebhookTrouble(seed=seed)
    if scenario is webhooks_thrice:
        trouble = WebhookTrouble(copies=3, shuffle=True, delay_ms=(0, 3000), drop=0.1, seed=seed)
    world = World(
        Options(
            seed=seed,
            fine=True,
            ledger_steps=seed % 3 == 0,
            crashes=seed % 2,
            copies_of_events=(0, 1, 1, 2),
            webhooks=trouble,
        )
    )
    scenario(world)
    return world


def play(seed: int) -> list[str]:
    world = world_of(seed)
    world.run_until_quiet()
    world.sweep()
    world.sweep()
    wrong = wrong_in(world)
    before = Counter(name for name, _ in world.central.account.calls if not name.startswith(("List", "Get")))
    world.sweep()
    after = Counter(name for name, _ in world.central.account.calls if not name.startswith(("List", "Get")))
    return [*wrong, *(f"still writing: {name}" for name in after - before)]


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_interleaving_ends_with_both_sides_equal(first: int, pytestconfig: pytest.Config) -> None:
    only = pytestconfig.getoption("--seed")
    for seed in range(first, first + CHUNK):
        if only is None or only == seed:
            wrong = play(seed)
            name = SCENARIOS[seed % len(SCENARIOS)].__name__
            assert not wrong, f"seed {seed} ({name}): {'; '.join(wrong)}; rerun with --seed {seed}"
