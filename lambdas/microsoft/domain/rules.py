"""Which lines of the field map have something to say of a referral as it is."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.json_patch import PUBLISHED
from lambdas.microsoft.domain.referral import is_incoming
from lambdas.shared.domain.field_map import FieldRule

STANDING = "status"
"""Path of the rules that carry the standing."""


def rules_for(
    rules: Sequence[FieldRule], document: Mapping[str, Any] | None, agreed: Container[str]
) -> Sequence[FieldRule]:
    """The rules that count. ``agreed`` are the names of the fields on which both sides agreed before.

    Nobody has to hear that Microsoft does not take what it was never to have: what only a create states, of a referral
    that somebody else made; and what never got there, of a closed one. A closed referral never opens again, so that
    where the deal stands apart from it a person decides.
    """
    if document is None:
        return rules
    incoming, closed = is_incoming(document), status.is_closed(document)
    needed = _named_in_conditions(rules)

    def counts(rule: FieldRule) -> bool:
        if rule.direction != "to_partner" or rule.name in needed:
            return True
        return not (incoming and rule.path not in PUBLISHED) and not (closed and rule.name not in agreed)

    return [
        replace(rule, strategy="manual") if closed and rule.path == STANDING else rule for rule in rules if counts(rule)
    ]


def standing_rules(rules: Sequence[FieldRule]) -> Set[str]:
    """Names of the rules by which the deal says the referral's standing."""
    return {rule.name for rule in rules if rule.path == STANDING and rule.direction != "to_deal"}


def _named_in_conditions(rules: Sequence[FieldRule]) -> Set[str]:
    return {each.field for rule in rules for each in (rule.only_when, rule.required_when) if each is not None}
