"""What belongs on an opportunity beside its fields: solutions, Marketplace entities, AWS products.

An entity is a text: ``S-1234567`` is one of our solutions, everything else names its kind before a colon
(``AwsProducts:AmazonEC2Linux``). The kinds are those of AssociateOpportunity:
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_AssociateOpportunity.html

AWS tells the products by identifiers of a list of its own, which grows; here only their form is checked, and AWS's
refusal of one is told on the deal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.solutions import Catalogue
from lambdas.shared.domain import paths
from lambdas.shared.domain.documents import text_of
from lambdas.shared.errors import Problem

SOLUTIONS = "Solutions"
PRODUCTS = "AwsProducts"
_ARN = r"arn:aws:aws-marketplace:[a-z]{1,2}-[a-z]+-\d:\d{12}:AWSMarketplace/"


@dataclass(frozen=True, slots=True)
class Kind:
    """One RelatedEntityType: the form of its ids, how many an opportunity takes, the role of the deal's property that
    names them, and what people call them. ``shares``: kinds that count together with it."""

    name: str
    form: re.Pattern[str]
    limit: int
    role: str
    words: str
    example: str
    shares: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """What a change of it is called on record."""
        return "solution" if self.name == SOLUTIONS else self.name


# Limits: AWS developer guide, "Quotas", entities per opportunity. An offer and an offer set are one place.
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(SOLUTIONS, re.compile(r"S-\d{1,19}"), 10, "solution_ids", "solutions", "S-1234567"),
        Kind(PRODUCTS, re.compile(r"[A-Za-z][A-Za-z0-9]{1,99}"), 20, "aws_products", "AWS products", "AmazonEC2Linux"),
        Kind(
            "AwsMarketplaceSolutions",
            re.compile(_ARN + r"Solution/[^\s;,]+"),
            10,
            "marketplace_ids",
            "Marketplace solutions",
            "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace/Solution/…",
        ),
        Kind(
            "AwsMarketplaceOffers",
            re.compile(_ARN + r"Offer/[^\s;,]+"),
            1,
            "marketplace_ids",
            "private offers",
            "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace/Offer/…",
            ("AwsMarketplaceOffers", "AwsMarketplaceOfferSets"),
        ),
        Kind(
            "AwsMarketplaceOfferSets",
            re.compile(_ARN + r"OfferSet/offerset-[^\s;,]+"),
            1,
            "marketplace_ids",
            "private offers",
            "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace/OfferSet/offerset-…",
            ("AwsMarketplaceOffers", "AwsMarketplaceOfferSets"),
        ),
        Kind(
            "AwsMarketplaceProducts",
            re.compile(_ARN + r"(?!Solution/|Offer/|OfferSet/)[A-Za-z]+/[^\s;,]+"),
            10,
            "marketplace_ids",
            "Marketplace products",
            "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace/SaaSProduct/…",
        ),
    )
}
SOLUTION_KINDS = (SOLUTIONS, "AwsMarketplaceSolutions", "AwsMarketplaceProducts")
"""The kinds of which AWS wants one before an opportunity is submitted."""


def entity(kind: str, identifier: str) -> str:
    """The text of an entity."""
    return identifier if kind == SOLUTIONS else f"{kind}:{identifier}"


def split(text: str) -> tuple[str, str]:
    """Kind and identifier of an entity's text. ``ValueError`` for a text that is none."""
    kind, colon, identifier = text.partition(":")
    if not colon:
        return SOLUTIONS, text
    if kind not in KINDS:
        raise ValueError(f"unknown kind of entity in {text[:60]!r}; allowed: {', '.join(KINDS)}")
    return kind, identifier


def entities_of(opportunity: Mapping[str, Any]) -> frozenset[str]:
    """Every entity that GetOpportunity names."""
    related = paths.get(opportunity, "RelatedEntityIdentifiers") or {}
    return frozenset(entity(kind, each) for kind in KINDS for each in related.get(kind) or ())


def is_entity_of(text: str, kinds: Iterable[str]) -> bool:
    """Whether this text (an entity's, or anything else that a link remembers) is an entity of one of these kinds."""
    try:
        kind, identifier = split(text)
    except ValueError:
        return False
    return kind in kinds and KINDS[kind].form.fullmatch(identifier) is not None


def named_on(
    deal: Mapping[str, Any], role: str, names: Mapping[str, str]
) -> tuple[dict[str, list[str]], Problem | None]:
    """The ids in the deal's property of that role (separated by semicolons, commas or spaces), by kind, or what is
    wrong with the first that fits none. ``names`` maps roles to properties."""
    name = names.get(role)
    text = text_of(deal, "deal", name) if name else None
    found: dict[str, list[str]] = {}
    kinds = [kind for kind in KINDS.values() if kind.role == role]
    for part in dict.fromkeys(each for each in re.split(r"[;,\s]+", text or "") if each):
        kind = next((each for each in kinds if each.form.fullmatch(part)), None)
        if kind is None:
            return {}, _no_form(role, name, part, kinds)
        found.setdefault(kind.name, []).append(part)
    return found, None


def unknown_solutions(
    named: Sequence[str], catalogue: Catalogue, tied: AbstractSet[str], name: str | None
) -> list[Problem]:
    """A problem for each named solution that AWS would refuse, by the catalogue; ``tied`` ones are there already.

    A catalogue that was never read, or that lists nothing (as new accounts' sandboxes do), knows of none.
    """
    if not catalogue.solutions:
        return []
    wrong = (each for each in named if each not in tied)
    return [problem for each in wrong if (problem := _unknown(each, catalogue, name)) is not None]


def too_many(wanted: Sequence[str], tied: AbstractSet[str], names: Mapping[str, str]) -> list[Problem]:
    """A problem for each kind of which there would be more than AWS takes on one opportunity."""
    problems: list[Problem] = []
    done: set[tuple[str, ...]] = set()
    for kind in KINDS.values():
        group = kind.shares or (kind.name,)
        there = {each for each in tied if is_entity_of(each, group)}
        more = {each for each in wanted if is_entity_of(each, group)} - there
        if group in done or not more or len(there) + len(more) <= kind.limit:
            continue
        done.add(group)
        name = names.get(kind.role)
        message = (
            f"AWS takes at most {kind.limit} {kind.words} on an opportunity. {len(there)} are associated, and "
            f"{name!r} of the deal (if it is empty: the settings) names {len(more)} more: please name fewer."
        )
        problems.append(Problem(kind.role, message, "deal", name))
    return problems


def _no_form(role: str, name: str | None, part: str, kinds: Sequence[Kind]) -> Problem:
    wanted = " or ".join(dict.fromkeys(f"{kind.example}" for kind in kinds))
    what = "an AWS solution id" if role == "solution_ids" else f"an id of {kinds[0].words}"
    message = f"The deal property {name!r} names {part[:40]!r}; {what} looks like {wanted}."
    return Problem(role, message, "deal", name)


def _unknown(solution_id: str, catalogue: Catalogue, name: str | None) -> Problem | None:
    known = catalogue.by_id.get(solution_id)
    if known is not None and known in catalogue.active:
        return None
    why = f"is {known.status} at AWS" if known is not None else "is none of your solutions at AWS"
    message = f"The deal property {name!r} names {solution_id}, which {why}; only an active solution can be associated."
    return Problem("solution_ids", message, "deal", name, catalogue.closest(solution_id))
