"""The workflows of GitHub Actions: well-formed, without stored keys, and of commands that something else runs too."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import main
from cli.smoke import add as add_smoke

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github/workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
# Each line, and what runs it: the make targets are how everything here is run at all.
RUN_BY = {
    "make setup": "Makefile",
    "make test": "Makefile",
    "make setup bundles": "Makefile",
    ".venv/bin/cosell check": "tests/infrastructure/test_workflows.py",
    'npx cdk synth --quiet -c "stage=$STAGE" --output build/deploy.out': "tests/e2e/test_stock_command.py",
    'npx cdk diff --app build/deploy.out "$STAGE/*"': "tests/e2e/test_stock_command.py",
    'npx cdk deploy --app build/deploy.out "$STAGE/*" --require-approval never': "tests/e2e/test_stock_command.py",
    '.venv/bin/cosell smoke --stage "$STAGE" $SMOKE': "tests/e2e/test_stock_command.py",
}


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        yield from job.get("steps", ())


def test_they_fit_the_schema_of_github_s_workflows() -> None:
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *map(str, FILES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(FILES) == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)$", path.read_text(), re.MULTILINE)
    assert used
    assert [each for each in used if not each.startswith("./") and not PINNED.match(each)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_job_has_more_than_it_needs_and_no_key_is_stored(path: Path) -> None:
    text, document = path.read_text(), yaml.safe_load(path.read_text())
    assert document["permissions"] == {"contents": "read"}
    assert "secrets." not in text
    for name, job in document["jobs"].items():
        wanted = job.get("permissions", document["permissions"])
        takes_a_role = "uses" in job or any("role-to-assume" in each.get("with", {}) for each in job["steps"])
        assert wanted == {"contents": "read", **({"id-token": "write"} if takes_a_role else {})}, name
    for step in steps(path):
        assert "${{" not in step.get("run", ""), "an expression in a command is put in as text: use env"


def test_the_configuration_passes_the_check_that_comes_before_a_deployment() -> None:
    assert main(["check"]) == 0


def test_prod_comes_after_dev_and_dev_after_the_tests() -> None:
    jobs = yaml.safe_load((FOLDER / "deploy.yml").read_text())["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {"test": None, "dev": "test", "prod": "dev"}
    assert [jobs[name]["with"]["stage"] for name in ("dev", "prod")] == ["dev", "prod"]
    assert jobs["dev"]["uses"] == jobs["prod"]["uses"] == "./.github/workflows/deploy-stage.yml"


def test_a_run_that_waits_for_its_reviewer_holds_back_no_other_stage() -> None:
    run, stage = (yaml.safe_load((FOLDER / name).read_text()) for name in ("deploy.yml", "deploy-stage.yml"))
    assert "concurrency" not in run
    job = stage["jobs"]["deploy"]
    assert job["concurrency"] == {"group": "deploy-${{ inputs.stage }}", "cancel-in-progress": False}
    assert job["environment"] == "${{ inputs.stage }}"
    assert {name for name, each in run["jobs"].items() if "concurrency" in each} == {"test"}


def test_every_command_is_one_that_something_else_runs() -> None:
    commands = [step["run"] for path in FILES for step in steps(path) if "run" in step]
    assert sorted(set(commands)) == sorted(RUN_BY)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for command, runner in RUN_BY.items():
        if runner == "Makefile":
            assert set(command.split()[1:]) <= set(targets), command
        else:
            assert (ROOT / runner).exists(), runner


def test_the_arguments_of_the_smoke_test_are_such_that_it_takes() -> None:

    parser = argparse.ArgumentParser()
    add_smoke(parser)
    for job in yaml.safe_load((FOLDER / "deploy.yml").read_text())["jobs"].values():
        if "with" in job and "smoke" in job["with"]:
            parser.parse_args(["--stage", job["with"]["stage"], *job["with"]["smoke"].split()])
