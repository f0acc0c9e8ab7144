"""Microsoft's codecs by name: the shared ones, those of the deal, and here those of customer, people and solutions.

https://learn.microsoft.com/partner-center/developer/referral-resources
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdas.microsoft.domain.deal_codecs import ClosingTime, Consent, DealKind, SalesStage, Standing
from lambdas.shared.domain.codecs import CODECS as SHARED_CODECS
from lambdas.shared.domain.contact_points import mail_address
from lambdas.shared.domain.documents import contacts_of, text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Codec, Context, Reading, problem

SIZES: tuple[tuple[int, str], ...] = (
    (9, "1to9employees"),
    (50, "10to50employees"),
    (250, "51to250employees"),
    (1000, "251to1000employees"),
    (5000, "1001to5000employees"),
    (10000, "5001to10000employees"),
    (20000, "10001to20000employees"),
)
"""The most employees of each size, and its name."""

LARGEST = "Morethan20000employees"
_MEMBERS = {"email": "email", "firstName": "firstname", "lastName": "lastname", "phoneNumber": "phone"}
_SOLUTION = re.compile(r"SOL-[A-Za-z0-9-]{1,60}")


def size_of(employees: int) -> str:
    """The size with this many employees (at least one)."""
    return next((name for most, name in SIZES if employees <= most), LARGEST)


class Size(Codec):
    """The company's number of employees as one of Microsoft's sizes."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The size, or a problem if the property is no number of people."""
        raw = text_of(deal, rule.object, rule.properties[0])
        if raw is None:
            return Reading()
        try:
            count = Decimal(raw)
        except InvalidOperation:
            count = Decimal(0)
        if not count.is_finite() or count != count.to_integral_value() or count < 1:
            return Reading(problem=problem(rule, "must be a whole number from 1 on"))
        return Reading(size_of(int(count)))


class Ids(Codec):
    """A list of rows known by their ``id``; compared and planned as the sorted ids."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """The ids, sorted, none twice; None for none."""
        rows = value if isinstance(value, list) else []
        found = {str(row["id"]) if isinstance(row, Mapping) else str(row) for row in rows if _names_id(row)}
        return sorted(found) or None


class Industries(Ids):
    """The company's industry through the settings' table, or Microsoft's own id."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """One id, or a problem that names the industry that the table lacks."""
        reading = SHARED_CODECS["table"].read(deal, rule, context)
        return reading if reading.value is None else Reading([reading.value])


class Solutions(Ids):
    """The partner's own solutions (``SOL-…``) that the deal names, else the configured ones."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The ids, or a problem that names what is none."""
        named = [each for each in re.split(r"[;,\s]+", text_of(deal, "deal", rule.properties[0]) or "") if each]
        wrong = [each for each in named if not _SOLUTION.fullmatch(each)]
        if wrong:
            text = f"names {wrong[0][:40]!r}; a solution id looks like SOL-12345-ABC"
            return Reading(problem=problem(rule, text))
        return Reading(self.canonical(named or list(context.partner.get("solutions") or []), rule, context))


class People(Codec):
    """Members of a team, known by their mail address; who has none is left out. The order has no meaning."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """Each member cleaned, sorted by address, nobody twice; None for nobody."""
        people = [member(each) for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
        unique = {person["email"]: person for person in reversed(people) if person}
        return [unique[email] for email in sorted(unique)] or None


class Contacts(People):
    """The customer's people: the deal's contacts."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The contacts that have a mail address."""
        people = [{name: each.get(ours) for name, ours in _MEMBERS.items()} for each in contacts_of(deal)]
        return Reading(self.canonical(people, rule, context))


class Seller(People):
    """Our own team: the deal's owner, from the member ``owner`` of the deal document (as HubSpot describes owners)."""

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The owner, or nobody."""
        owner = (deal or {}).get("owner")
        return Reading(self.canonical([owner] if owner else [], rule, context))


def member(raw: Mapping[str, Any]) -> dict[str, str]:
    """One person in Microsoft's form, address in lower case; empty without a usable address."""
    person = {name: " ".join(str(raw.get(name) or "").split()) for name in _MEMBERS}
    address = mail_address(person["email"])
    return {name: text for name, text in {**person, "email": address}.items() if text} if address else {}


def to_contact_properties(raw: Mapping[str, Any]) -> dict[str, str]:
    """HubSpot contact properties of one member of the customer's team; empty without a usable address."""
    return {_MEMBERS[name]: text for name, text in member(raw).items()}


def _names_id(row: Any) -> bool:
    return bool(row.get("id")) if isinstance(row, Mapping) else bool(row)


CODECS: Mapping[str, Codec] = {
    **SHARED_CODECS,
    "standing": Standing(),
    "sales_stage": SalesStage(),
    "closing_time": ClosingTime(),
    "deal_kind": DealKind(),
    "consent": Consent(),
    "size": Size(),
    "industries": Industries(),
    "solutions": Solutions(),
    "contacts": Contacts(),
    "seller": Seller(),
}
