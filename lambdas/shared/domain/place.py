"""Whether the deal has a place for what the partner says of a field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.field_step import Field
from lambdas.shared.domain.values import Codec, Context, Unwritable


def fits(codec: Codec, known: Field, deal: Mapping[str, Any], context: Context) -> bool:
    """Whether the deal can take the partner's value; what the partner may not lack cannot be emptied either."""
    if known.rule.direction == "to_partner":
        return True
    if known.theirs is None and known.rule.kept_at_partner:
        return False
    return _unwritable(codec, known, deal, context) is None


def asks_a_person(codec: Codec, known: Field, deal: Mapping[str, Any], context: Context) -> bool:
    """Whether the deal has no place for the partner's value, and a person has to say what becomes of it."""
    unwritable = _unwritable(codec, known, deal, context) if known.rule.direction != "to_partner" else None
    return unwritable is not None and unwritable.needs_person


def _unwritable(codec: Codec, known: Field, deal: Mapping[str, Any], context: Context) -> Unwritable | None:
    try:
        codec.to_properties(known.theirs, deal, known.rule, context)
    except Unwritable as unwritable:
        return unwritable
    return None
