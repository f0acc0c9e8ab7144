"""A real browser without a window at the sandbox's page: `browse.mjs` played on a world."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from sandbox.page import page_of
from sandbox.world import World

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("browse.mjs")
PICTURES = ROOT / ".sandbox" / "page"
_CARRIED = ROOT / "node_modules" / "@sparticuz" / "chromium" / "package.json"
OWN = "COSELL_CHROMIUM"


def play(world: World, name: str) -> dict[str, Any]:
    """What a person sees who presses the buttons; ``name`` is the deal's. Pictures are left in .sandbox/page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    folder = _unpacked()
    with page_of(world) as url:
        return _node(url, str(PICTURES), name, folder=folder)


def _unpacked() -> Path:
    """The folder with the browser; skips the test where the package has none that runs."""
    if os.environ.get(OWN):
        return PICTURES
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip(f"npm brings a browser for Linux on x64; here {OWN}=path of a Chromium would do")
    folder = ROOT / "build" / "browser" / json.loads(_CARRIED.read_text())["version"]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent))
        _node("unpack", folder=part)
        part.rename(folder)  # whole or not at all
    return folder


def _node(*arguments: str, folder: Path) -> Any:
    done = subprocess.run(
        ["node", str(SCRIPT), *arguments],
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
