"""Submitting: the task and the single operation, and column S of the field table."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central import postal
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import TaskPace
from tests.contract.partner_central.samples import associate, code, create, entries, read, submit, submitted

ADDRESS = "Customer.Account.Address"


def refused_submission(client, identifier, **submission):
    wanted = {"InvolvementType": "Co-Sell", "Visibility": "Full", **submission}
    with pytest.raises(ClientError) as refused:
        client.submit_opportunity(Catalog="AWS", Identifier=identifier, **wanted)
    return refused.value


def test_the_task_submits_and_makes_engagement_and_invitation(client):
    identifier = create(client)
    associate(client, identifier)

    task = submit(client, identifier)

    assert task["TaskStatus"] == "COMPLETE"
    assert task["OpportunityId"] == identifier
    assert read(client, identifier)["LifeCycle"]["ReviewStatus"] == "Submitted"
    sent = client.list_engagement_invitations(Catalog="AWS", ParticipantType="SENDER")["EngagementInvitationSummaries"]
    assert [invitation["Id"] for invitation in sent] == [task["EngagementInvitationId"]]
    engagement = client.get_engagement(Catalog="AWS", Identifier=task["EngagementId"])
    assert engagement["Title"] == "Cloud Migration"
    listed = client.list_engagements(Catalog="AWS")["EngagementSummaryList"]
    assert [entry["Id"] for entry in listed] == [task["EngagementId"]]


def test_submit_opportunity_alone_makes_no_engagement(client):
    identifier = create(client)
    associate(client, identifier)

    client.submit_opportunity(Catalog="AWS", Identifier=identifier, InvolvementType="Co-Sell", Visibility="Full")

    assert read(client, identifier)["LifeCycle"]["ReviewStatus"] == "Submitted"
    assert client.list_engagements(Catalog="AWS")["EngagementSummaryList"] == []


@pytest.mark.parametrize(
    ("path", "field", "problem", "sheet"),
    [
        ("Project.CustomerUseCase", "project.customerUseCase", "REQUIRED_FIELD_MISSING", "2.1"),
        ("Project.DeliveryModels", "project.deliveryModels", "REQUIRED_FIELD_MISSING", "2.1"),
        ("Project.SalesActivities", "project.salesActivities", "REQUIRED_FIELD_MISSING", "2.1"),
        ("PrimaryNeedsFromAws", "primaryNeedsFromAws", "REQUIRED_FIELD_MISSING", "3.1"),
        (f"{ADDRESS}.PostalCode", "customer.account.address.postalCode", "REQUIRED_FIELD_MISSING", "2.5"),
    ],
)
def test_column_s_is_checked_at_submission_and_not_before(client, path, field, problem, sheet):
    identifier = create(client, {path: None})
    associate(client, identifier)

    error = refused_submission(client, identifier)

    assert entries(error) == {field: problem}
    assert f"[fact sheet {sheet}]" in error.response["Error"]["Message"]


def test_a_refused_submission_shows_as_a_failed_task_with_the_details_in_its_message(client):
    identifier = create(client, {"Project.CustomerUseCase": None})
    associate(client, identifier)

    task = submit(client, identifier)

    assert (task["TaskStatus"], task["ReasonCode"]) == ("FAILED", "OpportunitySubmissionFailed")
    assert "CustomerUseCase" in task["Message"]
    assert read(client, identifier)["LifeCycle"]["ReviewStatus"] == "Pending Submission"


@pytest.mark.parametrize("stands_in", [True, False])
def test_a_solution_is_needed_or_its_description_by_switch(make, stands_in):
    client = client_for(make(switch_other_solution_submits=stands_in))
    identifier = create(client, {"Project.OtherSolutionDescription": "our own"})

    if stands_in:
        client.submit_opportunity(Catalog="AWS", Identifier=identifier, InvolvementType="Co-Sell", Visibility="Full")
    else:
        assert entries(refused_submission(client, identifier)) == {
            "relatedEntityIdentifiers.solutions": "REQUIRED_FIELD_MISSING"
        }


def test_needs_and_involvement_must_agree_both_ways(client):
    with_needs = create(client, attempt="a")
    without = create(client, {"PrimaryNeedsFromAws": None}, attempt="b")
    for identifier in (with_needs, without):
        associate(client, identifier)

    error = refused_submission(client, with_needs, InvolvementType="For Visibility Only")
    assert entries(error) == {"primaryNeedsFromAws": "INVALID_VALUE"}
    assert entries(refused_submission(client, without)) == {"primaryNeedsFromAws": "REQUIRED_FIELD_MISSING"}
    client.submit_opportunity(Catalog="AWS", Identifier=without, InvolvementType="For Visibility Only")


def test_the_no_support_need_is_outside_the_enum_unless_switched_on(make):
    need = {"PrimaryNeedsFromAws": ["Do Not Need Support from AWS Sales Rep"]}
    with pytest.raises(ClientError) as refused:
        create(client_for(make()), need)
    assert entries(refused.value) == {"primaryNeedsFromAws": "INVALID_ENUM_VALUE"}

    client = client_for(make(switch_no_support_need_accepted=True))
    identifier = create(client, need)
    associate(client, identifier)
    client.submit_opportunity(Catalog="AWS", Identifier=identifier, InvolvementType="For Visibility Only")


def test_limited_visibility_is_for_eligible_accounts(make):
    client = client_for(make())
    identifier = create(client)
    associate(client, identifier)
    assert entries(refused_submission(client, identifier, Visibility="Limited")) == {
        "awsSubmission.visibility": "ACTION_NOT_PERMITTED"
    }

    eligible = client_for(make(switch_limited_visibility_eligible=True))
    identifier = create(eligible)
    associate(eligible, identifier)
    eligible.submit_opportunity(Catalog="AWS", Identifier=identifier, InvolvementType="Co-Sell", Visibility="Limited")


def test_national_security_needs_co_sell(client):
    secret = {"NationalSecurity": "Yes", "Customer.Account.Industry": "Government", "PrimaryNeedsFromAws": None}
    identifier = create(client, secret)
    associate(client, identifier)

    error = refused_submission(client, identifier, InvolvementType="For Visibility Only")

    assert entries(error) == {"primaryNeedsFromAws": "INVALID_VALUE"}


def test_visibility_is_full_unless_said_otherwise_and_a_secret_customer_needs_no_website(client):
    secret = {
        "NationalSecurity": "Yes",
        "Customer.Account.Industry": "Government",
        "Customer.Account.WebsiteUrl": None,
    }
    identifier = create(client, secret)
    associate(client, identifier)

    client.submit_opportunity(Catalog="AWS", Identifier=identifier, InvolvementType="Co-Sell")

    summary = client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=identifier)
    assert summary["Visibility"] == "Full"


@pytest.mark.parametrize(("catalog", "status"), [("AWS", "COMPLETE"), ("Sandbox", "FAILED")])
def test_only_sandbox_needs_a_marketing_source_to_submit(client, catalog, status):
    identifier = create(client, {"Marketing": None}, catalog=catalog)
    associate(client, identifier, catalog=catalog)

    assert submit(client, identifier, catalog)["TaskStatus"] == status


def test_a_flat_renewal_names_its_parent(client):
    identifier = create(client, {"OpportunityType": "Flat Renewal"})
    associate(client, identifier)

    assert entries(refused_submission(client, identifier)) == {
        "project.relatedOpportunityIdentifier": "REQUIRED_FIELD_MISSING"
    }


@pytest.mark.parametrize("enforced", [True, False])
def test_the_s3_era_rules_are_a_switch(make, enforced):
    client = client_for(make(switch_s3_era_rules=enforced))
    identifier = create(client, {"Customer.Contacts": None, "LifeCycle.NextSteps": None})
    associate(client, identifier)

    if enforced:
        assert set(entries(refused_submission(client, identifier))) == {"customer.contacts", "lifeCycle.nextSteps"}
    else:
        client.submit_opportunity(Catalog="AWS", Identifier=identifier, InvolvementType="Co-Sell", Visibility="Full")


def test_what_is_submitted_cannot_be_submitted_again(client):
    identifier = submitted(client)

    assert entries(refused_submission(client, identifier)) == {"lifeCycle.reviewStatus": "INVALID_RESOURCE_STATE"}
    assert submit(client, identifier, attempt="another")["TaskStatus"] == "FAILED"


def test_the_same_token_shows_the_same_task_and_another_body_is_a_conflict(client):
    identifier = create(client)
    associate(client, identifier)
    first = submit(client, identifier)

    assert submit(client, identifier)["TaskId"] == first["TaskId"]
    with pytest.raises(ClientError, match=r"fact sheet 1\.7") as refused:
        submit(client, identifier, InvolvementType="For Visibility Only")
    assert code(refused.value) == "ConflictException"


def test_a_slow_task_is_polled_until_it_is_complete(make, clock):
    account = make(submit_pace=TaskPace(delay_ms=5000))
    client = client_for(account)
    identifier = create(client)
    associate(client, identifier)
    task = submit(client, identifier)

    def poll():
        listed = client.list_engagement_from_opportunity_tasks(Catalog="AWS", TaskIdentifier=[task["TaskId"]])
        return listed["TaskSummaries"][0]["TaskStatus"]

    assert (task["TaskStatus"], poll()) == ("IN_PROGRESS", "IN_PROGRESS")
    clock.turn(5)
    account.tick()
    assert poll() == "COMPLETE"


def test_task_ids_may_be_missing_even_on_complete(make):
    client = client_for(make(switch_task_ids_null=True))
    identifier = create(client)
    associate(client, identifier)

    task = submit(client, identifier)

    assert task["TaskStatus"] == "COMPLETE"
    assert not {"EngagementId", "EngagementInvitationId", "ResourceSnapshotJobId"} & set(task)


def test_a_task_message_may_be_the_word_null(make):
    client = client_for(make(switch_task_message_null_text=True))
    identifier = create(client)
    associate(client, identifier)

    task = submit(client, identifier)

    assert (task["TaskStatus"], task["Message"]) == ("COMPLETE", "null")


def test_an_ordered_failure_hits_one_task_and_a_new_token_works(account, client):
    account.fail_tasks("submit", "RequestThrottled")
    identifier = create(client)
    associate(client, identifier)

    failed = submit(client, identifier)
    again = submit(client, identifier)
    fresh = submit(client, identifier, attempt="s-2")

    assert (failed["TaskStatus"], failed["ReasonCode"]) == ("FAILED", "RequestThrottled")
    assert again["TaskId"] == failed["TaskId"]
    assert fresh["TaskStatus"] == "COMPLETE"


class TestPostalCodes:
    @pytest.mark.parametrize(
        ("country", "taken", "refused"),
        [
            ("US", ["75001", "75001-1234"], ["7500", "75001-12", None]),
            ("DE", ["10115"], ["1011", "D-10115", None]),
            ("GB", ["SW1A 1AA", "M11AE", "EC1A1BB"], ["SW1A", "12345", None]),
            ("CA", ["K1A 0B1", "K1A0B1"], ["K1A-0B1"]),
            ("PL", ["00-950"], ["00950"]),
            ("SE", ["11455", "114 55", "S-11455", "SE-11455"], ["114-55"]),
            ("MC", ["98000"], ["97000"]),
            ("IE", ["A65 F4E2", "A65 9F4E", "D02 X285", "X91PK81", "D6W V7N8"], ["12345", "A65 F4E", "DW2 X285"]),
            ("HK", [None], ["999077"]),
            ("AR", [None, "C1001", "anything"], []),
        ],
    )
    def test_the_form_depends_on_the_country(self, country, taken, refused):
        assert [code for code in taken if postal.complaint(country, code)] == []
        assert [code for code in refused if not postal.complaint(country, code)] == []

    def test_the_form_is_not_checked_at_create(self, client):
        identifier = create(client, {f"{ADDRESS}.PostalCode": "no code"})
        associate(client, identifier)

        assert entries(refused_submission(client, identifier)) == {
            "customer.account.address.postalCode": "INVALID_STRING_FORMAT"
        }
