"""The property in which a deal shows its conflicts, with the names of the people who changed something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.messages import USER, both_values
from lambdas.shared.domain.plan import FieldConflict
from lambdas.shared.errors import NotFound, Rejected, Unauthorized

SETTLED_BY_THE_VALUES = ("conflicts", "conflict_pick", "conflict_field_picks")
"""Roles whose properties are emptied because a value is written beside them: without it, they stay."""


def conflicts_with_names(
    plan: Mapping[str, Any], properties: Mapping[str, str], settings: Mapping[str, Any], hubspot: Any
) -> dict[str, str]:
    """The property of the conflicts with people by name, if ``properties`` writes it; else nothing.

    HubSpot's history knows users by number. They are asked for here, since only a conflict that is news needs them.
    """
    name = settings["status_properties"].get("conflicts")
    if not properties.get(name or "") or not plan["conflicts"]:
        return {}
    conflicts = [FieldConflict(**each) for each in plan["conflicts"]]
    found = {each.deal_moved_by for each in conflicts if each.deal_moved_by.startswith(USER)}
    users = {said: _called(said, hubspot) for said in sorted(found)}
    return {str(name): both_values(conflicts, settings["label"], users)}


def _called(said: str, hubspot: Any) -> str:
    """Name and address of ``HubSpot user 600``; the number where HubSpot does not tell us."""
    try:
        user = hubspot.user(said.removeprefix(USER)) or {}
    except (NotFound, Rejected, Unauthorized):  # a name is not worth holding up the values for
        user = {}
    name = " ".join(filter(None, [user.get("firstName"), user.get("lastName")]))
    email = user.get("email")
    return (f"{name} ({email})" if name and email else name or email) or said
