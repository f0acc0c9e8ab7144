"""The synthesized app of the sandbox stage, written anew only when something it is made of has changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from constructs_lib.bundle import build_all
from constructs_lib.places import INSTALLED, project

STAGE = "sandbox"
_MADE_OF = ("app.py", "stacks", "constructs_lib", "config", "statemachines")
_BUNDLES = "build/bundles/*.json"


class SynthesisFailed(Exception):
    """The app could not be synthesized; the text is what it said."""


def sandbox_assembly() -> Path:
    """Folder of the cloud assembly (``build/sandbox.out``), built and synthesized if need be. No credentials.

    Of the checkout, or with the wheel of the project that we stand in: of what its ``app.py`` makes for ``-c stage=``.
    """
    return stage_assembly(STAGE)


def stage_assembly(stage: str) -> Path:
    """The same of any deployment stage: ``build/<stage>.out``."""
    root = project()
    build_all()  # nothing to do unless a source has changed
    folder = root / "build" / f"{stage}.out"
    stamp = folder / ".made-of"
    digest = _digest(root)
    if not stamp.exists() or stamp.read_text() != digest:
        _synthesize(stage, folder, root)
        stamp.write_text(digest)
    return folder


def _synthesize(stage: str, folder: Path, root: Path) -> None:
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": f'{{"stage": "{stage}"}}',
        "CDK_VALIDATION": "false",  # what the CDK's own check warns of would be read by nobody, and it takes seconds
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    }
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SynthesisFailed(done.stderr or done.stdout)


def _digest(root: Path) -> str:
    sha = hashlib.sha256((distribution("cosell-sync").read_text("RECORD") or "").encode() if INSTALLED else b"")
    for path in _inputs(root):
        sha.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return sha.hexdigest()


def _inputs(root: Path) -> Iterator[Path]:
    for place in _of_a_project(root) if INSTALLED else [root / name for name in _MADE_OF]:
        found = [place] if place.is_file() else sorted(place.rglob("*"))
        yield from (one for one in found if one.is_file() and one.suffix != ".pyc")
    yield from sorted(root.glob(_BUNDLES))


def _of_a_project(root: Path) -> Iterator[Path]:
    """What the user has written: modules and packages at hand, and the configuration."""
    yield from sorted(root.glob("*.py"))
    yield from sorted(each.parent for each in root.glob("*/__init__.py"))
    yield root / "config"
