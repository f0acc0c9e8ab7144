"""One synthesized tiny app and one local cloud for all tests of this folder."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.local_cloud.cloud import LocalCloud
from tests.workflow.local_cloud.tiny import Deployed

APP = Path(__file__).parent / "app" / "app.py"


@pytest.fixture(scope="session")
def assembly() -> Path:
    """The tiny app as the CDK synthesizes it; kept under ``build/`` until the app changes, synthesis being slow."""
    content = hashlib.sha256(importlib.metadata.version("aws-cdk-lib").encode())
    for path in sorted(APP.parent.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content.update(path.read_bytes())
    directory = Path(__file__).parents[3] / "build" / "local_cloud" / f"tiny-{content.hexdigest()[:16]}"
    if not directory.exists():
        unfinished = directory.with_name(f"{directory.name}.{os.getpid()}")
        subprocess.run([sys.executable, str(APP), str(unfinished)], check=True, capture_output=True)
        try:
            unfinished.rename(directory)
        except OSError:  # another test process was quicker
            shutil.rmtree(unfinished)
    return directory


@pytest.fixture(scope="session")
def tiny(assembly: Path) -> Iterator[Deployed]:
    """The tiny app, deployed once."""
    with LocalCloud({"TINY_OVERRIDE": "from the caller"}, region="eu-central-1") as cloud:
        yield Deployed(cloud, cloud.deploy(assembly)["Test-Tiny"])
        assert cloud.problems == []
