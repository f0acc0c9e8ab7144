"""Unmodified boto3 against the socket and in-process: equal answers, faults, signatures, strict shapes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError

from sandbox.partner_central.account import OPERATIONS, PartnerCentralAccount
from sandbox.partner_central.app import serve
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.model_check import service_model
from sandbox.partner_central.switches import Quota
from tests.contract.partner_central.samples import (
    INVITATION,
    SOLUTION,
    code,
    create,
    document,
    entries,
)


def bare(answer):
    answer.pop("ResponseMetadata")
    return answer


def play(client, account):
    """One walk through the operations; the answers and the refusals."""
    answers = []

    def call(operation, **members):
        try:
            answers.append(bare(getattr(client, operation)(Catalog="AWS", **members)))
        except ClientError as error:
            answers.append(bare(error.response))
        return answers[-1]

    identifier = call("create_opportunity", ClientToken="t", **document())["Id"]
    entity = {"RelatedEntityType": "Solutions", "RelatedEntityIdentifier": SOLUTION}
    call("associate_opportunity", OpportunityIdentifier=identifier, **entity)
    call("associate_opportunity", OpportunityIdentifier=identifier, **entity)
    call("get_opportunity", Identifier=identifier)
    call("get_opportunity", Identifier="O1")
    call("create_opportunity", ClientToken="u", **document({"Project.Title": None, "LifeCycle.Stage": "Closed Won"}))
    submission = {"InvolvementType": "Co-Sell", "Visibility": "Full"}
    call("start_engagement_from_opportunity_task", ClientToken="s", Identifier=identifier, AwsSubmission=submission)
    call("list_engagement_from_opportunity_tasks")
    call("get_aws_opportunity_summary", RelatedOpportunityIdentifier=identifier)
    invitation = account.send_invitation(**INVITATION)
    call("list_engagement_invitations", ParticipantType="RECEIVER")
    call("get_engagement_invitation", Identifier=invitation)
    call("start_engagement_by_accepting_invitation_task", ClientToken="a", Identifier=invitation)
    call("list_engagement_by_accepting_invitation_tasks")
    call("list_opportunities", MaxResults=1)
    call("list_solutions")
    call("list_engagements")
    return answers


def test_the_socket_and_the_process_give_equal_answers(make):
    served_account, local_account = make(), make()
    server = serve(served_account)
    try:
        over_http = boto3.client(
            "partnercentral-selling",
            region_name="us-east-1",
            endpoint_url=server.url,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        answers = play(over_http, served_account)
    finally:
        server.stop()

    assert answers == play(client_for(local_account), local_account)
    assert len(answers) == 16


class TestModel:
    """Refusals that boto3 itself does not make (1.1)."""

    @pytest.mark.parametrize(
        ("path", "value", "field", "problem"),
        [
            ("LifeCycle.Stage", "Closed Won", "lifeCycle.stage", "INVALID_ENUM_VALUE"),
            ("LifeCycle.ReviewStatus", "In Review", "lifeCycle.reviewStatus", "INVALID_ENUM_VALUE"),
            ("Project.CompetitorName", "Other", "project.competitorName", "INVALID_ENUM_VALUE"),
            (
                "Project.SalesActivities",
                ["Finalized Deployment Needs"],
                "project.salesActivities",
                "INVALID_ENUM_VALUE",
            ),
            (
                "Project.CustomerBusinessProblem",
                "too short",
                "project.customerBusinessProblem",
                "INVALID_STRING_FORMAT",
            ),
            ("Project.Title", "x" * 256, "project.title", "INVALID_STRING_FORMAT"),
            ("Project.AdditionalComments", "", "project.additionalComments", "INVALID_STRING_FORMAT"),
            ("PartnerOpportunityIdentifier", "5" * 65, "partnerOpportunityIdentifier", "INVALID_STRING_FORMAT"),
            ("LifeCycle.TargetCloseDate", "31.03.2027", "lifeCycle.targetCloseDate", "INVALID_STRING_FORMAT"),
            ("Customer.Contacts", [{"Email": "Pat@Example.com"}], "customer.contacts.email", "INVALID_STRING_FORMAT"),
            ("Customer.Contacts", [{"Phone": "0123 456"}], "customer.contacts.phone", "INVALID_STRING_FORMAT"),
            (
                "Customer.Account.Address.CountryCode",
                "Germany",
                "customer.account.address.countryCode",
                "INVALID_ENUM_VALUE",
            ),
            ("OpportunityTeam", [{}] * 11, "opportunityTeam", "TOO_MANY_VALUES"),
        ],
    )
    def test_enums_patterns_and_sizes_are_checked(self, client, path, value, field, problem):
        with pytest.raises(ClientError) as refused:
            create(client, {path: value})

        assert refused.value.response["Reason"] == "REQUEST_VALIDATION_FAILED"
        assert entries(refused.value) == {field: problem}
        assert "[fact sheet 1.1]" in refused.value.response["Error"]["Message"]

    @pytest.mark.parametrize("amount", ["1,000.00", "1e3", "-1", "01", "1.234"])
    def test_an_amount_is_a_plain_decimal(self, client, amount):
        row = {"Amount": amount, "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"}

        with pytest.raises(ClientError) as refused:
            create(client, {"Project.ExpectedCustomerSpend": [row]})

        assert entries(refused.value) == {"project.expectedCustomerSpend.amount": "INVALID_STRING_FORMAT"}
        assert "Project.ExpectedCustomerSpend.1.member.Amount" in refused.value.response["Error"]["Message"]

    def test_types_required_and_unknown_members_are_told_together(self, account):
        body = {"Catalog": "AWS", "Project": {"Title": 5, "Name": "x"}, "Customer": [], "PrimaryNeedsFromAws": "x"}

        with pytest.raises(Exception, match="is required") as refused:
            account.handle("CreateOpportunity", body)

        found = {problem.path: problem.code for problem in refused.value.problems}
        assert found == {
            "ClientToken": "REQUIRED_FIELD_MISSING",
            "Project.Title": "INVALID_VALUE",
            "Project.Name": "INVALID_VALUE",
            "Customer": "INVALID_VALUE",
            "PrimaryNeedsFromAws": "INVALID_VALUE",
        }

    def test_a_list_may_be_too_short(self, account):
        query = {"Catalog": "AWS", "ParticipantType": "RECEIVER", "Status": []}

        with pytest.raises(Exception, match="needs at least 1") as refused:
            account.handle("ListEngagementInvitations", query)

        assert [problem.code for problem in refused.value.problems] == ["NOT_ENOUGH_VALUES"]

    def test_the_catalog_is_one_of_two_in_exact_case_and_must_be_linked(self, make):
        with pytest.raises(ClientError, match=r"fact sheet 1\.3") as refused:
            client_for(make()).list_opportunities(Catalog="sandbox")
        assert entries(refused.value) == {"catalog": "INVALID_ENUM_VALUE"}

        unlinked = client_for(make(catalogs=["Sandbox"]))
        with pytest.raises(ClientError, match="not linked") as refused:
            unlinked.list_opportunities(Catalog="AWS")
        assert code(refused.value) == "AccessDeniedException"

    def test_an_operation_that_is_not_played_is_named(self, client):
        with pytest.raises(ClientError, match="DeleteResourceSnapshotJob is not played") as refused:
            client.delete_resource_snapshot_job(Catalog="AWS", ResourceSnapshotJobIdentifier="job-0000000000000")
        assert code(refused.value) == "UnknownOperationException"

    def test_every_operation_that_is_played_is_one_of_the_model(self):
        assert set(OPERATIONS) <= set(service_model().operation_names)


class TestSignature:
    def test_a_client_of_another_region_is_refused(self, served):
        client = boto3.client(
            "partnercentral-selling",
            region_name="eu-west-1",
            endpoint_url=served,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

        with pytest.raises(ClientError, match="eu-west-1") as refused:
            client.list_opportunities(Catalog="AWS")

        assert code(refused.value) == "InvalidSignatureException"

    @pytest.mark.parametrize(("checked", "status"), [(True, 403), (False, 200)])
    def test_an_unsigned_request_is_refused_unless_switched_off(self, account, served, checked, status):
        account.switches.check_signature_scope = checked

        answer = post(served, b'{"Catalog": "AWS"}', "AWSPartnerCentralSelling.ListSolutions")

        assert answer.status == status

    def test_a_body_that_is_no_json_object_and_a_wrong_target_are_refused(self, account, served):
        account.switches.check_signature_scope = False

        bad_body = post(served, b"[", "AWSPartnerCentralSelling.ListSolutions")
        bad_target = post(served, b"{}", "Other.Op")

        assert (bad_body.status, bad_body.json()["Reason"]) == (400, "REQUEST_VALIDATION_FAILED")
        assert (bad_target.status, bad_target.json()["__type"].split("#")[1]) == (400, "UnknownOperationException")


def post(url, body, target):
    return urllib3.request("POST", url, body=body, headers={"X-Amz-Target": target}, retries=False)


def test_many_threads_get_many_different_ids(account: PartnerCentralAccount):
    def one(number):
        return account.handle("CreateOpportunity", {"Catalog": "AWS", "ClientToken": f"t-{number}", **document()})["Id"]

    with ThreadPoolExecutor(8) as pool:
        identifiers = list(pool.map(one, range(200)))

    assert len(set(identifiers)) == 200
    assert len(account.calls) == 200


def test_an_account_alone_has_the_published_quota():
    quota = PartnerCentralAccount().quota.quota

    assert quota == Quota(10.0, 1.0, 100_000, 10_000)
