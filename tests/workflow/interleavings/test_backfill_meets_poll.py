"""A backfill opens a deal's link while an event or a poll opens its opportunity's: one link is left, and no task.

The opportunity was made in Partner Central by hand before the sync was there; the deal carries its id, or it names the
deal, or both. Who comes first, and how the runs of both interleave, the seed decides; most of them begin at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.backfill_apply import Applying
from lambdas.shared.domain.backfill import Finding
from sandbox.hubspot import WebhookTrouble
from sandbox.turned import Options, World
from tests.workflow.backlog import backlog
from tests.workflow.interleavings.judging import wrong_in

SEEDS = range(24)
TAKES_ALL = {"aws": {"inbound": {"opportunities": "all", "pipeline": "default", "stage": "appointmentscheduled"}}}
COMPLETE = {"description": "Moving forty servers to the cloud this year.", "aws_contract_months": "12"}
NAMED_BY = ("deal", "deal", "record", "both")
SHOWS_SOON = 200
Script = Iterator[float | None]


class Meeting:
    """One deal and its opportunity, of which the sync has heard nothing, and both ways on which it is about to."""

    def __init__(self, seed: int) -> None:
        self.world = world = World(
            Options(
                seed=seed,
                fine=True,
                ledger_steps=seed % 3 == 0,
                crashes=seed % 2,
                copies_of_events=(0, 1, 2, 2),
                webhooks=WebhookTrouble(seed=seed),
                settings=TAKES_ALL if seed % 5 == 0 else {},
            )
        )
        named_by = NAMED_BY[seed % len(NAMED_BY)]
        self.deal = backlog.past_deal(world, "Harbour Migration #AWS", deal=COMPLETE)
        named = {"PartnerOpportunityIdentifier": self.deal} if named_by != "deal" else {}
        self.opportunity = backlog.past_opportunity(world, "Made by hand", **named)
        if named_by != "record":
            world.hubspot.account.update("deals", self.deal, {"aws_opportunity_id": self.opportunity})
            backlog.forget_notices(world)
        world.clock.advance(seconds=60)
        self.backfill = Applying(backlog.access(world), "meeting")
        found = [one for one in backlog.findings(world) if one.by]
        world.scripts += [self._backfill(found, at_once=seed % 6 != 0), self._at_aws()]

    def _backfill(self, found: list[Finding], *, at_once: bool) -> Script:
        if at_once:  # the wake-up of a record that is new waits for five seconds, so both runs begin together
            for _ in range(SHOWS_SOON):
                if self.world.links():
                    break
                yield None
        yield self.world.dice.choice((4, 5, 5)) if at_once else self.world.dice.choice((None, 20))
        self.backfill.raise_all(found)

    def _at_aws(self) -> Script:
        yield self.world.dice.choice((None, 1))
        self.world.central.account.edit_as_aws(self.opportunity, next_steps="Theirs")
        yield self.world.dice.choice((None, 1, 7))
        self.world.poll("aws.opportunities")


def wrong_after(seed: int) -> list[str]:
    """What does not hold once all is quiet, and the backfill has heard of its record."""
    meeting = Meeting(seed)
    world = meeting.world
    world.run_until_quiet()
    meeting.backfill.finish()
    world.sweep()
    world.sweep()
    wrong = wrong_in(world)
    ids = {one.id: one.values().get("aws_opportunity_id") for one in world.hubspot.account.records("deals")}
    if (ids, list(world.opportunities())) != ({meeting.deal: meeting.opportunity}, [meeting.opportunity]):
        wrong.append(f"deals {ids}, opportunities {list(world.opportunities())}")
    standing = [(one["pk"], one["state"]) for one in world.links() if not one.get("handed_to")]
    if [state for _, state in standing] != ["open"]:
        wrong.append(f"links {standing}")
    wrong += [f"task: {one.values()['hs_task_body']}" for one in world.hubspot.account.records("tasks")]
    told = {one.record: one.state for one in meeting.backfill.known.values()}
    if list(told.values()) != ["synced"]:
        wrong.append(f"the backfill tells {told}")
    return wrong


@pytest.mark.parametrize("seed", SEEDS)
def test_the_deal_and_its_opportunity_end_on_one_link_and_nobody_has_to_act(
    seed: int, pytestconfig: pytest.Config
) -> None:
    only = pytestconfig.getoption("--seed")
    if only is None or only == seed:
        wrong = wrong_after(seed)
        assert not wrong, f"seed {seed}: {'; '.join(wrong)}"
