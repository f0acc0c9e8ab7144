"""Members, snapshots, snapshot jobs and the role they need, of the simulated Partner Central (fact sheet 3.4)."""

from __future__ import annotations

import json

import pytest
import urllib3
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import INVITATION, code, create, entries, submitted, update

ROLE = "arn:aws:iam::111122223333:role/snapshots"
VIEW, AWS_VIEW = "OpportunitySummaryView", "AwsOpportunitySummaryFullView"


def engagement_of(client, opportunity):
    found = client.list_engagement_resource_associations(Catalog="AWS", ResourceIdentifier=opportunity)
    return found["EngagementResourceAssociationSummaries"][0]["EngagementId"]


def snapshots_of(client, engagement, **filters):
    answer = client.list_resource_snapshots(Catalog="AWS", EngagementIdentifier=engagement, **filters)
    return [(one["ResourceSnapshotTemplateName"], one["Revision"]) for one in answer["ResourceSnapshotSummaries"]]


def job_of(client, engagement):
    listed = client.list_resource_snapshot_jobs(Catalog="AWS", EngagementIdentifier=engagement)
    (summary,) = listed["ResourceSnapshotJobSummaries"]
    return client.get_resource_snapshot_job(Catalog="AWS", ResourceSnapshotJobIdentifier=summary["Id"])


def resource(engagement, opportunity, template=VIEW):
    return {
        "Catalog": "AWS",
        "EngagementIdentifier": engagement,
        "ResourceType": "Opportunity",
        "ResourceIdentifier": opportunity,
        "ResourceSnapshotTemplateIdentifier": template,
    }


@pytest.fixture
def role(client):
    client.put_selling_system_settings(Catalog="AWS", ResourceSnapshotJobRoleIdentifier=ROLE)


class TestMembers:
    def test_they_have_account_and_company_and_come_in_pages(self, account, client):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)
        account.add_member(engagement, account="222233334444", company="Second Partner")
        account.edit_as_aws(opportunity, review_status="Approved")

        first = client.list_engagement_members(Catalog="AWS", Identifier=engagement, MaxResults=2)
        rest = client.list_engagement_members(
            Catalog="AWS", Identifier=engagement, MaxResults=2, NextToken=first["NextToken"]
        )

        assert [one["CompanyName"] for one in first["EngagementMemberList"]] == [
            "Example Partner Ltd",
            "Second Partner",
        ]
        assert rest["EngagementMemberList"] == [{"AccountId": "aws", "CompanyName": "AWS"}]
        assert client.get_engagement(Catalog="AWS", Identifier=engagement)["MemberCount"] == 3

    def test_ten_is_the_most_and_only_members_see_them(self, account, client):
        engagement = engagement_of(client, submitted(client))
        for number in range(9):
            account.add_member(engagement, account=f"22223333444{number}", company=f"Partner {number}")
        with pytest.raises(ValueError, match="at most 10"):
            account.add_member(engagement, account="333344445555", company="One more")

        account.send_invitation(**INVITATION)
        invited = client.list_engagement_invitations(Catalog="AWS", ParticipantType="RECEIVER")
        other = invited["EngagementInvitationSummaries"][0]["EngagementId"]
        with pytest.raises(ClientError) as refused:
            client.list_engagement_members(Catalog="AWS", Identifier=other)
        assert code(refused.value) == "ResourceNotFoundException"


class TestSnapshots:
    def test_a_change_of_a_template_field_makes_a_revision_and_no_other_does(self, account, client, role):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)
        account.edit_as_aws(opportunity, review_status="Approved")
        assert snapshots_of(client, engagement) == [(VIEW, 1), (VIEW, 2)]

        update(client, opportunity, {"Project.AdditionalComments": "not of the template"})

        assert snapshots_of(client, engagement) == [(VIEW, 1), (VIEW, 2)]
        first = client.get_resource_snapshot(**resource(engagement, opportunity), Revision=1)
        assert first["Payload"]["OpportunitySummary"]["Lifecycle"]["ReviewStatus"] == "Submitted"
        assert first["CreatedBy"] == "111122223333"
        latest = client.get_resource_snapshot(**resource(engagement, opportunity))
        assert latest["Payload"]["OpportunitySummary"]["Lifecycle"]["ReviewStatus"] == "Approved"

    def test_the_summary_of_aws_is_for_the_owner_and_by_aws(self, account, client, role):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)

        account.edit_as_aws(opportunity, summary={"Insights": {"NextBestActions": "Arrange a workshop"}})
        account.edit_as_aws(opportunity, next_steps="Call them")

        assert snapshots_of(client, engagement) == [(VIEW, 1), (AWS_VIEW, 1), (VIEW, 2)]
        read = client.get_resource_snapshot(**resource(engagement, opportunity, AWS_VIEW))
        assert read["Payload"][AWS_VIEW]["Insights"]["NextBestActions"] == "Arrange a workshop"
        assert (read["CreatedBy"], read["TargetMemberAccounts"]) == ("aws", ["111122223333"])

    def test_one_by_hand_has_its_token_and_a_known_template(self, client):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)
        body = resource(engagement, opportunity)

        first = client.create_resource_snapshot(**body, ClientToken="t-1")
        again = client.create_resource_snapshot(**body, ClientToken="t-1")

        assert first["Revision"] == again["Revision"] == 2
        with pytest.raises(ClientError) as refused:
            client.create_resource_snapshot(**resource(engagement, opportunity, "OtherView"), ClientToken="t-2")
        assert entries(refused.value) == {"resourceSnapshotTemplateIdentifier": "INVALID_VALUE"}

    def test_aws_or_a_member_adds_one(self, account, client, events):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)
        events.clear()

        assert account.add_snapshot(opportunity, created_by="222233334444") == 2

        assert [event["detail-type"] for event in events] == ["Engagement Resource Snapshot Created"]
        assert events[0]["detail"]["resourceSnapshot"]["createdBy"] == "222233334444"
        assert snapshots_of(client, engagement, CreatedBy="222233334444") == [(VIEW, 2)]
        with pytest.raises(ValueError, match="submit it first"):
            account.add_snapshot(create(client, attempt="t-9"))


class TestJobs:
    def test_a_submission_leaves_a_running_job(self, client):
        job = job_of(client, engagement_of(client, opportunity := submitted(client)))

        assert (job["Status"], job["ResourceId"], job["ResourceSnapshotTemplateName"]) == ("Running", opportunity, VIEW)

    def test_without_its_role_a_run_fails_and_says_so(self, client):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)
        client.put_selling_system_settings(Catalog="AWS")

        associate_something_new(client, opportunity)

        assert snapshots_of(client, engagement) == [(VIEW, 1)]
        assert "role" in job_of(client, engagement)["LastFailure"]

    def test_a_stopped_job_makes_nothing_until_it_is_started(self, account, client, role):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)
        job = {"Catalog": "AWS", "ResourceSnapshotJobIdentifier": job_of(client, engagement)["Id"]}
        client.stop_resource_snapshot_job(**job)
        account.edit_as_aws(opportunity, next_steps="Call them")
        assert snapshots_of(client, engagement) == [(VIEW, 1)]

        client.start_resource_snapshot_job(**job)
        account.edit_as_aws(opportunity, next_steps="Call them again")

        assert snapshots_of(client, engagement) == [(VIEW, 1), (VIEW, 2)]
        assert "LastSuccessfulExecutionDate" in job_of(client, engagement)

    @pytest.mark.parametrize("refused", [True, False])
    def test_starting_what_runs_is_refused_by_switch(self, make, refused):
        client = client_for(make(switch_job_turned_twice_refused=refused))
        job = job_of(client, engagement_of(client, submitted(client)))
        call = {"Catalog": "AWS", "ResourceSnapshotJobIdentifier": job["Id"]}

        if refused:
            with pytest.raises(ClientError) as error:
                client.start_resource_snapshot_job(**call)
            assert entries(error.value) == {"resourceSnapshotJobIdentifier": "INVALID_RESOURCE_STATE"}
        else:
            client.start_resource_snapshot_job(**call)

    def test_a_second_one_for_the_same_resource_is_a_conflict_and_a_new_one_is_stopped(self, client):
        opportunity = submitted(client)
        engagement = engagement_of(client, opportunity)
        with pytest.raises(ClientError) as refused:
            client.create_resource_snapshot_job(**resource(engagement, opportunity), ClientToken="j-1")
        assert code(refused.value) == "ConflictException"

        made = client.create_resource_snapshot_job(**resource(engagement, opportunity, AWS_VIEW), ClientToken="j-2")
        read = client.get_resource_snapshot_job(Catalog="AWS", ResourceSnapshotJobIdentifier=made["Id"])
        assert read["Status"] == "Stopped"

    def test_an_unknown_one_is_not_found(self, client):
        with pytest.raises(ClientError) as refused:
            client.get_resource_snapshot_job(Catalog="AWS", ResourceSnapshotJobIdentifier="job-0000000000000")
        assert code(refused.value) == "ResourceNotFoundException"


class TestSettings:
    def test_a_role_is_registered_by_arn_or_name_for_one_catalog(self, client):
        assert "ResourceSnapshotJobRoleArn" not in client.get_selling_system_settings(Catalog="AWS")

        client.put_selling_system_settings(Catalog="AWS", ResourceSnapshotJobRoleIdentifier="snapshots")

        assert client.get_selling_system_settings(Catalog="AWS")["ResourceSnapshotJobRoleArn"] == ROLE
        assert "ResourceSnapshotJobRoleArn" not in client.get_selling_system_settings(Catalog="Sandbox")

    def test_a_role_of_another_account_cannot_be_passed_and_a_wrong_form_is_named(self, client):
        with pytest.raises(ClientError) as refused:
            client.put_selling_system_settings(
                Catalog="AWS", ResourceSnapshotJobRoleIdentifier=ROLE.replace("111122223333", "444455556666")
            )
        assert code(refused.value) == "AccessDeniedException"
        with pytest.raises(ClientError) as refused:
            client.put_selling_system_settings(Catalog="AWS", ResourceSnapshotJobRoleIdentifier="a role")
        assert entries(refused.value) == {"resourceSnapshotJobRoleIdentifier": "INVALID_STRING_FORMAT"}

    def test_none_yet_may_be_not_found_by_switch(self, make):
        client = client_for(make(switch_selling_settings_before_put="not-found"))
        with pytest.raises(ClientError) as refused:
            client.get_selling_system_settings(Catalog="AWS")
        assert code(refused.value) == "ResourceNotFoundException"


class TestControl:
    @pytest.fixture
    def control(self, served):
        def call(path, body):
            answer = urllib3.request("POST", f"{served}/_sandbox/aws/{path}", body=json.dumps(body), retries=False)
            return answer.status, answer.data.decode()

        return call

    def test_aws_adds_a_snapshot_and_a_member_over_http(self, control, http_client):
        opportunity = submitted(http_client)
        engagement = engagement_of(http_client, opportunity)

        assert control("snapshots", {"opportunity": opportunity, "template": AWS_VIEW}) == (200, '{"revision": 1}')
        order = {"engagement": engagement, "account": "222233334444", "company": "Second Partner"}
        assert control("members", order)[0] == 204

        assert snapshots_of(http_client, engagement) == [(VIEW, 1), (AWS_VIEW, 1)]
        members = http_client.list_engagement_members(Catalog="AWS", Identifier=engagement)["EngagementMemberList"]
        assert [one["AccountId"] for one in members] == ["111122223333", "222233334444"]

    @pytest.mark.parametrize(
        ("path", "order", "status", "text"),
        [
            ("snapshots", {"opportunity": "O1"}, 404, "O1"),
            ("snapshots", {"opportunity": "O1", "template": "X"}, 400, "allowed: OpportunitySummaryView"),
            ("members", {"engagement": "eng-1", "account": "a b", "company": "C"}, 400, "AccountId"),
            ("members", {"engagement": "eng-1", "account": "222233334444", "company": "C"}, 404, "eng-1"),
        ],
    )
    def test_a_wrong_order_is_answered_with_the_reason(self, control, path, order, status, text):
        answered = control(path, order)
        assert answered[0] == status
        assert text in answered[1]


def associate_something_new(client, opportunity):
    client.associate_opportunity(
        Catalog="AWS",
        OpportunityIdentifier=opportunity,
        RelatedEntityType="AwsProducts",
        RelatedEntityIdentifier="AmazonEC2Linux",
    )
