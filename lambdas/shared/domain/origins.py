"""Where a value on a deal came from: what one partner wrote is not passed on to another.

Sellers' deals often lie with two competitors at once. So a value that a partner's record put on the deal, its company
or a contact stays between that partner and us: for every other partner the field rests, until a person writes something
else there, or says on the deal (role ``pass_on``) that all of it may go to all. A rule may say ``pass_on`` for its
field, as the shipped ones do for the stage: where the deal stands is ours to say. Pure.

A mark is a digest of the text, never the text: it only has to be known again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lambdas.shared.domain.computed import computed_by
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.tags import strip_tags
from lambdas.shared.domain.values import Context

_NAME = "dealname"


class Entry(NamedTuple):
    """What a partner wrote to a property, or, while not ``stands``, is about to write. A text may be known by several
    marks: as it was sent, and as HubSpot shows it."""

    partner: str
    marks: tuple[str, ...]
    stands: bool = True


def mark(name: str, text: str, tags: Sequence[str]) -> str:
    """What a property's text is known by. A deal's name is the same with and without tags."""
    plain = strip_tags(text, tags) if name == _NAME else text.strip()
    return hashlib.sha256(plain.encode()).hexdigest()[:24]


def address_mark(email: str) -> str:
    """What a contact is known by: its address, whose case says nothing."""
    return mark("email", email.strip().lower(), ())


def met(email: str) -> str:
    """What a link remembers of a contact that its record brought to the deal: once is enough, whatever became of it."""
    return f"contact:{address_mark(email)}"


def tags_of(settings: Mapping[str, Any]) -> Sequence[str]:
    """The tags of all partners, from one partner's part of the settings document."""
    return settings.get("all_tags") or [settings["tag"]]


def about_to_write(known: Sequence[Entry], partner: str, marks: Sequence[str]) -> tuple[Entry, ...]:
    """The entries of a property that ``partner`` is about to write: until it has, what stands there is another's."""
    new = Entry(partner, tuple(marks), stands=False)
    return (*(one for one in known if one != new), new)


def has_written(known: Sequence[Entry], partner: str, marks: Sequence[str]) -> tuple[Entry, ...]:
    """The entries of a property that ``partner`` has written.

    Gone is what stood there before this write was noted, for that is overwritten. What another partner noted or wrote
    since may as well have come after it, and what another is still about to write may yet stand there: both are kept.
    """
    own = [place for place, one in enumerate(known) if one.partner == partner and not one.stands]
    noted = own[-1] if own else 0
    kept = [one for one in known[:noted] if one.partner != partner and not one.stands]
    return (*kept, *known[noted + 1 if own else 0 :], Entry(partner, tuple(marks)))


def foreign_properties(
    properties: Mapping[str, Any], origins: Mapping[str, Sequence[Entry]], partner: str, tags: Sequence[str]
) -> list[str]:
    """Names of the properties whose present text another partner wrote."""
    return [
        name
        for name, entries in origins.items()
        if properties.get(name) and _is_of_another(entries, partner, mark(name, str(properties[name]), tags))
    ]


def _is_of_another(entries: Sequence[Entry], partner: str, known_by: str) -> bool:
    return any(wrote != partner and known_by in marks for wrote, marks, _ in entries)


def is_withheld(deal: Mapping[str, Any], rule: FieldRule, context: Context) -> bool:
    """Whether what the deal says for this field is another partner's and stays there."""
    held = (deal.get("foreign") or {}).get(rule.object) or ()
    if rule.pass_on or not held or all_may_go(deal, context.partner):
        return False
    formula = computed_by(deal, rule)
    names = rule.properties if formula is None else formula.names
    return any(name in held and text_of(deal, rule.object, name) is not None for name in names)


def all_may_go(deal: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether a person said on the deal that what came from one partner may go to the others."""
    name = settings.get("status_properties", {}).get("pass_on")
    return name is not None and text_of(deal, "deal", name) == "true"
