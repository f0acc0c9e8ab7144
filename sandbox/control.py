"""The page under ``/_sandbox/`` with which a person, a demo or a test drives a simulated account over HTTP.

A wrong order is answered 400 with the reason, an unknown record 404.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox import faults as fault_rules
from sandbox.faults import FaultRules

PREFIX = "/_sandbox/"

type Routes = Mapping[tuple[str, str], Callable[[Request], Any]]
"""Method and path below the prefix to what is done: it returns the document of the answer, None for none."""


class ControlPage:
    """Answers the control requests of one account; ``faults`` are driven on every page alike.

    ``edits`` maps a path that an id follows to what a POST there does. ``refusals`` are errors of the account's own
    that mean a wrong order.
    """

    def __init__(
        self,
        routes: Routes,
        faults: FaultRules,
        *,
        edits: Mapping[str, Callable[[str, Request], Any]] | None = None,
        refusals: tuple[type[Exception], ...] = (),
    ) -> None:
        self._routes = routes
        self._faults = faults
        self._edits = edits or {}
        self._wrong: tuple[type[Exception], ...] = (ValueError, TypeError, *refusals)

    def answer(self, request: Request) -> Response:
        """The answer to one control request."""
        path = request.path.removeprefix(PREFIX)
        if path == "faults":
            return fault_rules.control(self._faults, request)
        work = self._routes.get((request.method, path)) or self._edit(request.method, path)
        if work is None:
            return as_json({"error": f"no such control; there are: {', '.join(self._known())}"}, 404)
        try:
            document = work(request)
        except KeyError as error:
            return as_json({"error": f"no record {error.args[0]}"}, 404)
        except self._wrong as error:
            return as_json({"error": str(error)}, 400)
        return Response(status=204) if document is None else as_json(document)

    def _known(self) -> list[str]:
        """Everything that the page answers, in the order of the paths."""
        faults = ((method, "faults") for method in ("GET", "POST", "DELETE"))
        edits = (("POST", f"{below}ID") for below in self._edits)
        every = sorted({*self._routes, *faults, *edits}, key=lambda one: (one[1], one[0]))
        return [f"{method} {PREFIX}{name}" for method, name in every]

    def _edit(self, method: str, path: str) -> Callable[[Request], Any] | None:
        for below, edit in self._edits.items():
            if method == "POST" and path.startswith(below):
                return lambda request: edit(path.removeprefix(below), request)
        return None


def members(request: Request) -> dict[str, Any]:
    """The request's JSON object, empty for no body. ``ValueError`` for any other."""
    document = json.loads(request.get_data(as_text=True) or "{}")
    if not isinstance(document, dict):
        raise ValueError("the body must be a JSON object")
    return document


def as_json(document: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(document), status=status, content_type="application/json")


def change_settings(
    changes: Mapping[str, Any], parts: Mapping[str, Any], singles: Mapping[str, Callable[[Any], None]]
) -> None:
    """Change members of ``parts`` (dataclasses) in place, and call ``singles`` with the value that stands alone.

    Raises:
        ValueError: names an unknown setting or member and what there is; then nothing has changed.
    """
    for name, values in changes.items():
        if name in singles:
            continue
        if name not in parts:
            raise ValueError(f"unknown setting {name!r}; allowed: {', '.join([*parts, *singles])}")
        known = [member.name for member in fields(parts[name])]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"unknown member {unknown[0]!r} of {name}; allowed: {', '.join(known)}")
    for name in sorted(changes, key=lambda name: name not in singles):
        if name in singles:
            singles[name](changes[name])
        else:
            for member, value in changes[name].items():
                setattr(parts[name], member, value)
