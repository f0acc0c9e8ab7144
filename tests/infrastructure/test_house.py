"""What ``make lint`` runs is run here too: CI runs the tests, and so checks the same. And nothing grows unseen."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ROOMS = ("lambdas", "constructs_lib", "stacks", "config", "cli", "cosell_sync", "distribution")
LONGEST_FILE, LONGEST_FUNCTION = 320, 50
LONGEST_ANYWHERE = 400
# Each with the reason why it is not two. What is no longer too long has to go from here.
LONG_FILES = {
    "config/meanings.py": "a table: a line for each key of the configuration",
    "lambdas/shared/domain/dead_letters.py": "one table of what each dead letter means, and its reading",
}
LONG_FUNCTIONS = {
    "stacks/cosell_stage.py:__init__": "a list: which stack gets what",
    "stacks/seeing_stack.py:__init__": "a list: which dashboard gets what",
}
IGNORE = re.compile(r"#\s*(pyrefly|type|pyright|ty|mypy|zuban): *ignore(\[[a-z-]+\])?(.*)")


def _lint() -> list[str]:
    """The commands of ``make lint``, as a shell at the root would be told them."""
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    return [line.removeprefix("\t@").replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]


def _run(command: str, *more: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = command.split()
    return subprocess.run(
        [str(BIN / Path(program).name), *arguments, *more], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", _lint())
def test_style_types_and_imports_are_as_agreed(command: str) -> None:
    done = _run(command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_lint_runs_each_kind_of_check() -> None:
    programs = [Path(command.split()[0]).name for command in _lint()]
    assert programs == ["ruff", "ruff", "pyrefly", "lint-imports"]


def test_ci_and_check_run_what_a_person_runs() -> None:
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("\nexec make test")
    assert re.search(r"^check: lint test\b", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_hooks_before_a_commit_are_the_commands_of_lint() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [each["repo"] for each in repositories] == ["local"]
    hooks = repositories[0]["hooks"]
    assert [hook["entry"] for hook in hooks] == _lint()
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in hooks)
    assert [hook["entry"] for hook in hooks if not (BIN / Path(hook["entry"].split()[0]).name).is_file()] == []
    assert _run(".venv/bin/pre-commit validate-config", ".pre-commit-config.yaml").returncode == 0


def test_the_type_checker_is_strict(tmp_path: Path) -> None:
    """What it must not let pass is refused by the configuration that the product is checked with."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "def untyped(value):\n    return value\n\n\n"
        "def loose(values: list) -> int:\n    return len(values)\n\n\n"
        "def unused(value: str) -> int:\n    return len(value)  # type: ignore[bad-return]\n\n\n"
        "def false(value: str) -> int:\n    return value\n"
    )
    done = _run(".venv/bin/pyrefly check --output-format min-text -c pyproject.toml", str(wrong))
    found = {(int(line), kind) for line, kind in re.findall(r"wrong\.py:(\d+):.*\[([a-z-]+)\]$", done.stdout, re.M)}
    assert found >= {
        (1, "implicit-any-parameter"),
        (5, "implicit-any-type-argument"),
        (10, "unused-type-ignore"),
        (14, "bad-return"),
    }, done.stdout
    assert done.returncode == 1


def test_every_room_is_type_checked() -> None:
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pyrefly"]["project-includes"]
    assert {*ROOMS, "sandbox", "examples", "app.py"} <= set(checked)


def test_an_ignored_type_error_is_named_and_one_of_ours_gives_its_reason() -> None:
    bare = []
    for path in _code(*ROOMS, "sandbox", "examples"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if found := IGNORE.search(line):
                checker, kind, reason = found.groups()
                if not kind or checker not in ("pyrefly", "type") or (checker == "pyrefly" and not reason.strip(" #")):
                    bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert bare == []


def test_no_file_of_the_rooms_grows_unseen() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in _code(*ROOMS)}
    assert {name for name, count in lengths.items() if count > LONGEST_FILE} == set(LONG_FILES)


def test_no_function_of_the_rooms_grows_unseen() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in _code(*ROOMS)
        for node in _functions(path)
        if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }
    assert long == set(LONG_FUNCTIONS)


def test_no_file_of_the_product_is_too_long() -> None:
    named = [path for path in _tracked() if path.suffix in (".py", ".cjs", ".mjs") and "tests" not in path.parts]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in named}
    assert {name: count for name, count in lengths.items() if count > LONGEST_ANYWHERE} == {}


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _code(*folders: str) -> list[Path]:
    return [path for path in _tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


@cache
def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
