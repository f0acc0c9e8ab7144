"""The partner's own solutions in Partner Central, as the catalogue that we keep of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Self

ACTIVE = "Active"
STATUSES = (ACTIVE, "Inactive", "Draft")
_CLOSEST = 5


@dataclass(frozen=True, slots=True)
class Solution:
    """One row of ListSolutions. ``created_at`` is ISO 8601 text; ``marketplace_arn`` is there for solutions that are on
    AWS Marketplace.

    https://docs.aws.amazon.com/partner-central/latest/APIReference/API_SolutionBase.html
    """

    solution_id: str
    name: str
    category: str
    status: str
    created_at: str | None = None
    arn: str | None = None
    marketplace_arn: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON form, as it lies in the ledger; what is not known is absent."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The solution of ``as_dict``'s result; members of a later version are left out."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__ if name in row})


@dataclass(frozen=True)
class Catalogue:
    """All solutions of one catalog as they were at ``read_at`` (epoch milliseconds), in the order of their ids.

    ``read_at`` None: they were never read, or so long ago that it says nothing any more.
    """

    solutions: tuple[Solution, ...] = ()
    read_at: int | None = None

    def age_ms(self, now_ms: int) -> int | None:
        """How old this is; None when there is nothing."""
        return None if self.read_at is None else max(0, now_ms - self.read_at)

    @property
    def why_empty(self) -> str | None:
        """Why nothing can be said by this catalogue, as a sentence; None when it holds active solutions."""
        if self.read_at is None:
            return "The solutions of Partner Central have not been read yet; the daily poll aws.solutions reads them."
        if not self.active:
            return "Partner Central lists no active solution in this catalog."
        return None

    @cached_property
    def active(self) -> tuple[Solution, ...]:
        """Those that AWS lets be associated."""
        return tuple(each for each in self.solutions if each.status == ACTIVE)

    @cached_property
    def by_id(self) -> Mapping[str, Solution]:
        """Every solution by its id."""
        return {each.solution_id: each for each in self.solutions}

    def closest(self, solution_id: str) -> tuple[str, ...]:
        """Ids of active solutions that are spelt most like this one, the nearest first; failing that, the first few."""
        known = [each.solution_id for each in self.active]
        return tuple(get_close_matches(solution_id, known, _CLOSEST, 0.5) or known[:_CLOSEST])
