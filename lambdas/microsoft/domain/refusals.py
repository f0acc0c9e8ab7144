"""Microsoft's refusals in the seller's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lambdas.shared.domain import refusals
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import Problem

_WORD = re.compile(r"[a-z][a-z0-9]*")


def explained(problems: Iterable[Problem], rules: Sequence[FieldRule]) -> tuple[Problem, ...]:
    """The same problems as the shared ``refusals`` explain them: by what the deal says, and what it might say.

    Microsoft has no code for a wrong choice, so that a field that is one always names its values.
    """
    ours = [rule for rule in rules if rule.direction != "to_deal"]
    return refusals.explained(problems, ours, fold_target, lambda problem: True)


def fold_target(path: str) -> str:
    """One spelling for our paths and Microsoft's targets, which are JSON pointers, dotted or in another case.

    The substatus stands with the status: they only move together.
    """
    folded = ".".join(_WORD.findall(path.lower()))
    return "status" if folded == "substatus" else folded
