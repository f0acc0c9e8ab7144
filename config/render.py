"""The settings document: what the functions of one deployment stage need to know, as plain JSON."""

from __future__ import annotations

from typing import Any

from config.model import Configuration
from config.rendering import reads_of
from config.room import Rendering, Room
from config.rooms import ROOMS


def render_settings(configuration: Configuration, stage_name: str) -> dict[str, Any]:
    """The settings document of docs/architecture.md for one deployment stage; partners that are off are not in it.

    Raises:
        KeyError: there is no such stage; the message names those there are.
    """
    stage = configuration.stage(stage_name)
    return {
        "deployment_stage": stage_name,
        "hubspot": stage.hubspot.model_dump(mode="json"),
        "dead_letters": stage.dead_letters.model_dump(mode="json"),
        "partners": {
            name: _partner(configuration, stage_name, room) for name, room in ROOMS.items() if name in stage.partners
        },
    }


def _partner(configuration: Configuration, stage_name: str, room: Room) -> dict[str, Any]:
    partners, stage = configuration.partners_in(stage_name), configuration.stage(stage_name)
    values = configuration.values[room.name]
    rendering = Rendering(partners[room.name], getattr(stage, room.block), stage, values, tuple(partners.values()))
    settings = room.render(rendering)
    return {"label": room.label, **settings, "fields": [_labelled(rule, configuration) for rule in settings["fields"]]}


def _labelled(rule: dict[str, Any], configuration: Configuration) -> dict[str, Any]:
    """The rule with what a person calls its field: the label of the deal property that is asked for first."""
    reads = reads_of(rule)
    if rule["object"] != "deal" or not reads:
        return rule
    return {**rule, "label": configuration.hubspot_properties.label_of(reads[0])}
