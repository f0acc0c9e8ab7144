"""The ten lines, and a partner alone, on the local cloud: a tagged deal arrives at the simulated partner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import config
from sandbox.scenarios import Stage
from sandbox.world import Options, World
from tests.infrastructure.assembly import Assembly
from tests.library.conftest import EXAMPLES


def options(name: str, projects: Mapping[str, Path], assemblies: Mapping[str, Assembly]) -> Options:
    return Options(
        stage=EXAMPLES[name],
        configuration=config.load(projects[name] / "config"),
        assembly=assemblies[name].folder,
    )


@pytest.mark.slow
def test_the_ten_lines_keep_a_tagged_deal_and_aws_equal(
    projects: Mapping[str, Path], assemblies: Mapping[str, Assembly]
):
    with World(options("aws_two_way", projects, assemblies)) as world:
        scene = Stage(world)
        deal = scene.new_deal("BigCorp Cloud Migration #AWS")
        opportunity = scene.opportunity_of(deal.deal_id)
        world.settle()
        assert list(world.opportunities()) == [opportunity.id]
        assert world.deal(deal.deal_id)["aws_sync_status"] == "synced"
        world.central.edit_as_aws(opportunity.id, next_steps="Invite the architect to the review")
        world.wait_for(
            lambda: world.deal(deal.deal_id).get("hs_next_step") == "Invite the architect to the review",
            "AWS's next step on the deal",
        )


@pytest.mark.slow
def test_google_alone_gets_a_tagged_deal(projects: Mapping[str, Path], assemblies: Mapping[str, Assembly]):
    with World(options("one_partner", projects, assemblies)) as world:
        scene = Stage(world)
        deal = scene.new_deal("BigCorp Cloud Migration #GCP")
        opportunity = scene.google_of(deal.deal_id)
        world.settle()
        assert world.deal(deal.deal_id)["gcp_sync_status"] == "synced"
        assert list(world.google.state.opportunities) == [opportunity.name]
        assert world.opportunities() == {}
