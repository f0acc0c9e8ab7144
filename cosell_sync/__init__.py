"""Co-sell sync between HubSpot and the cloud partners' portals: constructs, deployment stages and configuration.

Every public name is here, and is imported when it is first used (PEP 562): to import the package costs nothing, and
only who asks for a construct starts the CDK. The stub beside this file is the one list of them, for type checkers and
for this module. Everything else in the package may change with any release.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

# In the wheel the rooms are subpackages of this one, in a checkout they lie beside it.
_STUB = Path(__file__).with_suffix(".pyi")


@cache
def _homes() -> dict[str, tuple[str, str]]:
    """Module and name there of every public name."""
    import ast

    imports = (node for node in ast.parse(_STUB.read_text("utf-8")).body if isinstance(node, ast.ImportFrom))
    return {alias.asname or alias.name: (str(node.module), alias.name) for node in imports for alias in node.names}


def __getattr__(name: str) -> Any:
    """A public name, imported now."""
    if name == "__all__":
        return sorted(_homes())
    if name == "__version__":
        from importlib.metadata import version

        return version("cosell-sync")
    if name.startswith("_") or name not in _homes():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, there = _homes()[name]
    found = globals()[name] = getattr(import_module(module), there)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_homes()})
