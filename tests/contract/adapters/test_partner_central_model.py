"""Our requests against botocore's service model of Partner Central: every member of a record survives an update."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from lambdas.aws.domain.opportunity import to_create_body, to_document, to_update_body

READ_ONLY = {"Id", "Arn", "CreatedDate", "OpportunityTeam", "RelatedEntityIdentifiers"}
AWS_KEEPS = {"ReviewStatus", "ReviewComments", "ReviewStatusReason", "NextStepsHistory"}
MOMENT = datetime(2026, 11, 24, 10, 0, 0, 123000, tzinfo=UTC)


@pytest.fixture(scope="module")
def model():
    return botocore.session.get_session().get_service_model("partnercentral-selling")


def sample(shape: Any) -> Any:
    """A value for each member of a shape, however deep."""
    if shape.type_name == "structure":
        return {name: sample(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [sample(shape.member)]
    if shape.type_name == "timestamp":
        return MOMENT
    return shape.enum[0] if getattr(shape, "enum", None) else "1.00"


@pytest.fixture
def full_answer(model):
    """GetOpportunity's answer with every member that the model knows."""
    answer = sample(model.operation_model("GetOpportunity").output_shape)
    return {**answer, "Catalog": "AWS", "ResponseMetadata": {"HTTPStatusCode": 200}}


def check(model, operation, body):
    shape = model.operation_model(operation).input_shape
    report = ParamValidator().validate(body, shape)
    assert not report.has_errors(), report.generate_report()
    return shape


def test_an_update_fits_the_model_and_leaves_out_only_what_aws_keeps(model, full_answer):
    document = to_document(full_answer)
    body = to_update_body(document, {})
    shape = check(model, "UpdateOpportunity", body)
    assert set(body) == set(shape.members)
    assert set(document) - set(body) == READ_ONLY
    assert set(document["LifeCycle"]) - set(body["LifeCycle"]) == AWS_KEEPS
    for name in ("Customer", "Project", "Marketing", "SoftwareRevenue", "PrimaryNeedsFromAws", "NationalSecurity"):
        assert body[name] == document[name]


def test_the_review_can_be_sent_in_the_sandbox(model, full_answer):
    document = to_document({**full_answer, "Catalog": "Sandbox"})
    body = to_update_body(document, {"LifeCycle.ReviewStatus": "Approved", "LifeCycle.ReviewComments": "fine"})
    check(model, "UpdateOpportunity", body)
    assert set(document["LifeCycle"]) - set(body["LifeCycle"]) == {"ReviewStatusReason", "NextStepsHistory"}


def test_the_least_record_that_aws_can_answer_can_be_sent_back(model):
    shape = model.operation_model("GetOpportunity").output_shape
    answer = {name: sample(shape.members[name]) for name in shape.required_members}
    check(model, "UpdateOpportunity", to_update_body(to_document(answer), {"LifeCycle.Stage": "Qualified"}))


def test_a_create_from_paths_fits_the_model(model):
    row = "Project.ExpectedCustomerSpend[TargetCompany=AWS]"
    body = to_create_body(
        {
            "PartnerOpportunityIdentifier": "500",
            "PrimaryNeedsFromAws": ["Co-Sell - Deal Support"],
            "Customer.Account.CompanyName": "BigCorp",
            "Customer.Account.Industry": "Gaming",
            "Customer.Account.WebsiteUrl": "bigcorp.example",
            "Customer.Account.Address.CountryCode": "DE",
            "Customer.Contacts": [{"Email": "a@x.io", "FirstName": "A", "LastName": None}],
            "Project.Title": "BigCorp Cloud Migration",
            "Project.ExpectedContractDuration.Term": "Months",
            "Project.ExpectedContractDuration.Value": "12",
            f"{row}.Amount": "100.00",
            f"{row}.CurrencyCode": "USD",
            f"{row}.Frequency": "Monthly",
            "LifeCycle.TargetCloseDate": "2027-01-31",
        }
    )
    check(model, "CreateOpportunity", {**body, "Catalog": "Sandbox", "ClientToken": "token-1"})
    assert body["Project"]["ExpectedCustomerSpend"][0]["TargetCompany"] == "AWS"


def test_every_exception_of_the_service_has_its_class(model):
    from lambdas.aws.adapters.partner_central_errors import BY_CODE

    used = {error.name for name in model.operation_names for error in model.operation_model(name).error_shapes}
    assert used <= set(BY_CODE)


def test_every_validation_code_of_the_service_has_words(model):
    from lambdas.aws.adapters.partner_central_errors import LOCK_CODES, SAYS

    codes = set(model.shape_for("ValidationExceptionErrorCode").enum)
    assert codes == set(SAYS)
    assert codes > LOCK_CODES
