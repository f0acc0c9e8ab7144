"""Engagement invitations: found, read, accepted by the task, rejected, lapsed."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.errors import ValidationException
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import TaskPace
from tests.contract.partner_central.samples import INVITATION, associate, code, create, entries, read, update


def start(client, invitation, attempt="a-1", catalog="AWS"):
    return client.start_engagement_by_accepting_invitation_task(
        Catalog=catalog, ClientToken=attempt, Identifier=invitation
    )


def poll(client, task, catalog="AWS"):
    listed = client.list_engagement_by_accepting_invitation_tasks(Catalog=catalog, TaskIdentifier=[task["TaskId"]])
    return listed["TaskSummaries"][0]


def accept(client, invitation, catalog="AWS"):
    """The id of the opportunity that an invitation becomes."""
    task = poll(client, start(client, invitation, catalog=catalog), catalog)
    assert task["TaskStatus"] == "COMPLETE"
    return task["OpportunityId"]


def listed(client, **query):
    answer = client.list_engagement_invitations(Catalog="AWS", **{"ParticipantType": "RECEIVER", **query})
    return [summary["Id"] for summary in answer["EngagementInvitationSummaries"]]


def test_an_invitation_is_found_by_its_filters(account, client, clock):
    first = account.send_invitation(**INVITATION)
    clock.turn(1)
    second = account.send_invitation(**{**INVITATION, "sender_account": "444455556666"})
    client.reject_engagement_invitation(Catalog="AWS", Identifier=first, RejectionReason="Unable to support")

    assert listed(client) == [second, first]
    assert listed(client, Status=["PENDING"]) == [second]
    assert listed(client, Status=["REJECTED"]) == [first]
    assert listed(client, SenderAwsAccountId=["aws"]) == [first]
    assert listed(client, PayloadType=["LeadInvitation"]) == []
    assert listed(client, ParticipantType="SENDER") == []
    assert listed(client, Sort={"SortBy": "InvitationDate", "SortOrder": "ASCENDING"}) == [first, second]


def test_the_participant_type_is_required(account):
    with pytest.raises(ValidationException) as refused:
        account.handle("ListEngagementInvitations", {"Catalog": "AWS"})

    assert refused.value.problems[0].as_dict() == {
        "FieldName": "participantType",
        "Message": "ParticipantType is required [fact sheet 1.1]",
        "Code": "REQUIRED_FIELD_MISSING",
    }


def test_before_acceptance_address_and_contacts_stay_hidden(account, client):
    answer = client.get_engagement_invitation(Catalog="AWS", Identifier=account.send_invitation(**INVITATION))

    payload = answer["Payload"]["OpportunityInvitation"]
    assert payload["Customer"] == {
        "Industry": "Healthcare",
        "CompanyName": "Invited Customer",
        "WebsiteUrl": "invited.example.com",
        "CountryCode": "DE",
    }
    assert payload["Project"]["Title"] == "Data platform"
    assert answer["Status"] == "PENDING"
    assert "Berlin" not in str(answer)
    assert "kim@" not in str(answer)


def test_the_task_accepts_and_the_opportunity_shows_what_was_hidden(account, client):
    invitation = account.send_invitation(**INVITATION)

    begun = start(client, invitation)
    ended = poll(client, begun)

    assert begun["TaskStatus"] == "IN_PROGRESS"
    assert "OpportunityId" not in begun
    assert ended["TaskStatus"] == "COMPLETE"
    opportunity = read(client, ended["OpportunityId"])
    assert opportunity["Customer"]["Account"]["Address"] == {
        "CountryCode": "DE",
        "City": "Berlin",
        "PostalCode": "10115",
    }
    assert opportunity["Customer"]["Contacts"][0]["FirstName"] == "Kim"
    assert opportunity["LifeCycle"]["Stage"] == "Prospect"
    assert opportunity["LifeCycle"]["ReviewStatus"] == "Approved"
    summary = client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=opportunity["Id"])
    assert summary["Origin"] == "AWS Referral"
    assert listed(client, Status=["ACCEPTED"]) == [invitation]


def test_an_accepted_referral_can_be_moved_on_by_the_partner(account, client):
    identifier = accept(client, account.send_invitation(**INVITATION))

    update(
        client, identifier, {"LifeCycle.Stage": "Qualified", "LifeCycle.NextSteps": "Meet", "Marketing.Source": "None"}
    )

    assert read(client, identifier)["LifeCycle"]["Stage"] == "Qualified"


def test_a_locked_field_that_the_invitation_never_had_does_not_block_updates(account, client):
    american = {**INVITATION, "country": "US", "city": None, "postal_code": None}
    identifier = accept(client, account.send_invitation(**american))

    update(client, identifier, {"LifeCycle.NextSteps": "Meet"})  # StateOrRegion is missing, and locked


def test_another_partners_opportunity_must_be_completed_past_qualified(account, client):
    invitation = account.send_invitation(
        **{**INVITATION, "sender_account": "444455556666", "sender_company": "Sending Partner"}
    )
    identifier = accept(client, invitation)
    supplied = {
        "LifeCycle.Stage": "Technical Validation",
        "Project.CustomerUseCase": "Storage & Backup",
        "Project.DeliveryModels": ["Resell"],
        "Marketing.Source": "None",
    }

    with pytest.raises(ClientError, match=r"fact sheet 3\.6") as refused:
        update(client, identifier, {"LifeCycle.Stage": "Technical Validation"})
    assert "project.customerUseCase" in entries(refused.value)
    associate(client, identifier)
    update(client, identifier, {**supplied, "PrimaryNeedsFromAws": ["Co-Sell - Deal Support"]})


def test_the_same_start_again_shows_the_task_as_it_is_now(account, client):
    invitation = account.send_invitation(**INVITATION)
    begun = start(client, invitation)
    poll(client, begun)

    again = start(client, invitation)

    assert (again["TaskId"], again["TaskStatus"]) == (begun["TaskId"], "COMPLETE")
    assert len(client.list_opportunities(Catalog="AWS")["OpportunitySummaries"]) == 1


def test_another_token_cannot_accept_twice(account, client):
    invitation = account.send_invitation(**INVITATION)
    begun = start(client, invitation)

    with pytest.raises(ClientError, match="already accepting") as refused:
        start(client, invitation, attempt="a-2")
    assert code(refused.value) == "ConflictException"
    poll(client, begun)
    with pytest.raises(ClientError, match="already ACCEPTED"):
        start(client, invitation, attempt="a-3")


def test_a_failed_task_leaves_the_invitation_open_for_a_new_token(account, client):
    account.fail_tasks("accept", "InternalError")
    invitation = account.send_invitation(**INVITATION)

    failed = poll(client, start(client, invitation))
    again = start(client, invitation)
    fresh = poll(client, start(client, invitation, attempt="a-2"))

    assert (failed["TaskStatus"], failed["ReasonCode"]) == ("FAILED", "InternalError")
    assert again["TaskStatus"] == "FAILED"
    assert fresh["TaskStatus"] == "COMPLETE"


def test_the_task_may_take_its_time(make, clock):
    account = make(accept_pace=TaskPace(delay_ms=2000, polls=2))
    client = client_for(account)
    task = start(client, account.send_invitation(**INVITATION))

    clock.turn(2)
    assert [poll(client, task)["TaskStatus"] for _ in range(2)] == ["IN_PROGRESS", "COMPLETE"]


def test_tasks_are_found_by_invitation_opportunity_and_status(account, client):
    invitation = account.send_invitation(**INVITATION)
    identifier = accept(client, invitation)

    def count(**query):
        answer = client.list_engagement_by_accepting_invitation_tasks(Catalog="AWS", **query)
        return len(answer["TaskSummaries"])

    assert count(EngagementInvitationIdentifier=[invitation]) == 1
    assert count(OpportunityIdentifier=[identifier]) == 1
    assert count(OpportunityIdentifier=["O1"]) == 0
    assert count(TaskStatus=["COMPLETE"]) == 1
    assert count(TaskStatus=["FAILED"]) == 0


def test_accepting_without_the_task_only_joins(account, client):
    invitation = account.send_invitation(**INVITATION)

    client.accept_engagement_invitation(Catalog="AWS", Identifier=invitation)

    assert listed(client, Status=["ACCEPTED"]) == [invitation]
    assert client.list_opportunities(Catalog="AWS")["OpportunitySummaries"] == []


def test_a_lead_is_joined_and_never_becomes_an_opportunity_by_this_task(account, client):
    lead = account.send_invitation(**INVITATION, lead=True)
    deal = account.send_invitation(**INVITATION)

    assert listed(client, PayloadType=["LeadInvitation"]) == [lead]
    assert listed(client, PayloadType=["OpportunityInvitation"]) == [deal]
    payload = client.get_engagement_invitation(Catalog="AWS", Identifier=lead)["Payload"]["LeadInvitation"]
    assert payload["Customer"]["CompanyName"] == "Invited Customer"
    failed = poll(client, start(client, lead))
    assert (failed["TaskStatus"], failed["ReasonCode"]) == ("FAILED", "InvitationValidationFailed")
    client.accept_engagement_invitation(Catalog="AWS", Identifier=lead)
    joined = client.list_engagements(Catalog="AWS", ContextTypes=["Lead"])["EngagementSummaryList"]
    assert len(joined) == 1


def test_a_rejected_invitation_takes_no_other_answer(account, client):
    invitation = account.send_invitation(**INVITATION)
    client.reject_engagement_invitation(Catalog="AWS", Identifier=invitation, RejectionReason="Other")

    answer = client.get_engagement_invitation(Catalog="AWS", Identifier=invitation)
    assert (answer["Status"], answer["RejectionReason"]) == ("REJECTED", "Other")
    with pytest.raises(ClientError, match="already REJECTED"):
        start(client, invitation)
    with pytest.raises(ClientError):
        client.reject_engagement_invitation(Catalog="AWS", Identifier=invitation, RejectionReason="x" * 81)


def test_an_invitation_lapses_after_15_days_or_as_ordered(account, client, clock, events):
    short = account.send_invitation(**INVITATION, expires_in_days=1)
    usual = account.send_invitation(**INVITATION)

    clock.turn(86400)
    assert listed(client, Status=["EXPIRED"]) == [short]
    clock.turn(14 * 86400)
    account.tick()
    assert set(listed(client, Status=["EXPIRED"])) == {short, usual}
    with pytest.raises(ClientError) as refused:
        start(client, usual)
    assert entries(refused.value) == {"identifier": "INVALID_RESOURCE_STATE"}
    assert [event["detail-type"] for event in events].count("Engagement Invitation Expired") == 2


def test_one_sends_and_one_receives(client):
    identifier = create(client)
    associate(client, identifier)
    task = client.start_engagement_from_opportunity_task(
        Catalog="AWS", ClientToken="s", Identifier=identifier, AwsSubmission={"InvolvementType": "Co-Sell"}
    )

    with pytest.raises(ClientError, match="only the receiver"):
        client.accept_engagement_invitation(Catalog="AWS", Identifier=task["EngagementInvitationId"])


def test_a_referral_can_be_simulated_in_sandbox_and_is_hidden_until_accepted(client):
    identifier = create(client, {"Origin": "AWS Referral"}, catalog="Sandbox")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        read(client, identifier, "Sandbox")
    assert client.list_opportunities(Catalog="Sandbox")["OpportunitySummaries"] == []
    answer = client.list_engagement_invitations(Catalog="Sandbox", ParticipantType="RECEIVER")
    invitation = answer["EngagementInvitationSummaries"][0]["Id"]
    assert accept(client, invitation, "Sandbox") == identifier
    assert read(client, identifier, "Sandbox")["Project"]["Title"] == "Cloud Migration"


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"titel": "x"}, "titel"), ({"company": ""}, "company"), ({"country": "Germany"}, "CountryCode")],
)
def test_an_invitation_that_the_api_could_not_carry_is_not_sent(account, changes, named):
    with pytest.raises((ValueError, ValidationException), match=named):
        account.send_invitation(**{**INVITATION, **changes})
