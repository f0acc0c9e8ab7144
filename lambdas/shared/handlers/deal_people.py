"""The company and contacts that a partner's record brings to a deal: matched first, made where HubSpot has nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from lambdas.shared.domain.messages import people_fact
from lambdas.shared.domain.plan import Fact
from lambdas.shared.errors import Conflict, Problem, Rejected
from lambdas.shared.handlers.trail import Trail
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import logger

type PersonWrite = tuple[Mapping[str, str], Callable[[], str]]
"""The properties, for the record, and the call that finds or makes the company or contact."""


class _Made:
    """Is called when a record is about to be made, and true from then on."""

    def __init__(self, before: Callable[[], None]) -> None:
        self._before, self._called = before, False

    def __call__(self) -> None:
        self._before()
        self._called = True

    def __bool__(self) -> bool:
        return self._called


def company_writes(
    people: Mapping[str, Any], names: Mapping[str, str], trail: Trail, hubspot: Any
) -> Iterator[PersonWrite]:
    """The company of ``people`` (a plan's ``deal_people``), known by its domain or by our key for it."""
    key, company = people["company_key"], people["company"]
    if key:

        def write() -> str:
            made = _Made(lambda: trail.before_company(key, company))
            company_id = hubspot.ensure_company(names["company_key"], key, company.get("domain"), company, made)
            if made:
                trail.after_company(company_id, company)
            return company_id

        yield company, write


def contact_writes(contacts: Iterable[Mapping[str, str]], trail: Trail, hubspot: Any) -> Iterator[PersonWrite]:
    """The contacts that have an address, by which they are known; one that HubSpot has stays as it is."""
    for one in contacts:
        if one.get("email"):
            yield one, partial(_write_contact, one, trail, hubspot)


def _write_contact(one: Mapping[str, str], trail: Trail, hubspot: Any) -> str:
    rest = {name: text for name, text in one.items() if name != "email"}
    made = _Made(lambda: trail.before_contact(one["email"]))
    contact_id = hubspot.ensure_contact(one["email"], rest, made)
    if made:
        trail.after_contact(contact_id)
    return contact_id


def ensure_each(
    writes: Iterable[PersonWrite], kind: str, refused: list[Problem], run: Mapping[str, Any], c: Any
) -> list[str]:
    """Ids of those that HubSpot has or takes. A deal without them is better than none, so a refusal is only kept."""
    ids: list[str] = []
    for properties, write in writes:
        changes = [{"field": name, "after": text} for name, text in sorted(properties.items())]
        try:
            with recorded(c.audit, None, run, f"Ensure{kind.title()}", changes) as done:
                ids.append(write())
                done(id=ids[-1])
        except (Rejected, Conflict) as error:
            problems = getattr(error, "problems", ()) or (Problem(kind, str(error), kind),)
            fields = sorted({one.property or one.field for one in problems})
            logger.warning("HubSpot refused a record of the deal", extra={"object": kind, "fields": fields})
            refused += problems
    return ids


def associate(run: Mapping[str, Any], contact_id: str, c: Any) -> None:
    """Tie a contact to the run's deal, on record."""
    with recorded(c.audit, None, run, "AssociateContact", [{"field": "contact", "after": contact_id}]):
        c.hubspot.associate("deals", run["deal_id"], "contacts", contact_id)


def add_newcomers(run: Mapping[str, Any], contacts: Iterable[Mapping[str, str]], c: Any) -> list[Fact]:
    """Tie contacts that the partner's record has got since to the deal; what to tell, should HubSpot refuse some."""
    settings = c.partners[run["partner"]]
    trail, refused = Trail(c.origins, run["partner"], settings), list[Problem]()
    for contact_id in ensure_each(contact_writes(contacts, trail, c.hubspot), "contact", refused, run, c):
        associate(run, contact_id, c)
    return [people_fact(refused, settings["label"])] if refused else []
