"""What the Lead context of an engagement says. Pure.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_LeadContext.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.contacts import to_contact_properties
from lambdas.shared.domain.messages import digest


@dataclass(frozen=True, slots=True)
class LeadWords:
    """Contacts as HubSpot properties, each person once; the problem of the latest interaction that has one."""

    contacts: tuple[Mapping[str, str], ...]
    problem: str | None


def words_of_lead(lead: Mapping[str, Any]) -> LeadWords:
    """What a deal takes of a lead."""
    interactions = [one for one in lead.get("Interactions") or () if isinstance(one, Mapping)]
    people = {one["email"]: one for one in map(_contact, interactions) if one.get("email")}
    problems = [str(one["BusinessProblem"]).strip() for one in interactions if one.get("BusinessProblem")]
    return LeadWords(tuple(people.values()), problems[-1] if problems else None)


def qualification_mark(said: str) -> str:
    """A value-free mark of a qualification, by which a later one is told from it."""
    return digest(said.strip())


def _contact(interaction: Mapping[str, Any]) -> dict[str, str]:
    return to_contact_properties(interaction.get("Contact") or {})
