"""The decision of one run: what becomes of a link, given both sides as they are now. Pure.

| link and deal | opportunity | outcome |
|---|---|---|
| deal merged into another | any | adopt the deal that is left |
| deal | none, but an earlier create of ours went through | adopt that opportunity, whatever became of the deal |
| deal missing or archived | any | closed; the partner is left alone, a person is told |
| deal without the tag | any | paused; no partner call |
| deal | none, but the deal names one | adopt that opportunity |
| deal | several that an earlier create of ours may have made | conflict for a person |
| deal | none, and the one to adopt is another deal's | conflict for a person |
| deal | none | create, or blocked with every problem at once |
| deal | another than the deal names | conflict for a person |
| deal | missing | conflict for a person |
| deal | current | update by the three-way comparison |
| no deal | current | see ``inbound`` |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.shared.domain import inbound, record_conflicts
from lambdas.shared.domain.conflict_picks import Pick, read_picks
from lambdas.shared.domain.conflicts_shown import show
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.link import TWO_OPPORTUNITIES, Link
from lambdas.shared.domain.messages import announced, blocked_fact, conflict_fact, digest, locked_fact, record_fact
from lambdas.shared.domain.partner_view import OpportunityFacts, Partner
from lambdas.shared.domain.plan import Fact, Outcome, Plan
from lambdas.shared.domain.planner import FieldPlan, Window, plan_fields
from lambdas.shared.domain.settlement import announced_key
from lambdas.shared.domain.shared_notes import share, shared_note, with_note
from lambdas.shared.domain.status import MESSAGES, status_changes, status_of
from lambdas.shared.domain.tags import carries_tag
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

_NO_FACTS = OpportunityFacts()


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a decision is made of.

    ``deal_answer`` and ``opportunity_answer`` are what ``fetch_deal`` and ``fetch_opportunity`` returned, ``deal`` and
    ``opportunity`` the documents (None where there is none), ``base`` the base document (``fields``,
    ``opportunity_seen_at``) or None. ``open_creates``: one of our creates at this partner has no answer yet.
    ``holder``: another deal's link, which has the opportunity that this link's deal names or whose orphan was found.
    ``extras``: what else the partner's room reads from the ledger for its decision (``Room.extras``).
    """

    link: Link
    deal_answer: Mapping[str, Any]
    deal: Mapping[str, Any] | None
    opportunity_answer: Mapping[str, Any]
    opportunity: Mapping[str, Any] | None
    base: Mapping[str, Any] | None
    open_creates: bool = False
    holder: Link | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def orphan(self) -> str | None:
        """The opportunity of an earlier create of this link that is not tied yet."""
        answer = self.opportunity_answer
        return str(answer["opportunity_id"]) if answer["opportunity"] == "orphan" else None


def decide(now: Situation, partner: Partner, context: Context) -> Plan:
    """The plan of this run. Facts that the link remembers as told are left out."""
    note = shared_note(now.deal, context)
    seen = now if note is None or now.deal is None else replace(now, deal=with_note(now.deal, note, context))
    plan = untold(_decide(seen, partner, context), now.link)
    if note is not None and now.deal is not None:
        plan = share(plan, now.deal, note, partner.rules, context)
    return plan if plan.base or now.base is None else replace(plan, base=dict(now.base.get("fields") or {}))


def untold(plan: Plan, link: Link) -> Plan:
    """The plan without the facts that the link remembers as told, and announced where that goes with it."""
    told = {key for key, text in link.told.items() if text != "pending"}

    def is_over(fact: Fact) -> bool:
        return fact.key in told and (not fact.announce or announced_key(fact.key) in told)

    return replace(plan, tell=tuple(fact for fact in plan.tell if not is_over(fact)))


def _decide(now: Situation, partner: Partner, context: Context) -> Plan:
    state = now.deal_answer["deal"]
    if now.link.handed_over:
        return Plan("none", "closed", reason=now.link.reason or "")
    if state == "none":
        return inbound.decide_without_deal(
            now.link, now.deal_answer, now.opportunity, partner, context, open_creates=now.open_creates
        )
    if (found := _found(now)) is not None:
        return found
    if state in ("missing", "archived") or now.deal is None:
        return _gone(now, partner)
    if not carries_tag(text_of(now.deal, "deal", "dealname"), context.partner["tag"]):
        return _untagged(now, partner, context)
    return _tagged(now, now.deal, partner, context)


def _found(now: Situation) -> Plan | None:
    """What the fetches found of this link's records, to be tied before anything else is decided."""
    if now.deal_answer["deal"] == "moved":
        return Plan("none", "adopt", adopt={"deal_id": str(now.deal_answer["deal_id"])}, reason="the deal was merged")
    if now.orphan is not None and now.holder is None:
        return Plan("none", "adopt", adopt={"opportunity_id": now.orphan}, reason="an earlier create went through")
    return None


def _gone(now: Situation, partner: Partner) -> Plan:
    tell: tuple[Fact, ...] = ()
    if now.link.opportunity_id is not None:
        text = (
            f"The deal {now.link.deal_id} was deleted in HubSpot. Its opportunity {now.link.opportunity_id} is still "
            f"open at {partner.label} and was left as it is. Close it there if it is lost."
        )
        tell = (record_fact("deal-deleted", f"A deal shared with {partner.label} was deleted", text),)
    return Plan("none", "closed", tell=tell, reason="the deal is gone")


def _untagged(now: Situation, partner: Partner, context: Context) -> Plan:
    names = context.partner["status_properties"]
    known = now.link.opportunity_id is not None or text_of(now.deal, "deal", names["sync_status"]) is not None
    if not known:
        return Plan("none", "paused", reason="the deal carries no tag")
    message = MESSAGES["paused"].format(tag=context.partner["tag"])
    wanted = {"sync_status": "paused", "sync_message": message}
    return Plan(
        "none",
        "paused",
        deal=status_changes(now.deal, names, wanted, context.now_ms),
        reason="the tag was taken off",
    )


def _tagged(now: Situation, deal: Mapping[str, Any], partner: Partner, context: Context) -> Plan:
    named = text_of(deal, "deal", context.partner["status_properties"]["opportunity_id"])
    tied, state = now.link.opportunity_id, now.opportunity_answer["opportunity"]
    if tied is None:
        return _untied(now, deal, named, partner, context)
    if named not in (None, tied) or (now.link.state, now.link.reason, named) == ("conflict", TWO_OPPORTUNITIES, None):
        return record_conflicts.two_opportunities(deal, tied, named, partner, context)
    if state != "current" or now.opportunity is None:
        return record_conflicts.missing(deal, tied, partner, context)
    return _update(now, deal, now.opportunity, partner, context)


def _untied(now: Situation, deal: Mapping[str, Any], named: str | None, partner: Partner, context: Context) -> Plan:
    wanted = now.orphan or named
    if wanted is not None and now.holder is not None:
        return record_conflicts.of_another_deal(deal, wanted, now.holder, partner, context)
    if named is None and now.opportunity_answer["opportunity"] == "several":
        return record_conflicts.several(deal, now.opportunity_answer["candidates"], partner, context)
    if named is None:
        return _create(now, deal, partner, context)
    if partner.is_opportunity_id(named):
        return Plan("none", "adopt", adopt={"opportunity_id": named}, reason="the deal names its opportunity")
    name = context.partner["status_properties"]["opportunity_id"]
    message = f"The deal property {name!r} holds no {partner.label} opportunity id; please empty it."
    plan = Plan("none", "blocked", problems=(Problem("opportunity_id", message, "deal", name),))
    return _finish(deal, plan, partner, context, {})


def _create(now: Situation, deal: Mapping[str, Any], partner: Partner, context: Context) -> Plan:
    fields = _compare(now, deal, None, _NO_FACTS, partner=partner, context=context)
    entities, wrong = partner.entities(deal, context)
    problems = [*fields.problems, *partner.create_problems(fields.values, context), *wrong]
    if problems:
        plan = Plan("none", "blocked", problems=tuple(problems), reason="the deal is incomplete")
        return _finish(deal, plan, partner, context, {})
    values = {path: value for path, value in fields.opportunity.items() if value is not None}
    plan = Plan(
        "create",
        "synced",
        opportunity=values,
        opportunity_changes=tuple(fields.opportunity_changes),
        base=fields.base,
        steps=tuple(entities),
    )
    shown = {"opportunity_title": fields.values.get("title"), "review_status": partner.first_review_status}
    return _finish(deal, plan, partner, context, {**shown, **_shown_entities(deal, entities, context)})


def _update(
    now: Situation, deal: Mapping[str, Any], opportunity: Mapping[str, Any], partner: Partner, context: Context
) -> Plan:
    facts = partner.facts(opportunity)
    compared = _compare(now, deal, opportunity, facts, partner=partner, context=context)
    before = now.link.conflicts_shown or {}
    picks = read_picks(deal, compared.conflicts, before, partner.rules, context)
    fields = compared
    if picks.chosen:
        fields = _compare(now, deal, opportunity, facts, partner=partner, context=context, picks=picks.chosen)
    base = (now.base or {}).get("fields") or {}
    conflicts = show(deal, compared.conflicts, base, fields=fields, picks=picks, before=before, context=context)
    done = set(facts.associated) | set(now.link.associated)
    entities, wrong = partner.entities(deal, context, done)
    problems = (*fields.problems, *wrong, *facts.problems)
    wanted = [*entities, *facts.steps] if facts.takes_entities else facts.steps
    outcome: Outcome = "conflict" if fields.conflicts else "blocked" if problems else "synced"
    plan = Plan(
        "update" if fields.opportunity else "none",
        outcome,
        opportunity=fields.opportunity,
        opportunity_changes=tuple(fields.opportunity_changes),
        deal=fields.deal,
        deal_changes=tuple(fields.deal_changes),
        conflicts=tuple(fields.conflicts),
        blocked=tuple(sorted(fields.blocked)),
        withheld=tuple(sorted(fields.withheld)),
        problems=problems,
        base=fields.base,
        steps=tuple(each for each in wanted if each not in done),
        tell=_update_facts(deal, fields, facts, partner, context),
        picked=conflicts.picked,
        answers=picks.answers,
        shown_conflicts=conflicts.kept,
        asks_anew=conflicts.news,
    )
    title = fields.values.get("title") if "title" not in plan.blocked else facts.title
    shown = {
        "opportunity_id": now.link.opportunity_id,
        "opportunity_title": title or "",
        "review_status": facts.review_status,
        "invitation_id": now.link.invitation_id,
        **facts.shown,
        **conflicts.roles,
        **_shown_entities(deal, sorted(facts.associated | (set(entities) & {*done, *plan.steps})), context),
    }
    plan = _finish(deal, plan, partner, context, shown, facts=facts)
    return replace(plan, review_changed=context.partner["status_properties"].get("review_status") in plan.deal)


def _compare(
    now: Situation,
    deal: Mapping[str, Any],
    opportunity: Mapping[str, Any] | None,
    facts: OpportunityFacts,
    *,
    partner: Partner,
    context: Context,
    picks: Mapping[str, Pick] | None = None,
) -> FieldPlan:
    base = now.base or {}
    window = Window(int(base.get("opportunity_seen_at") or 0), facts.modified_at)
    return plan_fields(
        deal,
        opportunity,
        (base.get("fields") or {}) if opportunity is not None else {},
        partner.rules,
        codecs=partner.codecs,
        locked=facts.locked,
        window=window,
        context=context,
        held=facts.held,
        picks=picks,
    )


def _shown_entities(deal: Mapping[str, Any], entities: list[str], context: Context) -> dict[str, str]:
    """The solutions are shown where the person named none; what a person wrote is theirs.

    An entity of another kind says so before a colon, and is not shown among them.
    """
    name = context.partner["status_properties"].get("solution_ids")
    entities = [each for each in entities if ":" not in each]
    if name is None or text_of(deal, "deal", name) is not None or not entities:
        return {}
    return {"solution_ids": ";".join(dict.fromkeys(entities))}


def _update_facts(
    deal: Mapping[str, Any], fields: FieldPlan, facts: OpportunityFacts, partner: Partner, context: Context
) -> tuple[Fact, ...]:
    tell: list[Fact] = [*facts.tell]
    if facts.lock_is_final:
        by_name = {rule.name: rule for rule in partner.rules}
        for name in sorted(fields.blocked):
            rule = by_name[name]
            value = partner.codecs[rule.codec].read(deal, rule, context).value
            tell.append(locked_fact(name, rule.main_property or name, value, partner.label))
    if facts.review_needs_us:
        text = f"{partner.label} answered “{facts.review_status}”. {facts.review_note or 'No comment was given.'}"
        # With the comment's digest: a second round of the same review asks for something else, which is news.
        asked = digest(facts.review_note)
        key = f"review:{(facts.review_status or '').lower().replace(' ', '-')}:{asked}"
        fact = record_fact(key, f"{partner.label} reviewed this deal: {facts.review_status}", text)
        fact = replace(fact, priority="high")
        if facts.announce_review:
            happened = f"{partner.label} reviewed the opportunity and did not approve it."
            fact = announced(fact, "review_status", happened, "Read the comment in the task on the deal.", "high")
        tell.append(fact)
    return tuple(tell)


def restated(
    plan: Plan,
    deal: Mapping[str, Any],
    partner: Partner,
    context: Context,
    *,
    problems: Sequence[Problem] = (),
    shown: Mapping[str, str | None] | None = None,
    facts: OpportunityFacts = _NO_FACTS,
) -> Plan:
    """A plan of a tagged deal with more ``problems`` and more to show (by role), its status said anew.

    For what a partner's room decides after the shared decision. A conflict stays one; else problems block.
    """
    every = (*plan.problems, *problems)
    outcome: Outcome = "blocked" if every and plan.outcome == "synced" else plan.outcome
    kept = tuple(fact for fact in plan.tell if not fact.key.startswith(("blocked:", "conflict:")))
    names = context.partner["status_properties"]
    said_before = {names.get(role) for role in ("sync_status", "sync_message", "last_sync")}
    rest = {name: text for name, text in plan.deal.items() if name not in said_before}
    plan = replace(plan, problems=every, outcome=outcome, tell=kept, deal=rest)
    return _finish(deal, plan, partner, context, shown or {}, facts=facts)


def _finish(
    deal: Mapping[str, Any],
    plan: Plan,
    partner: Partner,
    context: Context,
    shown: Mapping[str, str | None],
    *,
    facts: OpportunityFacts = _NO_FACTS,
) -> Plan:
    """Add status properties, and the facts that follow from problems and conflicts."""
    names = context.partner["status_properties"]
    status, message = status_of(plan, partner.label, names, facts.lock_is_final, facts.waits_for)
    wanted = {**shown, "sync_status": status, "sync_message": message}
    changes = status_changes(deal, names, wanted, context.now_ms, other_writes=bool(plan.writes or plan.deal))
    tell = list(plan.tell)
    if plan.problems:
        tell.append(blocked_fact(plan.problems, partner.label))
    if plan.conflicts and plan.asks_anew:
        tell.append(conflict_fact(plan.conflicts, partner.label, names))
    return replace(plan, deal={**plan.deal, **changes}, tell=tuple(tell), status=status)
