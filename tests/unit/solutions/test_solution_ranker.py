"""The ranker: bounds, order, reasons that make the score, and what a deal says for a solution."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.ranker import deal_facts, match_deal
from lambdas.aws.domain.solution_match import MOST, DealFacts, Match, Weights, rank
from lambdas.aws.domain.solutions import Catalogue, Solution
from tests.unit.domain.domain_support import NOW, context, deal, rules, settings

WEIGHTS = Weights(
    categories={"Database": ["Consulting Service"], "Retail": ["Software Product"]},
    ignored_words=frozenset({"cloud", "service", "product"}),
)
FACTS = DealFacts("Migration / Database Migration", "Retail", "BigCorp moves its databases to a factory")


def solution(number: int, name: str, category: str = "Software Product", status: str = "Active") -> Solution:
    return Solution(f"S-{number}", name, category, status)


WORDS = st.lists(
    st.sampled_from(["database", "Migration", "factory", "retail", "the", "Cloud", "IOT", "SaaS", "analytics"]),
    max_size=5,
).map(" ".join)
SOLUTIONS = st.lists(
    st.builds(
        solution,
        st.integers(1, 10**6),
        WORDS,
        st.sampled_from(["Software Product", "Consulting Service", ""]),
    ),
    max_size=15,
    unique_by=lambda each: each.solution_id,
)
DEALS = st.builds(
    DealFacts,
    st.sampled_from([None, "Database", "Migration / Database Migration", "IOT"]),
    st.sampled_from([None, "Retail", "Government"]),
    WORDS,
)


@given(DEALS, SOLUTIONS, st.randoms())
def test_the_order_of_the_solutions_makes_no_difference(
    facts: DealFacts, solutions: list[Solution], chance: random.Random
) -> None:
    shuffled = list(solutions)
    chance.shuffle(shuffled)
    assert rank(facts, shuffled, WEIGHTS) == rank(facts, solutions, WEIGHTS)


@given(DEALS, SOLUTIONS)
def test_scores_are_within_bounds_best_first_and_ten_at_most(facts: DealFacts, solutions: list[Solution]) -> None:
    found = rank(facts, solutions, WEIGHTS)
    assert len(found) <= MOST
    assert all(1 <= each.score <= 100 for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


@given(DEALS, SOLUTIONS)
def test_the_reasons_make_the_score(facts: DealFacts, solutions: list[Solution]) -> None:
    for match in rank(facts, solutions, WEIGHTS):
        points = [int(re.match(r"\+(\d+): ", reason)[1]) for reason in match.reasons]  # type: ignore[index]
        assert sum(points) == match.score
        assert all(points)


def test_a_perfect_match_has_100_and_says_why() -> None:
    facts = DealFacts("Database", "Retail", "They want a retail database")
    (match,) = rank(facts, [solution(1, "Retail Databases", "Consulting Service")], WEIGHTS_ALL)
    assert match.score == 100
    assert match.reasons == (
        "+35: the use case “Database” shares “database” with the solution",
        "+15: the industry “Retail” shares “retail” with the solution",
        "+35: the deal's name or description says “retail”, “database”, as the solution does",
        "+15: the settings list the category “Consulting Service” for the use case “Database”",
    )


WEIGHTS_ALL = Weights(categories=WEIGHTS.categories, ignored_words=frozenset({"consulting", "service"}))


def test_equal_scores_stand_in_the_order_of_the_numbers() -> None:
    found = rank(FACTS, [solution(each, "Factory") for each in (20, 3, 100)], WEIGHTS)
    assert [each.solution_id for each in found] == ["S-3", "S-20", "S-100"]
    assert len({each.score for each in found}) == 1


def test_what_says_nothing_scores_nothing() -> None:
    assert rank(DealFacts(None, None, "a cloud service"), [solution(1, "Cloud Service", "")], WEIGHTS) == []
    assert rank(DealFacts(), [solution(1, "Factory")], WEIGHTS) == []


def test_no_other_word_of_the_deal_is_in_a_reason() -> None:
    (match,) = rank(FACTS, [solution(1, "Factory")], WEIGHTS)
    assert "BigCorp" not in str(match.reasons)


def facts_of(**properties: str) -> DealFacts:
    return deal_facts(deal(**properties), {rule.name: rule for rule in rules()}, CODECS, context())


def test_a_deals_facts_are_in_aws_s_words_and_without_tags() -> None:
    facts = facts_of(aws_use_case="Database", dealname="Moves #AWS #Microsoft", description="<p>Forty &amp; two</p>")
    assert facts == DealFacts("Database", "Software and Internet", "Moves Forty & two")


def test_a_value_that_aws_does_not_know_speaks_for_nothing() -> None:
    assert facts_of(aws_use_case="Databases of all kinds").use_case is None


def catalogue(*solutions: Solution, read_at: int | None = NOW) -> Catalogue:
    return Catalogue(solutions, read_at)


def matching(known: Catalogue, **changes: object):
    rule = {**settings()["partners"]["aws"]["solution_matching"], "automatic": True, **changes}
    ours = {each.name: each for each in rules()}
    return match_deal(deal(aws_use_case="Database"), known, ours, CODECS, context(solution_matching=rule))


def test_the_good_ones_are_chosen_and_no_more_than_wanted() -> None:
    known = catalogue(*(solution(each, "Database workloads") for each in (1, 2, 3)), solution(4, "Factory"))
    found = matching(known, at_most=2)
    assert found.chosen == ("S-1", "S-2")
    assert [each.solution_id for each in found.matches] == ["S-1", "S-2", "S-3"]
    assert matching(known, minimum_score=100).chosen == ()


def test_only_active_solutions_are_ranked() -> None:
    known = catalogue(solution(1, "Database", status="Inactive"), solution(2, "Database", status="Draft"))
    found = matching(known)
    assert (found.matches, found.chosen) == ((), ())
    assert found.off == "Partner Central lists no active solution in this catalog."


def test_without_a_catalogue_matching_is_off_and_says_so() -> None:
    assert "have not been read yet" in str(matching(Catalogue()).off)


def test_the_settings_turn_it_off_and_the_ranking_still_shows() -> None:
    found = matching(catalogue(solution(1, "Database")), automatic=False)
    assert found.chosen == ()
    assert found.matches
    assert "solution_matching.automatic" in str(found.off)


def test_another_ranker_needs_one_function_and_cannot_bring_what_is_not_there() -> None:
    def mine(facts: DealFacts, solutions, weights) -> list[Match]:
        return [Match("S-9", 99, ("mine",)), *(Match(each.solution_id, 50, ("mine",)) for each in solutions)]

    ours = {each.name: each for each in rules()}
    rule = {**settings()["partners"]["aws"]["solution_matching"], "automatic": True}
    known = catalogue(solution(1, "x"), solution(2, "y"))
    found = match_deal(deal(), known, ours, CODECS, context(solution_matching=rule), ranker=mine)
    assert found.chosen == ("S-1", "S-2")


@pytest.mark.parametrize(("wanted", "closest"), [("S-1234568", "S-1234567"), ("S-99", "S-98")])
def test_the_closest_ids_are_named(wanted: str, closest: str) -> None:
    known = catalogue(solution(1234567, "a"), solution(98, "b"), solution(97, "c", status="Draft"))
    assert known.closest(wanted)[0] == closest
    assert "S-97" not in known.closest("S-97")
