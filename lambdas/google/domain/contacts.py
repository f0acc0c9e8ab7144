"""The customer's contact as Google takes it (``customerInfo.contact``): a phone in E.164, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.contact_points import e164, mail_address
from lambdas.shared.domain.documents import contacts_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Reading

_MEMBERS = {"givenName": "firstname", "familyName": "lastname", "email": "email"}


class MainContact(Codec):
    """One person: of the deal's contacts, the first by mail address. There is one place, so the choice is stable."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """The person's members cleaned; None for nobody with a mail address."""
        return _person(value) or None if isinstance(value, Mapping) else None

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The contact with the first mail address by the alphabet."""
        raw = (
            {to: each.get(name) for to, name in (*_MEMBERS.items(), ("phone", "phone"))} for each in contacts_of(deal)
        )
        people = sorted((person for each in raw if (person := _person(each))), key=lambda person: person["email"])
        return Reading(people[0] if people else None)


def to_contact_properties(raw: Mapping[str, Any]) -> dict[str, str]:
    """HubSpot contact properties of Google's contact; empty without a usable mail address."""
    person = _person(raw)
    found = {name: person[member] for member, name in _MEMBERS.items() if member in person}
    return {**found, "phone": person["phone"]["e164Number"]} if "phone" in person else found


def _person(raw: Mapping[str, Any]) -> dict[str, Any]:
    person: dict[str, Any] = {member: " ".join(str(raw.get(member) or "").split()) for member in _MEMBERS}
    address = mail_address(person["email"])
    if address is None:
        return {}
    person["email"] = address
    phone = raw.get("phone")
    number = e164(str((phone.get("e164Number") if isinstance(phone, Mapping) else phone) or ""))
    return {name: text for name, text in person.items() if text} | ({"phone": {"e164Number": number}} if number else {})
