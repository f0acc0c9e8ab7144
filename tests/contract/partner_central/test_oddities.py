"""Calls that go wrong by order, and replies as odd as the vendor's (fact sheet section 6)."""

from __future__ import annotations

from dataclasses import asdict

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import Switches
from tests.contract.partner_central.samples import associate, code, create, entries, read, submit, update


class TestFaults:
    @pytest.mark.parametrize(
        ("rule", "status", "name"),
        [
            ({"status": 503}, 503, "InternalServerException"),
            ({"status": 500}, 500, "InternalServerException"),
            ({"status": 400, "code": "ThrottlingException"}, 400, "ThrottlingException"),
            ({"status": 400, "code": "AccessDeniedException"}, 400, "AccessDeniedException"),
            ({"status": 400, "code": "ValidationException"}, 400, "ValidationException"),
        ],
    )
    def test_a_rule_words_the_vendors_error(self, http_client, faults, rule, status, name):
        faults.add("GetOpportunity", **rule)

        with pytest.raises(ClientError) as refused:
            http_client.get_opportunity(Catalog="AWS", Identifier="O1")

        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert code(refused.value) == name
        reason = "BUSINESS_VALIDATION_FAILED" if name == "ValidationException" else None
        assert refused.value.response.get("Reason") == reason

    def test_a_lost_answer_leaves_a_record_that_the_same_token_finds_again(self, client, account, faults):
        faults.add("CreateOpportunity", answer_lost=True)

        with pytest.raises(ClientError):
            create(client)

        assert len(account.catalogs["AWS"].opportunities) == 1
        create(client)
        assert len(account.catalogs["AWS"].opportunities) == 1

    def test_a_failure_without_lost_answer_did_no_work(self, client, account, faults):
        faults.add("CreateOpportunity", status=500)

        with pytest.raises(ClientError):
            create(client)

        assert account.catalogs["AWS"].opportunities == {}
        assert [operation for operation, _ in account.calls] == ["CreateOpportunity"]  # made all the same

    def test_a_malformed_answer_reaches_the_caller_as_an_empty_one(self, client, faults):
        """boto3 does not complain of a 200 that is no JSON: a caller has to miss the members itself."""
        identifier = create(client)
        faults.add("GetOpportunity", malformed=True)

        assert read(client, identifier) == {}
        assert read(client, identifier)["Id"] == identifier

    def test_latency_and_ordered_delays_are_waited(self, make, faults):
        waited = []
        account = make(latency_seconds=0.25)
        client = client_for(account, faults, sleep=waited.append)
        faults.add("ListSolutions", delay_seconds=9.0)

        client.list_solutions(Catalog="AWS")

        assert waited == [0.25, 9.0]


def test_default_retries_of_boto3_get_over_a_short_outage(account, served, faults):
    faults.add("*", status=503)
    client = boto3.client(
        "partnercentral-selling",
        region_name="us-east-1",
        endpoint_url=served,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}),
    )

    assert client.list_solutions(Catalog="AWS")["SolutionSummaries"]


def test_the_other_readings_differ_in_every_unclear_fact_that_can_be_turned():
    default, other = asdict(Switches()), asdict(Switches.other_readings())

    assert {name for name in default if default[name] == other[name]} == {
        "check_signature_scope",
        "euro_accepted",
        "frequency_none_accepted",
        "invited_review_status",
        "limited_visibility_eligible",
        "partner_kind",
        "special_programme",
        "use_case_slash_spaced",
    }


class TestOddities:
    """Replies as the vendor's samples and users report them (section 6)."""

    def test_encoded_entities_must_be_decoded_before_they_are_sent_back(self, make):
        client = client_for(make(switch_encode_entities=True))
        use_case = "Big Data: Data Warehouse / Data Integration / ETL / Data Lake / BI"
        identifier = create(client, {"Project.CustomerUseCase": use_case, "Project.Title": "A & B: C"})

        answer = read(client, identifier)

        assert answer["Project"]["CustomerUseCase"] == use_case.replace(":", "&amp;colon;")
        assert answer["Project"]["Title"] == "A &amp; B&amp;colon; C"
        assert answer["Arn"].startswith("arn:aws")
        assert answer["LifeCycle"]["NextStepsHistory"][0]["Time"].year == 2026
        with pytest.raises(ClientError) as refused:
            update(client, identifier)
        assert entries(refused.value) == {"project.customerUseCase": "INVALID_ENUM_VALUE"}

    def test_stub_rows_must_be_scrubbed_before_they_are_sent_back(self, account):
        account.switches.stub_rows = True
        identifier = create(client_for(account))

        answer = account.handle("GetOpportunity", {"Catalog": "AWS", "Identifier": identifier})

        assert answer["Project"]["ExpectedCustomerSpend"][-1] == {"CurrencyCode": "USD"}
        assert answer["Project"]["ApnPrograms"] == []
        echoed = {name: value for name, value in answer.items() if name in ("Customer", "Project", "LifeCycle")}
        body = {"Catalog": "AWS", "Identifier": identifier, "LastModifiedDate": answer["LastModifiedDate"], **echoed}
        with pytest.raises(Exception, match="Frequency is required"):
            account.handle("UpdateOpportunity", body)

    def test_the_partner_identifier_may_be_missing_from_replies(self, make):
        client = client_for(make(switch_partner_identifier_null_rate=1.0))
        identifier = create(client)

        assert "PartnerOpportunityIdentifier" not in read(client, identifier)
        summaries = client.list_opportunities(Catalog="AWS")["OpportunitySummaries"]
        assert "PartnerOpportunityIdentifier" not in summaries[0]

    @pytest.mark.parametrize("reading", ["empty", "not-found"])
    def test_the_aws_summary_before_submission(self, make, reading):
        client = client_for(make(switch_summary_before_submission=reading))
        identifier = create(client)

        if reading == "not-found":
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=identifier)
        else:
            answer = client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=identifier)
            assert "InvolvementType" not in answer
        associate(client, identifier)
        submit(client, identifier)
        answer = client.get_aws_opportunity_summary(Catalog="AWS", RelatedOpportunityIdentifier=identifier)
        assert (answer["InvolvementType"], answer["Visibility"]) == ("Co-Sell", "Full")
