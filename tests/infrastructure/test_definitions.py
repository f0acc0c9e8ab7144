"""Both linters, over every definition."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = sorted((ROOT / "statemachines").glob("*.asl.json"))
LINTER = Path(__file__).parent / "lint_definitions.cjs"


def lint(*files: Path) -> dict[str, list[str]]:
    if not (ROOT / "node_modules/asl-validator").is_dir():
        pytest.fail("the linters are not installed: run make setup")
    done = subprocess.run(
        ["node", str(LINTER), *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"NODE_PATH": str(ROOT / "node_modules"), "PATH": os.environ["PATH"]},
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def report() -> dict[str, list[str]]:
    return lint(*DEFINITIONS)


def test_there_are_the_four_machines():
    names = {path.name.removesuffix(".asl.json") for path in DEFINITIONS}
    assert {"sync", "aws_accept_invitation", "poll", "dead_letter"} <= names


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_neither_linter_finds_a_problem(path: Path, report: dict[str, list[str]]):
    assert report[path.name] == []


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_every_state_has_a_comment(path: Path):
    bare = [name for name, state in states(json.loads(path.read_text())) if not state.get("Comment")]
    assert bare == []


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)
def test_every_lambda_task_retries_a_full_account(path: Path):
    for name, state in states(json.loads(path.read_text())):
        if state.get("Resource") == "arn:aws:states:::lambda:invoke":
            retried = {error for retry in state.get("Retry", ()) for error in retry["ErrorEquals"]}
            assert "Lambda.TooManyRequestsException" in retried, name


def test_the_linters_see_a_broken_expression_and_a_dangling_state(tmp_path: Path):
    broken = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Output": "{% $not( %}", "Next": "Nowhere"}},
    }
    file = tmp_path / "broken.asl.json"
    file.write_text(json.dumps(broken))
    found = " ".join(lint(file)["broken.asl.json"])
    assert "asl-validator" in found
    assert "amazon-states-language-service" in found


def states(node: dict) -> list[tuple[str, dict]]:
    found = []
    for name, state in node.get("States", {}).items():
        found.append((name, state))
        for branch in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            found.extend(states(branch))
    return found
