"""The main job where the vendors behave the other way round in everything that nobody has confirmed."""

from __future__ import annotations

import dataclasses

import pytest

from sandbox.demo import figures, play
from sandbox.google.switches import other_reading as google_reading
from sandbox.hubspot import other_reading
from sandbox.microsoft.switches import Switches as MicrosoftSwitches
from sandbox.partner_central.switches import Switches
from sandbox.scenarios import Stage
from sandbox.world import Options, World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("e2e-other-readings")]


def test_all_scenes_hold_under_the_other_reading_of_every_unclear_fact() -> None:
    options = Options(
        hubspot_switches=other_reading(),
        partner_central_switches=Switches.other_readings(),
        microsoft_switches=MicrosoftSwitches.other_readings(),
        # How a create names us is for the field map to say (`unverified: create_partner`), so that one stays.
        google_switches=dataclasses.replace(google_reading(), create_partner="entity"),
    )
    with World(options) as world:
        stage = Stage(world)
        results = play(stage, show=lambda _line: None)
        counted = figures(stage)
    assert [(one.scene.number, one.why) for one in results if one.why] == []
    assert (counted["duplicates"], counted["lost"], counted["stray_dead_letters"]) == (0, 0, 0)
