"""Microsoft's part of the decision: what a referral says, what is locked on it, when a create makes no sense."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lambdas.microsoft.domain import acceptance, status
from lambdas.microsoft.domain.acceptance import Reply
from lambdas.microsoft.domain.codecs import CODECS, to_contact_properties
from lambdas.microsoft.domain.json_patch import PUBLISHED
from lambdas.microsoft.domain.notification import GUID
from lambdas.microsoft.domain.referral import ASSISTANCE, KIND, SHARE, contradictions, epoch_ms, is_incoming
from lambdas.microsoft.domain.rules import STANDING, rules_for, standing_rules
from lambdas.shared.domain import paths
from lambdas.shared.domain.countries import country_name
from lambdas.shared.domain.deal_codecs import is_closed
from lambdas.shared.domain.decision import decide
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.domain.messages import announced, record_fact
from lambdas.shared.domain.newcomers import with_newcomers
from lambdas.shared.domain.partner_view import OpportunityFacts
from lambdas.shared.domain.plan import Fact, People, Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Codec, Context
from lambdas.shared.errors import Problem

_ANSWER = "Accept or decline it on the deal."


class Microsoft:
    """``Partner`` for Microsoft Partner Center. ``settings`` is ``partners.microsoft`` of the settings document.

    ``now_ms`` decides whether an unanswered referral is about to expire; ``reply`` is what it is to be answered.
    ``close_is_known``: nobody has to hear of a close at Microsoft. ``rules`` are those that count, else the whole map.
    """

    name = "microsoft"
    label = "Microsoft"
    first_review_status: str | None = None
    """What the answer to the create says is what HubSpot shows; nothing is shown before."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        now_ms: int = 0,
        rules: Sequence[FieldRule] | None = None,
        close_is_known: bool = False,
        reply: Reply = acceptance.NO_REPLY,
    ) -> None:
        self.rules: Sequence[FieldRule] = parse_rules(settings) if rules is None else rules
        self.codecs: Mapping[str, Codec] = CODECS
        self._now_ms = now_ms
        self._close_is_known = close_is_known
        self._reply = reply
        self._acceptance = settings["status_properties"]["acceptance"]
        self.warning_days = int(settings.get("warning_days", acceptance.WARNING_DAYS))

    def facts(self, document: Mapping[str, Any]) -> OpportunityFacts:
        """What a referral says (https://learn.microsoft.com/partner-center/developer/referral-resources)."""
        incoming = is_incoming(document)
        claimed = str(document.get("externalReferenceId") or "")
        waits = acceptance.needs_answer(document)
        answer, problems = self._reply
        unanswered = waits and answer is None
        return OpportunityFacts(
            title=document.get("name"),
            modified_at=epoch_ms(document.get("updatedDateTime")) or 0,
            created_at=epoch_ms(document.get("createdDateTime")),
            review_status=document.get("status"),
            claimed_deal=claimed if claimed.isascii() and claimed.isdigit() and not incoming else None,
            shared_with_us=incoming,
            locked=self._locked(document, waits),
            held={rule.name: status.unreachable(document) for rule in self.rules if rule.path == STANDING},
            lock_is_final=not waits,
            shown={"review_substatus": str(document.get("substatus") or "")},
            steps=(answer,) if answer else (),
            problems=tuple(problems),
            tell=self._news(document, unanswered),
            waits_for=self._ask(document) if unanswered else None,
            people=_people(document),
        )

    def create_problems(self, values: Mapping[str, Any], context: Context) -> list[Problem]:
        """A referral does not begin closed; kind, consent and the help asked of Microsoft have to fit each other."""
        by_path = {rule.path: rule for rule in self.rules if rule.direction != "to_deal"}
        said = {path: values.get(rule.name) for path, rule in by_path.items()}
        found = []
        if str(said.get("status") or "").startswith("Closed/"):
            message = "The deal is closed already, and a closed deal is not shared: share it at an earlier stage first."
            tables = context.partner["stage_map"].values()
            early = (name for table in tables for name, to in table.items() if not to.startswith("Closed/"))
            found.append(Problem("status", message, "deal", "dealstage", tuple(dict.fromkeys(early))))
        if said.get(KIND) is not None and said.get(SHARE) is not None:
            found += contradictions(str(said[KIND]), said[SHARE], said.get(ASSISTANCE))
        return [_on_the_deal(each, by_path.get(each.field)) for each in found]

    def entities(
        self, deal: Mapping[str, Any], context: Context, tied: Set[str] = frozenset()
    ) -> tuple[list[str], list[Problem]]:
        """None: the solutions are a field of the referral, and nothing is tied to it afterwards."""
        return [], []

    def is_opportunity_id(self, text: str) -> bool:
        """A GUID."""
        return re.fullmatch(GUID, text) is not None

    def _locked(self, document: Mapping[str, Any], waits: bool) -> set[str]:
        if waits or status.is_closed(document):
            return {rule.name for rule in self.rules if waits or rule.path != STANDING}
        return {rule.name for rule in self.rules if rule.path not in PUBLISHED}

    def _news(self, document: Mapping[str, Any], unanswered: bool) -> tuple[Fact, ...]:
        if unanswered:
            return (self._waiting(document),)
        if status.is_closed(document) and not self._close_is_known:
            return (_closed(document),)
        return ()

    def _ask(self, document: Mapping[str, Any]) -> str:
        end = acceptance.expires_at(document)
        until = "" if end is None else f" and expires on {_day(end)}"
        choose = f"choose accept or decline in the deal property {self._acceptance!r}"
        return f"The referral waits for an answer{until}: {choose}."

    def _waiting(self, document: Mapping[str, Any]) -> Fact:
        end, warning = acceptance.expires_at(document), acceptance.warn_at(document, self.warning_days)
        if end is not None and warning is not None and self._now_ms >= warning:
            subject = f"A referral from Microsoft is about to expire: {_day(end)}"
            fact = record_fact("referral-expires", subject, self._ask(document))
            return announced(
                fact, "referral_expiring", "A referral from Microsoft is about to expire.", _ANSWER, "high"
            )
        subject = "Answer a referral from Microsoft" + ("" if end is None else f" by {_day(end)}")
        fact = record_fact("referral-waits", subject, self._ask(document))
        return announced(fact, "referral_waits", "A referral from Microsoft waits for an answer.", _ANSWER)


def plan_run(now: Situation, settings: Mapping[str, Any], now_ms: int) -> Plan:
    """The plan of one Microsoft run. ``settings`` is the whole settings document.

    A closed referral stays closed: when its deal is opened again, a person decides. No notice of what we write is
    certain to come, and Microsoft may make something else of it, so that after every write both sides are read again:
    what its answer says is shown, and what acceptance unlocks goes out. So they are once a deal was made: what there
    is to tell of it is told on it.
    """
    microsoft = settings["partners"]["microsoft"]
    context = Context(now_ms, microsoft, settings.get("hubspot") or {})
    agreed = (now.base or {}).get("fields") or {}
    partner = Microsoft(
        microsoft,
        now_ms=now_ms,
        rules=rules_for(parse_rules(microsoft), now.opportunity, agreed),
        close_is_known=is_closed(now.deal, microsoft) or _declined_by_us(now, context),
        reply=acceptance.answer_to(now.opportunity, now.deal, context) if now.opportunity else acceptance.NO_REPLY,
    )
    if status.is_closed(now.opportunity) and now.base is not None:
        now = replace(now, base=_without_known_close(now.base, partner))
    plan = with_newcomers(decide(now, partner, context), now, partner, context)
    if plan.action == "create" and not microsoft.get("send_status"):
        plan = replace(plan, base=_as_it_begins(plan.base, partner))
    look_at = _next_look(plan, now.opportunity, partner, now_ms)
    look_again = plan.look_again or plan.writes > 0 or plan.creates_deal
    return replace(plan, look_again=look_again, look_at=look_at)


def _declined_by_us(now: Situation, context: Context) -> bool:
    """Whether the referral is closed because we declined it: nobody here has to be told."""
    if status.standing_of(now.opportunity) != status.DECLINED:
        return False
    said = text_of(now.deal, "deal", context.partner["status_properties"]["acceptance"])
    return said == "decline" or "decline" in now.link.associated


def _as_it_begins(base: Mapping[str, Any], partner: Microsoft) -> dict[str, Any]:
    """The base of a referral that is created without a standing, so that the deal's goes out once it exists."""
    names = standing_rules(partner.rules)
    return {name: status.FIRST if name in names else value for name, value in base.items()}


def _next_look(plan: Plan, document: Mapping[str, Any] | None, partner: Microsoft, now_ms: int) -> int | None:
    """When to look at a referral that waits for our answer: to warn of its end, then to see it ended."""
    if document is None or plan.steps or plan.outcome not in ("synced", "blocked", "conflict"):
        return None
    if not acceptance.needs_answer(document):
        return None
    moments = (acceptance.warn_at(document, partner.warning_days), acceptance.expires_at(document))
    return min((each for each in moments if each is not None and each > now_ms), default=None)


def _without_known_close(base: Mapping[str, Any], partner: Microsoft) -> dict[str, Any]:
    """The base without a close on which both sides had agreed: a deal that moved on since changes nothing there.

    It is one side's word against the other's, as when both had moved.
    """
    names, fields = standing_rules(partner.rules), base.get("fields") or {}
    return {
        **base,
        "fields": {
            name: value for name, value in fields.items() if name not in names or not str(value).startswith("Closed/")
        },
    }


def _day(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).date().isoformat()


def _closed(document: Mapping[str, Any]) -> Fact:
    substatus, reason = document.get("substatus"), document.get("statusReason")
    text = f"The referral was closed as {substatus}, and stays closed. {reason or 'No reason was given.'}"
    fact = record_fact("referral-closed", f"Microsoft's referral was closed: {substatus}", text)
    return announced(fact, "referral_closed", "Microsoft's referral was closed.", "Read on the deal how it ended.")


def _on_the_deal(each: Problem, rule: FieldRule | None) -> Problem:
    if rule is None:
        return each
    return replace(each, field=rule.name, object=rule.object, property=each.property or rule.main_property)


def _people(document: Mapping[str, Any]) -> People:
    profile = document.get("customerProfile") or {}
    address = profile.get("address") or {}
    company = {
        "name": profile.get("name"),
        "country": country_name(str(address.get("country") or "")) or address.get("country"),
        "state": address.get("state"),
        "zip": address.get("postalCode"),
        "city": address.get("city"),
        "address": address.get("addressLine1"),
    }
    contacts = [to_contact_properties(each) for each in paths.get(document, "customerProfile.team") or ()]
    known = {name: str(text) for name, text in company.items() if text}
    return People(None, known, tuple(each for each in contacts if each))
