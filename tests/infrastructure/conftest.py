"""One synth for the whole session: it costs seconds. No network, no credentials, a small stand-in for the bundles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_lambda as lambda_

from constructs_lib.sync_function import FunctionDefaults
from tests.infrastructure.assembly import Assembly, read_assembly

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STAGES = ("dev", "prod", "apac")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker, so that it is synthesized once."""
    below = f"{HERE}{os.sep}"
    for item in items:
        if str(item.path).startswith(below):
            item.add_marker(pytest.mark.xdist_group("infrastructure"))


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in a bundle's place: what is in a bundle has tests of its own."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "bundle.py").write_text("# stands for a bundle\n")
    return folder


@pytest.fixture
def stack() -> Stack:
    """For a construct on its own."""
    return Stack(App(), "Try", env=Environment(account="111111111111", region="eu-central-1"))


@pytest.fixture
def defaults(stand_in: Path) -> FunctionDefaults:
    """What its functions share."""
    return FunctionDefaults(code=lambda_.Code.from_asset(str(stand_in)))


@pytest.fixture(scope="session")
def assembly(stand_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The app with three of its stages: no credentials, no home, no sockets in Python or in Node."""
    folder = tmp_path_factory.mktemp("assembly")
    arguments = (folder, stand_in, tmp_path_factory.mktemp("settings"), *STAGES)
    done = subprocess.run(
        [sys.executable, "-m", "tests.infrastructure.synth", *map(str, arguments)],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path_factory.mktemp("home")),
            "NODE_OPTIONS": f"--require {HERE / 'no_network.cjs'}",
            # With no home to keep it in, every synth would unpack the whole CDK again.
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / "build" / "jsii"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"the synth failed:\n{done.stderr[-4000:]}")
    return read_assembly(folder)
