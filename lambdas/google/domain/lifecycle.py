"""DRAFT, SUBMITTED, ACCEPTED, REJECTED: what a partner may edit, and when.

https://cloud.google.com/channel/docs/reference/rest
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.shared.domain.field_map import FieldRule

DRAFT, SUBMITTED, ACCEPTED, REJECTED = "DRAFT", "SUBMITTED", "ACCEPTED", "REJECTED"
CLOSED = "CLOSED"
"""The stage that a partner never sets."""

OUTPUT_ONLY = (
    "name",
    "customerDisplayName",
    "stateDescription",
    "owner",
    "ownerEmail",
    "creatorEmail",
    "source",
    "createTime",
    "updateTime",
    "creationDate",
)


def editable(document: Mapping[str, Any], path: str, accepted_editable: Sequence[str]) -> bool:
    """Whether a partner may change ``path`` now; ``accepted_editable`` are the paths open once ACCEPTED (settings).

    A record that does not show its state is taken to be closed to us, and so is one whose stage is CLOSED.
    """
    state = document.get("state")
    if _under(path, OUTPUT_ONLY) or document.get("stage") == CLOSED:
        return False
    if state in (DRAFT, REJECTED):
        return path != "stage"
    return state == ACCEPTED and path != "state" and _under(path, accepted_editable)


def locked_fields(
    document: Mapping[str, Any], rules: Sequence[FieldRule], accepted_editable: Sequence[str]
) -> frozenset[str]:
    """Names of the rules whose path cannot be written on this opportunity as it is now."""
    return frozenset(rule.name for rule in rules if not editable(document, rule.path, accepted_editable))


def _under(path: str, parents: Sequence[str]) -> bool:
    return any(path == parent or path.startswith(f"{parent}.") for parent in parents)
