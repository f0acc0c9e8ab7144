"""The old name of ``sandbox.fakes``, for branches that still import it; to be taken away when they are in."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import sandbox.fakes

for _found in pkgutil.walk_packages(sandbox.fakes.__path__, "sandbox.fakes."):
    sys.modules[_found.name.replace("sandbox.fakes", __name__, 1)] = importlib.import_module(_found.name)
sys.modules[__name__] = sandbox.fakes
