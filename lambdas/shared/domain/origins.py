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
from typing import Any

from lambdas.shared.domain.computed import computed_by
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.tags import strip_tags
from lambdas.shared.domain.values import Context

_NAME = "dealname"


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


def foreign_properties(
    properties: Mapping[str, Any], origins: Mapping[str, tuple[str, Sequence[str]]], partner: str, tags: Sequence[str]
) -> list[str]:
    """Names of the properties whose present text another partner wrote.

    ``origins`` maps a property to the partner that wrote it last and the marks of what it wrote.
    """
    return [
        name
        for name, (wrote, marks) in origins.items()
        if wrote != partner and properties.get(name) and mark(name, str(properties[name]), tags) in marks
    ]


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
