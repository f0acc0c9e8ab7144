"""Shapes of an opportunity: what we keep of Google's answer, and the body and mask that we send.

https://cloud.google.com/channel/docs/reference/rest
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from lambdas.google.domain.ids import opportunity_id
from lambdas.google.domain.lifecycle import CLOSED, DRAFT, OUTPUT_ONLY, SUBMITTED
from lambdas.google.domain.times import stamp
from lambdas.shared.errors import Unexpected


def to_document(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The opportunity document: the answer without empty members and unspecified enum values, and its bare ``id``.

    ``updateTime`` gets nine decimals, so that it compares as text. False and 0 are values and stay.
    """
    document = without_stubs(answer)
    if document.get("updateTime"):
        try:
            document["updateTime"] = stamp(document["updateTime"])
        except ValueError:
            raise Unexpected("An opportunity's updateTime is not in RFC 3339.") from None
    return {**document, "id": opportunity_id(document.get("name"))}


def to_create_body(values: Mapping[str, Any]) -> dict[str, Any]:
    """Body for a create from ``{dotted path: value}`` (all fields of the plan). The stage is Google's to begin with."""
    body: dict[str, Any] = {"state": DRAFT}
    for path in sorted(values):
        if path != "stage" and values[path] is not None:
            _check(path, values[path])
            _put(body, path, values[path])
    return without_stubs(body)


def to_patch(changes: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Body and narrowest mask from ``{dotted path: value}``; None clears (in the mask, not in the body)."""
    mask = sorted(changes)
    if any(other.startswith(f"{path}.") for path in mask for other in mask):
        raise Unexpected("A patch names a member of Google's opportunity and its parent at once.")
    body: dict[str, Any] = {}
    for path in mask:
        _check(path, changes[path])
        if changes[path] is not None:
            _put(body, path, changes[path])
    return body, mask


def without_stubs(value: Any) -> Any:
    """The same, deeply, without null and empty members and ``…_UNSPECIFIED``."""
    if isinstance(value, Mapping):
        kept = {name: without_stubs(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if not _is_stub(member)}
    if isinstance(value, list):
        return [member for member in map(without_stubs, value) if not _is_stub(member)]
    return value


def _is_stub(member: Any) -> bool:
    if isinstance(member, str):
        return not member or (member.isupper() and member.endswith("_UNSPECIFIED"))
    return member is None or (isinstance(member, (dict, list)) and not member)


def _check(path: str, value: Any) -> None:
    if path.split(".", maxsplit=1)[0] in OUTPUT_ONLY:
        raise Unexpected(f"The field map writes {path!r}, which only Google writes.")
    if path == "stage" and value in (None, CLOSED):
        raise Unexpected("A partner neither closes an opportunity of Google's nor clears its stage.")
    if path == "state" and value not in (DRAFT, SUBMITTED):
        raise Unexpected(f"A partner sets the state to {DRAFT} or {SUBMITTED} only.")
    if any(each.endswith("_UNSPECIFIED") for each in _texts(value)):
        raise Unexpected(f"An unspecified enum value is never sent ({path}).")


def _texts(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str) and each.isupper()]


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *between, name = path.split(".")
    holder = body
    for step in between:
        holder = holder.setdefault(step, {})
    holder[name] = copy.deepcopy(value)
