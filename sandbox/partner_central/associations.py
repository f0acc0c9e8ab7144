"""AssociateOpportunity and DisassociateOpportunity (fact sheet 1.5, 2.1, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import (
    BAD_STATE,
    BAD_VALUE,
    TOO_MANY,
    ConflictException,
    ResourceNotFoundException,
    refuse,
)
from sandbox.partner_central.fields import put
from sandbox.partner_central.state import SOLUTION_KINDS, Opportunity

_PATH = "RelatedEntityIdentifier"
_MARKETPLACE = r"arn:aws:aws-marketplace:us-east-1:(?P<account>\d{12}):AWSMarketplace/"
_OFFERS = ("AwsMarketplaceOffers", "AwsMarketplaceOfferSets")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One RelatedEntityType: how many an opportunity takes, and the form of its identifiers."""

    limit: int
    form: re.Pattern[str]
    known: Callable[[Call, str], bool] = lambda call, identifier: True


_KINDS = {
    "Solutions": _Kind(10, re.compile(r"S-[0-9]{1,19}"), lambda call, found: found in call.state.solutions),
    "AwsProducts": _Kind(
        20,
        re.compile(r"[A-Za-z0-9]+"),
        lambda call, found: call.settings.aws_products is None or found in call.settings.aws_products,
    ),
    "AwsMarketplaceOffers": _Kind(1, re.compile(_MARKETPLACE + r"Offer/.+")),
    "AwsMarketplaceOfferSets": _Kind(1, re.compile(_MARKETPLACE + r"OfferSet/offerset-.+")),
    "AwsMarketplaceSolutions": _Kind(10, re.compile(_MARKETPLACE + r"Solution/.+")),
    "AwsMarketplaceProducts": _Kind(10, re.compile(_MARKETPLACE + r".+")),
}


def associate(call: Call, body: Body) -> Answer:
    """Tie an entity to an opportunity. A solution clears Project.OtherSolutionDescription (2.1)."""
    opportunity = call.opportunity(body["OpportunityIdentifier"])
    kind, identifier = body["RelatedEntityType"], body[_PATH]
    _check_identifier(call, kind, identifier)
    _check_state(opportunity, kind)
    held = opportunity.related.setdefault(kind, [])
    if identifier in held:
        if call.switches.duplicate_association_refused:
            raise ConflictException(f"{identifier} is already associated with {opportunity.id}", "3.3")
        return {}
    _check_room(call, opportunity, kind, identifier)
    held.append(identifier)
    if kind in SOLUTION_KINDS:
        put(opportunity.document, "Project.OtherSolutionDescription", None)
    _changed(call, opportunity, kind)
    return {}


def disassociate(call: Call, body: Body) -> Answer:
    """Take an entity off an opportunity."""
    opportunity = call.opportunity(body["OpportunityIdentifier"])
    kind, identifier = body["RelatedEntityType"], body[_PATH]
    held = opportunity.related.get(kind, [])
    if identifier not in held:
        raise ResourceNotFoundException(f"{identifier} is not associated with {opportunity.id}", "3.3")
    _check_state(opportunity, kind)
    last = opportunity.stage in ("Committed", "Launched") and kind in SOLUTION_KINDS and _solutions(opportunity) == 1
    if last:
        text = f"Stage {opportunity.stage} needs a solution: associate the new one before the old one is removed"
        raise refuse(_PATH, BAD_STATE, text, "2.8")
    held.remove(identifier)
    _changed(call, opportunity, kind)
    return {}


def _check_identifier(call: Call, kind: str, identifier: str) -> None:
    rule = _KINDS[kind]
    match = rule.form.fullmatch(identifier)
    if match is None:
        text = f"an identifier of {kind} has the form {rule.form.pattern}"
        raise refuse(_PATH, BAD_VALUE, text, "3.1" if kind == "AwsProducts" else "3.3")
    if not rule.known(call, identifier):
        raise ResourceNotFoundException(f"no {identifier} among the account's {kind} in {call.state.name}", "3.3")
    if kind in _OFFERS and match["account"] != call.settings.account_id:
        raise refuse(_PATH, BAD_VALUE, "the offer must belong to the calling account", "3.3")


def _check_state(opportunity: Opportunity, kind: str) -> None:
    if opportunity.review_status == "Rejected":
        raise refuse(None, BAD_STATE, "a Rejected opportunity is read-only", "2.7")
    if kind in _OFFERS and opportunity.stage == "Closed Lost":
        text = "offers can be neither associated nor removed while Closed Lost"
        raise refuse(_PATH, BAD_STATE, text, "2.8")


def _check_room(call: Call, opportunity: Opportunity, kind: str, identifier: str) -> None:
    limit = _KINDS[kind].limit
    kinds = _OFFERS if kind in _OFFERS else (kind,)
    if sum(len(opportunity.related.get(name, ())) for name in kinds) >= limit:
        raise refuse(_PATH, TOO_MANY, f"an opportunity takes at most {limit} of {' and '.join(kinds)}", "1.5")
    if kind in _OFFERS:
        for other in call.state.opportunities.values():
            if identifier in other.related.get(kind, ()):
                raise refuse(_PATH, BAD_VALUE, "an offer may serve only one opportunity", "1.5")


def _solutions(opportunity: Opportunity) -> int:
    return sum(len(opportunity.related.get(kind, ())) for kind in SOLUTION_KINDS)


def _changed(call: Call, opportunity: Opportunity, kind: str) -> None:
    if call.switches.association_moves_last_modified:
        call.move(opportunity)
    if kind in _OFFERS:  # the vendor's scenario table has no snapshot for offers
        call.announce(call.shapes.opportunity("Updated", call.state.name, opportunity, call.now_ms))
    else:
        call.announce_update(opportunity)
