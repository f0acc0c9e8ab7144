"""The settings document: what ``config/`` rendered for this deployment stage, read once per process.

It ships as a Lambda layer holding one file, ``cosell_settings/settings.json``. ``COSELL_SETTINGS_FILE`` names another
file, for tests, the sandbox and the command line. Its keys are described in ``docs/architecture.md``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lambdas.shared.errors import Unexpected

FILE_VARIABLE = "COSELL_SETTINGS_FILE"
PACKAGE = "cosell_settings"
FILE_NAME = "settings.json"


def load_settings() -> Mapping[str, Any]:
    """Return the settings document; the same object each time, so treat it as read-only.

    Raises ``Unexpected``, naming the file and what to do, when there is none or when it is not a JSON object.
    """
    return _read(os.environ.get(FILE_VARIABLE) or _packaged_file())


def _packaged_file() -> str:
    """Path of the layer's file.

    Found through the import system rather than ``importlib.resources``, whose import alone costs a cold
    function about 15 ms.
    """
    from importlib.util import find_spec

    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return os.path.join(folder, FILE_NAME)
    raise Unexpected(
        f"No settings document: the package {PACKAGE} is not on the path (is the settings layer attached?) "
        f"and {FILE_VARIABLE} names no file."
    )


@lru_cache(maxsize=4)
def _read(path: str) -> Mapping[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
    except OSError as error:
        raise Unexpected(
            f"The settings document {path} cannot be read ({error.strerror}). "
            f"Attach the settings layer or point {FILE_VARIABLE} at a rendered settings file."
        ) from None
    except ValueError:
        raise Unexpected(f"The settings document {path} is not JSON. Render it again from config/.") from None
    if not isinstance(settings, dict):
        raise Unexpected(f"The settings document {path} is not a JSON object. Render it again from config/.")
    return settings
