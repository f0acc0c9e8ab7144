"""The keys of people (subjects), in the ledger: made when a value is sealed for the first time, destroyed for good.

Items of the partition ``subject#<subject>``: ``key`` (public key, wrapped private key, generation; once destroyed only
``forgotten_at`` and the generation), one for each chain with values under that key, and one ``contact:<id>`` for each
HubSpot contact with that address; ``subject#contact:<id>`` has the way back. Digests and ids, no value.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.adapters.sealing import KeyWrap, new_pair, seal, unseal
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.personal import FORGOTTEN, subject_of, subject_of_chain
from lambdas.shared.errors import Retryable

PENDING_MS = 20 * 60_000
"""So long after a key was destroyed no new one is made: a run that read the old values may still want to write them."""
_KEPT_MS = 300_000
_MOST_KEPT = 500
_TRIES = 4
_KEY_SORT = "key"
_CONTACT = "contact:"


class Subjects:
    """``Subjects(client, table, wrap, clock)`` on the ledger table. ``wrap`` may be None for who only forgets."""

    def __init__(self, client: AwsClient, table: str, wrap: KeyWrap | None, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._wrap = wrap
        self._clock: Clock = clock or SystemClock()
        self._kept: dict[str, tuple[int, int, bytes | None]] = {}
        self._noted: set[tuple[str, str]] = set()
        self._private_kept: dict[tuple[str, str], tuple[int, bytes | None]] = {}

    def seal(self, subject: str, chain: str, value: Any) -> Any:
        """``{"sealed", "subject", "key"}`` in the value's place; ``FORGOTTEN`` while it may be one of a person who was
        just forgotten. ``chain`` is where it is going to stand."""
        generation, public = self._public(subject)
        if public is None:
            return FORGOTTEN
        self._note(subject, generation, chain)
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        return {"sealed": seal(public, text.encode()), "subject": subject, "key": str(generation)}

    def open(self, sealed: Mapping[str, str]) -> Any:
        """The value that ``seal`` took, or ``FORGOTTEN`` where its key is destroyed."""
        private = self._private(sealed["subject"], sealed["key"])
        return FORGOTTEN if private is None else json.loads(unseal(private, sealed["sealed"]))

    def know(self, contacts: Iterable[Mapping[str, Any]]) -> None:
        """Remember which contact has which address, by its digest. ``contacts`` are those of a deal document."""
        pairs = set()
        for one in contacts:
            address = str((one.get("properties") or {}).get("email") or "").strip()
            if one.get("id") and address:
                pairs.add((f"{_CONTACT}{one['id']}", subject_of(address)))
        fresh = pairs - self._noted
        there = {
            (item["pk"].removeprefix("subject#"), item["sk"])
            for item in self._table.batch_get((_pk(contact), subject) for contact, subject in fresh)
        }
        for contact, subject in sorted(fresh - there):
            writes = [{"pk": _pk(contact), "sk": subject}, {"pk": _pk(subject), "sk": contact}]
            self._table.transact([self._table.putting({**each, "at": self._clock.now_ms()}) for each in writes])
        self._remember(fresh)

    def of_contact(self, contact_id: str) -> set[str]:
        """The subjects that a contact is known as."""
        return {item["sk"] for item in self._table.query("#pk = :pk", {"pk": _pk(f"{_CONTACT}{contact_id}")})}

    def contacts_of(self, subject: str) -> set[str]:
        """Ids of the contacts that have a subject's address."""
        return {sort.removeprefix(_CONTACT) for sort in self._sorts(subject) if sort.startswith(_CONTACT)}

    def chains_of(self, subject: str) -> set[str]:
        """The chains that hold values of a subject."""
        return {sort for sort in self._sorts(subject) if sort != _KEY_SORT and not sort.startswith(_CONTACT)}

    def destroy(self, subject: str) -> bool:
        """Destroy a subject's key; whether there was one. What was sealed under it can never be read again."""
        self._kept.pop(subject, None)
        values: dict[str, Any] = {"now": self._clock.now_ms(), "zero": 0}
        before = self._table.update(
            _pk(subject),
            _KEY_SORT,
            "SET #forgotten_at = :now, #generation = if_not_exists(#generation, :zero) REMOVE #wrapped, #public",
            values,
            returns="ALL_OLD",
        )
        return not isinstance(before, Refused) and "wrapped" in before

    def destroy_chain(self, chain: str) -> bool:
        """The same for the texts of a chain in which nobody can be told apart."""
        return self.destroy(subject_of_chain(chain))

    def drop(self, subject: str, contacts: Iterable[str]) -> None:
        """Forget where a subject's values were and which contacts they are; the tombstone of the key stays."""
        for sort in self._sorts(subject):
            if sort != _KEY_SORT:
                self._table.delete(_pk(subject), sort)
        for contact_id in contacts:
            for known in self.of_contact(contact_id):
                self._table.delete(_pk(f"{_CONTACT}{contact_id}"), known)

    def _sorts(self, subject: str) -> list[str]:
        return [item["sk"] for item in self._table.query("#pk = :pk", {"pk": _pk(subject)})]

    def _public(self, subject: str) -> tuple[int, bytes | None]:
        """Generation and public key; None for the key while there must be none."""
        now = self._clock.now_ms()
        kept = self._kept.get(subject)
        if kept is not None and now - kept[0] <= _KEPT_MS:
            return kept[1], kept[2]
        for _ in range(_TRIES):
            item = self._table.get(_pk(subject), _KEY_SORT)
            if item is not None and "public" in item:
                return self._keep(subject, item["generation"], b64decode(item["public"]))
            if item is not None and now - item["forgotten_at"] <= PENDING_MS:
                return item["generation"], None
            if made := self._make(subject, item):
                return self._keep(subject, *made)
        raise Retryable("a subject's key is made and destroyed by too many at once")

    def _make(self, subject: str, tombstone: Mapping[str, Any] | None) -> tuple[int, bytes] | None:
        """A new key, None when somebody else was faster."""
        if self._wrap is None:
            raise ValueError("who only forgets has no key to make keys with")
        public, private = new_pair()
        generation = tombstone["generation"] + 1 if tombstone else 1
        values: dict[str, Any] = {
            "public": b64encode(public).decode(),
            "wrapped": self._wrap.wrap(private, subject),
            "generation": generation,
            "now": self._clock.now_ms(),
        }
        condition = "attribute_not_exists(#pk)"
        if tombstone:
            values["was"] = tombstone["forgotten_at"]
            condition = "#forgotten_at = :was"
        answer = self._table.update(
            _pk(subject),
            _KEY_SORT,
            "SET #public = :public, #wrapped = :wrapped, #generation = :generation, #made_at = :now"
            + (" REMOVE #forgotten_at" if tombstone else ""),
            values,
            condition=condition,
        )
        return None if isinstance(answer, Refused) else (generation, public)

    def _keep(self, subject: str, generation: int, public: bytes) -> tuple[int, bytes]:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[subject] = (self._clock.now_ms(), generation, public)
        return generation, public

    def _private(self, subject: str, generation: str) -> bytes | None:
        """The private key of that generation, kept for a moment; None where it is destroyed."""
        now, known = self._clock.now_ms(), (subject, generation)
        kept = self._private_kept.get(known)
        if kept is None or now - kept[0] > _KEPT_MS:
            if len(self._private_kept) >= _MOST_KEPT:
                self._private_kept.clear()
            kept = self._private_kept[known] = (now, self._unwrapped(subject, generation))
        return kept[1]

    def _unwrapped(self, subject: str, generation: str) -> bytes | None:
        item = self._table.get(_pk(subject), _KEY_SORT)
        if item is None or str(item["generation"]) != generation or "wrapped" not in item or self._wrap is None:
            return None
        return self._wrap.unwrap(item["wrapped"], subject)

    def _note(self, subject: str, generation: int, chain: str) -> None:
        """Say that a chain holds values of a subject; once more after it was forgotten, and came back."""
        known = (f"{subject} {generation}", chain)
        if known not in self._noted:
            self._table.put({"pk": _pk(subject), "sk": chain, "at": self._clock.now_ms()})
            self._remember({known})

    def _remember(self, pairs: set[tuple[str, str]]) -> None:
        if len(self._noted) >= _MOST_KEPT:
            self._noted.clear()
        self._noted |= pairs


def _pk(subject: str) -> str:
    return f"subject#{subject}"
