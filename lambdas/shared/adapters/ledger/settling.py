"""What a run leaves on its link: the settled state, kept slots, associated entities, what the person was told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lambdas.shared.adapters.ledger.attempts import LinkAttempts
from lambdas.shared.adapters.ledger.table import Refused, Write
from lambdas.shared.domain.link import BASE_SORT, LINK_SORT, STATES, TOLD_PENDING
from lambdas.shared.errors import Conflict, NotFound

CHANGEABLE = frozenset(
    {
        "state",
        "reason",
        "partner_version",
        "blocked_fields",
        "associated",
        "told",
        "slot_at",
        "slot_writes",
        "last_error",
        "attempts",
        "invitation_id",
        "attempt",
        "notes_done",
        "conflicts_shown",
        "wanted_at",
        "correlation_id",
        "status",
    }
)
"""Attributes that ``settle`` may change. Ids move with their pointers only; lease and counters have their own calls."""


class LinkSettling(LinkAttempts):
    """Calls made by the run that holds the lease."""

    def settle(
        self,
        link_key: str,
        *,
        seen: int | None,
        lease_owner: str,
        base_fields: Mapping[str, Any] | None = None,
        deal_seen_at: int | None = None,
        opportunity_seen_at: int | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        """Record the outcome of a run: link and base in one transaction, only while the lease is ours.

        ``seen`` is the generation that is settled (None leaves ``done`` alone, for a run that is to come again).
        ``base_fields`` replaces the base; None leaves it alone. ``changes`` maps link attributes (``CHANGEABLE``) to
        new values, None removes; ``{"attempt": None}`` also ends the open attempt. A link that was handed over
        during the run stays as it is: its work is the other link's. Conflict when the lease is lost.
        """
        changes = dict(changes or {})
        _check(changes)
        expression, values = self._changing(changes, seen)
        writes = [
            self._table.updating(
                link_key,
                LINK_SORT,
                expression,
                {**values, "me": lease_owner},
                condition="#lease_owner = :me AND attribute_not_exists(#handed_to)",
            )
        ]
        if base_fields is not None:
            writes.append(self._basing(link_key, base_fields, deal_seen_at, opportunity_seen_at))
        if "attempt" in changes:
            writes.append(self._unmarking(link_key))
        if self._table.transact(writes) and not self._settled_elsewhere(link_key, lease_owner):
            raise Conflict(f"the lease on {link_key} is no longer ours")

    def _changing(self, changes: Mapping[str, Any], seen: int | None) -> tuple[str, dict[str, Any]]:
        """Update expression and values: None in ``changes`` removes an attribute."""
        values: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        values["updated_at"] = self._clock.now_ms()
        if seen is not None:
            values["done"] = seen
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        if removed := [f"#{name}" for name, value in changes.items() if value is None]:
            expression += " REMOVE " + ", ".join(removed)
        return expression, values

    def _settled_elsewhere(self, link_key: str, lease_owner: str) -> bool:
        link = self.get(link_key)
        return link is not None and link.handed_over and link.lease_owner == lease_owner

    def _basing(
        self, link_key: str, base_fields: Mapping[str, Any], deal_seen_at: int | None, opportunity_seen_at: int | None
    ) -> Write:
        item: dict[str, Any] = {"pk": link_key, "sk": BASE_SORT}
        item["fields"] = json.dumps(dict(base_fields), ensure_ascii=False, sort_keys=True)
        seen = {"deal_seen_at": deal_seen_at, "opportunity_seen_at": opportunity_seen_at}
        return self._table.putting(item | {name: at for name, at in seen.items() if at is not None})

    def add_associated(self, link_key: str, ids: Iterable[str]) -> None:
        """Remember entities that are tied to the opportunity now; each is kept once."""
        for entity in dict.fromkeys(ids):
            answer = self._table.update(
                link_key,
                LINK_SORT,
                "SET #associated = list_append(#associated, :entities), #updated_at = :now",
                {"entities": [entity], "entity": entity, "now": self._clock.now_ms()},
                condition="attribute_exists(#pk) AND NOT contains(#associated, :entity)",
            )
            if isinstance(answer, Refused) and not answer.item:
                raise NotFound(f"no link {link_key}")

    def drop_associated(self, link_key: str, entity: str) -> None:
        """Forget what ``add_associated`` kept; fine when it is not there. ``Conflict`` if the list moves meanwhile."""
        before = self._known(link_key).associated
        if entity not in before:
            return
        answer = self._table.update(
            link_key,
            LINK_SORT,
            "SET #associated = :after, #updated_at = :now",
            {
                "after": [each for each in before if each != entity],
                "before": list(before),
                "now": self._clock.now_ms(),
            },
            condition="#associated = :before",
        )
        if isinstance(answer, Refused):
            raise Conflict(f"what {link_key} remembers has moved")

    def note_named_deal(self, link_key: str, deal_id: str) -> None:
        """Remember what the partner's record names as its deal in our CRM."""
        self._set(link_key, "#names_deal = :names_deal", {"names_deal": deal_id})

    def keep_slot(self, link_key: str, slot_at: int, writes: int) -> None:
        """Keep a reserved write slot for a later run. It is dropped by ``settle`` with ``slot_at`` None."""
        self._set(link_key, "#slot_at = :slot_at, #slot_writes = :writes", {"slot_at": slot_at, "writes": writes})

    def tell_begin(self, link_key: str, fact: str) -> bool:
        """True when the person is to be told now; False when a note or task with this fact was finished before.

        Also True when an earlier run began and did not finish (``told[fact]`` was ``pending`` on the link that was
        read before): it may have died after writing, so look for its note first.
        """
        answer = self._table.update(
            link_key,
            LINK_SORT,
            "SET #told.#fact = :pending",
            {"pending": TOLD_PENDING},
            condition="attribute_exists(#pk) AND (attribute_not_exists(#told.#fact) OR #told.#fact = :pending)",
            names={"fact": fact},
        )
        if isinstance(answer, Refused) and not answer.item:
            raise NotFound(f"no link {link_key}")
        return not isinstance(answer, Refused)

    def tell_done(self, link_key: str, fact: str, object_id: str) -> None:
        """The person was told: ``object_id`` is the note's or the task's id."""
        self._set(link_key, "#told.#fact = :object_id", {"object_id": object_id}, {"fact": fact})

    def tell_again(self, link_key: str, fact: str) -> None:
        """Forget that a fact was told, because it is no longer so: should it return, it is news."""
        names = {"fact": fact}
        self._table.update(link_key, LINK_SORT, "REMOVE #told.#fact", condition="attribute_exists(#pk)", names=names)

    def _set(self, link_key: str, what: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None) -> None:
        answer = self._table.update(
            link_key,
            LINK_SORT,
            f"SET {what}, #updated_at = :now",
            {**values, "now": self._clock.now_ms()},
            condition="attribute_exists(#pk)",
            names=names,
        )
        if isinstance(answer, Refused):
            raise NotFound(f"no link {link_key}")


def _check(changes: Mapping[str, Any]) -> None:
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        raise ValueError(f"settle cannot change {', '.join(unknown)}; allowed: {', '.join(sorted(CHANGEABLE))}")
    if changes.get("attempt") is not None:
        raise ValueError("settle can only end an attempt (None); begin_attempt begins one")
    if "state" in changes and changes["state"] not in STATES:
        raise ValueError(f"unknown link state {changes['state']!r}; allowed: {', '.join(STATES)}")
