"""AWS's refusals in the seller's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lambdas.aws.domain.paths import fold_path
from lambdas.shared.domain import refusals
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import Problem


def explained(problems: Iterable[Problem], rules: Sequence[FieldRule]) -> tuple[Problem, ...]:
    """The Partner Central adapter's problems as the shared ``refusals`` explain them; a wrong choice with the right."""
    return refusals.explained(problems, rules, fold_path, lambda problem: "INVALID_ENUM_VALUE" in problem.message)
