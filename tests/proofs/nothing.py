"""A plugin of pytest (``-p tests.proofs.nothing``): the code that ``COSELL_NOTHING`` names does nothing.

It stands in ``sys.meta_path`` and compiles those files another way: the function that a handler gives to
``entry_point`` answers ``{}`` and has no effect; of a command, and of a handler that is a table of routes, all public
functions. Everything else is as it is. Only what runs in pytest's own process is reached: such tests prove features.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypeGuard

VARIABLE = "COSELL_NOTHING"
_NOT_WORK = ("add",)  # says a command's arguments


class _Emptied(SourceFileLoader):
    """Loads a file whose work is taken out; never from bytecode, which holds the work."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(emptied(self.get_data(path), Path(path).stem), path, "exec", dont_inherit=True)


class _Finder:
    def __init__(self, files: Sequence[Path]) -> None:
        self._files = frozenset(files)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] not in ("lambdas", "cli"):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None or Path(spec.origin) not in self._files:
            return None
        spec.loader = _Emptied(name, spec.origin)
        return spec


def emptied(source: bytes, name: str) -> ast.Module:
    """The module with its work taken out. ValueError when there is none to take out."""
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    entry_points = [node for node in ast.walk(tree) if _is_entry_point(node)]
    given = {call.args[0].id for call in entry_points if isinstance(call.args[0], ast.Name)} & set(functions)
    # A command, or a handler that is a table of routes: whatever others may call.
    wanted = given or {one for one in functions if one not in _NOT_WORK and not one.startswith("_")}
    if not wanted:
        raise ValueError(f"{name} has no function to take the work out of")
    for one in wanted:
        functions[one].body = [ast.Return(ast.Dict([], []) if entry_points else ast.Constant(0))]
    return ast.fix_missing_locations(tree)


def _is_entry_point(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "entry_point"


if os.environ.get(VARIABLE):
    sys.meta_path.insert(0, _Finder([Path(one).resolve() for one in os.environ[VARIABLE].split(os.pathsep)]))
