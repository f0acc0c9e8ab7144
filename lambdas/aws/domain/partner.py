"""AWS's part of the decision: what an opportunity says, which solutions belong on it, when a create makes no sense."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any

from lambdas.aws.domain.associations import Associations, await_catalogue
from lambdas.aws.domain.closed_lost import tell_closed_lost
from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.contacts import to_contact_properties
from lambdas.aws.domain.entities import entities_of
from lambdas.aws.domain.invitation import settle_invitation
from lambdas.aws.domain.locks import READ_ONLY_STATUSES, WITH_SOLUTION_ONLY, held_values, locked_fields
from lambdas.aws.domain.owners import assign_owner
from lambdas.aws.domain.resubmission import hold_postal_code
from lambdas.aws.domain.solutions import Catalogue
from lambdas.aws.domain.submission import with_submission
from lambdas.shared.domain import paths
from lambdas.shared.domain.countries import country_name
from lambdas.shared.domain.decision import decide, untold
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.domain.newcomers import with_newcomers
from lambdas.shared.domain.partner_view import OpportunityFacts
from lambdas.shared.domain.plan import People, Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Codec, Context
from lambdas.shared.errors import Problem

AFTER: tuple[Callable[[Plan, Situation, Aws, Context], Plan], ...] = (
    await_catalogue,
    assign_owner,
    with_newcomers,
    tell_closed_lost,
    hold_postal_code,
    with_submission,
    settle_invitation,
)
"""What AWS has beside the shared decision, one function a subject, in this order: the submission late, since its
status (waiting for the review) is the one to stand; the invitation last, since a deal that stands for an unanswered one
has nothing else to say."""

_EARLY = frozenset({"Prospect", "Qualified", "Technical Validation", "Business Validation"})
_FINAL = frozenset({"Approved", "Rejected"})
_NEEDS_US = frozenset({"Action Required", "Rejected"})


class Aws:
    """``Partner`` for AWS Partner Central. ``settings`` is ``partners.aws`` of the settings document, ``catalogue``
    what is known of our solutions there."""

    name = "aws"
    label = "AWS"
    first_review_status = "Pending Submission"

    def __init__(self, settings: Mapping[str, Any], catalogue: Catalogue | None = None) -> None:
        self.rules: Sequence[FieldRule] = parse_rules(settings)
        self._associations = Associations({rule.name: rule for rule in self.rules}, catalogue or Catalogue())
        self.codecs: Mapping[str, Codec] = CODECS
        self._locks = settings.get("review_locks", "strict")

    def facts(self, document: Mapping[str, Any]) -> OpportunityFacts:
        """What GetOpportunity's answer says (https://docs.aws.amazon.com/partner-central/latest/APIReference/API_GetOpportunity.html)."""
        status = paths.get(document, "LifeCycle.ReviewStatus")
        claimed = str(document.get("PartnerOpportunityIdentifier") or "")
        referral = document.get("Origin") == "AWS Referral"
        return OpportunityFacts(
            title=paths.get(document, "Project.Title"),
            modified_at=_ms(document.get("LastModifiedDate")),
            created_at=_ms(document.get("CreatedDate")) or None,
            review_status=status,
            claimed_deal=claimed if claimed.isdigit() and not referral else None,
            shared_with_us=referral,
            locked=locked_fields(document, self.rules, self._locks),
            held=held_values(document, self.rules),
            lock_is_final=status in _FINAL,
            associated=entities_of(document),
            takes_entities=status not in READ_ONLY_STATUSES,
            review_needs_us=status in _NEEDS_US,
            announce_review=False,  # the notification rules do
            review_note=paths.get(document, "LifeCycle.ReviewComments"),
            people=_people(document),
        )

    def create_problems(self, values: Mapping[str, Any], context: Context) -> list[Problem]:
        """AWS takes no opportunity that begins lost, nor one that begins committed, without its solution."""
        stage = values.get("stage")
        if stage == "Closed Lost":
            message = "The deal is lost already, and AWS takes no opportunity that begins as Closed Lost."
        elif stage in WITH_SOLUTION_ONLY:
            message = f"AWS takes no opportunity that begins as {stage}: share the deal at an earlier stage first."
        else:
            return []
        early = (name for table in context.partner["stage_map"].values() for name, to in table.items() if to in _EARLY)
        return [Problem("stage", message, "deal", "dealstage", tuple(early))]

    def entities(
        self, deal: Mapping[str, Any], context: Context, tied: Set[str] = frozenset()
    ) -> tuple[list[str], list[Problem]]:
        """Solutions, Marketplace entities and AWS products, as ``Associations.wanted`` says it."""
        return self._associations.wanted(deal, context, tied)

    def is_opportunity_id(self, text: str) -> bool:
        """``O`` and up to 19 digits."""
        return re.fullmatch(r"O\d{1,19}", text) is not None


def plan_run(now: Situation, settings: Mapping[str, Any], now_ms: int) -> Plan:
    """The plan of one AWS run. ``settings`` is the whole settings document."""
    aws = settings["partners"]["aws"]
    context = Context(now_ms, aws, settings.get("hubspot") or {})
    partner = Aws(aws, now.extras.get("solutions"))
    plan = decide(now, partner, context)
    for after in AFTER:
        plan = after(plan, now, partner, context)
    return untold(plan, now.link)


def _ms(text: Any) -> int:
    if not text:
        return 0
    moment = datetime.fromisoformat(str(text))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _people(document: Mapping[str, Any]) -> People:
    account = paths.get(document, "Customer.Account") or {}
    address = account.get("Address") or {}
    website = str(account.get("WebsiteUrl") or "")
    domain = re.sub(r"^(https?://)?(www\.)?", "", website.strip().lower()).split("/")[0]
    company = {
        "name": account.get("CompanyName"),
        "website": website,
        "domain": domain,
        "country": country_name(str(address.get("CountryCode") or "")),
        "state": address.get("StateOrRegion"),
        "zip": address.get("PostalCode"),
        "city": address.get("City"),
        "address": address.get("StreetAddress"),
        "aws_account_id": account.get("AwsAccountId"),
    }
    contacts = [to_contact_properties(each) for each in paths.get(document, "Customer.Contacts") or ()]
    known = {name: str(text) for name, text in company.items() if text}
    return People(None, known, tuple(each for each in contacts if each))
