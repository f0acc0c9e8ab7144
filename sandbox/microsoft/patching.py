"""JSON Patch as Partner Center takes it: ``replace`` and ``add`` on published paths (fact sheet 5)."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.microsoft import status
from sandbox.microsoft.errors import invalid
from sandbox.microsoft.facts import FACTS
from sandbox.microsoft.shape import PATCH_VALUES, Json
from sandbox.microsoft.switches import Switches

_MOVES = {"/status", "/substatus"}


def patched(document: Json, body: Any, switches: Switches) -> Json:
    """The document after the patch; the given one is left alone. Raises ``VendorError`` (400)."""
    if not isinstance(body, list) or not body:
        raise invalid("body", "must be a JSON Patch array with at least one operation", "5")
    if document["status"] == "Closed" and switches.closed_is_frozen:
        raise invalid("status", "Closed is terminal and takes no edit", "3")
    changed = copy.deepcopy(document)
    for number, operation in enumerate(body):
        _apply(changed, operation, number, switches)
    paths = {operation["path"] for operation in body}
    if paths & _MOVES:
        before = (document["status"], document["substatus"])
        after = (changed["status"], changed["substatus"])
        if before != after and not paths >= _MOVES:
            raise invalid("status", "status and substatus change together in one PATCH", "3")
        status.check_move(before, after, switches)
    return changed


def _apply(document: Json, operation: Any, number: int, switches: Switches) -> None:
    if not isinstance(operation, dict) or set(operation) != {"op", "path", "value"}:
        raise invalid(f"body/{number}", "must have op, path and value, and nothing else", "5")
    op, path = operation["op"], operation["path"]
    if op not in ("replace", "add"):
        raise invalid(f"body/{number}/op", "must be one of: replace, add", "5")
    allowed = FACTS["patch_paths"] + (["/name"] if switches.name_patchable else [])
    if path not in allowed:
        raise invalid(f"body/{number}/path", f"must be one of: {', '.join(allowed)}", "5")
    if path.endswith("/-") and op != "add":
        raise invalid(f"body/{number}/op", "a path that ends in /- takes only add", "5")
    value = PATCH_VALUES[path](copy.deepcopy(operation["value"]), path.removeprefix("/"), switches)
    *parents, last = path.removeprefix("/").split("/")
    place: Any = document
    for depth, name in enumerate(parents):
        if place.get(name) is None:
            place[name] = [] if last == "-" and depth == len(parents) - 1 else {}
        place = place[name]
    if last == "-":
        place.append(value)
    else:
        place[last] = value
