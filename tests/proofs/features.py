"""README's table of features, read as it stands: what there is, which code does it, which test proves it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADING = ("Feature", "Done by", "Proven by")
_CODE = re.compile(r"`([^`]+)`")


class NotAFeature(Exception):
    """A row of the table that cannot be proven as it is written; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One row. ``modules`` are files of code, relative to the root, each with the function of its own name; ``test`` is
    pytest's name of one test function."""

    title: str
    modules: tuple[str, ...]
    test: str


def read_features(text: str, root: Path = ROOT) -> list[Feature]:
    """The rows of every table whose heading is ``HEADING``.

    Raises:
        NotAFeature: a row names code or a test that is not there, or not exactly one test.
    """
    found, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if tuple(cells) == HEADING:
            inside = True
        elif not cells:
            inside = False
        elif inside and not set(line) <= set("|-: "):
            found.append(_feature(cells, root))
    return found


def _feature(cells: list[str], root: Path) -> Feature:
    title, done_by, proven_by = cells
    names, tests = _CODE.findall(done_by), _CODE.findall(proven_by)
    if not names or len(tests) != 1:
        raise NotAFeature(
            f"{title!r}: names {len(names)} pieces of code (one or more wanted) and {len(tests)} tests (one)"
        )
    _check_test(title, tests[0], root)
    return Feature(title, tuple(_module(title, name, root) for name in names), tests[0])


def _module(title: str, name: str, root: Path) -> str:
    """``receive_webhook`` is a handler of some room, ``cosell dlq`` a command."""
    pattern = f"cli/{name.split()[1]}.py" if name.startswith("cosell ") else f"lambdas/*/handlers/{name}.py"
    found = sorted(str(path.relative_to(root)) for path in root.glob(pattern))
    if len(found) != 1:
        raise NotAFeature(f"{title!r}: {name!r} is {len(found)} files ({pattern}), one wanted")
    return found[0]


def _check_test(title: str, test: str, root: Path) -> None:
    path, _, function = test.partition("::")
    file = root / path
    if not function or not file.is_file():
        raise NotAFeature(f"{title!r}: {test!r} is no test function of a file that is there")
    defined = {one.name for one in ast.parse(file.read_text()).body if isinstance(one, ast.FunctionDef)}
    if function not in defined:
        raise NotAFeature(f"{title!r}: {path} has no test {function!r}")
