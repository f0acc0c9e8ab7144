"""The field map: which HubSpot property stands for which partner field, as data from the settings document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Direction = Literal["both", "to_partner", "to_deal"]
Strategy = Literal["last-write-wins", "hubspot-wins", "partner-wins", "manual"]

OWNER_ID = "hubspot_owner_id"
"""The deal property that names the owner."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds while ``field`` has one of ``values`` on the partner's side; without values, while it has any."""

    field: str
    values: tuple[str, ...] = ()

    def holds(self, value: Any) -> bool:
        """Whether the condition holds for the named field's value."""
        return value is not None and (not self.values or value in self.values)


@dataclass(frozen=True, slots=True)
class Formula:
    """What a field is computed from where its own properties are empty: the text, and the properties it names."""

    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One line of the field map.

    ``properties`` of the HubSpot ``object`` are tried in order, then ``compute``; ``path`` is the partner's; ``codec``
    names the transform between them. ``direction`` says who may write the other side. ``required`` ``create`` must be
    there before a create. ``default`` is sent where neither side has one. ``only_when`` mutes the field while
    another field has another value; ``required_when`` makes it a must while it has that value. ``pass_on``: what
    another partner wrote on the deal for it may go to this one. ``label``: what HubSpot calls its main property.
    ``personal``: its values are about people. ``together_with`` names the field that it stands or falls with
    (``together``).
    """

    name: str
    path: str
    codec: str
    object: str = "deal"
    properties: tuple[str, ...] = ()
    direction: Direction = "both"
    required: Literal["create", "submit", "never"] = "never"
    strategy: Strategy = "last-write-wins"
    default: Any = None
    only_when: Condition | None = None
    required_when: Condition | None = None
    pass_on: bool = False
    label: str = ""
    personal: bool = False
    together_with: str | None = None
    compute: Formula | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def main_property(self) -> str | None:
        """The property that a person is asked to fill in."""
        return self.reads[0] if self.reads else None

    @property
    def reads(self) -> tuple[str, ...]:
        """Every property that has a say in the field: its own, then those of its formula."""
        return (*self.properties, *(self.compute.names if self.compute else ()))

    @property
    def called(self) -> str:
        """What a person calls the field: HubSpot's label, else the property's name, else the field's."""
        return self.label or self.main_property or self.name

    @property
    def kept_at_partner(self) -> bool:
        """Whether the partner's side may not become empty: what is missing there is written again."""
        return self.required != "never" or self.default is not None


def parse_rules(partner_settings: Mapping[str, Any]) -> tuple[FieldRule, ...]:
    """The rules of one partner's part of the settings document, each with its conflict strategy.

    Of two that stand together the one that names the other says it for both.
    """
    general = partner_settings.get("conflict_strategy", "last-write-wins")
    rules = tuple(_rule(entry, general) for entry in partner_settings["fields"])
    led = {rule.together_with: rule.strategy for rule in rules if rule.together_with is not None}
    return tuple(replace(rule, strategy=led.get(rule.name, rule.strategy)) for rule in rules)


def rules_to_read(partner_settings: Mapping[str, Any]) -> tuple[FieldRule, ...]:
    """Every rule that reads the deal: the field map's, and those of the lead that goes before an opportunity."""
    lead = (partner_settings.get("lead") or {}).get("fields") or ()
    return parse_rules({**partner_settings, "fields": [*partner_settings["fields"], *lead]})


def properties_to_read(rules: Sequence[FieldRule], crm_object: str) -> list[str]:
    """Names of the properties that the rules read from one kind of HubSpot object, sorted."""
    return sorted({name for rule in rules if rule.object == crm_object for name in rule.reads})


def needs_owner(rules: Sequence[FieldRule]) -> bool:
    """Whether a rule reads the deal's owner: the object ``owner`` (members ``email``, ``firstName``, ``lastName``), or
    the deal's property that names them."""
    return any(rule.object == "owner" or (rule.object == "deal" and OWNER_ID in rule.reads) for rule in rules)


def _rule(entry: Mapping[str, Any], general: Strategy) -> FieldRule:
    known = {
        key: value
        for key, value in entry.items()
        if key not in ("properties", "strategy", "only_when", "required_when", "compute")
    }
    return FieldRule(
        **known,
        properties=tuple(entry.get("properties") or ()),
        strategy=entry.get("strategy") or general,
        only_when=_condition(entry.get("only_when")),
        required_when=_condition(entry.get("required_when")),
        compute=Formula(said["text"], tuple(said["names"])) if (said := entry.get("compute")) else None,
    )


def _condition(entry: Mapping[str, Any] | None) -> Condition | None:
    return Condition(entry["field"], tuple(entry.get("values") or ())) if entry else None
