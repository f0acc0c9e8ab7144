"""What a person picked on the deal where both sides changed the same field and the field's strategy is ``manual``.

Two deal properties say it: ``conflict_pick`` (one side, for every conflict that the deal shows) and
``conflict_field_picks`` (single fields, such as ``Amount: AWS; Close date: HubSpot``; they go first). Level-triggered:
both are read by every run. What the link remembers of what was shown is a digest for each field, never a value. Pure.

| pick | then |
|---|---|
| made for what was shown, which still stands | that side's value goes to the other side (rule ``picked``) |
| either value moved since, or the pick is older than what is shown now | emptied, and asked again |
| the field takes no change for now, or the value is refused | the link remembers the pick until that ends |
| of a value for which the deal has no place | emptied, the deal says what can be done |
| text that names no field, or no side | nothing is applied, the text stays, the deal says what is allowed |
| nothing is in conflict (any more) | emptied |
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.domain.documents import last_actor, last_entry, text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.messages import digest
from lambdas.shared.domain.plan import FieldConflict, Side
from lambdas.shared.domain.values import Context

PICKED = "picked"
"""The rule of a change that a person decided."""

CHOICES: Mapping[str, Side] = {"hubspot": "deal", "partner": "opportunity"}
"""Values of the property ``conflict_pick``."""

_ALL, _SINGLE = "conflict_pick", "conflict_field_picks"
_MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Pick:
    """Whose value stands, and who said so, in HubSpot's words (``CRM_UI userId:600``)."""

    side: Side
    by: str


@dataclass(frozen=True, slots=True)
class Picks:
    """What the deal and the link say. ``chosen`` holds by field what counts; ``given``: a property is filled.

    ``mistaken``: the text cannot be understood, so nothing of it counts and it stays. ``answers`` are for the person.
    """

    chosen: Mapping[str, Pick] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    given: bool = False
    mistaken: bool = False


def digest_of(conflict: FieldConflict) -> str:
    """What a conflict's two values are known by."""
    return digest("conflict", conflict.field, conflict.deal_value, conflict.opportunity_value)


def read_picks(
    deal: Mapping[str, Any],
    conflicts: Sequence[FieldConflict],
    shown: Mapping[str, Mapping[str, str]],
    rules: Sequence[FieldRule],
    context: Context,
) -> Picks:
    """The picks that count for ``conflicts``. ``shown`` is the link's ``conflicts_shown``."""
    reader = _Reader(deal, {each.field: each for each in conflicts}, shown, rules, context.label, context)
    texts = {role: reader.text(role) for role in (_ALL, _SINGLE)}
    kept = dict(reader.remembered())
    if not any(texts.values()):
        return Picks(kept)
    if not conflicts:
        return Picks(given=True)
    asked, mistakes = reader.asked(texts[_ALL], texts[_SINGLE])
    if mistakes:
        return Picks(kept, tuple(mistakes), given=True, mistaken=True)
    return reader.judged(asked, kept)


@dataclass(frozen=True, slots=True)
class _Reader:
    deal: Mapping[str, Any]
    open: Mapping[str, FieldConflict]
    shown: Mapping[str, Mapping[str, str]]
    rules: Sequence[FieldRule]
    label: str
    context: Context

    def name(self, role: str) -> str:
        return self.context.partner["status_properties"].get(role, "")

    def text(self, role: str) -> str | None:
        return text_of(self.deal, "deal", self.name(role)) if self.name(role) else None

    def stands(self, conflict: FieldConflict) -> bool:
        """Whether these two values are what the deal was made to show."""
        return self.shown.get(conflict.field, {}).get("digest") == digest_of(conflict)

    def remembered(self) -> Iterator[tuple[str, Pick]]:
        for name, conflict in self.open.items():
            said = self.shown.get(name, {})
            if "side" in said and self.stands(conflict):
                yield name, Pick("deal" if said["side"] == "deal" else "opportunity", said.get("by", ""))

    def asked(self, for_all: str | None, single: str | None) -> tuple[dict[str, tuple[Side, str]], list[str]]:
        """Field to side and the role that says so; and what cannot be understood."""
        found: dict[str, tuple[Side, str]] = {}
        single_ones: dict[str, Side] = {}
        mistakes = []
        if for_all is not None:
            if for_all not in CHOICES:
                allowed = ", ".join(CHOICES)
                mistakes.append(f"{self.name(_ALL)}: “{_cut(for_all)}” is no choice. Allowed: {allowed}.")
            else:
                found = dict.fromkeys(self.open, (CHOICES[for_all], _ALL))
        for part in _parts(single or ""):
            fields, side = self._part(part)
            if fields is None or side is None:
                mistakes.append(self._mistake(part, named=fields is not None))
            else:
                single_ones |= dict.fromkeys(fields, side)
        for one, other in self._pairs():
            if {one, other} <= {*single_ones} and single_ones[one] != single_ones[other]:
                mistakes.append(self._torn(one, other))
            elif one in single_ones or other in single_ones:
                side = single_ones.get(one) or single_ones[other]
                single_ones |= {one: side, other: side}
        found |= {name: (side, _SINGLE) for name, side in single_ones.items()}
        if not found and not mistakes:
            mistakes.append(self._mistake(single or "", named=False))
        return found, mistakes

    def _pairs(self) -> list[tuple[str, str]]:
        """Conflicts that are one decision, since the two fields stand or fall together."""
        named = ((rule.name, rule.together_with) for rule in self.rules if rule.together_with is not None)
        return [(one, other) for one, other in named if one in self.open and other in self.open]

    def _torn(self, one: str, other: str) -> str:
        labels = f"{self.open[one].label} and {self.open[other].label}"
        return f"{self.name(_SINGLE)}: {labels} go together, so pick one side for both. Nothing was picked."

    def judged(self, asked: Mapping[str, tuple[Side, str]], kept: dict[str, Pick]) -> Picks:
        chosen, moved, answers = kept, [], []
        for name, (side, role) in asked.items():
            conflict = self.open[name]
            if self.stands(conflict) and self._is_after_showing(role):
                if side == "opportunity" and not conflict.fits:
                    answers.append(_no_place(conflict, self.label))
                else:
                    chosen[name] = Pick(side, last_actor(self.deal, [self.name(role)], self.context.own_source) or "")
            elif name not in chosen:
                moved.append(conflict.label)
        if moved:
            listed = ", ".join(moved)
            answers.append(f"{listed}: what the deal shows is newer than your pick. Please look at it and pick again.")
        return Picks(chosen, tuple(answers), given=True)

    def _is_after_showing(self, role: str) -> bool:
        """A pick that was made before the deal showed what it shows now was made for something else.

        By HubSpot's own times; where there is none, the digest alone decides.
        """
        picked = last_entry(self.deal, [self.name(role)], self.context.own_source)
        asked = last_entry(self.deal, [self.name("conflicts")], None)
        return picked is None or asked is None or int(picked["timestamp"]) >= int(asked["timestamp"])

    def _part(self, part: str) -> tuple[list[str] | None, Side | None]:
        """The fields in conflict that a part names (None: no field of the map is called so), and the side."""
        name, sign, side = part.rpartition(":" if ":" in part else "=")
        name = name if sign else part
        called = [rule.name for rule in self.rules if _plain(name) in _names(rule)]
        return ([each for each in called if each in self.open] if called else None), self._side(side if sign else "")

    def _side(self, word: str) -> Side | None:
        said = _plain(word).split()[:1]  # "Google Cloud" is Google, too
        if said in (["hubspot"], ["deal"]):
            return "deal"
        theirs = (self.label.split()[0], self.context.partner["tag"], "partner")
        return "opportunity" if said and said[0] in {_plain(each) for each in theirs} else None

    def _mistake(self, part: str, *, named: bool) -> str:
        fields = list(dict.fromkeys(each.label for each in self.open.values()))
        sides = f"HubSpot or {self.label.split()[0]}"
        wrong = f"does not say {sides}" if named else "names no field that is in conflict"
        example = "; ".join(f"{each}: {self.label.split()[0]}" for each in fields[:2])
        return (
            f"{self.name(_SINGLE)}: “{_cut(part)}” {wrong}, so nothing was picked. Allowed: {', '.join(fields)}, each "
            f"with {sides}, such as “{example}”."
        )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]


def _names(rule: FieldRule) -> set[str]:
    return {_plain(each) for each in (rule.label, rule.name, rule.main_property or "") if each}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def _no_place(conflict: FieldConflict, label: str) -> str:
    return (
        f"{conflict.label}: this deal cannot take {label}'s value. Keep HubSpot's, or change the deal by hand until "
        f"both are the same."
    )
