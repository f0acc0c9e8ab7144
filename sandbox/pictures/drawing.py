"""Boxes and arrows in one style, and Graphviz (as WebAssembly, from npm) that draws them.

Boxes have a fixed width that leaves room: Graphviz measures by one font, and a reader's browser may have a wider one.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

type Graph = dict[str, Any]

_FONT = "Helvetica"
_FONTS = "-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
INK, LINE, PAPER = "#1b2733", "#7b8a99", "#ffffff"
COLOURS: Mapping[str, tuple[str, str, str]] = {
    "vendor": ("#22303d", "#22303d", "#ffffff"),
    "queue": ("#fdeaf1", "#b83b6b", INK),
    "function": ("#fdeede", "#bd6a1c", INK),
    "machine": ("#ede7fb", "#6b4fb3", INK),
    "table": ("#e3eefc", "#2f66b3", INK),
    "plain": ("#f2f5f7", LINE, INK),
    "quiet": ("#fafbfc", "#c3ccd5", "#66737f"),
    "good": ("#dff3e4", "#2b8a4b", INK),
    "bad": ("#fde4e1", "#c0392b", INK),
}
"""Fill, border and text of each look."""
ROW = 0.74
"""Inches from one row to the next."""


_NODE = re.compile(r'<g id="[^"]*" class="node">.*?(?:d|points)="(?P<shape>[^"]*)".*?</g>', re.DOTALL)


class CannotDraw(Exception):
    """Graphviz did not draw; the text is what it said."""


def page(*, layout: str, **attributes: Any) -> Graph:
    """An empty graph, laid out by that engine. ``attributes`` are Graphviz's own, of the whole."""
    return {
        "layout": layout,
        "directed": True,
        "graphAttributes": {"bgcolor": PAPER, "pad": 0.2, "fontname": _FONT, "fontcolor": INK, **attributes},
        "nodeAttributes": {"shape": "box", "style": "rounded,filled", "fontname": _FONT, "fixedsize": True},
        "edgeAttributes": {
            "color": LINE,
            "penwidth": 1.1,
            "arrowsize": 0.6,
            "fontname": _FONT,
            "fontsize": 8.5,
            "fontcolor": "#53616f",
        },
        "nodes": [],
        "edges": [],
        "subgraphs": [],
    }


def box(
    name: str,
    title: str,
    note: str = "",
    *,
    look: str,
    width: float = 1.5,
    at: tuple[float, float] | None = None,
    **attributes: Any,
) -> Graph:
    """A node: a title, and below it small what it is. ``width`` in inches; ``at`` in inches and rows."""
    fill, border, ink = COLOURS[look]
    lines = note.splitlines()
    small = [f'<font point-size="8.5">{escape(line)}</font>' for line in lines]
    label = "<br/>".join([f"<b>{escape(title)}</b>"] * bool(title) + small)
    shown = {
        "label": {"html": label},
        "fillcolor": fill,
        "color": border,
        "fontcolor": ink,
        "fontsize": 10.5,
        "width": width,
        "height": 0.34 + 0.14 * (len(lines) - (not title)),
    }
    if at is not None:
        shown["pos"] = _position(*at)
    return {"name": name, "attributes": shown | attributes}


def point(name: str, x: float, y: float) -> Graph:
    """An end of arrows that is not seen itself."""
    shown = {"shape": "point", "width": 0.01, "height": 0.01, "style": "invis", "label": "", "pos": _position(x, y)}
    return {"name": name, "attributes": shown}


def frame(title: str, x: tuple[float, float], y: tuple[float, float]) -> Graph:
    """A frame from x to x and row to row, with a title on top. To be drawn before what stands in it."""
    shown = {
        "label": {"html": f'<font point-size="5"> </font><br/><b>{escape(title)}</b>'},
        "labelloc": "t",
        "fontsize": 10,
        "fontcolor": "#53616f",
        "color": "#cfd8df",
        "fillcolor": "#f7f9fa",
        "width": x[1] - x[0],
        "height": (y[1] - y[0]) * ROW,
        "pos": _position(sum(x) / 2, sum(y) / 2),
    }
    return {"name": "frame", "attributes": shown}


def arrow(tail: str, head: str, **attributes: Any) -> Graph:
    """An arrow."""
    return {"tail": tail, "head": head, "attributes": attributes}


def _position(x: float, y: float) -> str:
    return f"{x * 72:.1f},{-y * ROW * 72:.1f}"


def draw(graph: Graph) -> str:
    """The graph as SVG; the same graph gives the same text."""
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("draw.mjs"))],  # noqa: S607
        input=json.dumps(graph),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise CannotDraw(done.stderr or "Graphviz wrote nothing")
    return _centred(done.stdout.replace(f'font-family="{_FONT},sans-Serif"', f'font-family="{_FONTS}"'))


def _centred(svg: str) -> str:
    """With every text in the middle of its box: Graphviz places its beginning, by the widths of one font."""
    return _NODE.sub(_centre, svg)


def _centre(node: re.Match[str]) -> str:
    corners = [float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", node["shape"])]
    middle = (min(corners) + max(corners)) / 2
    return re.sub(r'text-anchor="start" x="[^"]*"', f'text-anchor="middle" x="{middle:.2f}"', node[0])
