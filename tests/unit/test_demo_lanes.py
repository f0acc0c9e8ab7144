"""The demo's lanes: one performance told in the order of the scenes, whatever comes first, and counted as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from sandbox.demo import Played, Tally
from sandbox.lanes import LANES, Lane, Line, Over, Programme, Told, perform
from sandbox.scenarios import SCENES


def _tally(**counts: int) -> Tally:
    return Tally(Counter(counts), Counter({"aws": counts["opportunities"]}), (10.0 * counts["deals"],))


def _play(lane: Lane, tell: Callable[[Told], None]) -> None:
    """A lane without a world."""
    for scene in lane.scenes:
        tell(Line(f"{scene.number} begins"))
        tell(Played(scene, 0.1))
    tell(Over(_tally(deals=len(lane.numbers), opportunities=1, lost=0), ()))


def _play_until_it_breaks(lane: Lane, tell: Callable[[Told], None]) -> None:
    if 2 in lane.numbers:
        tell(Line("2 begins"))
        raise RuntimeError("no port is free")
    _play(lane, tell)


def test_every_scene_is_played_once() -> None:
    assert sorted(number for lane in LANES for number in lane.numbers) == [scene.number for scene in SCENES]


def test_lines_of_later_scenes_wait_for_their_turn() -> None:
    shown: list[str] = []
    programme = Programme([1, 2, 3], shown.append)
    programme.line(2, "b1")
    programme.line(1, "a1")
    programme.over(2)
    programme.line(3, "c1")
    assert shown == ["a1"]
    programme.line(1, "a2")
    programme.over(1)
    assert shown == ["a1", "a2", "b1", "c1"]
    programme.line(3, "c2")
    programme.over(3)
    assert shown == ["a1", "a2", "b1", "c1", "c2"]


def test_lanes_are_one_performance() -> None:
    shown: list[str] = []
    came = perform([Lane((1, 4)), Lane((2, 3))], shown.append, _play)
    assert shown == [f"{number} begins" for number in (1, 2, 3, 4)]
    assert [one.scene.number for one in came.results] == [1, 2, 3, 4]
    assert came.tally.as_dict() == {
        "deals": 4,
        "opportunities": 2,
        "at": {"aws": 2},
        "lost": 0,
        "p50_ms": 20,
        "p95_ms": 20,
    }
    assert came.broken == []


def test_a_lane_that_breaks_is_told_and_holds_up_no_other() -> None:
    shown: list[str] = []
    came = perform([Lane((1, 4)), Lane((2, 3))], shown.append, _play_until_it_breaks)
    assert shown == ["1 begins", "2 begins", "4 begins"]
    assert [one.scene.number for one in came.results] == [1, 4]
    assert len(came.over) == 1
    assert "no port is free" in came.broken[0]


@pytest.mark.parametrize("times", [(), (5.0, 1.0, 3.0)])
def test_times_of_several_worlds_are_ranked_together(times: tuple[float, ...]) -> None:
    summed = Tally(Counter(deals=0, opportunities=0), Counter(), times[:1]) + Tally(
        Counter(deals=0, opportunities=0), Counter(), times[1:]
    )
    found = summed.as_dict()
    assert (found["p50_ms"], found["p95_ms"]) == ((3, 5) if times else (None, None))
