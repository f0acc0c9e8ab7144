"""Builds the wheel: the rooms of the repository as subpackages of the one package ``cosell_sync``.

In the repository the rooms (``constructs_lib``, ``stacks``, …) lie side by side and import each other by these names,
which are also those that the deployed functions know. In somebody else's site-packages such names would be in the way.
So the build places each room under ``cosell_sync`` and writes its imports of our own rooms anew, line by line the same;
what is read as data goes to ``cosell_sync/_data`` as it is. Nothing else differs between a checkout and the wheel.

setuptools finds this module by its path (``[tool.setuptools.cmdclass]``), so it imports nothing of ours.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools.command.build_py import build_py

PACKAGE = "cosell_sync"
ROOMS = ("cli", "config", "constructs_lib", "lambdas", "sandbox", "stacks")
# By a turned clock, in one process and with fakes: what tests and the fault matrix need, and nobody who deploys.
LEFT_OUT = (
    "sandbox/fakes",
    "sandbox/turned",
    "sandbox/faults_matrix",
    "sandbox/pictures",
    "stacks/permissions.py",
    "config/schemas",
)
PLACED = (".css", ".html", ".js", ".json", ".py")
DATA = (
    "lambdas/**/*.py",
    "statemachines/*.json",
    "requirements/lambda.txt",
    "requirements/microsoft.txt",
    "requirements/google.txt",
    "config/*.yaml",
    "config/schemas/*.json",
    "hubspot_app/**/*.json",
    "examples/**/*.py",
    "examples/**/*.yaml",
    "examples/**/*.json",
    "examples/**/README.md",
)
BUILDER = "distribution/place_rooms.py"


class PlaceRooms(build_py):
    """``build_py``, with the rooms placed. An editable install has nothing to place: it points at the repository."""

    def run(self) -> None:
        """Fill the build folder anew: what an earlier build left there would get into the wheel."""
        if self.editable_mode:
            super().run()
            return
        target = Path(str(self.build_lib)) / PACKAGE
        shutil.rmtree(target, ignore_errors=True)
        place(Path.cwd(), target)

    def get_source_files(self) -> list[str]:
        """What the sdist holds, so that the same wheel can be built from it."""
        root = Path.cwd()
        return [str(path.relative_to(root)) for path in (*_package(root), *_placed(root), *_data(root), root / BUILDER)]


def place(root: Path, target: Path) -> None:
    """Write the package into ``target``, from the repository ``root``."""
    for path in _package(root):
        _write(path, target / path.relative_to(root / PACKAGE))
    for path in _placed(root):
        _write(path, target / path.relative_to(root))
    for path in _data(root):
        _copy(path, target / "_data" / path.relative_to(root))


def rewritten(source: str, name: str) -> str:
    """Source text with imports of our rooms as imports of our subpackages; every line stays where it is.

    Raises:
        ValueError: an import is in a form that cannot be written so; the message names file and line.
    """
    lines = source.encode().splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_ours(str(node.module)):
            old, new = f"from {node.module} ", f"from {PACKAGE}.{node.module} "
        elif isinstance(node, ast.Import) and any(_is_ours(alias.name) for alias in node.names):
            old = ast.unparse(node)
            if len(node.names) > 1 or "." in node.names[0].name:
                raise ValueError(f"{name}:{node.lineno}: {old!r}: write it as `from … import …`")
            new = f"from {PACKAGE} {old}"
        else:
            continue
        line, begin = lines[node.lineno - 1], node.col_offset
        if not line[begin:].startswith(old.encode()):
            raise ValueError(f"{name}:{node.lineno}: {old!r} is expected here")
        lines[node.lineno - 1] = line[:begin] + new.encode() + line[begin + len(old.encode()) :]
    return b"".join(lines).decode()


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in ROOMS


def _package(root: Path) -> Iterator[Path]:
    return _files(root / PACKAGE, "**/*")


def _placed(root: Path) -> Iterator[Path]:
    """The rooms' modules, and what lies beside them for the modules themselves to read."""
    for room in ROOMS:
        for path in _files(root / room, "**/*"):
            if path.suffix in PLACED and not any(path.is_relative_to(root / each) for each in LEFT_OUT):
                yield path


def _data(root: Path) -> Iterator[Path]:
    for pattern in DATA:
        yield from _files(root, pattern)


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    found = (path for path in folder.glob(pattern) if path.is_file())
    return iter(sorted(path for path in found if "__pycache__" not in path.parts))


def _write(path: Path, target: Path) -> None:
    if path.suffix not in (".py", ".pyi"):
        _copy(path, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(rewritten(path.read_text("utf-8"), str(path)), "utf-8")


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
