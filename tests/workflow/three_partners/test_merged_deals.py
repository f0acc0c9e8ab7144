"""Two deals with an opportunity each are merged: the deal goes on with the one that it names, the other is a task."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lambdas.shared.domain.link import TWO_OPPORTUNITIES
from sandbox.turned import Options, World
from tests.workflow.three_partners.support import come_to_rest, wrong_in


@dataclass
class Merged:
    """``kept`` is the opportunity of the deal that was primary, ``second`` the other one's."""

    world: World
    deal_id: str
    kept: str
    second: str

    @property
    def named(self) -> str | None:
        return self.world.deal(self.deal_id).get("aws_opportunity_id")

    @property
    def status(self) -> str | None:
        return self.world.deal(self.deal_id).get("aws_sync_status")

    def edit(self, text: str) -> None:
        self.world.hubspot.account.update("deals", self.deal_id, {"hs_next_step": text})
        come_to_rest(self.world)

    def edit_at_aws(self, opportunity_id: str, text: str) -> None:
        self.world.central.account.edit_as_aws(opportunity_id, next_steps=text)
        come_to_rest(self.world)

    def next_steps(self) -> dict[str, str | None]:
        documents = self.world.central.documents()
        return {each: documents[each]["LifeCycle"].get("NextSteps") for each in (self.kept, self.second)}

    def links(self) -> dict[str, tuple[str, str | None]]:
        """State and reason by opportunity."""
        return {one["opportunity_id"]: (one["state"], one.get("reason")) for one in self.world.links()}

    def tasks(self) -> list[str]:
        account = self.world.hubspot.account
        return [
            account.values("tasks", one)["hs_task_body"] for one in account.associated("deals", self.deal_id, "tasks")
        ]


def merged(primary: str) -> Merged:
    world = World(Options(seed=1, partners=("aws",)))
    deals = {}
    for number, age in enumerate(("older", "younger"), 1):
        deals[age] = world.new_deal(f"The {age} one #AWS", number=number).deal_id
        world.run_until_quiet()
        world.skip(60)
    other = "younger" if primary == "older" else "older"
    kept, second = (world.deal(deals[each])["aws_opportunity_id"] for each in (primary, other))
    left = world.hubspot.account.merge("deals", deals[primary], deals[other])
    come_to_rest(world)
    return Merged(world, left.id, kept, second)


@pytest.mark.parametrize("primary", ["older", "younger"])
def test_the_deal_goes_on_with_the_opportunity_of_the_primary_deal(primary: str) -> None:
    after = merged(primary)
    parked = ("conflict", TWO_OPPORTUNITIES)
    assert (after.named, after.status) == (after.kept, "synced")
    assert after.links() == {after.kept: ("open", None), after.second: parked}
    (task,) = after.tasks()
    assert f"{after.second} is not synced any more: please close it at AWS" in task

    after.edit("A word of the seller")
    assert after.next_steps() == {after.kept: "A word of the seller", after.second: None}
    after.edit_at_aws(after.kept, "A word of AWS")
    assert after.world.deal(after.deal_id)["hs_next_step"] == "A word of AWS"
    assert after.status == "synced"

    after.edit_at_aws(after.second, "Not of this deal's")
    assert (after.status, after.world.deal(after.deal_id)["hs_next_step"]) == ("synced", "A word of AWS")
    assert after.links()[after.second] == parked
    assert (len(after.tasks()), wrong_in(after.world)) == (1, [])


def test_a_person_who_writes_the_other_id_goes_on_with_that_one() -> None:
    after = merged("younger")
    after.world.hubspot.account.update("deals", after.deal_id, {"aws_opportunity_id": after.second})
    come_to_rest(after.world)
    assert (after.named, after.status) == (after.second, "synced")
    assert after.links() == {after.second: ("open", None), after.kept: ("conflict", TWO_OPPORTUNITIES)}
    after.edit("For the other one")
    assert after.next_steps() == {after.kept: None, after.second: "For the other one"}
    assert (len(after.tasks()), wrong_in(after.world)) == (2, [])


def test_an_emptied_id_comes_back_and_changes_nothing() -> None:
    after = merged("younger")
    after.world.hubspot.account.update("deals", after.deal_id, {"aws_opportunity_id": ""})
    come_to_rest(after.world)
    assert (after.named, after.status, len(after.tasks())) == (after.kept, "synced", 1)
