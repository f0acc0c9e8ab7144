"""Plays the scenes in a world, shows what each did and which states its executions went through, and counts."""

from __future__ import annotations

import json
import statistics
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sandbox.assembly import STAGE
from sandbox.figures import count_all
from sandbox.scenarios import SCENES, Scene, Stage
from sandbox.vendors import CATALOG
from sandbox.world import NotSeen, Options, World

_LATER = ("microsoft-", "google-")
_UNSHOWN = {"Read the wake-up", "Take the lease", "Did both answer", "What is to be done", "Is it settled", "Done"}


@dataclass
class Played:
    """How one scene went. ``why`` says what did not hold."""

    scene: Scene
    seconds: float
    said: list[str] = field(default_factory=list)
    executions: int = 0
    why: str | None = None


def play(stage: Stage, scenes: Sequence[Scene] = SCENES, show: Callable[[str], None] = print) -> list[Played]:
    """Play the scenes one after another; a scene that does not hold ends only itself."""
    results = []
    for scene in scenes:
        show(f"\n{scene.number}. {scene.title}")
        seen = len(stage.world.cloud.executions())
        began = time.monotonic()
        played = Played(scene, 0.0)
        stage.say = lambda line, played=played: (played.said.append(line), show(f"   {line}"))[1]
        try:
            scene.play(stage)
            stage.world.settle(stage.patience)
        except Exception as error:  # a scene that stumbles over what it sees does not end the performance
            played.why = str(error) if isinstance(error, NotSeen) else _stumbled(error)
            show(f"   DID NOT HOLD: {played.why}")
        played.seconds = time.monotonic() - began
        fresh = stage.world.cloud.executions()[seen:]
        played.executions = len(fresh)
        for line in _ways(fresh):
            show(f"   {line}")
        results.append(played)
    return results


def _stumbled(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"


def _ways(executions: Sequence[Any]) -> list[str]:
    """The ways that executions took, the same way once with its count; waypoints that every run passes are left out."""
    ways: Counter[str] = Counter()
    for one in executions:
        name = one.machine.removeprefix("cosell-sandbox-")
        states = [state for state in one.result.states if state not in _UNSHOWN]
        ways[
            f"{name}: {' → '.join(states) or 'nothing to do'}{'' if one.status == 'SUCCEEDED' else f' [{one.status}]'}"
        ] += 1
    return [f"{count}× {way}" for way, count in ways.items()]


def figures(stage: Stage) -> dict[str, Any]:
    """What the world holds after the performance, counted in the four vendors, not in our own books."""
    world = stage.world
    held = count_all(world, stage.deals)
    letters = world.dead_letters().newest()
    times = sorted(stage.times_ms)
    return {
        "deals": len(stage.deals),
        "opportunities": sum(one.records for one in held),
        "at": {one.partner: one.records for one in held},
        "duplicates": sum(one.duplicates for one in held),
        "lost": sum(len(one.lost) for one in held),
        "dead_lettered": len(letters),
        "stray_dead_letters": sum(letter.link not in stage.poisoned for letter in letters),
        "replayed": sum(letter.state == "replayed" for letter in letters),
        "executions": len(world.cloud.executions()),
        "failed_executions": len(world.cloud.executions(status="FAILED")),
        "p50_ms": round(statistics.median(times)) if times else None,
        "p95_ms": round(times[min(len(times) - 1, round(0.95 * (len(times) - 1)))]) if times else None,
    }


def run() -> int:
    """``make demo``: 0 when every scene held."""
    console = Console(soft_wrap=True, highlight=False)
    began = time.monotonic()
    with World(Options(executions_file=_executions_file())) as world:
        console.print(
            f"Local cloud at {world.cloud.endpoint}. Four simulated vendors: HubSpot at {world.hubspot_server.url}, "
            f"AWS Partner Central at {world.central_server.url} (catalog {CATALOG}), Microsoft Partner Center at "
            f"{world.microsoft_server.url}, Google at {world.google_server.url}. {len(world.outputs)} outputs of the "
            f"deployed stacks; {len(world.properties.created)} HubSpot properties created. "
            f"{time.monotonic() - began:.1f} s"
        )
        threading.Thread(target=_warm_up, args=(world,), daemon=True, name="warm-up").start()
        stage = Stage(world)
        results = play(stage, show=lambda line: console.print(line, markup=False))
        counted = figures(stage)
        problems = list(world.cloud.problems)
    console.print(_table(results))
    for problem in problems:
        console.print(f"local cloud: {problem}", markup=False)
    held = sum(one.why is None for one in results)
    console.print(f"{held} of {len(results)} held, {time.monotonic() - began:.1f} s in all\n")
    print(json.dumps(counted))
    good = held == len(results) and not any(counted[name] for name in ("duplicates", "lost", "stray_dead_letters"))
    return 0 if good else 1


def _warm_up(world: World) -> None:
    """While the first scenes play for AWS, start the functions of the partners that come later."""
    for page in world.cloud.client("lambda").get_paginator("list_functions").paginate():
        for one in page["Functions"]:
            if one["FunctionName"].removeprefix(f"cosell-{STAGE}-").startswith(_LATER):
                world.cloud.functions.warm(one["FunctionName"])


def _table(results: Sequence[Played]) -> Table:
    table = Table(title="The main job")
    for heading in ("", "Scene", "Held", "Seconds", "Executions"):
        table.add_column(heading, justify="left" if heading == "Scene" else "right")
    for one in results:
        held = "yes" if one.why is None else "NO"
        table.add_row(str(one.scene.number), one.scene.title, held, f"{one.seconds:.1f}", str(one.executions))
    return table


def _executions_file() -> Path:
    folder = Path(".sandbox")
    folder.mkdir(exist_ok=True)
    path = folder / "executions.jsonl"
    path.unlink(missing_ok=True)
    return path
