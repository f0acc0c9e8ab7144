"""What a handler does to the ledger, read from the code: handler → adapter's methods → DynamoDB actions.

The local cloud asks no role, so a permission that is missing is found in production only; hence from the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADAPTERS = ROOT / "lambdas/shared/adapters/ledger"
# Methods of `Table`, and the entries of a transaction, which needs the action of each entry.
ACTIONS = {
    "get": "GetItem",
    "batch_get": "BatchGetItem",
    "query": "Query",
    "scan": "Scan",
    "put": "PutItem",
    "putting": "PutItem",
    "update": "UpdateItem",
    "updating": "UpdateItem",
    "delete": "DeleteItem",
    "deleting": "DeleteItem",
}
HARMLESS = {"transact", "name"}
# Collaborators of the handlers by name, those of other tables left out.
ON_THE_LEDGER = {
    "audit": "Audit",
    "links": "Links",
    "_links": "Links",
    "origins": "Origins",
    "base": "Base",
    "quota": "WriteQuota",
    "watermarks": "Watermarks",
    "invitations": "Invitations",
    "leases": "Leases",
    "quarantine": "Quarantine",
    "seen": "Seen",
    "submissions": "Submissions",
    "cache": "SolutionCache",
    "census": "Census",
    "subjects": "Subjects",
    "forgets": "Forgets",
}


def actions_of(handler: str) -> dict[str, set[str]]:
    """Collaborator to ``dynamodb:`` actions, for a handler's dotted name and the handler modules that it imports."""
    needed: dict[str, set[str]] = {}
    for name, method in _calls(handler.rpartition(".")[0], set()):
        needed.setdefault(name, set()).update(reached(ON_THE_LEDGER[name], method, frozenset()))
    return needed


def _calls(module: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    if module in seen:
        return
    seen.add(module)
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = _last_name(node.value)
            if owner in ON_THE_LEDGER and node.attr in _methods(ON_THE_LEDGER[owner]):
                yield owner, node.attr
        if isinstance(node, ast.ImportFrom) and node.module and ".handlers." in node.module:
            yield from _calls(node.module, seen)


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def reached(kind: str, method: str, on_the_way: frozenset[str]) -> set[str]:
    """The actions of a class's method and of what it calls on itself."""
    if method in on_the_way:
        return set()
    found: set[str] = set()
    for node in ast.walk(_methods(kind)[method]):
        if not isinstance(node, ast.Attribute):
            continue
        if _last_name(node.value) == "_table":
            assert node.attr in ACTIONS or node.attr in HARMLESS, f"{kind}.{method} uses _table.{node.attr}"
            found |= {f"dynamodb:{ACTIONS[node.attr]}"} if node.attr in ACTIONS else set()
        elif isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in _methods(kind):
            found |= reached(kind, node.attr, on_the_way | {method})
    return found


@cache
def _methods(kind: str) -> Mapping[str, ast.FunctionDef]:
    """A class's methods, inherited ones too."""
    node = _classes()[kind]
    inherited: dict[str, ast.FunctionDef] = {}
    for base in reversed(node.bases):
        if isinstance(base, ast.Name) and base.id in _classes():
            inherited |= _methods(base.id)
    return inherited | {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}


@cache
def _classes() -> Mapping[str, ast.ClassDef]:
    files = (*sorted(ADAPTERS.glob("*.py")), ROOT / "lambdas/aws/adapters/solution_cache.py")
    trees = [ast.parse(path.read_text()) for path in files]
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}
