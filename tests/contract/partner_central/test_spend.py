"""Monthly spend and contract value (fact sheet 2.6)."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import DOCUMENT, DURATION, TCV_ROW, create, entries, read

ROW = DOCUMENT["Project"]["ExpectedCustomerSpend"][0]
SPEND = "Project.ExpectedCustomerSpend"


class TestContractValue:
    def test_a_self_row_with_a_duration_is_a_contract_value(self, client):
        identifier = create(client, {SPEND: [TCV_ROW], "Project.ExpectedContractDuration": DURATION})

        assert read(client, identifier)["Project"]["ExpectedCustomerSpend"] == [TCV_ROW]

    def test_without_a_duration_any_other_company_is_stored_as_aws(self, client):
        identifier = create(client, {SPEND: [{**ROW, "TargetCompany": "Example Partner"}]})

        assert read(client, identifier)["Project"]["ExpectedCustomerSpend"][0]["TargetCompany"] == "AWS"

    @pytest.mark.parametrize("months", ["0", "145", "twelve", "-1", "1.5"])
    def test_the_duration_is_1_to_144_months(self, client, months):
        changes = {SPEND: [TCV_ROW], "Project.ExpectedContractDuration": {"Term": "Months", "Value": months}}

        with pytest.raises(ClientError) as refused:
            create(client, changes)

        assert entries(refused.value) == {"project.expectedContractDuration.value": "VALUE_OUT_OF_RANGE"}

    def test_at_most_one_self_row_and_it_is_not_monthly(self, client):
        with pytest.raises(ClientError) as refused:
            create(client, {SPEND: [TCV_ROW, TCV_ROW], "Project.ExpectedContractDuration": DURATION})
        assert entries(refused.value) == {"project.expectedCustomerSpend": "TOO_MANY_VALUES"}

        with pytest.raises(ClientError) as refused:
            create(client, {SPEND: [{**TCV_ROW, "Frequency": "Monthly"}], "Project.ExpectedContractDuration": DURATION})
        assert entries(refused.value) == {"project.expectedCustomerSpend.frequency": "INVALID_VALUE"}

    def test_self_excludes_an_estimation_url(self, client):
        row = {**TCV_ROW, "EstimationUrl": "https://calculator.aws/#/estimate?id=" + "a" * 40}
        row.pop("Amount")

        with pytest.raises(ClientError) as refused:
            create(client, {SPEND: [row], "Project.ExpectedContractDuration": DURATION})

        assert "project.expectedCustomerSpend.estimationUrl" in entries(refused.value)

    def test_an_estimation_url_may_stand_for_the_amount_and_loses_against_it(self, client):
        url = {"EstimationUrl": "https://calculator.aws/#/estimate?id=" + "a" * 40}
        row = {name: value for name, value in ROW.items() if name != "Amount"}

        alone = create(client, {SPEND: [{**row, **url}]}, attempt="a")
        both = create(client, {SPEND: [{**ROW, **url}]}, attempt="b")

        assert read(client, alone)["Project"]["ExpectedCustomerSpend"] == [{**row, **url}]
        assert read(client, both)["Project"]["ExpectedCustomerSpend"] == [ROW]

    def test_in_the_other_reading_the_enum_is_monthly_only(self, make):
        client = client_for(make(switch_frequency_none_accepted=False))
        monthly = {**TCV_ROW, "Frequency": "Monthly"}

        with pytest.raises(ClientError) as refused:
            create(client, {SPEND: [TCV_ROW], "Project.ExpectedContractDuration": DURATION})

        assert entries(refused.value) == {"project.expectedCustomerSpend.frequency": "INVALID_ENUM_VALUE"}
        assert create(client, {SPEND: [monthly], "Project.ExpectedContractDuration": DURATION})


@pytest.mark.parametrize("accepted", [True, False])
def test_euro_is_a_switch(make, accepted):
    client = client_for(make(switch_euro_accepted=accepted))
    euro = {SPEND: [{**ROW, "CurrencyCode": "EUR"}], "Project.AwsPartition": "aws-eusc"}

    if accepted:
        assert create(client, euro)
    else:
        with pytest.raises(ClientError, match=r"must be USD .*2\.2"):
            create(client, euro)
