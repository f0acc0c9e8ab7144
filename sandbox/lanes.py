"""``make demo``: the scenes in two worlds at once, told and counted as one performance.

A lane is a process with a world of its own, so its scenes meet each other and nobody else's: each may still turn the
whole world upside down (scene 7 shuffles every webhook, scene 8 shortens a queue's time) and wait for quiet everywhere.
Two cores are kept busy where one lane's scenes mostly wait. The lanes tell what happens; `Programme` shows it scene by
scene in their order, and the figures of the worlds add up.
"""

from __future__ import annotations

import functools
import json
import multiprocessing
import operator
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.table import Table

from sandbox.assembly import STAGE, sandbox_assembly
from sandbox.demo import Played, Tally, play
from sandbox.local_cloud.nursery import CAN_FORK
from sandbox.scenarios import SCENES, Scene, Stage
from sandbox.vendors import CATALOG
from sandbox.world import Options, World

# Without a fork everything is imported twice; elsewhere than on Linux it is not safe.
_PROCESSES = multiprocessing.get_context("fork") if CAN_FORK else multiprocessing.get_context("spawn")
_FOLDER = Path(".sandbox")


@dataclass(frozen=True)
class Lane:
    """Scenes, by number and in this order, for one world. ``ahead``: whose functions start before they are asked for,
    by the beginning of their names."""

    numbers: tuple[int, ...]
    ahead: tuple[str, ...] = ()

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes themselves."""
        by_number = {scene.number: scene for scene in SCENES}
        return tuple(by_number[number] for number in self.numbers)


# As even as their waits allow; all of Microsoft's and Google's in one, so that only one world starts their functions.
LANES = (
    Lane((1, 2, 3, 4, 5, 6, 7, 8, 13, 17)),
    Lane((9, 10, 11, 12, 14, 15, 16), ahead=("microsoft-", "google-")),
)


@dataclass(frozen=True)
class Line:
    """What a lane says, for the scene that it plays or is about to play."""

    text: str


@dataclass(frozen=True)
class Over:
    """How a lane ended: what its world counted, and what went wrong in the local cloud's own threads."""

    tally: Tally
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Broke:
    """A lane ended before its time; ``why`` is the traceback."""

    why: str


Told = Line | Played | Over | Broke
PlayLane = Callable[[Lane, Callable[[Told], None]], None]


@dataclass
class Performance:
    """What came of all lanes. ``results`` are in the order of the scenes; a lane that broke has played fewer."""

    results: list[Played] = field(default_factory=list)
    over: list[Over] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def tally(self) -> Tally:
        """The sum over all worlds."""
        return functools.reduce(operator.add, (one.tally for one in self.over))


class Programme:
    """Shows lines scene by scene: those of the scene that is on as they come, those of later ones when their turn is.

    A scene's turn is when every scene with a smaller number is over.
    """

    def __init__(self, numbers: Sequence[int], show: Callable[[str], None]) -> None:
        self._left = sorted(numbers)
        self._show = show
        self._kept: defaultdict[int, list[str]] = defaultdict(list)
        self._over: set[int] = set()

    def line(self, number: int, text: str) -> None:
        """A line of that scene."""
        if self._left and number == self._left[0]:
            self._show(text)
        else:
            self._kept[number].append(text)

    def over(self, number: int) -> None:
        """That scene has no more lines."""
        self._over.add(number)
        while self._left and self._left[0] in self._over:
            del self._left[0]
            for text in self._kept.pop(self._left[0], []) if self._left else []:
                self._show(text)


def play_lane(lane: Lane, tell: Callable[[Told], None]) -> None:
    """Start a world, play the lane's scenes in it, and tell."""
    began = time.monotonic()
    with World(Options(executions_file=_executions_file(lane))) as world:
        tell(Line(_opening(lane, world, time.monotonic() - began)))
        threading.Thread(target=_warm_up, args=(world, lane.ahead), daemon=True, name="warm-up").start()
        stage = Stage(world)
        play(stage, lane.scenes, show=lambda line: tell(Line(line)), over=tell)
        over = Over(Tally.of(stage), tuple(world.cloud.problems))
    tell(over)


def perform(lanes: Sequence[Lane], show: Callable[[str], None], play_one: PlayLane = play_lane) -> Performance:
    """Play all lanes at once, each in a process of its own, and show their scenes in order."""
    came, programme = Performance(), Programme([number for lane in lanes for number in lane.numbers], show)
    left: dict[Connection, list[int]] = {}
    processes = []
    for lane in lanes:
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=_in_process, args=(lane, play_one, ours, theirs), daemon=False)
        process.start()
        theirs.close()  # before the next fork inherits it: the end of a process is the end of its pipe
        left[ours] = list(lane.numbers)
        processes.append(process)
    while left:
        for pipe in wait(list(left)):
            pipe = cast(Connection, pipe)
            numbers = left[pipe]
            try:
                told = pipe.recv()
            except EOFError:
                for number in numbers:  # of a lane that broke
                    programme.over(number)
                del left[pipe]
                continue
            _take(told, numbers, programme, came)
    for process in processes:
        process.join()
    came.results.sort(key=lambda played: played.scene.number)
    return came


def _take(told: Told, numbers: list[int], programme: Programme, came: Performance) -> None:
    match told:
        case Line(text):
            programme.line(numbers[0], text)
        case Played():
            came.results.append(told)
            programme.over(numbers.pop(0))
        case Over():
            came.over.append(told)
        case Broke(why):
            came.broken.append(why)


def _in_process(lane: Lane, play_one: PlayLane, theirs: Connection, ours: Connection) -> None:
    theirs.close()  # else nobody would notice that the audience has left
    try:
        play_one(lane, ours.send)
    except Exception:
        ours.send(Broke(traceback.format_exc()))
    finally:
        ours.close()


def run() -> int:
    """``make demo``: 0 when every scene held."""
    console = Console(soft_wrap=True, highlight=False)
    began = time.monotonic()
    sandbox_assembly()  # once, before two worlds look for it
    _FOLDER.mkdir(exist_ok=True)
    came = perform(LANES, lambda line: console.print(line, markup=False))
    _join_executions()
    console.print(_table(came.results))
    for trouble in (*came.broken, *(f"local cloud: {problem}" for over in came.over for problem in over.problems)):
        console.print(trouble, markup=False)
    held = sum(one.why is None for one in came.results)
    console.print(f"{held} of {len(SCENES)} held, {time.monotonic() - began:.1f} s in all\n")
    if came.broken:
        return 1
    counted = came.tally.as_dict()
    print(json.dumps(counted))
    good = held == len(SCENES) and not any(counted[name] for name in ("duplicates", "lost", "stray_dead_letters"))
    return 0 if good else 1


def _opening(lane: Lane, world: World, seconds: float) -> str:
    return (
        f"Scenes {', '.join(map(str, lane.numbers))}: local cloud at {world.cloud.endpoint}. "
        f"Four simulated vendors: HubSpot at {world.hubspot_server.url}, "
        f"AWS Partner Central at {world.central_server.url} (catalog {CATALOG}), Microsoft Partner Center at "
        f"{world.microsoft_server.url}, Google at {world.google_server.url}. {len(world.outputs)} outputs of the "
        f"deployed stacks; {len(world.properties.created)} HubSpot properties created. {seconds:.1f} s"
    )


def _warm_up(world: World, ahead: tuple[str, ...]) -> None:
    """While the first scenes play for AWS, start the functions of the partners that come later."""
    if not ahead:
        return
    for page in world.cloud.client("lambda").get_paginator("list_functions").paginate():
        for one in page["Functions"]:
            if one["FunctionName"].removeprefix(f"cosell-{STAGE}-").startswith(ahead):
                world.cloud.functions.warm(one["FunctionName"])


def _table(results: Sequence[Played]) -> Table:
    table = Table(title="The main job")
    for heading in ("", "Scene", "Held", "Seconds", "Executions"):
        table.add_column(heading, justify="left" if heading == "Scene" else "right")
    for one in results:
        held = "yes" if one.why is None else "NO"
        table.add_row(str(one.scene.number), one.scene.title, held, f"{one.seconds:.1f}", str(one.executions))
    return table


def _executions_file(lane: Lane) -> Path:
    """Where every execution of the lane's world is written as a JSON line."""
    path = _FOLDER / f"executions-from-{lane.numbers[0]}.jsonl"
    path.unlink(missing_ok=True)
    return path


def _join_executions() -> None:
    """One file of all worlds, lane after lane: ``executions.jsonl``."""
    with (_FOLDER / "executions.jsonl").open("w") as joined:
        for lane in LANES:
            part = _FOLDER / f"executions-from-{lane.numbers[0]}.jsonl"
            if part.exists():  # a lane that broke early has none
                joined.write(part.read_text())
                part.unlink()
