"""One world for the scenes of this tier; everything runs as ``make demo`` runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.scenarios import Stage
from sandbox.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="module")
def stage(world: World) -> Stage:
    return Stage(world)
