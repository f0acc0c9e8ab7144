"""The decision of one run: what becomes of a link, given both sides as they are now. Pure.

| link and deal | opportunity | outcome |
|---|---|---|
| deal merged into another | any | adopt the deal that is left |
| deal | none, but an earlier create of ours went through | adopt that opportunity, whatever became of the deal |
| deal | not asked for: it was tied while this run was reading | adopt that opportunity: the next run reads it |
| deal missing or archived | any | closed; the partner is left alone, a person is told |
| deal without the tag | any | paused; no partner call |
| deal | none, but the deal names one | adopt that opportunity |
| deal | several that an earlier create of ours may have made | conflict for a person |
| deal | none, and the one to adopt is another deal's | conflict for a person |
| deal | none | create, or blocked with every problem at once |
| deal leads to another link | the one that the deal names | lead the deal from now on |
| deal leads to another link | another than the deal names | conflict for a person, told in a task alone |
| deal | another than the deal names, which is the deal's too | let that one's link lead |
| deal | another than the deal names | conflict for a person |
| deal | missing | conflict for a person |
| deal | current | update by the three-way comparison |
| no deal | current | see ``inbound`` |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.shared.domain import inbound, record_conflicts
from lambdas.shared.domain.conflict_picks import Pick, read_picks
from lambdas.shared.domain.conflicts_shown import show
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.finishing import NO_FACTS, finish, shown_entities, update_facts
from lambdas.shared.domain.link import TWO_OPPORTUNITIES, Link
from lambdas.shared.domain.messages import record_fact
from lambdas.shared.domain.partner_view import OpportunityFacts, Partner
from lambdas.shared.domain.plan import Fact, Outcome, Plan
from lambdas.shared.domain.planner import FieldPlan, Window, plan_fields
from lambdas.shared.domain.settlement import announced_key
from lambdas.shared.domain.shared_notes import share, shared_note, with_note
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.status import MESSAGES, status_changes
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

_NOT_ASKED_FOR = frozenset({"none", "orphan", "several"})
"""Answers of a fetch whose run knew of no opportunity."""


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
    if (found := _found(now, context)) is not None:
        return found
    if state in ("missing", "archived") or now.deal is None:
        return _gone(now, partner)
    if not Tagging.of(context.partner).on(now.deal.get("properties")):
        return _untagged(now, partner, context)
    return _tagged(now, now.deal, partner, context)


def _found(now: Situation, context: Context) -> Plan | None:
    """What the fetches found of this link's records, to be tied before anything else is decided."""
    if now.deal_answer["deal"] == "moved":
        return _led_by(str(now.deal_answer["deal_id"]), _named(now.deal, context), "the deal was merged")
    tied = now.link.opportunity_id
    if tied is not None and now.opportunity_answer["opportunity"] in _NOT_ASKED_FOR:
        # The run of the opportunity's own half link handed it over meanwhile: nobody has asked the partner for it yet.
        return Plan("none", "adopt", adopt={"opportunity_id": tied}, reason="it was tied while this run was reading")
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
    message = MESSAGES["paused"].format(said=Tagging.of(context.partner).said)
    wanted = {"sync_status": "paused", "sync_message": message}
    return Plan(
        "none",
        "paused",
        deal=status_changes(now.deal, names, wanted, context.now_ms),
        reason="the tag was taken off",
    )


def _tagged(now: Situation, deal: Mapping[str, Any], partner: Partner, context: Context) -> Plan:
    named = _named(deal, context)
    tied, state = now.link.opportunity_id, now.opportunity_answer["opportunity"]
    if tied is None:
        return _untied(now, deal, named, partner, context)
    if (second := _of_a_merged_deal(now, tied, named, partner, context)) is not None:
        return second
    if named not in (None, tied) or (now.link.state, now.link.reason, named) == ("conflict", TWO_OPPORTUNITIES, None):
        return record_conflicts.two_opportunities(deal, tied, named, partner, context)
    if state != "current" or now.opportunity is None:
        return record_conflicts.missing(deal, tied, partner, context)
    return _update(now, deal, now.opportunity, partner, context)


def _of_a_merged_deal(now: Situation, tied: str, named: str | None, partner: Partner, context: Context) -> Plan | None:
    """The plan of one of a merged deal's two opportunities, None for the one that it leads to and names."""
    deal_id = str(now.link.deal_id)
    if now.leader is not None:
        if named == tied:
            return _led_by(deal_id, tied, "the deal names this opportunity")
        return record_conflicts.second(tied, now.leader, partner, context)
    if named not in (None, tied) and _is_of_the_same_deal(now.holder, now.link):
        return _led_by(deal_id, named, "the deal names its other opportunity")
    return None


def _named(deal: Mapping[str, Any] | None, context: Context) -> str | None:
    """The opportunity that the deal names."""
    return text_of(deal, "deal", context.partner["status_properties"]["opportunity_id"])


def _led_by(deal_id: str, opportunity_id: str | None, reason: str) -> Plan:
    """Let the deal lead to the link of its opportunity; where it names none, to the one that the merge prefers."""
    adopt = {"deal_id": deal_id} | ({"opportunity_id": opportunity_id} if opportunity_id else {})
    return Plan("none", "adopt", adopt=adopt, reason=reason)


def _is_of_the_same_deal(holder: Link | None, link: Link) -> bool:
    return holder is not None and holder.deal_id == link.deal_id


def _untied(now: Situation, deal: Mapping[str, Any], named: str | None, partner: Partner, context: Context) -> Plan:
    wanted = now.orphan or named
    if now.holder is not None and _is_of_the_same_deal(now.holder, now.link):
        # Merged while a create of ours had no answer: the deal has its opportunity, and this link nothing to show.
        return Plan("none", "conflict", reason=TWO_OPPORTUNITIES)
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
    return finish(deal, plan, partner, context, {})


def _create(now: Situation, deal: Mapping[str, Any], partner: Partner, context: Context) -> Plan:
    fields = _compare(now, deal, None, NO_FACTS, partner=partner, context=context)
    entities, wrong = partner.entities(deal, context)
    problems = [*fields.problems, *partner.create_problems(fields.values, context), *wrong]
    if problems:
        every = (*problems, *fields.without)
        plan = Plan("none", "blocked", problems=every, reason="the deal is incomplete", became=fields.became)
        return finish(deal, plan, partner, context, {})
    values = {path: value for path, value in fields.opportunity.items() if value is not None}
    plan = Plan(
        "create",
        "blocked" if fields.without else "synced",
        opportunity=values,
        opportunity_changes=tuple(fields.opportunity_changes),
        problems=tuple(fields.without),
        base=fields.base,
        steps=tuple(entities),
        became=fields.became,
    )
    shown = {"opportunity_title": fields.values.get("title"), "review_status": partner.first_review_status}
    return finish(deal, plan, partner, context, {**shown, **shown_entities(deal, entities, context)})


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
        together=tuple(fields.together),
        problems=problems,
        base=fields.base,
        steps=tuple(each for each in wanted if each not in done),
        tell=update_facts(deal, fields, facts, partner, context),
        picked=conflicts.picked,
        answers=picks.answers,
        shown_conflicts=conflicts.kept,
        asks_anew=conflicts.news,
        became=fields.became,
    )
    title = fields.values.get("title") if "title" not in plan.blocked else facts.title
    shown = {
        "opportunity_id": now.link.opportunity_id,
        "opportunity_title": title or "",
        "review_status": facts.review_status,
        "invitation_id": now.link.invitation_id,
        **facts.shown,
        **conflicts.roles,
        **shown_entities(deal, sorted(facts.associated | (set(entities) & {*done, *plan.steps})), context),
    }
    plan = finish(deal, plan, partner, context, shown, facts=facts)
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
