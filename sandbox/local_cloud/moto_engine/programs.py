"""Programs of definitions: parsed once per content, kept for later processes under ``build/``.

moto's grammar takes up to half a second for one of the app's definitions, and a world has two dozen of them. Nearly all
name queues, whose addresses have the port of this very local cloud: they are kept with another port, which gives way to
the right one where a program is read.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
import re
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

from constructs_lib.places import project
from sandbox.local_cloud.moto_engine import names as moto

_FOLDER = project() / "build" / "local_cloud" / "programs"
# What is smaller is parsed sooner than it is worth a file.
_LARGE = 2000
# Ports that the system gives away have five digits, so that what is kept stays as long as it says it is.
_AT_A_PORT = re.compile(r"//127\.0\.0\.1:\d{5}/")
_AT_NO_PORT = "//127.0.0.1:00000/"


@functools.lru_cache(maxsize=256)
def parse(definition: str, folder: Path = _FOLDER) -> Any:
    """The program of a definition (JSON text), kept in ``folder``; raises ValueError saying what is wrong with it."""
    if len(definition) < _LARGE:
        return _parsed(definition)
    here = set(_AT_A_PORT.findall(definition))
    if len(here) != 1:  # none, or more than could be told apart again
        return _kept(definition, _AT_NO_PORT, folder)
    (address,) = here
    return _kept(definition.replace(address, _AT_NO_PORT), address, folder)


def _kept(definition: str, address: str, folder: Path) -> Any:
    file = folder / f"{hashlib.sha256((_ground() + definition).encode()).hexdigest()[:40]}.pickle"
    if not file.exists():
        _keep(_parsed(definition), file)
    kept = file.read_bytes().replace(_AT_NO_PORT.encode(), address.encode())
    return pickle.loads(kept)  # noqa: S301 - written by ourselves


def _parsed(definition: str) -> Any:
    try:
        return moto.parser.AmazonStateLanguageParser.parse(definition)[0]
    except moto.parser.ASLParserException as error:
        raise ValueError(f"not a valid definition: {error}") from None


def _keep(program: Any, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{uuid.uuid4().hex}")  # other threads and processes may be at the same one
    unfinished.write_bytes(pickle.dumps(program))
    unfinished.replace(file)


@functools.cache
def _ground() -> str:
    """What a program is made with beside its definition: moto, the mends, the interpreter."""
    mends = "".join(path.read_text() for path in sorted(Path(__file__).parent.glob("*.py")))
    return f"{metadata.version('moto')} {sys.version} {mends}"
