"""Where what a synth reads lies, and where it writes.

In a checkout both is the repository. Installed from the wheel, the package carries Lambda sources, definitions and
locks as data, and what is built goes to the project that we stand in (the folder of its ``cdk.json``).
"""

from __future__ import annotations

from pathlib import Path

_ABOVE = Path(__file__).resolve().parent.parent
DATA = "_data"
INSTALLED = (_ABOVE / DATA).is_dir()
"""Whether this is the wheel."""
ROOT = _ABOVE / DATA if INSTALLED else _ABOVE
"""Folder of ``lambdas``, ``statemachines``, ``requirements``, ``config`` and ``hubspot_app`` of this release."""


def project(root: Path = ROOT) -> Path:
    """The folder whose ``build`` is written to: the checkout ``root``, or the project that we stand in."""
    return Path.cwd() if INSTALLED and root == ROOT else root
