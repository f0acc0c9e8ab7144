"""The architecture as a graph: every resource of the templates in its place, and their flows as arrows.

A resource that has no place yet is an error and not a gap in the picture. What all rows of partners have alike is one
arrow of the frame around them; which further flows are not drawn, and why, says `_UNDRAWN`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from sandbox.pictures.drawing import Graph, arrow, box, frame, page, point
from sandbox.pictures.places import (
    FIXED,
    FRAME,
    LEFT_OUT,
    SAYS,
    THEIRS,
    TITLE_ROW,
    VENDORS,
    Place,
    kept_below,
    rows_of,
)
from sandbox.pictures.resources import Deployed, Resource

type Flow = tuple[str, str]

_WORDS = {
    "AWS::ApiGateway::RestApi": ("API Gateway", "API Gateways"),
    "AWS::Events::EventBus": ("EventBridge", "EventBridge"),
    "AWS::Scheduler::Schedule": ("schedule", "schedules"),
    "AWS::SQS::Queue": ("SQS", "SQS"),
    "AWS::Pipes::Pipe": ("Pipe", "Pipes"),
    "AWS::StepFunctions::StateMachine": ("Express", "Express"),
    "AWS::Lambda::Function": ("Lambda", "Lambdas"),
    "AWS::DynamoDB::Table": ("DynamoDB", "DynamoDB"),
    "AWS::S3::Bucket": ("S3 Object Lock", "S3"),
    "AWS::SNS::Topic": ("SNS", "SNS"),
}
"""What one and several of a kind are called, in the order in which a box names them."""
_CHAIN = ("AWS::SQS::Queue", "AWS::Pipes::Pipe", "AWS::StepFunctions::StateMachine")
_LINE = 20
"""How long a line in a box gets, about."""
_FRAME = "frame"
_ONE_BY_ONE = ("router", "events")
"""Whose arrows go to the inboxes; all others' go to the frame."""
_UNDRAWN = {
    f"(?!{_FRAME}|dead).*>ledger|ledger>.*": "everything reads and writes the ledger: drawn for the rows",
    f"(?!{_FRAME}).*>dead": "every queue has dead letters: drawn for the rows",
    f"(?!{_FRAME}).*>audit|audit>operator": "the rest has few records: drawn for the rows",
    "router>notices|polls>forget": "what comes back to be done later",
}
_SAID: dict[Flow, dict[str, str]] = {
    ("polls", _FRAME): {"label": "links that are due"},
}


class NoPlace(Exception):
    """A resource of the templates that the picture has no place for; the text says where to give it one."""


def architecture(deployed: Deployed) -> Graph:
    """The graph of what is deployed, every node at a fixed position."""
    return _Picture(deployed).graph()


class _Picture:
    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed
        rows = rows_of(deployed)
        self._names = list(dict.fromkeys(place.row for place in rows))
        self._last = max(place.y for place in rows)
        below = kept_below(self._last)
        self._places = {place.name: place for place in (*below[:1], *FIXED, *rows, *below[1:])}
        self._of = self._placed()
        self._held: dict[str, list[Resource]] = {name: [] for name in self._places}
        for key, name in self._of.items():
            self._held[name].append(deployed.drawn[key])

    def graph(self) -> Graph:
        graph = page(layout="nop", splines="line")
        top, bottom = TITLE_ROW - 0.42, self._last + 0.62
        graph["nodes"] += [frame("One definition, a machine for each partner", FRAME, (top, bottom))]
        for place in [one for one in self._places.values() if self._held[one.name]]:
            notes = [one for one in (place.note, _kinds(self._held[place.name])) if one]
            graph["nodes"].append(_box(place, "\n".join(notes)))
        graph["nodes"] += [_box(one.place, one.place.note) for one in SAYS]
        graph["edges"] += [arrow(one.place.name, one.to) for one in SAYS]
        for vendor, rows in self._called().items():
            graph["nodes"].append(_box(self._vendor(vendor, rows), VENDORS[vendor][1]))
        for tail, head in sorted(self._flows() | self._calls()):
            graph["nodes"] += self._corners(tail, head)
            graph["edges"].append(arrow(*self._ends(tail, head), **_SAID.get((tail, head), {})))
        return graph

    def _placed(self) -> dict[str, str]:
        """The place of each resource. A function without one of its own stands with the machine that invokes it."""
        found = {}
        for key in self._deployed.drawn:
            place = next((each for each in self._places.values() if re.match(each.holds, key)), None)
            if place is not None:
                found[key] = place.name
        first = list(self._places)
        # A function that the sync shares with what stands beside it is the sync's.
        order = sorted(first, key=lambda name: (first.index(name.replace("-more", "")), "-more" in name))
        for tail, head in sorted(
            self._deployed.flows, key=lambda flow: (order.index(found.get(flow[0], "dead")), flow)
        ):
            if head in self._deployed.drawn and head not in found and tail in found:
                found[head] = found[tail]
        left = [key for key in self._deployed.drawn if key not in found and not re.match(LEFT_OUT, key)]
        if left:
            raise NoPlace(f"no place in the picture for {', '.join(sorted(left))}: give it one in places.py")
        return found

    def _flows(self) -> set[Flow]:
        """What is drawn of the flows between places."""
        between = {
            (self._of[tail], self._of[head])
            for tail, head in self._deployed.flows
            if tail in self._of and head in self._of and self._of[tail] != self._of[head]
        }
        drawn = {
            flow for tail, head in between for flow in self._drawn(self._places[tail], self._places[head], between)
        }
        return {
            (tail, head) for tail, head in drawn if not any(re.fullmatch(one, f"{tail}>{head}") for one in _UNDRAWN)
        }

    def _drawn(self, tail: Place, head: Place, between: set[Flow]) -> Iterator[Flow]:
        if tail.row and head.row:
            if tail.row == head.row and tail.x < head.x:  # from one row to another, or back: a wake-up for later
                yield tail.name, head.name
        elif head.row:
            yield tail.name, head.name if tail.name in _ONE_BY_ONE else _FRAME
        elif tail.row:
            rows = {self._places[one].row for one, other in between if other == head.name} - {""}
            yield (_FRAME if len(rows) == len(self._names) else tail.name), head.name
        else:
            yield tail.name, head.name

    def _called(self) -> dict[str, list[str]]:
        """The rows whose functions call each vendor."""
        calls = {vendor: [] for vendor in VENDORS}
        for row in self._names:
            functions = [one for one in self._held[f"{row}-sync"] if one.kind == "AWS::Lambda::Function"]
            for vendor in set().union(*(self._deployed.vendors(one) for one in functions)):
                calls[vendor].append(row)
        return {vendor: rows for vendor, rows in calls.items() if rows}

    def _calls(self) -> set[Flow]:
        return {
            (tail, vendor)
            for vendor, rows in self._called().items()
            for tail in ([_FRAME] if len(rows) == len(self._names) else [f"{row}-sync" for row in rows])
        }

    def _vendor(self, vendor: str, rows: list[str]) -> Place:
        """Opposite its rows; the one that all call, above them."""
        y = [self._places[f"{row}-sync"].y for row in rows]
        at = TITLE_ROW if len(rows) == len(self._names) else sum(y) / len(y)
        return Place(vendor, VENDORS[vendor][0], "vendor", THEIRS, at, width=1.3)

    def _ends(self, tail: str, head: str) -> Flow:
        return (f"{_FRAME}>{head}" if tail == _FRAME else tail, f"{tail}>{_FRAME}" if head == _FRAME else head)

    def _corners(self, tail: str, head: str) -> Iterator[Graph]:
        """Where on the frame an arrow begins or ends: opposite the box at the other end."""
        name = next((one for one in self._ends(tail, head) if ">" in one), None)
        if name is None:
            return
        other = head if tail == _FRAME else tail
        place = self._places.get(other) or self._vendor(other, self._names)
        bottom = self._last + 0.62
        if FRAME[0] < place.x < FRAME[1]:
            yield point(name, place.x, bottom)
        else:
            yield point(name, FRAME[place.x > FRAME[1]], min(place.y, bottom - 0.2))


def _box(place: Place, note: str) -> Graph:
    return box(place.name, place.title, note, look=place.look, width=place.width, at=(place.x, place.y))


def _kinds(held: list[Resource]) -> str:
    """``Express, 9 Lambdas``; a queue, a Pipe and a machine of each are one chain: ``14 × SQS ▸ Pipe ▸ Express``."""
    numbers = Counter(one.kind for one in held)
    chains = {numbers[kind] for kind in _CHAIN}
    words = []
    if len(chains) == 1 and (number := chains.pop()):
        words.append((f"{number} × " if number > 1 else "") + "SQS ▸ Pipe ▸ Express")
        for kind in _CHAIN:
            del numbers[kind]
    for kind, (one, several) in _WORDS.items():
        if number := numbers[kind]:
            words.append(one if number == 1 else f"{number} {several}")
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > _LINE:
            lines.append("")
        lines[-1] += f", {word}" if lines[-1] else word
    return "\n".join(lines)
