"""What the vendor holds. Documents are in the form of the API, without name and times."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sandbox.google.schema import Document

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Opportunity:
    """One Cloud Channel opportunity. ``detached``: the partner lost its access."""

    name: str
    document: Document
    created_ms: int
    updated_ms: int
    detached: bool = False

    @property
    def state(self) -> str:
        """DRAFT, SUBMITTED, ACCEPTED or REJECTED."""
        return self.document["state"]


@dataclass(slots=True)
class CrmRecord:
    """One lead or opportunity of CRM Partners."""

    name: str
    document: Document
    created_ms: int


@dataclass(slots=True)
class State:
    """All records by name, in the order of their creation, and a source of ids."""

    seed: int = 0
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    leads: dict[str, CrmRecord] = field(default_factory=dict)
    crm_opportunities: dict[str, CrmRecord] = field(default_factory=dict)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def new_id(self) -> str:
        """A new id; the same seed gives the same ids."""
        return "".join(self._random.choices(_BASE62, k=18))
