"""What belongs on an opportunity: who says so first, what is wrong with it, and that nothing is added for ever."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lambdas.aws.domain.associations import LOOK_AGAIN_MS, Associations
from lambdas.aws.domain.entities import KINDS, entities_of, split
from lambdas.aws.domain.partner import plan_run
from lambdas.aws.domain.solutions import Catalogue, Solution
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from tests.unit.domain.domain_support import NOW, context, deal, link, rules, settings, tied

MARKET = "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace"
SOLUTION_ARN, PRODUCT_ARN = f"{MARKET}/Solution/sol-1", f"{MARKET}/SaaSProduct/prod-1"
OFFER_ARN, OFFER_SET_ARN = f"{MARKET}/Offer/offer-1", f"{MARKET}/OfferSet/offerset-1"
CATALOGUE = Catalogue(
    (
        Solution("S-1", "Database Moves", "Software", "Active"),
        Solution("S-2", "Database Watch", "Software", "Active"),
        Solution("S-3", "Old Moves", "Software", "Inactive"),
        Solution("S-4", "New Moves", "Software", "Draft"),
    ),
    NOW,
)
DATABASE = {"aws_use_case": "Database"}


def matching(**changes: Any) -> dict[str, Any]:
    return {**settings()["partners"]["aws"]["solution_matching"], "automatic": True, "minimum_score": 30, **changes}


def wanted(
    document: dict[str, Any], catalogue: Catalogue = CATALOGUE, there: frozenset[str] = frozenset(), **aws: Any
) -> tuple[list[str], list[Any]]:
    return Associations({rule.name: rule for rule in rules()}, catalogue).wanted(document, context(**aws), there)


def test_what_the_deal_names_comes_first() -> None:
    found = wanted(deal(aws_solution_ids="S-2; S-1,S-2", **DATABASE), solution_matching=matching())
    assert found == (["S-2", "S-1"], [])


def test_else_what_matches_if_that_is_on_else_what_is_configured() -> None:
    document = deal(**DATABASE)
    assert wanted(document, solution_matching=matching())[0] == ["S-1", "S-2"]
    assert wanted(document)[0] == ["S-1234567"]
    assert wanted(document, solution_matching=matching(minimum_score=100))[0] == ["S-1234567"]


def test_without_a_catalogue_matching_is_off_and_the_configured_one_stands() -> None:
    assert wanted(deal(**DATABASE), Catalogue(), solution_matching=matching()) == (["S-1234567"], [])


@pytest.mark.parametrize("there", ["S-9", f"AwsMarketplaceSolutions:{SOLUTION_ARN}"])
def test_once_a_solution_is_there_no_ranking_adds_another(there: str) -> None:
    found, problems = wanted(deal(**DATABASE), there=frozenset({there, "user:x"}), solution_matching=matching())
    assert set(found) <= {there}
    assert problems == []


@pytest.mark.parametrize(("named", "why"), [("S-7", "none of your solutions"), ("S-3", "Inactive"), ("S-4", "Draft")])
def test_a_named_solution_that_cannot_be_associated_is_a_problem_with_the_closest(named: str, why: str) -> None:
    found, (problem,) = wanted(deal(aws_solution_ids=f"S-1;{named}"))
    assert found == []
    assert named in problem.message
    assert why in problem.message
    assert (problem.object, problem.property) == ("deal", "aws_solution_ids")
    assert set(problem.allowed) == {"S-1", "S-2"}


def test_every_unknown_one_is_named_at_once() -> None:
    assert len(wanted(deal(aws_solution_ids="S-7;S-8"))[1]) == 2


def test_what_is_associated_already_is_no_problem_any_more() -> None:
    assert wanted(deal(aws_solution_ids="S-3"), there=frozenset({"S-3"})) == (["S-3"], [])


def test_an_empty_catalogue_knows_of_no_unknown_one() -> None:
    assert wanted(deal(aws_solution_ids="S-7"), Catalogue()) == (["S-7"], [])
    assert wanted(deal(aws_solution_ids="S-7"), Catalogue((), NOW)) == (["S-7"], [])


def test_products_and_marketplace_entities_are_named_on_the_deal() -> None:
    document = deal(
        aws_solution_ids="S-1",
        aws_products="AmazonEC2Linux; AmazonS3",
        aws_marketplace_ids=f"{SOLUTION_ARN};{PRODUCT_ARN};{OFFER_ARN}",
    )
    assert wanted(document) == (
        [
            "S-1",
            "AwsProducts:AmazonEC2Linux",
            "AwsProducts:AmazonS3",
            f"AwsMarketplaceSolutions:{SOLUTION_ARN}",
            f"AwsMarketplaceOffers:{OFFER_ARN}",
            f"AwsMarketplaceProducts:{PRODUCT_ARN}",
        ],
        [],
    )


def test_else_those_of_the_settings_kind_by_kind() -> None:
    configured = {"AwsProducts": ["AmazonS3"], "AwsMarketplaceProducts": [PRODUCT_ARN]}
    found = wanted(deal(aws_products="AmazonEC2Linux"), entities=configured)
    assert found == (["S-1234567", "AwsProducts:AmazonEC2Linux", f"AwsMarketplaceProducts:{PRODUCT_ARN}"], [])


def test_a_solution_that_was_chosen_on_marketplace_takes_the_place_of_ours() -> None:
    found = wanted(deal(aws_marketplace_ids=SOLUTION_ARN, **DATABASE), solution_matching=matching())
    assert found == ([f"AwsMarketplaceSolutions:{SOLUTION_ARN}"], [])


@pytest.mark.parametrize(
    ("name", "value", "looks_like"),
    [
        ("aws_solution_ids", "S-12x", "S-1234567"),
        ("aws_products", "Amazon-EC2", "AmazonEC2Linux"),
        ("aws_marketplace_ids", "prod-1", "AWSMarketplace/Offer/"),
        ("aws_marketplace_ids", "S-1", "AWSMarketplace/Solution/"),
    ],
)
def test_what_fits_no_form_is_a_problem_that_shows_one(name: str, value: str, looks_like: str) -> None:
    found, (problem,) = wanted(deal(**{name: value}))
    assert found == []
    assert problem.property == name
    assert repr(value) in problem.message
    assert looks_like in problem.message


def numbered(kind: str, count: int) -> str:
    one = {
        "Solutions": lambda n: f"S-{n}",
        "AwsProducts": lambda n: f"Product{n}",
        "AwsMarketplaceSolutions": lambda n: f"{MARKET}/Solution/s{n}",
        "AwsMarketplaceProducts": lambda n: f"{MARKET}/SaaSProduct/p{n}",
        "AwsMarketplaceOffers": lambda n: f"{MARKET}/Offer/o{n}",
        "AwsMarketplaceOfferSets": lambda n: f"{MARKET}/OfferSet/offerset-{n}",
    }[kind]
    return ";".join(one(number) for number in range(1, count + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_has_more_than_aws_takes(kind: str) -> None:
    rule = KINDS[kind]
    name = settings()["partners"]["aws"]["status_properties"][rule.role]
    assert wanted(deal(**{name: numbered(kind, rule.limit)}), Catalogue())[1] == []
    found, (problem,) = wanted(deal(**{name: numbered(kind, rule.limit + 1)}), Catalogue())
    assert found == []
    assert problem.property == name
    assert f"at most {rule.limit} {rule.words}" in problem.message


def test_those_that_are_there_count_too() -> None:
    there = frozenset({*(f"S-{number}" for number in range(1, 11)), "AwsProducts:AmazonS3"})
    assert wanted(deal(aws_solution_ids="S-1"), Catalogue(), there)[1] == []
    assert "10 are associated" in wanted(deal(aws_solution_ids="S-11"), Catalogue(), there)[1][0].message


def test_an_offer_and_an_offer_set_are_one_place() -> None:
    found, (problem,) = wanted(deal(aws_marketplace_ids=f"{OFFER_ARN};{OFFER_SET_ARN}"))
    assert found == []
    assert "at most 1 private offers" in problem.message


def test_an_entity_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown kind.*AwsProducts"):
        split("Wishes:x")


def test_the_opportunity_s_entities_are_those_of_all_kinds() -> None:
    related = {"Solutions": ["S-1"], "AwsProducts": ["AmazonS3"], "AwsMarketplaceOffers": [OFFER_ARN]}
    assert entities_of({"RelatedEntityIdentifiers": related}) == {
        "S-1",
        "AwsProducts:AmazonS3",
        f"AwsMarketplaceOffers:{OFFER_ARN}",
    }
    assert entities_of({}) == frozenset()


# In the whole decision.


def plan(
    document: dict[str, Any], opportunity: dict[str, Any] | None = None, base: dict[str, Any] | None = None, **aws: Any
) -> Plan:
    situation = Situation(
        link(opportunity_id="O1" if opportunity else None),
        {"deal": "current", "deal_id": "500"},
        document,
        {"opportunity": "current" if opportunity else "none"},
        opportunity,
        {"fields": base, "opportunity_seen_at": NOW - 1} if base is not None else None,
        extras={"solutions": CATALOGUE},
    )
    return plan_run(situation, settings(**aws), NOW)


def test_a_create_ties_and_shows_what_matched_and_the_next_run_adds_nothing() -> None:
    on = {"solution_matching": matching()}
    first = plan(deal(**DATABASE), **on)
    assert (first.action, first.steps) == ("create", ("S-1", "S-2"))
    assert first.deal["aws_solution_ids"] == "S-1;S-2"
    document, record, base = tied(**DATABASE, aws_solution_ids="S-1;S-2")
    record["RelatedEntityIdentifiers"] = {"Solutions": ["S-1", "S-2"], "AwsProducts": ["AmazonS3"]}
    assert plan(document, record, base, **on).steps == ()
    document["properties"]["aws_solution_ids"] = ""
    again = plan(document, record, base, **on)
    assert again.steps == ()
    assert again.deal["aws_solution_ids"] == "S-1;S-2", "what is tied, and no product among it"


def test_a_deal_with_an_unknown_solution_is_blocked_and_looked_at_again() -> None:
    found = plan(deal(aws_solution_ids="S-77"))
    assert found.outcome == "blocked"
    assert found.look_at == NOW + LOOK_AGAIN_MS
    assert re.search(r"S-77.*Allowed: S-[12], S-[12]", found.deal["aws_sync_message"])
    assert plan(deal(aws_solution_ids="S-1")).look_at is None
