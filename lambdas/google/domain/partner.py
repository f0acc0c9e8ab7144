"""Google's part of the decision: what an opportunity says, what is locked on it, when a create makes no sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from lambdas.google.domain import ids
from lambdas.google.domain.aftermath import own_record, with_close, with_lead
from lambdas.google.domain.codecs import CODECS
from lambdas.google.domain.contacts import to_contact_properties
from lambdas.google.domain.enums import check_settings
from lambdas.google.domain.lead import known_lead
from lambdas.google.domain.lead_plan import NO_LEAD, plan_lead
from lambdas.google.domain.lifecycle import ACCEPTED, CLOSED, REJECTED, SUBMITTED, locked_fields
from lambdas.google.domain.times import epoch_ms
from lambdas.shared.domain import paths
from lambdas.shared.domain.countries import country_name
from lambdas.shared.domain.deal_codecs import is_closed
from lambdas.shared.domain.decision import decide
from lambdas.shared.domain.documents import last_moved_at
from lambdas.shared.domain.field_map import Condition, FieldRule, parse_rules
from lambdas.shared.domain.newcomers import with_newcomers
from lambdas.shared.domain.partner_view import OpportunityFacts
from lambdas.shared.domain.plan import People, Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Codec, Context
from lambdas.shared.errors import Problem, Unexpected

ATTESTATIONS = ("qualificationInfo.legalLanguageAccepted", "qualificationInfo.publicTenderAttestation")


class Google:
    """``Partner`` for Google Cloud. ``settings`` is ``partners.google`` of the settings document.

    It names ``accepted_editable`` (paths open once ACCEPTED), ``google_sources`` (members of Source that mean
    Google) and ``enums``. ``deal_closed``: the deal is closed, which no partner can tell Google. ``lead_problems``:
    why the lead that goes before an opportunity cannot be sent.
    """

    name = "google"
    label = "Google Cloud"
    first_review_status: str | None = None
    """What the answer to the create says is what HubSpot shows; nothing is shown before."""

    def __init__(
        self, settings: Mapping[str, Any], *, deal_closed: bool = False, lead_problems: Sequence[Problem] = ()
    ) -> None:
        check_settings(settings)
        rules = parse_rules(settings)
        state = next((rule.name for rule in rules if rule.path == "state"), None)
        self.rules: Sequence[FieldRule] = tuple(_bound(rule, state) for rule in rules)
        self.codecs: Mapping[str, Codec] = CODECS
        self._editable = tuple(settings.get("accepted_editable") or ())
        self._google = frozenset(settings.get("google_sources") or ())
        self._deal_closed = deal_closed
        self._lead_problems = lead_problems

    def facts(self, document: Mapping[str, Any]) -> OpportunityFacts:
        """What an opportunity says (https://cloud.google.com/channel/docs/reference/rest)."""
        state, stage = document.get("state"), document.get("stage")
        rejected = state == REJECTED
        return OpportunityFacts(
            title=paths.get(document, "opportunityInfo.displayName"),
            modified_at=epoch_ms(document.get("updateTime")),
            created_at=epoch_ms(document.get("createTime")) or None,
            review_status=state,
            shared_with_us=document.get("source") in self._google,
            locked=locked_fields(document, self.rules, self._editable),
            held={rule.name: frozenset({CLOSED}) for rule in self.rules if rule.path == "stage"},
            lock_is_final=state != SUBMITTED or stage == CLOSED,
            takes_entities=False,
            review_needs_us=rejected,
            review_note=_rejection_note(document) if rejected else None,
            people=_people(document),
        )

    def create_problems(self, values: Mapping[str, Any], context: Context) -> list[Problem]:
        """An opportunity does not begin closed, nor without the lead that is to go before it."""
        if not self._deal_closed:
            return list(self._lead_problems)
        message = "The deal is closed already, and Google takes no closed opportunity: share it at an earlier stage."
        tables = context.partner["stage_map"].values()
        allowed = tuple(dict.fromkeys(name for table in tables for name, to in table.items() if to != CLOSED))
        return [Problem("stage", message, "deal", "dealstage", allowed), *self._lead_problems]

    def entities(
        self, deal: Mapping[str, Any], context: Context, tied: Set[str] = frozenset()
    ) -> tuple[list[str], list[Problem]]:
        """None: product families are a field of the opportunity, and nothing is tied to it afterwards."""
        return [], []

    def is_opportunity_id(self, text: str) -> bool:
        """The id behind ``opportunities/``."""
        return ids.is_opportunity_id(text)


def plan_run(now: Situation, settings: Mapping[str, Any], now_ms: int) -> Plan:
    """The plan of one Google run. ``settings`` is the whole settings document.

    A rejected opportunity is submitted again when its tick is set anew after the rejection.
    Some partners see a limited view. What is not shown there is unknown, not empty: those fields rest, with their base.
    No notice comes from Google, so whatever is written there is looked at once more.
    """
    google = settings["partners"]["google"]
    context = Context(now_ms, google, settings.get("hubspot") or {})
    remembered = now.link.associated
    now = replace(now, link=replace(now.link, associated=()))  # leads: nothing that is tied to the opportunity
    lead = NO_LEAD if now.link.opportunity_id else plan_lead(now.deal, remembered, context)
    partner = Google(google, deal_closed=is_closed(now.deal, google), lead_problems=lead.problems)
    if now.base is not None and _asked_again(now, partner, context):
        now = replace(now, base=_rejected(now.base, partner))
    hidden = _hidden(now.opportunity, partner.rules)
    partner.rules = tuple(rule for rule in partner.rules if rule.name not in hidden)
    plan = decide(now, partner, context)
    plan = with_newcomers(plan, replace(now, link=replace(now.link, associated=remembered)), partner, context)
    kept = {name: value for name, value in ((now.base or {}).get("fields") or {}).items() if name in hidden}
    plan = replace(plan, base={**kept, **plan.base}) if kept else plan
    plan = with_lead(plan, now, lead, known_lead(remembered), context)
    plan = with_close(own_record(plan, now, context), now, context)
    return replace(plan, look_again=plan.look_again or plan.action != "none")


def _asked_again(now: Situation, partner: Google, context: Context) -> bool:
    """Whether the submission's tick was touched after Google's rejection, even if no run saw it taken off."""
    if now.deal is None or now.opportunity is None or now.opportunity.get("state") != REJECTED:
        return False
    names = [name for rule in partner.rules if rule.path == "state" for name in rule.properties]
    moved_at = last_moved_at(now.deal, names, context.own_source)
    return moved_at is not None and moved_at > epoch_ms(now.opportunity.get("updateTime"))


def _rejected(base: Mapping[str, Any], partner: Google) -> dict[str, Any]:
    """The base on which both sides know of the rejection, so that a tick is news."""
    known = {rule.name: REJECTED for rule in partner.rules if rule.path == "state"}
    return {**base, "fields": {**(base.get("fields") or {}), **known}}


def _rejection_note(document: Mapping[str, Any]) -> str:
    """Google's own words, which are untrusted, and what a person can do."""
    reason = document.get("stateDescription") or "Google gave no reason."
    return f"{reason} Correct the deal, then take the submission's tick off and set it again."


def _hidden(document: Mapping[str, Any] | None, rules: Sequence[FieldRule]) -> frozenset[str]:
    if document is None or "opportunityInfo" in document:
        return frozenset()
    return frozenset(rule.name for rule in rules if rule.path.split(".")[0] not in document)


def _bound(rule: FieldRule, state: str | None) -> FieldRule:
    """The rule under what Google allows, whatever the settings say."""
    if rule.path in ATTESTATIONS and (
        rule.codec != "attestation" or rule.default is not None or rule.direction != "to_partner"
    ):
        raise Unexpected(f"The field {rule.name!r} is an attestation: codec 'attestation', to_partner, no default.")
    if rule.path == "state":
        return replace(rule, direction="to_partner")
    if rule.path == "stage" and state is None:
        raise Unexpected(f"The field {rule.name!r} needs a field for the path 'state' beside it.")
    # The stage begins at Google's first one, and is a partner's to move only once the opportunity is accepted.
    return replace(rule, only_when=Condition(str(state), (ACCEPTED,))) if rule.path == "stage" else rule


def _people(document: Mapping[str, Any]) -> People:
    details = paths.get(document, "customerInfo.customerDetails") or {}
    address = details.get("address") or {}
    lines = address.get("addressLines") or []
    company = {
        "name": details.get("organizationName") or document.get("customerDisplayName"),
        "domain": details.get("domain"),
        "country": country_name(str(address.get("regionCode") or "")) or address.get("regionCode"),
        "state": address.get("administrativeArea"),
        "zip": address.get("postalCode"),
        "city": address.get("locality"),
        "address": ", ".join(str(line) for line in lines),
    }
    contact = to_contact_properties(paths.get(document, "customerInfo.contact") or {})
    return People(None, {name: str(text) for name, text in company.items() if text}, (contact,) if contact else ())
