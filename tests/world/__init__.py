"""The old name of ``sandbox.turned``, for branches that still import it; to be taken away when they are in."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import sandbox.turned

for _found in pkgutil.walk_packages(sandbox.turned.__path__, "sandbox.turned."):
    sys.modules[_found.name.replace("sandbox.turned", __name__, 1)] = importlib.import_module(_found.name)
sys.modules[__name__] = sandbox.turned
