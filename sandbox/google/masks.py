"""updateMask: which fields a patch writes."""

from __future__ import annotations

import re

from sandbox.google.errors import Violation, invalid
from sandbox.google.schema import Document, Schema, covers, get, put

_CAMEL = re.compile(r"[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*")


def parse_mask(text: str | None, schema: Schema, message: str) -> tuple[str, ...]:
    """Comma-separated camelCase paths -> paths. INVALID_ARGUMENT if absent, empty, or naming an unknown field."""
    if not text:
        raise invalid([("updateMask", "is required")])
    paths = tuple(dict.fromkeys(text.split(",")))
    violations: list[Violation] = []
    for path in paths:
        if not _CAMEL.fullmatch(path):
            violations.append(("updateMask", "must hold camelCase paths, separated by commas"))
        elif schema.field_at(message, path) is None:
            violations.append(("updateMask", f"{path} is no field of {message}"))
    if violations:
        raise invalid(violations)
    return paths


def masked(paths: tuple[str, ...], protected: tuple[str, ...], how: str) -> tuple[str, ...]:
    """The paths without the protected ones; ``how`` is "refused" (INVALID_ARGUMENT) or "ignored"."""
    hit = [path for path in paths if covers(protected, path)]
    if hit and how == "refused":
        raise invalid((path, "is output only") for path in hit)
    return tuple(path for path in paths if path not in hit)


def written(body: Document, protected: tuple[str, ...], how: str) -> Document:
    """A body without the protected top-level fields; ``how`` as in ``masked``."""
    hit = [name for name in protected if name in body]
    if hit and how == "refused":
        raise invalid((name, "is output only") for name in hit)
    return {name: value for name, value in body.items() if name not in hit}


def apply(document: Document, body: Document, paths: tuple[str, ...]) -> None:
    """Write the masked fields of ``body``; a masked field that the body lacks is cleared."""
    for path in paths:
        put(document, path, get(body, path))
