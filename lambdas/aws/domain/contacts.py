"""The customer's people as AWS takes them: lower-case mail, phone in E.164 or left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.contact_points import e164
from lambdas.shared.domain.documents import contacts_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Reading

_MEMBERS = {
    "Email": "email",
    "FirstName": "firstname",
    "LastName": "lastname",
    "BusinessTitle": "jobtitle",
    "Phone": "phone",
}
_WORD = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_MAIL = re.compile(rf"{_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+{_LABEL}")


class Contacts(Codec):
    """A list of people, sorted, so that the order in which HubSpot names them has no meaning."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Each person's members cleaned; nobody twice; None for nobody."""
        people = [_person(each) for each in value if isinstance(each, Mapping)]
        unique = {tuple(sorted(person.items())): person for person in people if person}
        return [unique[key] for key in sorted(unique)] or None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The deal's contacts."""
        people = [{member: each.get(name) for member, name in _MEMBERS.items()} for each in contacts_of(deal)]
        return Reading(self.canonical(people, rule, context))


def to_contact_properties(person: Mapping[str, Any]) -> dict[str, str]:
    """HubSpot contact properties of one person of an opportunity."""
    clean = _person(person)
    return {name: clean[member] for member, name in _MEMBERS.items() if member in clean}


def _person(raw: Mapping[str, Any]) -> dict[str, str]:
    person: dict[str, str] = {}
    for member in _MEMBERS:
        text = " ".join(str(raw.get(member) or "").split())
        if member == "Email":
            text = text.lower()
            text = text if len(text) <= 80 and _MAIL.fullmatch(text) else ""
        elif member == "Phone":
            text = e164(text) or ""
        else:
            text = text[:80].strip()
        if text:
            person[member] = text
    return person
