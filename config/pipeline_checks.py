"""Checks of the stage map: every stage has a place on both sides, and a change of stage is seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from config.base import Pipeline
from config.errors import Finding
from config.files import Files, PartnerFiles, unknown
from config.rendering import listed
from config.source import KeyPath


def check_pipelines(_files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """Findings of ``pipelines``."""
    source, stages, what = mine.source, mine.room.stages(mine.values), f"{mine.room.label} stage"
    for pipeline, table in mine.base.pipelines.items():
        at: KeyPath = ("pipelines", pipeline)
        placed: set[str] = set()
        for deal_stage, mapped in table.stages.items():
            words = listed(mapped)
            placed.update(words)
            if not words:
                yield source.finding((*at, "stages", deal_stage), f"names no {what}", stages)
            for value in words:
                if value not in stages:
                    yield unknown(source, (*at, "stages", deal_stage), what, value, stages)
        for value in stages:
            if value not in placed:
                message = f"no deal stage stands for the {what} {value!r}"
                yield source.finding((*at, "stages"), message, tuple(table.stages))
        yield from _pipeline_refs(mine, at, table, stages)
        yield from _read_twice(mine, at, table)


def _pipeline_refs(mine: PartnerFiles, at: KeyPath, table: Pipeline, stages: Sequence[str]) -> Iterator[Finding]:
    source = mine.source
    for value, deal_stage in table.inbound.items():
        if value not in stages:
            yield unknown(source, (*at, "inbound", value), f"{mine.room.label} stage", value, stages)
        if deal_stage not in table.stages:
            yield unknown(source, (*at, "inbound", value), "deal stage", deal_stage, tuple(table.stages))
        elif value not in listed(table.stages[deal_stage]):
            message = f"{deal_stage!r} does not stand for {value!r} in stages, so it would be sent back changed"
            yield source.finding((*at, "inbound", value), message, listed(table.stages[deal_stage]))
    for index, deal_stage in enumerate(table.closed):
        if deal_stage not in table.stages:
            yield unknown(source, (*at, "closed", index), "deal stage", deal_stage, tuple(table.stages))


def _read_twice(mine: PartnerFiles, at: KeyPath, table: Any) -> Iterator[Finding]:
    """A stage that a deal stage only reads must be no other deal stage's, or a move between the two is not seen."""
    for deal_stage, mapped in table.stages.items():
        for value in listed(mapped)[1:]:
            others = [name for name, each in table.stages.items() if name != deal_stage and value in listed(each)]
            if others:
                message = f"{value!r} is only read here, but stands for {others[0]!r} too; list it once"
                yield mine.source.finding((*at, "stages", deal_stage), message)


def check_inbound(_files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """Findings of ``inbound``."""
    inbound, source, pipelines = mine.base.inbound, mine.source, mine.base.pipelines
    if inbound.pipeline not in pipelines:
        yield unknown(source, ("inbound", "pipeline"), "pipeline", inbound.pipeline, tuple(pipelines))
    elif inbound.stage not in pipelines[inbound.pipeline].stages:
        stages = tuple(pipelines[inbound.pipeline].stages)
        yield unknown(source, ("inbound", "stage"), "deal stage", inbound.stage, stages)
