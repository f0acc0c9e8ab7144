"""Our solutions and other entities on the strict simulated account: paging, statuses, and what AWS refuses."""

from __future__ import annotations

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.aws.adapters.partner_central import PartnerCentral
from lambdas.aws.adapters.solution_cache import SolutionCache
from lambdas.aws.adapters.solutions import Solutions
from lambdas.aws.domain.entities import entities_of
from lambdas.aws.domain.opportunity import to_create_body
from lambdas.aws.domain.solutions import STATUSES
from lambdas.aws.handlers.list_solutions import Collaborators, list_solutions
from lambdas.shared.errors import Rejected, Throttled
from sandbox.fakes import FakeDynamoDb
from sandbox.fakes.clock import FakeClock
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import Quota, Switches
from tests.contract.adapters.test_partner_central_on_simulator import VALUES

MARKET = "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace"
NAMES = {"solution_ids": "aws_solution_ids", "aws_products": "aws_products", "marketplace_ids": "aws_marketplace_ids"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_790_000_000_123)


@pytest.fixture
def account(clock: FakeClock) -> PartnerCentralAccount:
    return PartnerCentralAccount(clock, solutions=(), aws_products=("AmazonS3", "AmazonEC2Linux"))


def solutions(account: PartnerCentralAccount, catalog: str = "Sandbox") -> Solutions:
    return Solutions(client_for(account), catalog)


def add(account: PartnerCentralAccount, count: int) -> list[str]:
    for number in range(1, count + 1):
        status = STATUSES[number % 3]
        account.add_solution(f"S-{number:03d}", catalog="Sandbox", name=f"Mover & {number}", status=status)
    return [f"S-{number:03d}" for number in range(1, count + 1)]


def test_every_page_is_read_and_each_solution_is_there_once(account: PartnerCentralAccount) -> None:
    ids = add(account, 250)
    found = solutions(account).list(STATUSES)
    assert [each.solution_id for each in found] == ids
    assert account.call_counts()["ListSolutions"]["calls"] == 3


def test_what_a_row_says_is_kept(account: PartnerCentralAccount) -> None:
    account.add_solution(
        "S-9", catalog="Sandbox", name="Mover", category="Consulting", marketplace_arn=f"{MARKET}/Solution/s"
    )
    (found,) = solutions(account).list()
    assert (found.name, found.category, found.status) == ("Mover", "Consulting", "Active")
    assert found.created_at == "2026-09-21T14:13:20.123Z"
    assert found.arn == "arn:aws:partnercentral:us-east-1:111122223333:catalog/Sandbox/solution/S-9"
    assert found.marketplace_arn == f"{MARKET}/Solution/s"


def test_only_active_ones_unless_asked_for_others(account: PartnerCentralAccount) -> None:
    add(account, 9)
    assert {each.status for each in solutions(account).list()} == {"Active"}
    assert {each.status for each in solutions(account).list(STATUSES)} == set(STATUSES)


def test_the_other_catalog_has_its_own(account: PartnerCentralAccount) -> None:
    add(account, 1)
    assert solutions(account, "AWS").list(STATUSES) == []


def test_a_sandbox_that_lists_none_gives_an_empty_catalogue(clock: FakeClock) -> None:
    account = PartnerCentralAccount(clock, switches=Switches(sandbox_lists_no_solutions=True))
    cache = SolutionCache(FakeDynamoDb(), "ledger", "Sandbox", clock)
    assert list_solutions({}, Collaborators(solutions(account), cache)) == {"more": False, "count": 0}
    assert (cache.get().solutions, cache.get().read_at) == ((), clock.now_ms())


def test_a_full_quota_is_throttled(clock: FakeClock) -> None:
    account = PartnerCentralAccount(clock, quota=Quota(reads_per_second=2))
    add(account, 250)
    with pytest.raises(Throttled):
        solutions(account).list(STATUSES)


def opportunities(account: PartnerCentralAccount) -> tuple[AwsOpportunities, str]:
    central = PartnerCentral(client_for(account), "Sandbox")
    made = central.create_opportunity("t", to_create_body(VALUES))
    return AwsOpportunities(central, properties=NAMES), made["id"]


def test_entities_of_every_kind_are_tied_and_read_back(account: PartnerCentralAccount, clock: FakeClock) -> None:
    account.add_solution("S-1", catalog="Sandbox")
    port, opportunity_id = opportunities(account)
    steps = [
        "S-1",
        "AwsProducts:AmazonS3",
        f"AwsMarketplaceSolutions:{MARKET}/Solution/s1",
        f"AwsMarketplaceProducts:{MARKET}/SaaSProduct/p1",
        f"AwsMarketplaceOffers:{MARKET}/Offer/o1",
    ]
    for step in steps:
        clock.advance(seconds=2)
        port.complete(opportunity_id, step)
    assert entities_of(port.read(opportunity_id).document) == set(steps)
    clock.advance(seconds=2)
    port.complete(opportunity_id, steps[1])


@pytest.mark.parametrize(
    ("step", "role"),
    [("AwsProducts:AmazonNothing", "aws_products"), ("S-404", "solution_ids")],
)
def test_what_aws_does_not_know_is_told_with_the_property(
    account: PartnerCentralAccount, clock: FakeClock, step: str, role: str
) -> None:
    port, opportunity_id = opportunities(account)
    clock.advance(seconds=2)
    with pytest.raises(Rejected) as caught:
        port.complete(opportunity_id, step)
    (problem,) = caught.value.problems
    assert (problem.field, problem.property) == (role, NAMES[role])
    assert step.rsplit(":", maxsplit=1)[-1] in problem.message
    assert "relatedentityidentifier" not in problem.message


def test_on_record_a_step_says_its_kind(account: PartnerCentralAccount) -> None:
    port, _ = opportunities(account)
    assert port.step("AwsProducts:AmazonS3").change == {"field": "AwsProducts", "after": "AmazonS3"}
    assert port.step("S-1").change == {"field": "solution", "after": "S-1"}
