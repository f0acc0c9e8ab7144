"""How AWS is to be involved in a deal: what the deal says, else the settings, and the needs that go with it.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_AwsSubmission.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.shared.domain import paths
from lambdas.shared.domain.codecs import Choices
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Context, Reading, Unwritable
from lambdas.shared.errors import Problem

CO_SELL, VISIBILITY_ONLY = "Co-Sell", "For Visibility Only"
INVOLVEMENTS = (CO_SELL, VISIBILITY_ONLY)
FULL, LIMITED = "Full", "Limited"
VISIBILITIES = (FULL, LIMITED)
NEEDS_PATH = "PrimaryNeedsFromAws"
NO_SUPPORT = "Do Not Need Support from AWS Sales Rep"
"""AWS's spreadsheet has it for visibility only, the service model does not; ``no_support_need`` says if it is sent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """With what a deal is submitted."""

    involvement: str
    visibility: str


def wanted(deal: Mapping[str, Any] | None, context: Context) -> tuple[Wanted, list[Problem]]:
    """What the deal's two properties say, the configured default for an empty one; a problem for an unknown value."""
    defaults = context.partner["submission"]
    problems: list[Problem] = []
    chosen: dict[str, str] = {}
    for role, default, allowed in (
        ("involvement_wanted", defaults["involvement_type"], INVOLVEMENTS),
        ("visibility_wanted", defaults["visibility"], VISIBILITIES),
    ):
        name = context.partner["status_properties"][role]
        said = text_of(deal, "deal", name)
        if said is not None and said not in allowed:
            message = f"The deal property {name!r} has the unknown value {said[:80]!r}."
            problems.append(Problem(role, message, "deal", name, allowed))
        chosen[role] = default if said is None or said not in allowed else said
    return Wanted(chosen["involvement_wanted"], chosen["visibility_wanted"]), problems


def co_sell_needs(document: Mapping[str, Any]) -> list[str]:
    """The needs of an opportunity that ask for AWS's help."""
    return [need for need in paths.get(document, NEEDS_PATH) or () if need != NO_SUPPORT]


class Needs(Choices):
    """What is needed from AWS. A deal for visibility only that names nothing says so, where the settings want it."""

    def canonical(self, value: Any, rule: FieldRule, context: Context) -> Any:
        """The needs that AWS's model lists; the word for none only alone, and only where it is sent."""
        said = value if isinstance(value, list) else [str(value)]
        listed = super().canonical(value, rule, context)
        return listed or ([NO_SUPPORT] if NO_SUPPORT in said and _says_so(context) else None)

    def read(self, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
        """The chosen needs, or the word for none."""
        reading = super().read(deal, rule, context)
        silent = reading.value is None and reading.problem is None
        if silent and _says_so(context) and wanted(deal, context)[0].involvement == VISIBILITY_ONLY:
            return Reading([NO_SUPPORT])
        return reading

    def to_properties(self, value: Any, deal: Mapping[str, Any], rule: FieldRule, context: Context) -> dict[str, str]:
        """Only the needs have a property; the word for none follows from the involvement."""
        if value and NO_SUPPORT in value:
            raise Unwritable()
        name = rule.properties[0]
        if value is None:
            return {name: ""} if text_of(deal, rule.object, name) is not None else {}
        return {name: self.to_text(value, rule, context)}


def _says_so(context: Context) -> bool:
    return context.partner["submission"]["no_support_need"] == "say-so"
