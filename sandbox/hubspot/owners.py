"""Owners: people and queues that deals belong to; read-only over the API (hubspot.md 3.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.refusals import NoSuchRecord, invalid
from sandbox.hubspot.times import iso


@dataclass(slots=True)
class Owner:
    """``id`` goes into ``hubspot_owner_id``; ``user_id`` is another number and does not."""

    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    type: str = "PERSON"
    archived: bool = False
    at: int = 0

    def as_json(self) -> dict[str, Any]:
        """The vendor's form; a deactivated owner has no ``userId``."""
        return {
            "id": self.id,
            "email": self.email,
            "type": self.type,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": None if self.archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": iso(self.at),
            "updatedAt": iso(self.at),
            "archived": self.archived,
            "teams": [],
        }


class OwnerRegister:
    """All owners by id."""

    def __init__(self) -> None:
        self.owners: dict[str, Owner] = {}

    def add(self, owner: Owner) -> Owner:
        """Add or replace an owner."""
        self.owners[owner.id] = owner
        return owner

    def get(self, key: str, id_property: str = "id", archived: bool = False) -> Owner:
        """One owner by ``id`` or ``userId``, or 404."""
        if id_property not in ("id", "userId"):
            raise invalid(f"Unknown idProperty {id_property!r}; allowed: id, userId", "3.1")
        for owner in self.owners.values():
            number = owner.id if id_property == "id" else str(owner.user_id)
            if number == key and owner.archived == archived:
                return owner
        raise NoSuchRecord(f"Owner {key!r}", "3.9")

    def page(self, email: str | None, archived: bool, after: str | None, limit: int) -> dict[str, Any]:
        """A page of owners, optionally of one e-mail address."""
        found = [o for o in self.owners.values() if o.archived == archived and email in (None, o.email)]
        found.sort(key=lambda owner: int(owner.id))
        found = [owner for owner in found if after is None or int(owner.id) > int(after)]
        answer: dict[str, Any] = {"results": [owner.as_json() for owner in found[:limit]]}
        if len(found) > limit:
            answer["paging"] = {"next": {"after": found[limit - 1].id}}
        return answer
