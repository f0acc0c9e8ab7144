"""Which values of an audit record are a person's, and whose. Pure: what seals them is an argument.

A subject is a person as we know them: the digest of their address (``subject_of``). What a record says of a person goes
under that person's key, part by part, so that forgetting one leaves the others readable. A personal text in which
nobody can be told apart goes under the key of its chain, which goes with any of the people that the chain is about.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from lambdas.shared.domain.origins import address_mark

FORGOTTEN = "(forgotten)"
"""What stands, or is read, in the place of a value whose person was forgotten."""

ADDRESS = re.compile(r"[^\s@<>(),;:\"'\[\]{}\\]+@[^\s@<>(),;:\"'\[\]{}\\]+\.[^\W_]{2,}")
"""A mail address inside of a text."""

type Seal = Callable[[str, Any], Any]
"""Takes a subject and a value, gives what is kept in the value's place."""

_PERSON = frozenset({"EnsureContact"})
_WORDS = frozenset({"CreateNote", "CreateTask"})
_LISTS = ("changes", "conflicts", "picked")
_VALUES = frozenset({"before", "after", "base", "deal_value", "opportunity_value"})
_SEALED = frozenset({"sealed", "subject", "key"})
_HELD = ("contact", "owner")


def subject_of(address: str) -> str:
    """The subject that has this address, whatever its case."""
    return address_mark(address)


def subject_of_chain(chain: str) -> str:
    """Whose the personal texts of a chain are in which nobody can be told apart."""
    return f"chain-{hashlib.sha256(chain.encode()).hexdigest()[:24]}"


def personal_fields(partner: Mapping[str, Any]) -> frozenset[str]:
    """Names of a partner's fields that are about people: what contacts and owners bring, and what the map says."""
    rules = [*partner.get("fields", ()), *((partner.get("lead") or {}).get("fields") or ())]
    return frozenset(rule["name"] for rule in rules if rule.get("personal") or rule.get("object") in _HELD)


def concealed(
    chain: str, fields: Mapping[str, Any], personal: Mapping[str, Collection[str]], seal: Seal
) -> Mapping[str, Any]:
    """A record's fields with personal values sealed; ``fields`` itself where there is none.

    ``personal``: by partner, the names of its personal fields. Of a contact that is matched or made everything is
    personal, and so are the words of our notes and tasks; anywhere else, whatever holds a mail address.
    """
    operation = str(fields.get("operation", ""))
    names = personal.get(str(fields.get("partner", "")), ())
    found: dict[str, Any] = {}
    for name in _LISTS:
        rows = fields.get(name) or ()
        if operation in _PERSON:
            whose = _whose(rows)
            new = [_row(row, True, lambda value, whose=whose: seal(whose, value)) for row in rows]
        else:
            new = [
                _row(row, operation in _WORDS or row.get("field") in names, lambda value: _sealed(value, chain, seal))
                for row in rows
            ]
        if new != list(rows):
            found[name] = new
    return {**fields, **found} if found else fields


def revealed(value: Any, opened: Callable[[Mapping[str, str]], Any]) -> Any:
    """A value of a record as a person may read it. ``opened`` takes what ``Seal`` gave, gives the value."""
    if isinstance(value, Mapping):
        if value.keys() == _SEALED:
            return revealed(opened(value), opened)
        return {name: revealed(one, opened) for name, one in value.items()}
    return [revealed(one, opened) for one in value] if isinstance(value, (list, tuple)) else value


def sealed_parts(value: Any) -> Iterator[Mapping[str, str]]:
    """Everything in a value that is sealed."""
    if isinstance(value, Mapping):
        if value.keys() == _SEALED:
            yield value
        else:
            for one in value.values():
                yield from sealed_parts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from sealed_parts(one)


def _row(row: Mapping[str, Any], personal: bool, sealed: Callable[[Any], Any]) -> Mapping[str, Any]:
    """One change or conflict."""
    return {
        name: sealed(value)
        if name in _VALUES and value not in (None, "", []) and (personal or _mentions(value))
        else value
        for name, value in row.items()
    }


def _whose(rows: Any) -> str:
    """The one person that a contact's record is about; where no address is stated, a person by the record itself."""
    addresses = (str(row.get("after", "")) for row in rows if row.get("field") == "email")
    return subject_of(next(addresses, json.dumps(list(rows), sort_keys=True, default=str)))


def _sealed(value: Any, chain: str, seal: Seal) -> Any:
    if isinstance(value, (list, tuple)):
        return [_sealed(one, chain, seal) for one in value]
    if value is None or value == "":
        return value
    found = {subject_of(one) for one in _addresses(value)}
    return seal(next(iter(found)) if len(found) == 1 else subject_of_chain(chain), value)


def _mentions(value: Any) -> bool:
    return next(_addresses(value), None) is not None


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from ADDRESS.findall(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _addresses(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _addresses(one)
