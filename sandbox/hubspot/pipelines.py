"""Deal pipelines and their stages (hubspot.md 3.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.facts import FACTS
from sandbox.hubspot.refusals import invalid, invalid_value, not_found
from sandbox.hubspot.switches import Switches
from sandbox.hubspot.times import iso

MAX_STAGES = 100
_LABELS = {
    "appointmentscheduled": "Appointment Scheduled",
    "qualifiedtobuy": "Qualified To Buy",
    "presentationscheduled": "Presentation Scheduled",
    "decisionmakerboughtin": "Decision Maker Bought-In",
    "contractsent": "Contract Sent",
    "closedwon": "Closed Won",
    "closedlost": "Closed Lost",
}


@dataclass(slots=True)
class Stage:
    """One stage. ``probability`` and ``is_closed`` are text, as the vendor has them."""

    id: str
    label: str
    probability: str
    is_closed: str
    display_order: int
    at: int

    def as_json(self) -> dict[str, Any]:
        """The vendor's form."""
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.display_order,
            "metadata": {"probability": self.probability, "isClosed": self.is_closed},
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "createdAt": iso(self.at),
            "updatedAt": iso(self.at),
            "archived": False,
        }


@dataclass(slots=True)
class Pipeline:
    """One pipeline with its stages by id."""

    id: str
    label: str
    display_order: int
    at: int
    stages: dict[str, Stage] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The vendor's form, stages in display order."""
        stages = sorted(self.stages.values(), key=lambda stage: stage.display_order)
        return {
            "id": self.id,
            "label": self.label,
            "displayOrder": self.display_order,
            "stages": [stage.as_json() for stage in stages],
            "createdAt": iso(self.at),
            "updatedAt": iso(self.at),
            "archived": False,
        }


class PipelineRegister:
    """The deal pipelines. A new account has ``default``; others get numeric ids, as do their stages."""

    def __init__(self, next_id: Callable[[], int], now: int, switches: Switches) -> None:
        self._next_id = next_id
        self._switches = switches
        self.pipelines: dict[str, Pipeline] = {"default": _default_pipeline(now)}

    def get(self, pipeline_id: str) -> Pipeline:
        """The pipeline, or 404."""
        if pipeline_id not in self.pipelines:
            raise not_found(f"Pipeline {pipeline_id!r}", "3.10")
        return self.pipelines[pipeline_id]

    def stage(self, pipeline_id: str, stage_id: str) -> Stage:
        """The stage, or 404."""
        stages = self.get(pipeline_id).stages
        if stage_id not in stages:
            raise not_found(f"Stage {stage_id!r} of pipeline {pipeline_id!r}", "3.10")
        return stages[stage_id]

    def create(self, body: Mapping[str, Any], now: int) -> Pipeline:
        """Create a pipeline from ``{label, displayOrder, stages: [{label, displayOrder, metadata}]}``."""
        label, stages = body.get("label"), body.get("stages")
        if not isinstance(label, str) or not label or not isinstance(stages, list) or not stages:
            raise invalid("A pipeline needs label and stages", "3.10")
        if any(pipeline.label == label for pipeline in self.pipelines.values()):
            raise invalid(f"There is already a pipeline with the label {label!r}", "3.10")
        if len(stages) > MAX_STAGES:
            raise invalid(f"At most {MAX_STAGES} stages per deal pipeline", "3.10")
        pipeline = Pipeline(str(self._next_id()), label, int(body.get("displayOrder", -1)), now)
        for given in stages:
            self._add(pipeline, given, now)
        self.pipelines[pipeline.id] = pipeline
        return pipeline

    def add_stage(self, pipeline_id: str, body: Mapping[str, Any], now: int) -> Stage:
        """Add one stage to a pipeline."""
        pipeline = self.get(pipeline_id)
        if len(pipeline.stages) >= MAX_STAGES:
            raise invalid(f"At most {MAX_STAGES} stages per deal pipeline", "3.10")
        return self._add(pipeline, body, now)

    def relabel(self, pipeline_id: str, stage_id: str | None, label: str) -> None:
        """Change a label; the id stays (hubspot.md 3.10)."""
        target = self.get(pipeline_id) if stage_id is None else self.stage(pipeline_id, stage_id)
        target.label = label

    def place(self, pipeline_id: str | None, stage_id: str, current: str | None) -> tuple[str, Stage]:
        """Where a deal goes: the pipeline given (or the current one, or ``default``) and one of its stages.

        Refuses an unknown pipeline or stage, and a stage of another pipeline (or follows it there, by switch).
        """
        home = pipeline_id or current or "default"
        if home not in self.pipelines:
            message = f"Pipeline ID {home} does not exist; known: {sorted(self.pipelines)}"
            raise invalid_value("INVALID_PIPELINE", "pipeline", message, "3.10")
        if stage_id in self.pipelines[home].stages:
            return home, self.pipelines[home].stages[stage_id]
        for other in self.pipelines.values():
            if pipeline_id is None and stage_id in other.stages and not self._switches.foreign_stage_is_refused:
                return other.id, other.stages[stage_id]
        message = f"Stage ID {stage_id} is not a stage of pipeline {home}; allowed: {list(self.pipelines[home].stages)}"
        raise invalid_value("INVALID_STAGE", "dealstage", message, "3.10")

    def _add(self, pipeline: Pipeline, given: Any, now: int) -> Stage:
        metadata = given.get("metadata", {}) if isinstance(given, Mapping) else {}
        if not isinstance(given, Mapping) or not given.get("label") or "probability" not in metadata:
            raise invalid("A deal stage needs label and metadata.probability", "3.10")
        probability = str(metadata["probability"])
        closed = str(metadata.get("isClosed", str(probability in ("0.0", "1.0")).lower())).lower()
        order = int(given.get("displayOrder", len(pipeline.stages)))
        stage_id = str(given.get("stageId") or self._next_id())
        pipeline.stages[stage_id] = Stage(stage_id, str(given["label"]), probability, closed, order, now)
        return pipeline.stages[stage_id]


def _default_pipeline(now: int) -> Pipeline:
    facts = FACTS["default_deal_pipeline"]
    pipeline = Pipeline(facts["id"], "Sales Pipeline", 0, now)
    for order, fact in enumerate(facts["stages"]):
        stage = Stage(fact["id"], _LABELS[fact["id"]], fact["probability"], fact["isClosed"], order, now)
        pipeline.stages[stage.id] = stage
    return pipeline
