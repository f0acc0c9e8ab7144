"""What a run of one deal would do for one partner, field by field, found out by the run's own functions.

The plan is a rehearsal's, the values come from the codecs by which a run reads; only the words are made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import config
from cli.sync_access import Access, PartnerAccess, codecs_of
from config.source import KeyPath
from lambdas.shared.domain.computed import computed_by, read_rule
from lambdas.shared.domain.documents import contacts_of, text_of
from lambdas.shared.domain.field_map import FieldRule, rules_to_read
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.tags import NAME, Tagging
from lambdas.shared.domain.values import Codec, Context
from lambdas.shared.errors import Conflict, NotFound
from lambdas.shared.handlers.rehearsal import Rehearsed, rehearse

_ADOPTIONS = 3
_QUIET = ("last_sync",)
_LEAD = "lead."

BECAME = {
    "sent": "sent",
    "written": "written to the deal",
    "agreed": "the same on both sides",
    "unmoved": "left as it is",
    "muted": "dropped",
    "problem": "blocked",
    "locked": "waits",
    "withheld": "withheld",
    "conflict": "conflict",
    "no-place": "not written",
    "waits": "waits",
    "defaulted": "left as it is",
    "": "not looked at",
}
"""What is said of a field, by ``plan.Became``, and ``defaulted``."""
_DEFAULTED = "defaulted"
"""Agreed, in that the deal says nothing and the partner has what is sent then."""


@dataclass(frozen=True, slots=True)
class FieldPreview:
    """One line of the field map. ``sources`` are the filled properties that it reads (``deal.amount`` to text),
    ``value`` is what the deal says in the partner's words, ``at_partner`` what the partner's record says now, ``what``
    one of ``BECAME``'s words and ``why`` the reason; ``line`` is where the rule stands."""

    field: str
    path: str
    direction: str
    sources: Mapping[str, str]
    transform: str
    value: Any
    at_partner: Any
    became: str
    what: str
    why: str
    line: str


@dataclass(frozen=True, slots=True)
class Preview:
    """``would`` says in words what the run would do, ``deal`` what the deal would show (property to before and after),
    ``steps`` what would be tied to the opportunity, ``tell`` the notes and tasks."""

    partner: str
    label: str
    deal_id: str
    opportunity_id: str | None
    outcome: str
    would: str
    fields: Sequence[FieldPreview] = ()
    problems: Sequence[Mapping[str, Any]] = ()
    steps: Sequence[str] = ()
    deal: Mapping[str, tuple[str | None, str]] = field(default_factory=dict)
    tell: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        changes = {name: {"before": before, "after": after} for name, (before, after) in self.deal.items()}
        return {**asdict(self), "deal": changes}


def preview_of(
    access: Access, partner: PartnerAccess, loaded: config.Loaded, deal_id: str, *, if_tagged: bool = False
) -> Preview:
    """The preview of a deal for one partner. ``NotFound`` where HubSpot has no such deal.

    ``if_tagged``: as if the deal said that it is for the partner.
    """
    tagging = Tagging.of(partner.settings)
    link = _link(access, partner, deal_id)
    found, link = _foreseen(access, partner, link, tagging if if_tagged else None)
    if found.document is None or found.plan is None:
        if found.deal["deal"] == "missing":
            raise NotFound(f"HubSpot has no deal {deal_id}.")
        would = f"nothing: the deal is {found.deal['deal']}"
        return Preview(partner.name, partner.settings["label"], deal_id, link.opportunity_id, "closed", would)
    document = _tagged(found.document, tagging) if if_tagged else found.document
    looking = _Looking(access, partner, loaded, document, found)
    return Preview(
        partner.name,
        partner.settings["label"],
        deal_id,
        link.opportunity_id,
        found.plan["outcome"],
        _would(found.plan, tagging, partner.settings["label"]),
        looking.fields(),
        found.plan["problems"],
        found.plan["steps"],
        looking.on_the_deal(),
        [f"{each['kind']}: {each['subject']}" for each in found.plan["tell"]],
    )


def _link(access: Access, partner: PartnerAccess, deal_id: str) -> Link:
    """The deal's link, or the one that its first notice would open."""
    key = access.links.for_deals(partner.name, [deal_id]).get(deal_id)
    known = access.links.get(key) if key else None
    now = access.clock.now_ms()
    return known or Link(partner.name, f"d{deal_id}", "deal", deal_id=deal_id, created_at=now, updated_at=now)


def _foreseen(access: Access, partner: PartnerAccess, link: Link, tagging: Tagging | None) -> tuple[Rehearsed, Link]:
    """The rehearsal of the link's next runs, until one ties no further record."""
    for _ in range(_ADOPTIONS):
        says = (lambda document: document) if tagging is None else (lambda document: _tagged(document, tagging))
        found = rehearse(link, partner.stage, says)
        if found.plan is None or found.plan["outcome"] != "adopt":
            return found, link
        link = replace(link, **found.plan["adopt"])
    raise Conflict(f"{link.key} is tied to one record after the other.")


def _tagged(document: Mapping[str, Any], tagging: Tagging) -> Mapping[str, Any]:
    properties = document["properties"]
    if tagging.on(properties):
        return document
    return {**document, "properties": {**properties, **tagging.put_on(str(properties.get(NAME) or ""))}}


def _would(plan: Mapping[str, Any], tagging: Tagging, label: str) -> str:
    if plan["outcome"] == "paused":
        return f"nothing: the deal is not for {label}, which takes {tagging.said}"
    if plan["action"] == "create":
        return f"create an opportunity at {label}"
    if plan["outcome"] == "blocked" and not plan["base"]:
        return f"create no opportunity at {label} before this is put right"
    if plan["action"] == "update":
        return f"update the opportunity at {label}"
    if plan["outcome"] in ("synced", "blocked", "conflict") and plan["became"]:
        return f"write nothing to {label}"
    return f"nothing: {plan['reason'] or plan['outcome']}"


@dataclass
class _Looking:
    access: Access
    partner: PartnerAccess
    loaded: config.Loaded
    document: Mapping[str, Any]
    found: Rehearsed

    @property
    def plan(self) -> Mapping[str, Any]:
        return self.found.plan or {}

    def fields(self) -> list[FieldPreview]:
        """Every line of the field map, in the file's order."""
        codecs = codecs_of(self.partner.name)
        settings = self.partner.stage.deals.settings
        context = Context(self.access.clock.now_ms(), self.partner.settings, settings.get("hubspot") or {})
        every = (*self.partner.rules, *self._of_a_lead())
        return [self._field(rule, codecs[rule.codec], context) for rule in every]

    def _of_a_lead(self) -> list[FieldRule]:
        """The map of the lead that goes before an opportunity, by the names that the plan has for it."""
        settings, known = self.partner.settings, len(self.partner.rules)
        if not (settings.get("lead") or {}).get("enabled"):
            return []
        return [replace(rule, name=f"{_LEAD}{rule.name}") for rule in rules_to_read(settings)[known:]]

    def _field(self, rule: FieldRule, codec: Codec, context: Context) -> FieldPreview:
        reading = read_rule(codec, self.document, rule, context)
        theirs = None if rule.name.startswith(_LEAD) else codec.read_partner(self.found.opportunity, rule, context)
        became = str(self.plan["became"].get(rule.name, ""))
        value = self._sent(rule, became, reading.value)
        if became == "agreed" and value is None and theirs is not None:
            became = _DEFAULTED
        return FieldPreview(
            rule.name,
            rule.path,
            rule.direction,
            self._sources(rule),
            self._transform(rule),
            value,
            theirs,
            became,
            BECAME[became],
            self._why(rule, became, reading.value),
            self._line(rule),
        )

    def _sent(self, rule: FieldRule, became: str, said: Any) -> Any:
        change = self._change(rule, "opportunity_changes")
        if change is not None:
            return change["after"]
        return rule.default if said is None and became == "sent" else said

    def _change(self, rule: FieldRule, side: str) -> Mapping[str, Any] | None:
        return next((each for each in self.plan[side] if each["field"] == rule.name), None)

    def _sources(self, rule: FieldRule) -> dict[str, str]:
        if rule.object == "contact":
            people = enumerate(contacts_of(self.document), 1)
            return {f"contact {number}": _contact(each, rule.properties) for number, each in people}
        formula = computed_by(self.document, rule)
        names = rule.properties if formula is None else formula.names
        texts = {f"{rule.object}.{name}": text_of(self.document, rule.object, name) for name in names}
        return {name: text for name, text in texts.items() if text is not None}

    def _transform(self, rule: FieldRule) -> str:
        formula = computed_by(self.document, rule)
        return rule.codec if formula is None else f"{rule.codec}({formula.text})"

    def _why(self, rule: FieldRule, became: str, said: Any) -> str:
        name = rule.name.removeprefix(_LEAD)
        for each in self.plan["problems"]:
            if each["field"] == name and (became == "problem" or rule.name == name):
                return str(each["message"])
        change = self._change(rule, "opportunity_changes") or self._change(rule, "deal_changes")
        if change is not None:
            return _RULES.get(change["rule"], f"both sides changed: {change['rule']}")
        if became == "sent":  # of a create that is blocked
            return _RULES["default" if said is None else "create"] + ", once nothing is blocked"
        if became == "muted" and rule.only_when is not None:
            values = f" is {' or '.join(rule.only_when.values)}" if rule.only_when.values else " says something"
            return f"counts only where {rule.only_when.field}{values}"
        if became == "unmoved":
            return _UNMOVED.get(rule.direction, "") if said is None else "neither side has changed it"
        return self._held(name) or _REASONS.get(became, "")

    def _held(self, name: str) -> str:
        """Why a field waits that stands or falls with another, empty where it does not."""
        held = next((each for each in self.plan["together"] if each["field"] == name), None)
        return f"goes together with {held['other']}: {_HELD[held['why']]}" if held is not None else ""

    def _line(self, rule: FieldRule) -> str:
        """``config/aws.yaml:263``, where the rule stands."""
        mine = self.loaded.files_in(self.partner.stage.deals.settings["deployment_stage"]).partners[self.partner.name]
        lead = rule.name.startswith(_LEAD)
        listed = mine.model.lead.fields if lead else mine.base.fields
        name = rule.name.removeprefix(_LEAD) if lead else rule.name
        place = next((index for index, each in enumerate(listed) if each.name == name), None)
        at: KeyPath = ("lead", "fields") if lead else ("fields",)
        found = mine.source.finding(("spend",) if place is None else (*at, place), "")
        return f"{found.file}:{found.line}"

    def on_the_deal(self) -> dict[str, tuple[str | None, str]]:
        """The properties that would change, but for the time of the last sync."""
        names = self.partner.settings["status_properties"]
        quiet = {names.get(role) for role in _QUIET}
        texts = self.document["properties"]
        return {name: (texts.get(name), text) for name, text in self.plan["deal"].items() if name not in quiet}


def _contact(properties: Mapping[str, Any], names: Sequence[str]) -> str:
    return ", ".join(str(properties[name]) for name in names if properties.get(name))


_RULES = {
    "create": "the deal says so",
    "default": "neither side says anything: the default",
    "only-deal-moved": "the deal has changed",
    "only-opportunity-moved": "the partner has changed it",
    "deal-owned": "the deal has changed, and it alone may",
    "partner-owned": "the partner alone says it",
    "fill": "the other side is empty",
    "condition": "it counts no longer",
    "picked": "a person picked it",
}
_UNMOVED = {
    "both": "empty on both sides",
    "to_partner": "empty on the deal, or unchanged there",
    "to_deal": "the partner says nothing new",
}
_HELD = {
    "problem": "that has to be put right first",
    "locked": "the partner takes no change of that for now",
    "withheld": "another partner wrote that, and no share rule (pass_on) lets it pass",
    "conflict": "a person has to decide about that",
    "no-place": "the deal has no place for what the partner says of that",
    "waits": "that is held back until another field is in order",
}
_REASONS = {
    "agreed": "nothing to do",
    _DEFAULTED: "the deal says nothing, and the partner's record has the default",
    "locked": "the partner takes no change of it for now",
    "withheld": "another partner wrote it, and no share rule (pass_on) lets it pass",
    "conflict": "both sides changed, and a person has to pick",
    "no-place": "the deal has no place for what the partner says",
    "waits": "held back until another field is in order",
    "": "it says nothing of a record as this one is",
}
