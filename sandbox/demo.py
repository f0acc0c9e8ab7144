"""Plays the scenes in a world, shows what each did and which states its executions went through, and counts."""

from __future__ import annotations

import statistics
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.figures import count_all
from sandbox.scenarios import SCENES, Scene, Stage
from sandbox.world import NotSeen

_UNSHOWN = {"Read the wake-up", "Take the lease", "Did both answer", "What is to be done", "Is it settled", "Done"}


@dataclass
class Played:
    """How one scene went. ``why`` says what did not hold."""

    scene: Scene
    seconds: float
    said: list[str] = field(default_factory=list)
    executions: int = 0
    why: str | None = None


def play(
    stage: Stage,
    scenes: Sequence[Scene] = SCENES,
    show: Callable[[str], None] = print,
    over: Callable[[Played], None] = lambda _played: None,
) -> list[Played]:
    """Play the scenes one after another, each ``over`` in its turn; one that does not hold ends only itself."""
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
        over(played)
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


@dataclass(frozen=True)
class Tally:
    """What a world holds after the performance, counted in the four vendors, not in our own books. Tallies of several
    worlds add up."""

    counts: Counter[str]
    at: Counter[str]
    times_ms: tuple[float, ...]

    @classmethod
    def of(cls, stage: Stage) -> Tally:
        """The tally of the stage's world."""
        world = stage.world
        held = count_all(world, stage.deals)
        letters = world.dead_letters().newest()
        counts = {
            "deals": len(stage.deals),
            "opportunities": sum(one.records for one in held),
            "duplicates": sum(one.duplicates for one in held),
            "lost": sum(len(one.lost) for one in held),
            "dead_lettered": len(letters),
            "stray_dead_letters": sum(letter.link not in stage.poisoned for letter in letters),
            "replayed": sum(letter.state == "replayed" for letter in letters),
            "executions": len(world.cloud.executions()),
            "failed_executions": len(world.cloud.executions(status="FAILED")),
        }
        return cls(Counter(counts), Counter({one.partner: one.records for one in held}), tuple(stage.times_ms))

    def __add__(self, other: Tally) -> Tally:
        counts, at = self.counts.copy(), self.at.copy()
        counts.update(other.counts)  # Counter's own + leaves out what is zero
        at.update(other.at)
        return Tally(counts, at, self.times_ms + other.times_ms)

    def as_dict(self) -> dict[str, Any]:
        """The figures of the JSON line, milliseconds where the name says so."""
        times = sorted(self.times_ms)
        counts = dict(self.counts)
        return {
            "deals": counts.pop("deals"),
            "opportunities": counts.pop("opportunities"),
            "at": dict(self.at),
            **counts,
            "p50_ms": round(statistics.median(times)) if times else None,
            "p95_ms": round(times[min(len(times) - 1, round(0.95 * (len(times) - 1)))]) if times else None,
        }


def figures(stage: Stage) -> dict[str, Any]:
    """The figures of one world."""
    return Tally.of(stage).as_dict()
