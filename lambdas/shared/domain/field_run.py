"""One comparison under way: each field, or two that stand together, decided and put into the plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any, Literal

from lambdas.shared.domain.computed import emptiness, problem_of, read_rule
from lambdas.shared.domain.conflict_picks import PICKED, Pick
from lambdas.shared.domain.conflicts import Verdict, Window, found_conflict, settle
from lambdas.shared.domain.documents import last_actor, last_moved_at
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.field_plan import FieldPlan
from lambdas.shared.domain.field_step import Field, Step, step
from lambdas.shared.domain.origins import is_withheld
from lambdas.shared.domain.place import asks_a_person, fits
from lambdas.shared.domain.plan import Became, FieldChange, HeldTogether, Side
from lambdas.shared.domain.together import HOLDING, Pair, Unit, is_silent, lacks_a_half, pull
from lambdas.shared.domain.values import Codec, Context, Reading, Unwritable
from lambdas.shared.errors import Problem

EMPTY = "is empty; please fill it in"
_OF_ANOTHER = (
    "came from another partner, which is not passed on: please write it anew, or say on the deal that it may go to all"
)


@dataclass(slots=True)
class FieldRun:
    """What one comparison knows, and the plan that it fills. ``before`` is what the partner says of each field,
    ``pairs`` has by name the two that stand together where the sides differ in both."""

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
    pairs: dict[str, Pair] = field(default_factory=dict)

    @property
    def creating(self) -> bool:
        """Whether there is no opportunity yet."""
        return self.opportunity is None

    def plan(self, unit: Unit) -> None:
        """Decide one field, or two that stand together."""
        for rule in unit:
            self._meet(rule)
        pair, verdict = self._pair(unit), None
        if pair is not None:
            self.pairs |= {one.rule.name: pair for one in pair}
            foreign = {one.rule.name for one in pair if self._is_foreign(one)}
            if foreign:
                self._rest(pair, foreign)
                return
            verdict = self._verdict(pair)
        for rule in unit:
            self._decide(rule, verdict)
        self.hold(unit)

    def hold(self, unit: Unit) -> None:
        """Of two that stand together, what holds one holds the other."""
        for rule, other in permutations(unit, 2):
            became, why = self.result.became.get(rule.name), self.result.became.get(other.name)
            if became not in ("sent", "written") or why not in HOLDING or self._is_default(rule):
                continue
            if self.creating and any(each.field == other.name for each in self.result.problems):
                continue  # nothing goes out of a create that has a problem, and its values are still looked at
            self._take_back(rule)
            known = next((one for one in self.pairs.get(rule.name, ()) if one.rule.name == rule.name), None)
            if why == "conflict" and known is not None:
                self._conflict(rule, known)
            else:
                self._wait(rule, other, why)

    def withdraw(self, rule: FieldRule) -> None:
        """Take a planned partner write back."""
        if rule.path in self.result.opportunity:
            self._take_back(rule)
            self.result.withdrawn.append(rule.name)
            self.result.became[rule.name] = "waits"

    def _meet(self, rule: FieldRule) -> None:
        theirs = self.codecs[rule.codec].read_partner(self.opportunity, rule, self.context)
        self.before[rule.name] = theirs
        self.result.values[rule.name] = theirs
        if rule.name in self.base:
            self.result.base[rule.name] = self.base[rule.name]

    def _look(self, rule: FieldRule) -> Field:
        muted = rule.only_when is not None and not rule.only_when.holds(self.result.values.get(rule.only_when.field))
        reading = read_rule(self.codecs[rule.codec], self.deal, rule, self.context)
        was = self.codecs[rule.codec].old_base(self.base.get(rule.name), rule, self.context)
        return Field(rule, reading, self.before[rule.name], self.base, muted, self.creating, was)

    def _pair(self, unit: Unit) -> Pair | None:
        """Two that stand together, where the sides differ in both; else each is decided by itself."""
        if len(unit) != 2:
            return None
        first, second = (self._look(rule) for rule in unit)
        second = replace(second, muted=is_silent(second, first))
        if any(one.muted or one.reading.problem is not None for one in (first, second)):
            return None
        if any(one.ours == one.theirs or one.rests for one in (first, second)):
            return None
        return None if any(step(one).rule == "default" for one in (first, second)) else (first, second)

    def _verdict(self, pair: Pair) -> Verdict | None:
        """Whose pair stands; None: both go one way by themselves."""
        there = pull(pair, [step(one) for one in pair])
        if there is None:
            return None
        winner, why = self._winner(pair) if there.to == "apart" else (there.to, there.rule)
        if winner == "opportunity" and lacks_a_half(pair):
            return "deal", why
        if winner == "opportunity" and any(self._asks_a_person(one) for one in pair):
            return self._picked(pair)
        return None if there.alike and there.to != "apart" else (winner, why)

    def _decide(self, rule: FieldRule, verdict: Verdict | None) -> None:
        known = self._look(rule)
        if known.reading.problem is not None and not known.muted and rule.direction != "to_deal":
            self._unreadable(rule, known.reading, known.reading.problem)
        elif verdict is not None and not known.muted:
            self.result.became[rule.name] = "unmoved"
            self._settle(rule, known, *verdict)
        elif not known.muted and known.ours != known.theirs and not known.rests and self._is_foreign(known):
            self._withhold(rule, known, moved=known.theirs != known.base_there)
        else:
            self._act(rule, known, step(known))

    def _is_foreign(self, known: Field) -> bool:
        return known.rule.direction != "to_deal" and is_withheld(self.deal, known.rule, self.context)

    def _withhold(self, rule: FieldRule, known: Field, *, moved: bool) -> None:
        """Nothing goes out; what this partner changed since (``moved``) still comes in."""
        self.result.withheld.append(rule.name)
        self.result.became[rule.name] = "withheld"
        if self.creating:
            if rule.required == "create":
                self.result.problems.append(problem_of(self.deal, rule, _OF_ANOTHER))
        elif rule.direction == "both" and moved:
            self._to_deal(rule, known, "only-opportunity-moved")

    def _rest(self, pair: Pair, foreign: Set[str]) -> None:
        """Another partner wrote one of the two, or both."""
        moved = not lacks_a_half(pair) and any(one.theirs != one.base_there for one in pair)
        for one, other in permutations(pair):
            if one.rule.name in foreign:
                self._withhold(one.rule, one, moved=moved)
            elif moved and one.rule.direction == "both" and not self.creating:
                self._to_deal(one.rule, one, "only-opportunity-moved")
            else:
                self._wait(one.rule, other.rule, "withheld")
        self.hold((pair[0].rule, pair[1].rule))

    def _act(self, rule: FieldRule, known: Field, decided: Step) -> None:
        self.result.became[rule.name] = "muted" if known.muted else "unmoved"
        if decided.kind == "agree":
            self.result.became[rule.name] = "agreed"
            self.result.base[rule.name] = decided.value
        elif decided.kind == "missing":
            self._cannot(rule, emptiness(self.deal, rule, EMPTY))
        elif decided.kind == "to_partner":
            self._to_partner(rule, known, decided.value, decided.rule)
        elif decided.kind == "to_deal":
            self._to_deal(rule, known, decided.rule)
        elif decided.kind == "apart":
            self._settle(rule, known, *self._winner((known,)))

    def _unreadable(self, rule: FieldRule, reading: Reading, why: Problem) -> None:
        if self.creating and reading.dispensable and rule.required != "create":
            self.result.became[rule.name] = "problem"
            self.result.without.append(why)
        else:
            self._cannot(rule, why)

    def _cannot(self, rule: FieldRule, why: Problem) -> None:
        """Nobody has to put right what cannot be written for now anyway."""
        if rule.name in self.locked:
            self.result.became[rule.name] = "locked"
        else:
            self._put_right(rule, why)

    def _put_right(self, rule: FieldRule, why: Problem) -> None:
        self.result.became[rule.name] = "problem"
        self.result.problems.append(why)

    def _winner(self, members: Sequence[Field]) -> Verdict:
        """Who wins where both sides moved; of two that stand together the later word on the deal counts."""
        rule = members[0].rule
        names = [name for one in members for name in one.rule.reads]
        moved_at = last_moved_at(self.deal, names, self.context.own_source) if rule.object == "deal" else None
        winner, why = settle(rule.strategy, moved_at, self.window)
        return self._picked(members) if winner == "nobody" else (winner, why)

    def _picked(self, members: Sequence[Field]) -> Verdict:
        """What a person picked, of two for both; nobody wins while the deal has no place for what they picked."""
        picks = [self.picks.get(one.rule.name) for one in members]
        sides = {None if pick is None else pick.side for pick in picks}
        side = sides.pop() if len(sides) == 1 else None
        if side is None or (side == "opportunity" and not all(self._fits(one) for one in members)):
            return "nobody", "manual"
        return side, PICKED

    def _settle(self, rule: FieldRule, known: Field, winner: Side | Literal["nobody"], why: str) -> None:
        if winner == "nobody":
            self._conflict(rule, known)
        elif winner == "deal":
            if known.ours is None and rule.required != "never":
                self._put_right(rule, emptiness(self.deal, rule, EMPTY))
            else:
                self._to_partner(rule, known, known.ours, why)
        elif rule.direction == "to_partner":
            self.result.base[rule.name] = known.ours  # nothing goes back; from here on the deal's changes go out
        elif known.theirs is None and rule.kept_at_partner and rule.direction == "both":
            self._to_partner(rule, known, known.ours, why)
        else:
            self._to_deal(rule, known, why)

    def _to_partner(self, rule: FieldRule, known: Field, value: Any, why: str) -> None:
        if rule.name in self.locked or (isinstance(value, str) and value in self.held.get(rule.name, ())):
            self.result.blocked.append(rule.name)
            self.result.became[rule.name] = "locked"
            return
        refused = self.codecs[rule.codec].check(value, rule, self.context) if value is not None else None
        if refused is not None:
            self._put_right(rule, problem_of(self.deal, rule, refused))
            return
        self.result.became[rule.name] = "sent"
        self.result.opportunity[rule.path] = value
        actor = self._actor(rule, why) if why != "default" else None
        self.result.opportunity_changes.append(FieldChange(rule.name, known.theirs, value, "deal", why, actor))
        self.result.values[rule.name] = value
        self.result.base[rule.name] = value

    def _to_deal(self, rule: FieldRule, known: Field, why: str) -> None:
        try:
            properties = self.codecs[rule.codec].to_properties(known.theirs, self.deal, rule, self.context)
        except Unwritable as unwritable:
            self.result.became[rule.name] = "no-place"
            if unwritable.needs_person:
                self._no_place(rule, known)
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

    def _no_place(self, rule: FieldRule, known: Field) -> None:
        """The deal cannot say the partner's value: a person decides, and may let the deal's stand."""
        picked = self.picks.get(rule.name)
        if picked is None or picked.side == "opportunity":
            self._conflict(rule, known)
        elif known.ours is None and rule.required != "never":
            self._put_right(rule, emptiness(self.deal, rule, EMPTY))
        else:
            self._to_partner(rule, known, known.ours, PICKED)

    def _conflict(self, rule: FieldRule, known: Field) -> None:
        both = self.pairs.get(rule.name, (known,))
        conflict = found_conflict(
            self.deal, rule, known, self.window, self.context, fits=all(self._fits(one) for one in both)
        )
        goes_with = next((one.rule.called for one in both if one.rule.name != rule.name), "")
        self.result.became[rule.name] = "conflict"
        self.result.conflicts.append(replace(conflict, goes_with=goes_with))

    def _fits(self, known: Field) -> bool:
        return fits(self.codecs[known.rule.codec], known, self.deal, self.context)

    def _asks_a_person(self, known: Field) -> bool:
        return asks_a_person(self.codecs[known.rule.codec], known, self.deal, self.context)

    def _take_back(self, rule: FieldRule) -> None:
        """What is planned for the field is not done; it keeps its old base and is planned again next time."""
        result = self.result
        result.opportunity.pop(rule.path, None)
        if any(each.field == rule.name for each in result.deal_changes):
            for name in rule.properties:
                result.deal.pop(name, None)
        result.opportunity_changes = [each for each in result.opportunity_changes if each.field != rule.name]
        result.deal_changes = [each for each in result.deal_changes if each.field != rule.name]
        result.values[rule.name] = self.before[rule.name]
        result.base.pop(rule.name, None)
        if rule.name in self.base:
            result.base[rule.name] = self.base[rule.name]

    def _wait(self, rule: FieldRule, other: FieldRule, why: Became) -> None:
        self.result.withdrawn.append(rule.name)
        self.result.became[rule.name] = "waits"
        self.result.together.append(HeldTogether(rule.name, other.name, why, rule.called, other.called))

    def _is_default(self, rule: FieldRule) -> bool:
        return any(each.field == rule.name and each.rule == "default" for each in self.result.opportunity_changes)
