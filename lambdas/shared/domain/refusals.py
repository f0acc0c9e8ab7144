"""A partner's refusals in the seller's words: which HubSpot property stands behind the field that the partner named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import Problem


def explained(
    problems: Iterable[Problem],
    rules: Sequence[FieldRule],
    fold: Callable[[str], str],
    is_choice: Callable[[Problem], bool] = lambda problem: False,
) -> tuple[Problem, ...]:
    """The same problems, each with the rule's name, object, property and allowed values.

    ``fold`` gives one spelling, with dots between the members, to our paths and to the partner's names of fields.
    ``is_choice``: the rule's allowed values are the cure. A problem that no rule stands for stays as it is.
    """
    folded = [(fold(rule.path), rule) for rule in rules]
    return tuple(_explain(problem, _rule_behind(fold(problem.field), folded), is_choice) for problem in problems)


def _explain(problem: Problem, rule: FieldRule | None, is_choice: Callable[[Problem], bool]) -> Problem:
    if rule is None:
        return problem
    subject = f"The {rule.object}'s property {rule.main_property}" if rule.main_property else f"The field {rule.name}"
    return replace(
        problem,
        field=rule.name,
        message=problem.message.replace(problem.field, subject, 1),
        object=rule.object,
        property=rule.main_property,
        allowed=problem.allowed or (tuple(rule.options.get("allowed", ())) if is_choice(problem) else ()),
    )


def _rule_behind(field: str, paths: Sequence[tuple[str, FieldRule]]) -> FieldRule | None:
    """The rule for that very path; else one that a person can fill in above or below it, the nearest first."""
    if not field:
        return None
    exact = [rule for path, rule in paths if path == field]
    above = sorted(((path, rule) for path, rule in paths if field.startswith(f"{path}.")), key=lambda one: -len(one[0]))
    below = [(path, rule) for path, rule in paths if path.startswith(f"{field}.")]
    candidates = [*exact, *(rule for _, rule in [*above, *below])]
    return next((rule for rule in candidates if rule.main_property), next(iter(candidates), None))
