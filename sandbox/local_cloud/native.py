"""This machine's own builds of the binary packages in a function's code.

A deployed bundle holds binaries for Lambda's processor, which this machine may not have. The same packages at the same
versions lie in the environment that runs the local cloud; a folder of links to just these goes before the function's
code, which itself stays as it was deployed.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

_HELP = "compile the lock files together (`make locks`) and install them (`make setup`)"


class NoNativeBuild(Exception):
    """Code has a binary package that this environment lacks, or has at another version; the message says which."""


@cache
def native_builds(code: Path, into: Path) -> tuple[Path, ...]:
    """Folders to import from before ``code``: none, or one under ``into``, made if it is not there yet.

    Raises:
        NoNativeBuild: this environment cannot stand in for a package.
    """
    links = {found.name: found for found in (_own_build(code, name) for name in _native_imports(code))}
    if not links:
        return ()
    digest = hashlib.sha256("\0".join(sorted(map(str, links.values()))).encode()).hexdigest()
    folder = into / f"native-{digest[:32]}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in links.items():
        try:
            (folder / name).symlink_to(target)
        except FileExistsError:  # made before, or at this moment by another process
            continue
    return (folder,)


def _native_imports(code: Path) -> list[str]:
    """Names to import that lead to a binary: a package's folder, or a module of its own."""
    return sorted({path.relative_to(code).parts[0].partition(".")[0] for path in code.rglob("*.so")})


def _own_build(code: Path, name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise NoNativeBuild(f"a function carries binaries of {name}, which is not installed here: {_HELP}")
    for distribution in _distributions()[name]:
        version = metadata.version(distribution)
        names = {name := distribution.replace("-", "_"), name.lower()}  # some installers keep the case, some do not
        if not any((code / f"{each}-{version}.dist-info").is_dir() for each in names):
            raise NoNativeBuild(f"a function carries another {distribution} than {version}, installed here: {_HELP}")
    return Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()
