"""Which fields a partner may change in each review status (fact sheet 2.7), and playing the reviewer (1.4)."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import (
    DURATION,
    TCV_ROW,
    associate,
    at,
    create,
    entries,
    read,
    submitted,
    update,
)

SPEND = "Project.ExpectedCustomerSpend"
ADDRESS = "Customer.Account.Address"


class TestReviewLocks:
    @pytest.mark.parametrize("status", ["Submitted", "In review", "Rejected"])
    def test_nothing_can_be_edited(self, client, account, status):
        identifier = at(client, account, status)

        with pytest.raises(ClientError, match=r"fact sheet 2\.7") as refused:
            update(client, identifier, {"LifeCycle.NextSteps": "other"})

        assert entries(refused.value) == {"lifeCycle.nextSteps": "INVALID_RESOURCE_STATE"}

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (f"{ADDRESS}.CountryCode", "CA"),
            (f"{ADDRESS}.PostalCode", "75002"),
            (f"{ADDRESS}.StateOrRegion", "Ohio"),
            ("Customer.Account.CompanyName", "Other Company"),
            ("Customer.Account.Industry", "Mining"),
            ("Customer.Account.WebsiteUrl", "other.example.com"),
            ("Project.Title", "Renamed"),
            ("Project.CustomerBusinessProblem", "Another problem altogether."),
            ("NationalSecurity", None),
            ("PartnerOpportunityIdentifier", "501"),
            ("PrimaryNeedsFromAws", ["Co-Sell - Pricing Assistance"]),
        ],
    )
    def test_once_approved_these_are_locked_and_leaving_them_out_counts_as_a_change(self, client, account, path, value):
        identifier = at(client, account, "Approved")
        field = ".".join(part[0].lower() + part[1:] for part in path.split("."))

        emptied = "" if path.endswith("CompanyName") else None  # boto3 itself demands the company's name
        for changed in (value, emptied):
            with pytest.raises(ClientError) as refused:
                update(client, identifier, {path: changed})
            assert entries(refused.value)[field] == "ACTION_NOT_PERMITTED"

    @pytest.mark.parametrize(
        ("member", "value"), [("CurrencyCode", "EUR"), ("TargetCompany", "Self"), ("Frequency", "None")]
    )
    def test_once_approved_only_the_amount_of_the_spend_is_open(self, make, member, value):
        account = make(switch_frequency_none_accepted=True)
        client = client_for(account)
        identifier = at(client, account, "Approved")
        row = {"Amount": "9000.00", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"}

        update(client, identifier, {SPEND: [row]})
        if member == "TargetCompany":  # stored as AWS without a duration, so nothing changes
            update(client, identifier, {SPEND: [{**row, member: value}]})
            assert read(client, identifier)["Project"]["ExpectedCustomerSpend"] == [row]
            return
        with pytest.raises(ClientError) as refused:
            update(client, identifier, {SPEND: [{**row, member: value}]})
        assert entries(refused.value)["project.expectedCustomerSpend"] == "ACTION_NOT_PERMITTED"

    def test_once_approved_the_rest_is_open(self, client, account):
        identifier = at(client, account, "Approved")

        update(
            client,
            identifier,
            {
                "LifeCycle.Stage": "Qualified",
                "LifeCycle.NextSteps": "Plan",
                "LifeCycle.TargetCloseDate": "2027-05-01",
                "Project.DeliveryModels": ["Resell"],
                "Project.CustomerUseCase": "Networking",
                f"{ADDRESS}.City": "Dallas",
                "Customer.Contacts": None,
            },
        )

        assert read(client, identifier)["LifeCycle"]["Stage"] == "Qualified"
        assert read(client, identifier)["LifeCycle"]["ReviewStatus"] == "Approved"

    def test_in_the_spreadsheets_reading_identifier_and_industry_are_open_and_programs_locked(self, make):
        account = make(switch_approved_locks="X")
        client = client_for(account)
        identifier = at(client, account, "Approved")

        update(client, identifier, {"PartnerOpportunityIdentifier": "501", "Customer.Account.Industry": "Mining"})
        with pytest.raises(ClientError) as refused:
            update(client, identifier, {"Project.ApnPrograms": ["Windows"]})

        assert entries(refused.value) == {"project.apnPrograms": "ACTION_NOT_PERMITTED"}

    @pytest.mark.parametrize("locked", [True, False])
    def test_the_unverified_locks_are_a_switch(self, make, locked):
        account = make(switch_unverified_fields_locked=locked)
        client = client_for(account)
        identifier = submitted(client, {SPEND: [TCV_ROW], "Project.ExpectedContractDuration": DURATION})
        account.edit_as_aws(identifier, review_status="Approved")
        longer = {"Project.ExpectedContractDuration": {"Term": "Months", "Value": "24"}}

        if locked:
            with pytest.raises(ClientError, match=r"fact sheet 2\.7"):
                update(client, identifier, longer)
        else:
            update(client, identifier, longer)

    def test_action_required_takes_its_own_set_and_goes_back_to_review(self, client, account):
        identifier = submitted(client)
        account.edit_as_aws(identifier, review_status="Action Required", review_comments="Which problem?")

        with pytest.raises(ClientError) as refused:
            update(client, identifier, {"Project.Title": "Renamed"})
        assert entries(refused.value) == {"project.title": "ACTION_NOT_PERMITTED"}

        update(client, identifier, {"Project.CustomerBusinessProblem": "Reports take a week to prepare."})
        assert read(client, identifier)["LifeCycle"]["ReviewStatus"] == "Submitted"

    def test_a_resubmission_is_checked_like_a_submission(self, client, account):
        identifier = submitted(client)
        account.edit_as_aws(identifier, review_status="Action Required")

        with pytest.raises(ClientError, match=r"fact sheet 2\.5"):
            update(client, identifier, {f"{ADDRESS}.PostalCode": "7500"})

    def test_launched_takes_a_handful_of_fields(self, client, account):
        identifier = at(client, account, "Approved")
        update(client, identifier, {"LifeCycle.Stage": "Launched"})

        update(client, identifier, {"Project.AdditionalComments": "live", "Project.DeliveryModels": ["Resell"]})
        with pytest.raises(ClientError, match=r"fact sheet 2\.7") as refused:
            update(client, identifier, {"LifeCycle.NextSteps": "more"})
        assert entries(refused.value) == {"lifeCycle.nextSteps": "ACTION_NOT_PERMITTED"}

    def test_launched_is_open_in_the_other_reading_and_narrower_for_services_partners(self, make):
        loose = make(switch_launched_locks=False)
        identifier = at(client_for(loose), loose, "Approved")
        update(client_for(loose), identifier, {"LifeCycle.Stage": "Launched"})
        update(client_for(loose), identifier, {"LifeCycle.NextSteps": "more"})

        services = make(switch_partner_kind="Services")
        identifier = at(client_for(services), services, "Approved")
        update(client_for(services), identifier, {"LifeCycle.Stage": "Launched"})
        with pytest.raises(ClientError, match="DeliveryModels is locked"):
            update(client_for(services), identifier, {"Project.DeliveryModels": ["Resell"]})

    def test_visibility_only_can_become_co_sell_and_not_back(self, client, account):
        identifier = create(client, {"PrimaryNeedsFromAws": None})
        associate(client, identifier)
        client.submit_opportunity(Catalog="AWS", Identifier=identifier, InvolvementType="For Visibility Only")
        account.edit_as_aws(identifier, review_status="Approved")

        update(client, identifier, {"PrimaryNeedsFromAws": ["Co-Sell - Deal Support"]})

        summary = client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=identifier)
        assert summary["InvolvementType"] == "Co-Sell"
        with pytest.raises(ClientError, match=r"fact sheet 2\.7"):
            update(client, identifier, {"PrimaryNeedsFromAws": None})


class TestReviewSimulation:
    @pytest.mark.parametrize("outcome", ["Approved", "Rejected", "Action Required"])
    def test_in_sandbox_the_partner_plays_the_reviewer(self, client, outcome):
        identifier = submitted(client, catalog="Sandbox")

        update(
            client,
            identifier,
            {"LifeCycle.ReviewStatus": outcome, "LifeCycle.ReviewComments": "seen"},
            catalog="Sandbox",
        )

        life = read(client, identifier, "Sandbox")["LifeCycle"]
        assert (life["ReviewStatus"], life["ReviewComments"]) == (outcome, "seen")

    @pytest.mark.parametrize("outcome", ["Approved", "Rejected", "Action Required", "In review", "Submitted"])
    def test_an_illegal_transition_is_refused(self, client, outcome):
        identifier = create(client, catalog="Sandbox")

        with pytest.raises(ClientError, match="cannot transition") as refused:
            update(client, identifier, {"LifeCycle.ReviewStatus": outcome}, catalog="Sandbox")

        assert entries(refused.value) == {"lifeCycle.reviewStatus": "INVALID_RESOURCE_STATE"}

    def test_nothing_else_changes_in_the_same_call(self, client):
        identifier = submitted(client, catalog="Sandbox")

        with pytest.raises(ClientError, match=r"fact sheet 2\.7"):
            update(
                client,
                identifier,
                {"LifeCycle.ReviewStatus": "Approved", "LifeCycle.NextSteps": "other"},
                catalog="Sandbox",
            )

    def test_a_reason_comes_from_the_servers_list(self, client):
        identifier = submitted(client, catalog="Sandbox")
        changes = {"LifeCycle.ReviewStatus": "Action Required", "LifeCycle.ReviewStatusReason": "Because"}

        with pytest.raises(ClientError) as refused:
            update(client, identifier, changes, catalog="Sandbox")

        assert entries(refused.value) == {"lifeCycle.reviewStatusReason": "INVALID_ENUM_VALUE"}

    def test_action_required_back_to_submitted_may_carry_the_correction(self, client):
        identifier = submitted(client, catalog="Sandbox")
        update(client, identifier, {"LifeCycle.ReviewStatus": "Action Required"}, catalog="Sandbox")

        update(
            client,
            identifier,
            {"LifeCycle.ReviewStatus": "Submitted", "LifeCycle.TargetCloseDate": "2027-08-01"},
            catalog="Sandbox",
        )

        assert read(client, identifier, "Sandbox")["LifeCycle"]["ReviewStatus"] == "Submitted"

    def test_in_the_aws_catalog_the_review_is_read_only_and_its_echo_fine(self, client, account):
        identifier = submitted(client)
        with pytest.raises(ClientError, match=r"fact sheet 1\.4") as refused:
            update(client, identifier, {"LifeCycle.ReviewStatus": "Approved"})
        assert entries(refused.value)["lifeCycle.reviewStatus"] == "ACTION_NOT_PERMITTED"

        account.edit_as_aws(identifier, review_status="Approved", review_comments="good")
        update(client, identifier, {"LifeCycle.NextSteps": "go"})
        assert read(client, identifier)["LifeCycle"]["ReviewComments"] == "good"

    @pytest.mark.parametrize("needed", [True, False])
    def test_sandbox_updates_need_a_marketing_source_by_switch(self, make, needed):
        client = client_for(make(switch_sandbox_needs_marketing_source=needed))
        identifier = create(client, {"Marketing": None}, catalog="Sandbox")

        if needed:
            with pytest.raises(ClientError, match=r"fact sheet 6 no\. 3"):
                update(client, identifier, {"LifeCycle.NextSteps": "x"}, catalog="Sandbox")
        else:
            update(client, identifier, {"LifeCycle.NextSteps": "x"}, catalog="Sandbox")

    def test_the_reviewers_words_go_with_the_next_decision(self, account, client):
        identifier = submitted(client)
        account.edit_as_aws(identifier, review_status="Action Required", review_comments="Why?")
        account.edit_as_aws(identifier, review_comments="Why, please?")
        assert read(client, identifier)["LifeCycle"]["ReviewComments"] == "Why, please?"

        account.edit_as_aws(identifier, review_status="Approved")

        assert "ReviewComments" not in read(client, identifier)["LifeCycle"]
