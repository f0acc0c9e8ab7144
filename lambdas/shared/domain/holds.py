"""What holds planned writes back once every field is decided: companions, values gone bad, defaults alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.shared.domain.computed import emptiness, problem_of
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.field_run import EMPTY, FieldRun


def hold_incomplete(run: FieldRun, rules: Sequence[FieldRule]) -> None:
    """A value that makes another field a must (Closed Lost its reason) is not sent without it."""
    by_name = {rule.name: rule for rule in rules}
    for rule in rules:
        condition = rule.required_when
        if condition is None or run.result.values.get(rule.name) is not None:
            continue
        trigger = by_name[condition.field]
        if not condition.holds(run.result.values.get(trigger.name)):
            continue
        if trigger.path in run.result.opportunity or rule.path in run.result.opportunity:
            if all(each.field != rule.name for each in run.result.problems):
                run.result.problems.append(emptiness(run.deal, rule, EMPTY))
            run.result.became[rule.name] = "problem"
            for each in rules:
                if each in (rule, trigger) or (each.only_when and each.only_when.field == trigger.name):
                    run.withdraw(each)


def hold_overdue(run: FieldRun, rules: Sequence[FieldRule]) -> None:
    """An update sends the whole record, so a value at the partner that has gone bad stops every write."""
    if run.creating or not run.result.opportunity:
        return
    for rule in rules:
        codec, value = run.codecs[rule.codec], run.result.values[rule.name]
        if not codec.standing or value is None or rule.path in run.result.opportunity:
            continue
        refused = codec.check(value, rule, run.context)
        if refused is not None:
            if all(each.field != rule.name for each in run.result.problems):
                run.result.problems.append(problem_of(run.deal, rule, refused))
            for each in rules:
                run.withdraw(each)
            run.result.became[rule.name] = "problem"
            return


def hold_defaults(run: FieldRun, rules: Sequence[FieldRule]) -> None:
    """Defaults are no news: they go along with a change, and alone they are not worth an update."""
    if not run.creating and all(change.rule == "default" for change in run.result.opportunity_changes):
        for rule in rules:
            run.withdraw(rule)
