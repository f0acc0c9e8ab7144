"""Reading a rule that may have a formula: its own properties count first, and where they are empty it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule, Formula
from lambdas.shared.domain.formula import Uncomputable, compute
from lambdas.shared.domain.values import Codec, Context, Reading, problem
from lambdas.shared.errors import Problem


def read_rule(codec: Codec, deal: Mapping[str, Any] | None, rule: FieldRule, context: Context) -> Reading:
    """What the deal says for a rule: by its own properties, else by what is computed where the rule has a formula.

    A formula of which a property is empty says nothing, as an empty property does.
    """
    formula = computed_by(deal, rule)
    if formula is None:
        return codec.read(deal, rule, context)
    texts = {name: text_of(deal, rule.object, name) for name in formula.names}
    if any(text is None for text in texts.values()):
        return Reading()
    try:
        value = compute(formula.text, {name: text for name, text in texts.items() if text is not None})
    except Uncomputable as error:
        if error.name is not None:
            return Reading(problem=problem(rule, str(error), name=error.name))
        return Reading(problem=problem_of(deal, rule, str(error)))
    reading = codec.read(_saying(deal, rule.object, formula.text, value), _as_property(rule, formula), context)
    if reading.problem is None:
        return reading
    return replace(reading, problem=replace(reading.problem, property=formula.names[0]))


def computed_by(deal: Mapping[str, Any] | None, rule: FieldRule) -> Formula | None:
    """The rule's formula if it is the one to speak: nothing stands in the rule's own properties."""
    own = any(text_of(deal, rule.object, name) is not None for name in rule.properties)
    return None if own else rule.compute


def problem_of(deal: Mapping[str, Any] | None, rule: FieldRule, message: str) -> Problem:
    """A problem of what the deal says for a rule, which may be computed: the formula is named then."""
    formula = computed_by(deal, rule)
    if formula is None:
        return problem(rule, message)
    return replace(problem(rule, message, name=formula.text), property=formula.names[0])


def emptiness(deal: Mapping[str, Any] | None, rule: FieldRule, message: str) -> Problem:
    """The problem that nothing stands there: the rule's main property, or what its formula lacks."""
    lacking = (
        name for name in (rule.compute.names if rule.compute else ()) if text_of(deal, rule.object, name) is None
    )
    return problem(rule, message, name=rule.properties[0] if rule.properties else next(lacking, None))


def _saying(deal: Mapping[str, Any] | None, crm_object: str, name: str, text: str) -> Mapping[str, Any]:
    """The deal with one more property on the deal itself or on its company."""
    if crm_object == "deal":
        return {**(deal or {}), "properties": {**((deal or {}).get("properties") or {}), name: text}}
    return {**(deal or {}), crm_object: _saying((deal or {}).get(crm_object), "deal", name, text)}


def _as_property(rule: FieldRule, formula: Formula) -> FieldRule:
    """The rule as if the formula were its one property; its problems name it so."""
    return replace(rule, properties=(formula.text,), compute=None)
