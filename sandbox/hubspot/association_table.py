"""Which record is tied to which, and by what types (hubspot.md 3.8). Pure bookkeeping; both directions are kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sandbox.hubspot.facts import default_type_id, primary_type_id

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
USER_DEFINED = "USER_DEFINED"
FIRST_LABEL_ID = 5_001
MAX_LABELS = 10

Spec = tuple[str, int]
Ref = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Label:
    """A custom label of one direction of an object pair."""

    type_id: int
    label: str
    name: str
    source: str
    target: str
    inverse_id: int


@dataclass(slots=True)
class AssociationTable:
    """Associations by direction: ``links[(from, to type)][to id]`` is the set of ``(category, type id)``."""

    links: dict[tuple[Ref, str], dict[str, set[Spec]]] = field(default_factory=lambda: defaultdict(dict))
    labels: dict[int, Label] = field(default_factory=dict)

    def between(self, source: Ref, target: Ref) -> set[Spec]:
        """The types of the direction source to target; empty if they are not tied."""
        return set(self.links[source, target[0]].get(target[1], set()))

    def targets(self, source: Ref, target_type: str) -> dict[str, set[Spec]]:
        """All records of a type that ``source`` is tied to, with the types."""
        return {key: set(specs) for key, specs in self.links[source, target_type].items()}

    def put(self, source: Ref, target: Ref, specs: set[Spec]) -> None:
        """Replace the types between two records, in both directions; the empty set unties them."""
        if not specs:
            self.links[source, target[0]].pop(target[1], None)
            self.links[target, source[0]].pop(source[1], None)
            return
        self.links[source, target[0]][target[1]] = set(specs)
        self.links[target, source[0]][source[1]] = {self.inverse(source[0], target[0], spec) for spec in specs}

    def everything_of(self, source: Ref) -> list[Ref]:
        """Every record tied to ``source``."""
        return [(kind, key) for (ref, kind), found in list(self.links.items()) if ref == source for key in found]

    def inverse(self, source: str, target: str, spec: Spec) -> Spec:
        """The same association seen from the other side."""
        category, type_id = spec
        if category == USER_DEFINED:
            return category, self.labels[type_id].inverse_id
        if type_id == primary_type_id(source, target):
            return category, primary_type_id(target, source) or type_id
        return category, default_type_id(target, source) or inverse_without_name(source, target)

    def known(self, source: str, target: str) -> dict[Spec, str | None]:
        """The types that the direction source to target allows, with their labels."""
        found: dict[Spec, str | None] = {}
        if default_type_id(source, target) is not None or default_type_id(target, source) is not None:
            found[default_spec(source, target)] = None
        primary = primary_type_id(source, target)
        if primary is not None:
            found[HUBSPOT_DEFINED, primary] = "Primary"
        for label in self.labels.values():
            if (label.source, label.target) == (source, target):
                found[USER_DEFINED, label.type_id] = label.label
        return found

    def add_label(self, source: str, target: str, name: str, label: str, inverse_label: str) -> list[Label]:
        """Create a label for both directions of a pair and return the two (one, for a type with itself)."""
        first = FIRST_LABEL_ID + len(self.labels)
        if source == target:
            made = [Label(first, label, name, source, target, first)]
        else:
            made = [
                Label(first, label, name, source, target, first + 1),
                Label(first + 1, inverse_label, name, target, source, first),
            ]
        self.labels.update({one.type_id: one for one in made})
        return made


def default_spec(source: str, target: str) -> Spec:
    """The unlabelled type of a direction. Some directions have no number in the fact sheet and get one of our own."""
    type_id = default_type_id(source, target)
    return HUBSPOT_DEFINED, type_id if type_id is not None else inverse_without_name(target, source)


def inverse_without_name(source: str, target: str) -> int:
    """The number of the direction target to source where the fact sheet names only source to target: one below it."""
    known = default_type_id(source, target)
    if known is None:
        raise ValueError(f"{source} cannot be associated with {target}")
    return known - 1
