"""What is to be done to the fields of one deal and one opportunity: what the comparison (``planner``) comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.domain.plan import Became, FieldChange, FieldConflict, HeldTogether
from lambdas.shared.errors import Problem


@dataclass(slots=True)
class FieldPlan:
    """What is to be done to the fields.

    ``opportunity`` maps paths to values (None clears), ``deal`` property names to text (``""`` clears); ``values``
    is what each field will say at the partner, ``base`` the base once all is applied. ``withheld`` names fields that
    rest because another partner wrote them on the deal, ``withdrawn`` those that wait because of another field, and
    ``together`` says of which of these wait with the one that they stand or fall with. ``without`` are problems of a
    create that goes on without the values. ``became`` has one word of ``plan.Became`` for each field.
    """

    opportunity: dict[str, Any] = field(default_factory=dict)
    opportunity_changes: list[FieldChange] = field(default_factory=list)
    deal: dict[str, str] = field(default_factory=dict)
    deal_changes: list[FieldChange] = field(default_factory=list)
    conflicts: list[FieldConflict] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    without: list[Problem] = field(default_factory=list)
    base: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    together: list[HeldTogether] = field(default_factory=list)
    became: dict[str, Became] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing to write on either side."""
        return not self.opportunity and not self.deal
