"""What happened in the account, before any subscription looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.hubspot.actors import Actor


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened. ``kind`` as behind the dot of a subscription type; ``object_type`` the plural name.

    ``property_name``, ``value`` and ``sensitive`` belong to propertyChange; ``to_type`` to ``primary`` to
    associationChange (where ``object_id`` is the from side); ``primary_id`` to ``moved`` to merge.
    """

    kind: str
    object_type: str
    object_id: str
    at: int
    actor: Actor
    property_name: str = ""
    value: str = ""
    sensitive: bool = False
    to_type: str = ""
    to_id: str = ""
    removed: bool = False
    primary: bool = False
    primary_id: str = ""
    merged_ids: tuple[str, ...] = ()
    moved: int = 0
