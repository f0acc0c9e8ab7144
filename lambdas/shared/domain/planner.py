"""The three-way comparison: deal, opportunity and base, field by field, in the partner's value space.

Pure: no I/O, no clock. What holds for every input (tests/unit/domain/test_planner_laws.py):

- applying the plan and planning again gives the empty plan;
- no value is written that neither side had (but for a rule's stated ``default``);
- a field that one side owns is never written there;
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
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.domain.computed import emptiness, problem_of, read_rule
from lambdas.shared.domain.conflict_picks import PICKED, Pick
from lambdas.shared.domain.conflicts import Window, found_conflict, settle
from lambdas.shared.domain.documents import last_actor, last_moved_at
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.field_step import Field, Step, step
from lambdas.shared.domain.origins import is_withheld
from lambdas.shared.domain.plan import Became, FieldChange, FieldConflict
from lambdas.shared.domain.values import Codec, Context, Unwritable
from lambdas.shared.errors import Problem

__all__ = ["FieldPlan", "Window", "plan_fields"]

_EMPTY = "is empty; please fill it in"
_OF_ANOTHER = (
    "came from another partner, which is not passed on: please write it anew, or say on the deal that it may go to all"
)


@dataclass(slots=True)
class FieldPlan:
    """What is to be done to the fields.

    ``opportunity`` maps paths to values (None clears), ``deal`` property names to text (``""`` clears); ``values``
    is what each field will say at the partner, ``base`` the base once all is applied. ``withheld`` names fields that
    rest because another partner wrote them on the deal, ``withdrawn`` those that wait because of another field.
    ``without`` are problems of a create that goes on without the values. ``became`` has one word of ``plan.Became``
    for each field.
    """

    opportunity: dict[str, Any] = field(default_factory=dict)
    opportunity_changes: list[FieldChange] = field(default_factory=list)
    deal: dict[str, str] = field(default_factory=dict)
    deal_changes: list[FieldChange] = field(default_factory=list)
    conflicts: list[FieldConflict] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    without: list[Problem] = field(default_factory=list)
    base: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    became: dict[str, Became] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing to write on either side."""
        return not self.opportunity and not self.deal


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
    run = _Run(deal, opportunity, base, codecs, locked, window, context, held or {}, picks or {}, FieldPlan())
    ordered = sorted(rules, key=lambda rule: (rule.only_when is not None, rule.name))
    for rule in ordered:
        run.plan(rule)
    _hold_incomplete(run, ordered)
    _hold_overdue(run, ordered)
    _hold_defaults(run, ordered)
    return run.result


@dataclass(slots=True)
class _Run:
    deal: Mapping[str, Any]
    opportunity: Mapping[str, Any] | None
    base: Mapping[str, Any]
    codecs: Mapping[str, Codec]
    locked: Set[str]
    window: Window
    context: Context
    held: Mapping[str, Set[Any]]
    picks: Mapping[str, Pick]
    result: FieldPlan
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def creating(self) -> bool:
        return self.opportunity is None

    def plan(self, rule: FieldRule) -> None:
        codec = self.codecs[rule.codec]
        theirs = codec.read_partner(self.opportunity, rule, self.context)
        self.before[rule.name] = theirs
        self.result.values[rule.name] = theirs
        if rule.name in self.base:
            self.result.base[rule.name] = self.base[rule.name]
        muted = rule.only_when is not None and not rule.only_when.holds(self.result.values.get(rule.only_when.field))
        reading = read_rule(codec, self.deal, rule, self.context)
        if reading.problem is not None and not muted and rule.direction != "to_deal":
            if self.creating and reading.dispensable and rule.required != "create":
                self.result.became[rule.name] = "problem"
                self.result.without.append(reading.problem)
            else:
                self._cannot(rule, reading.problem)
            return
        was = codec.old_base(self.base.get(rule.name), rule, self.context)
        known = Field(rule, reading, theirs, self.base, muted, self.creating, was)
        withheld = rule.direction != "to_deal" and not muted and is_withheld(self.deal, rule, self.context)
        if withheld and known.ours != theirs and not known.rests:
            self._withhold(rule, codec, known)
        else:
            self._act(rule, codec, known, step(known))

    def _withhold(self, rule: FieldRule, codec: Codec, known: Field) -> None:
        """Nothing goes out; what this partner changed since still comes in."""
        self.result.withheld.append(rule.name)
        self.result.became[rule.name] = "withheld"
        if self.creating:
            if rule.required == "create":
                self.result.problems.append(problem_of(self.deal, rule, _OF_ANOTHER))
        elif rule.direction == "both" and known.theirs != known.base_there:
            self._to_deal(rule, codec, known, "only-opportunity-moved")

    def _act(self, rule: FieldRule, codec: Codec, known: Field, decided: Step) -> None:
        self.result.became[rule.name] = "muted" if known.muted else "unmoved"
        if decided.kind == "agree":
            self.result.became[rule.name] = "agreed"
            self.result.base[rule.name] = decided.value
        elif decided.kind == "missing":
            self._cannot(rule, emptiness(self.deal, rule, _EMPTY))
        elif decided.kind == "to_partner":
            self._to_partner(rule, codec, known, decided.value, decided.rule)
        elif decided.kind == "to_deal":
            self._to_deal(rule, codec, known, decided.rule)
        elif decided.kind == "apart":
            self._apart(rule, codec, known)

    def _cannot(self, rule: FieldRule, why: Problem) -> None:
        """Nobody has to put right what cannot be written for now anyway."""
        if rule.name in self.locked:
            self.result.became[rule.name] = "locked"
        else:
            self._put_right(rule, why)

    def _put_right(self, rule: FieldRule, why: Problem) -> None:
        self.result.became[rule.name] = "problem"
        self.result.problems.append(why)

    def _apart(self, rule: FieldRule, codec: Codec, known: Field) -> None:
        moved_at = last_moved_at(self.deal, rule.reads, self.context.own_source) if rule.object == "deal" else None
        winner, why = settle(rule.strategy, moved_at, self.window)
        if winner == "nobody" and rule.name in self.picks:
            winner, why = self.picks[rule.name].side, PICKED
        if winner == "nobody" or (why == PICKED and winner == "opportunity" and not self._fits(rule, codec, known)):
            self._conflict(rule, codec, known)
        elif winner == "deal":
            if known.ours is None and rule.required != "never":
                self._put_right(rule, emptiness(self.deal, rule, _EMPTY))
            else:
                self._to_partner(rule, codec, known, known.ours, why)
        elif rule.direction == "to_partner":
            self.result.base[rule.name] = known.ours  # nothing goes back; from here on the deal's changes go out
        elif known.theirs is None and rule.kept_at_partner:
            self._to_partner(rule, codec, known, known.ours, why)
        else:
            self._to_deal(rule, codec, known, why)

    def _to_partner(self, rule: FieldRule, codec: Codec, known: Field, value: Any, why: str) -> None:
        if rule.name in self.locked or (isinstance(value, str) and value in self.held.get(rule.name, ())):
            self.result.blocked.append(rule.name)
            self.result.became[rule.name] = "locked"
            return
        refused = codec.check(value, rule, self.context) if value is not None else None
        if refused is not None:
            self._put_right(rule, problem_of(self.deal, rule, refused))
            return
        self.result.became[rule.name] = "sent"
        self.result.opportunity[rule.path] = value
        actor = self._actor(rule, why) if why != "default" else None
        self.result.opportunity_changes.append(FieldChange(rule.name, known.theirs, value, "deal", why, actor))
        self.result.values[rule.name] = value
        self.result.base[rule.name] = value

    def _to_deal(self, rule: FieldRule, codec: Codec, known: Field, why: str) -> None:
        try:
            properties = codec.to_properties(known.theirs, self.deal, rule, self.context)
        except Unwritable as unwritable:
            self.result.became[rule.name] = "no-place"
            if unwritable.needs_person:
                self._no_place(rule, codec, known)
            return
        self.result.became[rule.name] = "written"
        self.result.deal.update(properties)
        if properties:
            actor = self._actor(rule, why) if why == PICKED else None  # the partner does not say who changed a value
            self.result.deal_changes.append(FieldChange(rule.name, known.ours, known.theirs, "opportunity", why, actor))
        self.result.base[rule.name] = known.theirs

    def _actor(self, rule: FieldRule, why: str) -> str | None:
        """Who picked, else who changed the deal's value: of companies and contacts we read no history."""
        if why == PICKED:
            return self.picks[rule.name].by or None
        return last_actor(self.deal, rule.reads, self.context.own_source) if rule.object == "deal" else None

    def _no_place(self, rule: FieldRule, codec: Codec, known: Field) -> None:
        """The deal cannot say the partner's value: a person decides, and may let the deal's stand."""
        picked = self.picks.get(rule.name)
        if picked is None or picked.side == "opportunity":
            self._conflict(rule, codec, known)
        elif known.ours is None and rule.required != "never":
            self._put_right(rule, emptiness(self.deal, rule, _EMPTY))
        else:
            self._to_partner(rule, codec, known, known.ours, PICKED)

    def _conflict(self, rule: FieldRule, codec: Codec, known: Field) -> None:
        fits = self._fits(rule, codec, known)
        self.result.became[rule.name] = "conflict"
        self.result.conflicts.append(found_conflict(self.deal, rule, known, self.window, self.context, fits=fits))

    def _fits(self, rule: FieldRule, codec: Codec, known: Field) -> bool:
        """Whether the deal can take the partner's value; what the partner may not lack cannot be emptied either."""
        if rule.direction == "to_partner":
            return True
        if known.theirs is None and rule.kept_at_partner:
            return False
        try:
            codec.to_properties(known.theirs, self.deal, rule, self.context)
        except Unwritable:
            return False
        return True

    def withdraw(self, rule: FieldRule) -> None:
        """Take a planned partner write back; the field keeps its old base and is planned again next time."""
        if rule.path not in self.result.opportunity:
            return
        self.result.opportunity.pop(rule.path)
        self.result.withdrawn.append(rule.name)
        self.result.became[rule.name] = "waits"
        self.result.opportunity_changes = [each for each in self.result.opportunity_changes if each.field != rule.name]
        self.result.values[rule.name] = self.before[rule.name]
        self.result.base.pop(rule.name, None)
        if rule.name in self.base:
            self.result.base[rule.name] = self.base[rule.name]


def _hold_incomplete(run: _Run, rules: Sequence[FieldRule]) -> None:
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
                run.result.problems.append(emptiness(run.deal, rule, _EMPTY))
            run.result.became[rule.name] = "problem"
            for each in rules:
                if each in (rule, trigger) or (each.only_when and each.only_when.field == trigger.name):
                    run.withdraw(each)


def _hold_overdue(run: _Run, rules: Sequence[FieldRule]) -> None:
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


def _hold_defaults(run: _Run, rules: Sequence[FieldRule]) -> None:
    """Defaults are no news: they go along with a change, and alone they are not worth an update."""
    if not run.creating and all(change.rule == "default" for change in run.result.opportunity_changes):
        for rule in rules:
            run.withdraw(rule)
