"""The three-way comparison: deal, opportunity and base, field by field, in the partner's value space.

Pure: no I/O, no clock. What holds for every input (tests/unit/domain/test_planner_laws.py):

- applying the plan and planning again gives the empty plan;
- no value is written that neither side had (but for a rule's stated ``default``);
- a field that one side owns is never written there;
- of two fields that stand together (``together``) never one half of each side is written;
- the order of the rules does not matter.

How one field is decided. *Moved* means: differs from the base.

| deal | opportunity | then |
|---|---|---|
| same value as the opportunity | | the base moves there |
| moved | as in the base | written to the opportunity |
| as in the base | moved | written to the deal |
| moved | moved elsewhere | the field's strategy (``conflicts.settle``); for ``manual`` what a person picked |
| filled, no base yet | empty | the empty side is filled |
| filled, no base yet | filled otherwise | the strategy; a field that the deal owns stays as it is on both sides |
| written by another partner | | rests (``origins``); what this partner moved since is written to the deal |

An emptied optional field is a move like any other and clears the other side. A required field is never cleared: emptied
on the deal it is a problem, missing at the partner it is written again. A default goes along with other writes, never
alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from lambdas.shared.domain.conflict_picks import Pick
from lambdas.shared.domain.conflicts import Window
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.field_plan import FieldPlan
from lambdas.shared.domain.field_run import FieldRun
from lambdas.shared.domain.holds import hold_defaults, hold_incomplete, hold_overdue
from lambdas.shared.domain.together import units
from lambdas.shared.domain.values import Codec, Context

__all__ = ["FieldPlan", "Window", "plan_fields"]


def plan_fields(
    deal: Mapping[str, Any],
    opportunity: Mapping[str, Any] | None,
    base: Mapping[str, Any],
    rules: Sequence[FieldRule],
    *,
    codecs: Mapping[str, Codec],
    locked: Set[str],
    window: Window,
    context: Context,
    held: Mapping[str, Set[Any]] | None = None,
    picks: Mapping[str, Pick] | None = None,
) -> FieldPlan:
    """Compare and decide.

    Args:
        deal: the deal document.
        opportunity: the opportunity document; None plans a create (then ``opportunity`` holds every value).
        base: field name to canonical value on which both sides last agreed; names that are absent have no base.
        rules: the field map.
        codecs: the partner's codecs by name.
        locked: names that the partner does not let us write for now; they end up in ``blocked`` and keep their base.
        window: when the opportunity's changes were made.
        context: time and settings.
        held: by name, values that the partner does not take for now; they block like a lock.
        picks: by name, what a person decided about a conflict (``conflict_picks.read_picks``).
    """
    run = FieldRun(deal, opportunity, base, codecs, locked, window, context, held or {}, picks or {}, FieldPlan())
    ordered = units(rules)
    for unit in ordered:
        run.plan(unit)
    flat = [rule for unit in ordered for rule in unit]
    hold_incomplete(run, flat)
    for unit in ordered:
        run.hold(unit)
    hold_overdue(run, flat)
    hold_defaults(run, flat)
    return run.result
