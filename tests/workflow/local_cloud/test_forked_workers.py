"""What workers are forked with differs from a start of their own in nothing but time."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import hooks

from sandbox.local_cloud import worker
from sandbox.local_cloud.nursery import QUIET

ROOT = Path(__file__).parents[3]
READING = {"environ", "getenv"}
QUIET_TOO = {"lambdas.shared.errors", "lambdas.shared.clock"}


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What is run when a module is imported: all but the bodies of functions and what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (part for each in (child.args, *child.decorator_list) for part in ast.walk(each))
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from at_import(child)


def wrong_in(source: str) -> list[str]:
    """Where a module would read the environment when it is imported, or bring a module of ours that may."""
    nodes = list(at_import(ast.parse(source)))
    named = [each.attr if isinstance(each, ast.Attribute) else each.id for each in nodes if _is_name(each)]
    imported = [str(each.module) for each in nodes if isinstance(each, ast.ImportFrom)]
    imported += [alias.name for each in nodes if isinstance(each, ast.Import) for alias in each.names]
    ours = [each for each in imported if each.startswith("lambdas.") and each not in QUIET_TOO]
    quiet = ("domain", "adapters")
    return sorted(READING & set(named)) + [
        each for each in ours if each.split(".")[2:3] not in ([one] for one in quiet)
    ]


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, (ast.Attribute, ast.Name))


@pytest.mark.parametrize("pattern", QUIET)
def test_modules_that_a_worker_is_forked_with_only_define(pattern: str) -> None:
    found = {path: wrong_in(path.read_text()) for path in ROOT.glob(pattern)}
    assert len(found) > 50
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("import os\nHOME = os.environ['HOME']", ["environ"]),
        ("def read(where=os.getenv('X')): pass", ["getenv"]),
        ("class One:\n    home = os.environ", ["environ"]),
        ("from lambdas.shared.runtime import logger", ["lambdas.shared.runtime"]),
        ("import lambdas.aws.wiring", ["lambdas.aws.wiring"]),
        ("def read(): return os.environ", []),
        ("from lambdas.shared.adapters.http import JsonApi", []),
        ("if TYPE_CHECKING:\n    from lambdas.shared.room import Room", []),
    ],
)
def test_what_is_read_or_brought_at_import_is_seen(line: str, wrong: list[str]) -> None:
    assert wrong_in(line) == wrong


def remembering() -> types.ModuleType:
    """The SDK's module of events as a nursery leaves it; the one that this process uses stays as it is."""
    mended = types.ModuleType("hooks")
    vars(mended).update(vars(hooks), EventAliaser=type("EventAliaser", (hooks.EventAliaser,), {}))
    worker._remember_events(mended)
    return mended


def test_an_event_has_the_name_and_a_handler_the_answer_that_the_sdk_gives() -> None:
    mended = remembering()
    of_aws = (
        "before-call.dynamodb.PutItem",
        "before-parameter-build.autoscaling.CreateLaunchConfiguration",
        "x.cloudfront",
    )
    for name in of_aws:
        wanted = hooks.EventAliaser(hooks.HierarchicalEmitter())._alias_event_name(name)
        for _ in range(2):
            assert mended.EventAliaser(hooks.HierarchicalEmitter())._alias_event_name(name) == wanted
    own = mended.EventAliaser(hooks.HierarchicalEmitter(), {"dynamodb": "elsewhere"})
    assert own._alias_event_name("before-call.dynamodb.PutItem") == "before-call.elsewhere.PutItem"
    for handler in (lambda **_named: None, lambda named: named, [].append, worker.Context):
        for _ in range(2):
            assert mended.accepts_kwargs(handler) == hooks.accepts_kwargs(handler)


def test_names_are_worked_out_once_for_all_sessions() -> None:
    mended = remembering()
    one, other = (mended.EventAliaser(hooks.HierarchicalEmitter()) for _ in range(2))
    one._alias_event_name("before-call.sqs.SendMessage")
    assert "before-call.sqs.SendMessage" in other._alias_name_cache
