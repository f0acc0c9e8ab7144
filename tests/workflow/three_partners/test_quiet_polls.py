"""Polls of a world in which nothing changes cost one list call each, and wake nobody."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.turned import World
from tests.workflow.three_partners.support import come_to_rest, shared, three

LISTS = {
    "aws": {"ListOpportunities": 1, "ListEngagementInvitations": 1},
    "microsoft": {"ListReferrals": 1},
    "google": {"opportunities.query": 1},
}
SEARCH = {"deals.search": 1}


def polled(world: World) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Every vendor's calls during one round of all polls: the partners', then HubSpot's. Tokens are no record's."""
    before = {name: Counter(side.operations()) for name, side in world.sides.items()}
    of_hubspot = Counter(world.hubspot.account.calls)
    world.sweep()
    calls = {name: Counter(side.operations()) - before[name] for name, side in world.sides.items()}
    for each in calls.values():
        for of_the_token in ("Token", "Discovery"):
            each.pop(of_the_token, None)
    return {name: dict(each) for name, each in calls.items()}, dict(Counter(world.hubspot.account.calls) - of_hubspot)


@pytest.mark.parametrize("tags", ["", "#AWS", "#Microsoft", "#GCP", "#AWS #GCP", "#AWS #Microsoft #GCP"])
def test_a_poll_of_what_has_not_changed_is_one_list_call_each(tags: str) -> None:
    """Also for a deal that only some of the partners share: nobody waits for the others' links."""
    world = three()
    world.new_deal(f"Harbour Migration {tags}")
    come_to_rest(world)
    assert polled(world) == (LISTS, SEARCH)
    assert polled(world) == (LISTS, SEARCH)


def test_what_came_from_a_partner_wakes_the_others_once() -> None:
    """Our own write to the deal is no echo for them: they look at it, and then rest."""
    world = three()
    made = shared(world)
    come_to_rest(world)
    (opportunity_id,) = world.opportunities()
    world.central.account.edit_as_aws(opportunity_id, stage="Technical Validation")
    come_to_rest(world)
    assert world.deal(made.deal_id)["dealstage"] == "presentationscheduled"
    assert polled(world) == (LISTS, SEARCH)


@pytest.mark.parametrize("tags", ["", "#AWS", "#AWS #GCP", "#AWS #Microsoft #GCP"])
def test_a_deal_that_changed_just_before_a_poll_is_not_looked_at_again_by_the_next(tags: str) -> None:
    """The search looks back over two minutes; what every link of the deal has read by then is known."""
    world = three()
    made = world.new_deal(f"Harbour Migration {tags}")
    come_to_rest(world)
    world.hubspot.account.update("deals", made.deal_id, {"gcp_deal_term": "12 months"})
    for _ in range(2):
        world.clock.advance(seconds=5)
        world.poll("hubspot.deals")
        world.run_until_quiet()
    assert polled(world) == (LISTS, SEARCH)
