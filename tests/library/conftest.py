"""Each example synthesized once, all in one process; the tests of this folder on one worker, so that it is once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.main import main as cosell
from tests.infrastructure.assembly import Assembly, read_assembly

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# The stage of each that is synthesized here; the ten lines have two, and the local cloud's is deployed below.
EXAMPLES = {"aws_two_way": "sandbox", "one_partner": "googleonly", "bring_your_own": "byo", "custom_partner": "own"}


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    below = f"{HERE}{os.sep}"
    for item in items:
        if str(item.path).startswith(below):
            item.add_marker(pytest.mark.xdist_group("library"))


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A project of each example, as ``cosell init`` begins it."""
    folder = tmp_path_factory.mktemp("projects")
    for name in EXAMPLES:
        assert cosell(["init", str(folder / name), "--example", name]) == 0
    return {name: folder / name for name in EXAMPLES}


@pytest.fixture(scope="session")
def assemblies(projects: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Assembly]:
    """What ``cdk synth`` writes of each, without credentials and without a network."""
    apps = [{"folder": str(projects[name]), "stage": stage} for name, stage in EXAMPLES.items()]
    done = subprocess.run(
        [sys.executable, "-m", "tests.library.synth", json.dumps(apps)],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path_factory.mktemp("home")),
            "PYTHONPATH": str(ROOT),
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "NODE_OPTIONS": f"--require {HERE.parent / 'infrastructure' / 'no_network.cjs'}",
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / "build" / "jsii"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"a synth failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return {name: read_assembly(projects[name] / "cdk.out") for name in EXAMPLES}
