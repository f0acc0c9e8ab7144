"""UpdateOpportunity: full replacement, optimistic locking, and the rules of the stages."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import (
    DURATION,
    TCV_ROW,
    associate,
    at,
    code,
    create,
    document,
    entries,
    read,
    update,
)

SPEND = "Project.ExpectedCustomerSpend"
ADDRESS = "Customer.Account.Address"


class TestFullReplacement:
    def test_what_is_left_out_becomes_null(self, client):
        identifier = create(client)

        update(client, identifier, {"Project.CompetitorName": None, "Customer.Contacts": None})

        stored = read(client, identifier)
        assert "CompetitorName" not in stored["Project"]
        assert "Contacts" not in stored["Customer"]

    def test_a_required_field_cannot_be_left_out(self, client):
        identifier = create(client)

        with pytest.raises(ClientError) as refused:
            update(client, identifier, {"Project.Title": None, "LifeCycle.Stage": None})

        assert entries(refused.value) == {
            "project.title": "REQUIRED_FIELD_MISSING",
            "lifeCycle.stage": "REQUIRED_FIELD_MISSING",
        }

    def test_an_omitted_contract_duration_stays_and_an_explicit_null_clears_it(self, account, client):
        identifier = create(client, {SPEND: [TCV_ROW], "Project.ExpectedContractDuration": DURATION})

        update(client, identifier, {"Project.ExpectedContractDuration": None})
        assert read(client, identifier)["Project"]["ExpectedContractDuration"] == DURATION

        body = document({"Project.ExpectedCustomerSpend": None})
        row = {"Amount": "10.00", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"}
        body["Project"] |= {"ExpectedCustomerSpend": [row], "ExpectedContractDuration": None}
        version = account.handle("GetOpportunity", {"Catalog": "AWS", "Identifier": identifier})["LastModifiedDate"]
        request = {"Catalog": "AWS", "Identifier": identifier, "LastModifiedDate": version, **body}
        account.handle("UpdateOpportunity", request)  # boto3 cannot send the null
        assert "ExpectedContractDuration" not in read(client, identifier)["Project"]

    def test_next_steps_are_kept_as_history(self, client):
        identifier = create(client)

        update(client, identifier, {"LifeCycle.NextSteps": "Send the offer"})
        update(client, identifier, {"Project.AdditionalComments": "no new step"})

        history = read(client, identifier)["LifeCycle"]["NextStepsHistory"]
        assert [step["Value"] for step in history] == ["Call on Monday", "Send the offer"]

    def test_a_past_close_date_blocks_every_update(self, client, clock):
        identifier = create(client, {"LifeCycle.TargetCloseDate": "2026-09-22"})
        clock.turn(3 * 86400)

        with pytest.raises(ClientError) as refused:
            update(client, identifier, {"Project.AdditionalComments": "unrelated"})

        assert entries(refused.value) == {"lifeCycle.targetCloseDate": "VALUE_OUT_OF_RANGE"}

    @pytest.mark.parametrize("member", ["Origin", "Tags", "ClientToken"])
    def test_create_only_members_are_not_members_of_the_update(self, account, client, member):
        identifier = create(client)
        version = account.handle("GetOpportunity", {"Catalog": "AWS", "Identifier": identifier})["LastModifiedDate"]
        body = {"Catalog": "AWS", "Identifier": identifier, "LastModifiedDate": version, **document(), member: "x"}

        with pytest.raises(Exception, match=f"{member} is not a member"):
            account.handle("UpdateOpportunity", body)


class TestOptimisticLock:
    def test_an_old_last_modified_date_is_a_conflict_and_changes_nothing(self, client, clock):
        identifier = create(client)
        old = read(client, identifier)["LastModifiedDate"]
        update(client, identifier, {"LifeCycle.NextSteps": "first"})

        with pytest.raises(ClientError, match=r"fact sheet 1\.8") as refused:
            update(client, identifier, {"LifeCycle.NextSteps": "second"}, LastModifiedDate=old)

        assert code(refused.value) == "ConflictException"
        assert read(client, identifier)["LifeCycle"]["NextSteps"] == "first"

    def test_every_change_moves_the_date_even_within_one_millisecond(self, client):
        identifier = create(client)

        dates = [update(client, identifier)["LastModifiedDate"] for _ in range(3)]

        assert dates == sorted(set(dates))
        assert read(client, identifier)["LastModifiedDate"] == dates[-1]

    def test_with_second_precision_the_date_still_moves(self, make):
        client = client_for(make(switch_last_modified_step_ms=1000))
        identifier = create(client)

        dates = [update(client, identifier)["LastModifiedDate"] for _ in range(2)]

        assert dates[0] < dates[1]
        assert {date.microsecond for date in dates} == {0}

    def test_an_unknown_opportunity_is_not_found_and_so_is_one_of_the_other_catalog(self, client):
        identifier = create(client)

        with pytest.raises(client.exceptions.ResourceNotFoundException):
            read(client, "O999")
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            read(client, identifier, catalog="Sandbox")


class TestStages:
    @pytest.mark.parametrize("stage", ["Committed", "Launched"])
    def test_committed_and_launched_need_a_solution(self, client, stage):
        identifier = create(client, {"Project.OtherSolutionDescription": "ours"})

        with pytest.raises(ClientError, match=r"fact sheet 2\.8"):
            update(client, identifier, {"LifeCycle.Stage": stage})
        associate(client, identifier)
        update(client, identifier, {"LifeCycle.Stage": stage})

    def test_closed_lost_needs_its_reason_in_the_same_call(self, client, account):
        identifier = at(client, account, "Approved")

        with pytest.raises(ClientError) as refused:
            update(client, identifier, {"LifeCycle.Stage": "Closed Lost"})
        assert entries(refused.value) == {"lifeCycle.closedLostReason": "REQUIRED_FIELD_MISSING"}

        update(client, identifier, {"LifeCycle.Stage": "Closed Lost", "LifeCycle.ClosedLostReason": "Price"})
        assert read(client, identifier)["LifeCycle"]["ClosedLostReason"] == "Price"

    def test_closing_before_submission_is_refused_or_not_by_switch(self, make):
        closing = {"LifeCycle.Stage": "Closed Lost", "LifeCycle.ClosedLostReason": "Price"}

        strict = client_for(make())
        identifier = create(strict)
        with pytest.raises(ClientError, match=r"before it is submitted.*2\.8"):
            update(strict, identifier, closing)

        loose = client_for(make(switch_closing_before_submission_refused=False))
        update(loose, create(loose), closing)

    def test_special_programmes_and_services_partners_owe_more_at_launched(self, make):
        client = client_for(make(switch_partner_kind="Services", switch_special_programme=True))
        identifier = create(client, {"Customer.Account.AwsAccountId": None})
        associate(client, identifier)

        with pytest.raises(ClientError) as refused:
            update(client, identifier, {"LifeCycle.Stage": "Launched"})

        assert set(entries(refused.value)) == {"customer.account.awsAccountId", "softwareRevenue"}

    def test_backward_moves_between_open_stages_are_not_refused(self, client):
        identifier = create(client, {"LifeCycle.Stage": "Technical Validation"})

        update(client, identifier, {"LifeCycle.Stage": "Prospect"})
