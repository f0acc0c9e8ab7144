"""AssociateOpportunity, DisassociateOpportunity, AssignOpportunity, ListSolutions."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import SOLUTION, associate, code, create, entries, read, update

OFFER = "arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace/Offer/offer-1"


def disassociate(client, identifier, entity=SOLUTION, kind="Solutions"):
    client.disassociate_opportunity(
        Catalog="AWS", OpportunityIdentifier=identifier, RelatedEntityType=kind, RelatedEntityIdentifier=entity
    )


def test_a_solution_is_tied_and_clears_the_description_that_stood_in(client):
    identifier = create(client, {"Project.OtherSolutionDescription": "ours"})

    associate(client, identifier)

    stored = read(client, identifier)
    assert stored["RelatedEntityIdentifiers"]["Solutions"] == [SOLUTION]
    assert "OtherSolutionDescription" not in stored["Project"]


def test_an_unknown_solution_is_not_found(client):
    identifier = create(client)

    with pytest.raises(client.exceptions.ResourceNotFoundException, match=r"fact sheet 3\.3"):
        associate(client, identifier, "S-99")


@pytest.mark.parametrize("refused", [True, False])
def test_a_duplicate_association_is_a_conflict_by_switch(make, refused):
    client = client_for(make(switch_duplicate_association_refused=refused))
    identifier = create(client)
    associate(client, identifier)

    if refused:
        with pytest.raises(ClientError) as error:
            associate(client, identifier)
        assert code(error.value) == "ConflictException"
    else:
        associate(client, identifier)
    assert read(client, identifier)["RelatedEntityIdentifiers"]["Solutions"] == [SOLUTION]


@pytest.mark.parametrize("moves", [True, False])
def test_associating_and_assigning_move_last_modified_by_switch(make, clock, moves):
    client = client_for(make(switch_association_moves_last_modified=moves))
    identifier = create(client)
    before = read(client, identifier)["LastModifiedDate"]
    clock.turn(1)

    associate(client, identifier)

    assert (read(client, identifier)["LastModifiedDate"] > before) is moves


def test_ten_solutions_and_twenty_products_are_the_limit(make):
    solutions = [f"S-{number}" for number in range(11)]
    client = client_for(make(solutions=solutions))
    identifier = create(client)
    for solution in solutions[:10]:
        associate(client, identifier, solution)
    for number in range(20):
        associate(client, identifier, f"Product{number}", "AwsProducts")

    for entity, kind in ((solutions[10], "Solutions"), ("OneMore", "AwsProducts")):
        with pytest.raises(ClientError, match=r"fact sheet 1\.5") as refused:
            associate(client, identifier, entity, kind)
        assert entries(refused.value) == {"relatedEntityIdentifier": "TOO_MANY_VALUES"}


def test_products_go_by_identifier_not_by_display_name(make):
    client = client_for(make(aws_products=["AmazonEC2Linux"]))
    identifier = create(client)

    associate(client, identifier, "AmazonEC2Linux", "AwsProducts")
    with pytest.raises(ClientError, match=r"fact sheet 3\.1"):
        associate(client, identifier, "Amazon EC2 (Linux)", "AwsProducts")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        associate(client, identifier, "AmazonNothing", "AwsProducts")


def test_one_offer_per_opportunity_of_the_own_account_and_for_one_opportunity_only(client):
    first, second = create(client), create(client, attempt="t-2")
    associate(client, first, OFFER, "AwsMarketplaceOffers")

    with pytest.raises(ClientError) as refused:
        associate(client, first, OFFER + "2", "AwsMarketplaceOffers")
    assert entries(refused.value) == {"relatedEntityIdentifier": "TOO_MANY_VALUES"}
    with pytest.raises(ClientError, match="only one opportunity"):
        associate(client, second, OFFER, "AwsMarketplaceOffers")
    with pytest.raises(ClientError, match="calling account"):
        associate(client, second, OFFER.replace("1111", "9999"), "AwsMarketplaceOffers")


def test_offers_are_closed_with_the_opportunity(account, client):
    identifier = create(client)
    account.edit_as_aws(identifier, stage="Closed Lost", closed_lost_reason="Price")

    with pytest.raises(ClientError, match=r"fact sheet 2\.8"):
        associate(client, identifier, OFFER, "AwsMarketplaceOffers")


def test_a_rejected_opportunity_takes_no_association(account, client):
    identifier = create(client)
    account.edit_as_aws(identifier, review_status="Rejected")

    with pytest.raises(ClientError, match=r"fact sheet 2\.7"):
        associate(client, identifier)


def test_a_solution_is_replaced_by_adding_the_new_one_first(make):
    client = client_for(make(solutions=["S-1", "S-2"]))
    identifier = create(client)
    associate(client, identifier, "S-1")
    update(client, identifier, {"LifeCycle.Stage": "Committed"})

    with pytest.raises(ClientError, match=r"fact sheet 2\.8"):
        disassociate(client, identifier, "S-1")
    associate(client, identifier, "S-2")
    disassociate(client, identifier, "S-1")

    assert read(client, identifier)["RelatedEntityIdentifiers"]["Solutions"] == ["S-2"]
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        disassociate(client, identifier, "S-1")


def test_the_owner_must_be_a_known_user(make):
    client = client_for(make(users=["ann@partner.example.com"]))
    identifier = create(client)
    ann = {"Email": "ann@partner.example.com", "FirstName": "Ann", "LastName": "Lee", "BusinessTitle": "Manager"}

    client.assign_opportunity(Catalog="AWS", Identifier=identifier, Assignee=ann)
    with pytest.raises(ClientError, match=r"fact sheet 3\.3"):
        client.assign_opportunity(
            Catalog="AWS", Identifier=identifier, Assignee={**ann, "Email": "x@partner.example.com"}
        )

    owner = read(client, identifier)["OpportunityTeam"]
    assert [(member["Email"], member["BusinessTitle"]) for member in owner] == [(ann["Email"], "OpportunityOwner")]


def test_solutions_are_listed_by_filter(account, client):
    account.add_solution("S-2", name="Second", status="Draft", category="Storage")

    def ids(**query):
        return [summary["Id"] for summary in client.list_solutions(Catalog="AWS", **query)["SolutionSummaries"]]

    assert ids() == [SOLUTION, "S-2"]
    assert ids(Status=["Active"]) == [SOLUTION]
    assert ids(Category=["Storage"]) == ["S-2"]
    assert ids(Identifier=["S-2"], Sort={"SortBy": "Name", "SortOrder": "DESCENDING"}) == ["S-2"]


def test_a_new_sandbox_account_lists_no_solution_and_still_associates_the_documented_one(make):
    client = client_for(make(switch_sandbox_lists_no_solutions=True))
    identifier = create(client, catalog="Sandbox")

    assert client.list_solutions(Catalog="Sandbox")["SolutionSummaries"] == []
    associate(client, identifier, catalog="Sandbox")
