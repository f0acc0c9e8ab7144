"""The pictures that the documents show: what each is drawn from, and where it lies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sandbox.pictures.architecture import architecture
from sandbox.pictures.drawing import draw
from sandbox.pictures.execution import execution
from sandbox.pictures.resources import Deployed

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"
RECORDED = FOLDER / "execution.json"
"""The execution that is shown, as the local cloud recorded it: machine, status, milliseconds and states."""
DEFINITION = ROOT / "statemachines" / "sync.asl.json"
_MACHINE, _SHOWS = "aws-sync", "Complete the opportunity"


class NothingToShow(Exception):
    """No recorded execution goes the way that the picture is to show; the text says which would."""


def pictures(deployed: Deployed) -> dict[Path, str]:
    """Each picture as SVG, by its path."""
    states = json.loads(RECORDED.read_text())["states"]
    return {
        FOLDER / "architecture.svg": draw(architecture(deployed)),
        FOLDER / "execution.svg": draw(execution(json.loads(DEFINITION.read_text()), states)),
    }


def record(executions: Iterable[Mapping[str, Any]]) -> None:
    """Keep the first execution that created an opportunity with all that belongs to it; nothing of its data."""
    for one in executions:
        if one["machine"].endswith(_MACHINE) and one["status"] == "SUCCEEDED" and _SHOWS in one["states"]:
            kept = {name: one[name] for name in ("machine", "status", "duration_ms", "states")}
            RECORDED.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
            return
    raise NothingToShow(f"no execution of {_MACHINE} went through {_SHOWS!r}; `make demo` plays some")
