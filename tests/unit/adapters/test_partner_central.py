"""Partner Central through the real SDK with its last step replaced: requests, answers, refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from lambdas.aws.adapters.partner_central import LOCK_CODES, PartnerCentral, make_client, refusal_codes
from lambdas.aws.domain.opportunity import to_update_body
from lambdas.shared.errors import (
    Conflict,
    NotFound,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)
from tests.unit.adapters.vendor_fakes import AwsScript

SETTINGS = {"region": "us-east-1"}
VERSION = "2026-11-24T10:00:00.123456Z"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.fixture(scope="module")
def client():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDOWN")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "own")
        yield make_client(SETTINGS)


@pytest.fixture
def aws(client):
    script = AwsScript(client)
    yield script
    client.meta.events.unregister("before-send.partnercentral-selling.*", script._send)


@pytest.fixture
def central(client):
    return PartnerCentral(client, "Sandbox")


def opportunity(**more):
    return {
        "Catalog": "Sandbox",
        "Id": "O1",
        "CreatedDate": "2026-11-01T00:00:00Z",
        "LastModifiedDate": VERSION,
        "RelatedEntityIdentifiers": {"Solutions": ["S-1"]},
        **more,
    }


def test_a_request_goes_to_the_one_region_wherever_the_function_runs(aws, central):
    aws.say(opportunity())
    central.get_opportunity("O1")
    assert aws.raw[0].url == "https://partnercentral-selling.us-east-1.api.aws/"
    assert b"/us-east-1/partnercentral-selling/" in aws.raw[0].headers["Authorization"]
    assert aws.requests == [("GetOpportunity", {"Catalog": "Sandbox", "Identifier": "O1"})]


def test_another_endpoint_can_be_named_in_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING", "http://127.0.0.1:9")
    client = make_client(SETTINGS)
    aws = AwsScript(client).say(opportunity())
    PartnerCentral(client, "Sandbox").get_opportunity("O1")
    assert aws.raw[0].url == "http://127.0.0.1:9/"


def test_a_version_comes_back_exactly_as_it_was_read(aws, central):
    aws.say(opportunity()).say({"Id": "O1", "LastModifiedDate": "2026-11-24T10:00:01Z"})
    document = central.get_opportunity("O1")
    answer = central.update_opportunity("O1", document["LastModifiedDate"], to_update_body(document, {}))
    assert answer == {"version": "2026-11-24T10:00:01Z"}
    name, body = aws.requests[1]
    assert name == "UpdateOpportunity"
    assert body["LastModifiedDate"] == VERSION
    assert body["Identifier"] == "O1"


def test_a_create_carries_the_stored_token(aws, central):
    aws.say({"Id": "O7", "LastModifiedDate": VERSION})
    assert central.create_opportunity("token-1", {"Origin": "Partner Referral"}) == {"id": "O7", "version": VERSION}
    wanted = {"Catalog": "Sandbox", "ClientToken": "token-1", "Origin": "Partner Referral"}
    assert aws.requests == [("CreateOpportunity", wanted)]


def test_an_association_names_both_ends(aws, central):
    aws.say({})
    central.associate("O1", "Solutions", "S-1")
    wanted = {"OpportunityIdentifier": "O1", "RelatedEntityType": "Solutions", "RelatedEntityIdentifier": "S-1"}
    assert aws.requests == [("AssociateOpportunity", {**wanted, "Catalog": "Sandbox"})]


def test_an_association_that_is_there_is_a_success_however_aws_says_it(aws, central):
    aws.refuse("ConflictException").say(opportunity())
    central.associate("O1", "Solutions", "S-1")
    errors = [{"FieldName": "relatedEntityIdentifier", "Code": "DUPLICATE_KEY_VALUE", "Message": "x"}]
    aws.refuse("ValidationException", ErrorList=errors)
    central.associate("O1", "Solutions", "S-1")


def test_a_conflict_about_something_else_is_tried_again(aws, central):
    aws.refuse("ConflictException").say(opportunity())
    with pytest.raises(Retryable):
        central.associate("O1", "Solutions", "S-2")


def test_a_solution_that_aws_does_not_know_is_named_to_the_seller(aws, central):
    aws.refuse("ResourceNotFoundException").say(opportunity())
    with pytest.raises(Rejected) as refused:
        central.associate("O1", "Solutions", "S-2")
    (problem,) = refused.value.problems
    assert "no S-2 among the Solutions" in problem.message
    assert "Correct it on the deal" in problem.message


def test_an_association_waits_for_an_opportunity_that_is_not_visible_yet(aws, central):
    aws.refuse("ResourceNotFoundException").refuse("ResourceNotFoundException")
    with pytest.raises(Retryable):
        central.associate("O1", "Solutions", "S-2")


def test_a_refused_association_is_no_success(aws, central):
    errors = [{"Code": "DUPLICATE_KEY_VALUE", "Message": "x"}, {"Code": "INVALID_VALUE", "Message": "x"}]
    aws.refuse("ValidationException", ErrorList=errors)
    with pytest.raises(Rejected) as refused:
        central.associate("O1", "Solutions", "S-1")
    assert all("S-1 of the Solutions" in each.message for each in refused.value.problems)
    assert refusal_codes(refused.value) == {"DUPLICATE_KEY_VALUE", "INVALID_VALUE"}


def test_the_orphan_of_a_lost_answer_is_found_by_exact_match_and_the_search_stops_there(aws, central):
    def row(opportunity_id, deal_id=None):
        known = {"Catalog": "Sandbox", "Id": opportunity_id, "LastModifiedDate": VERSION}
        return {**known, "PartnerOpportunityIdentifier": deal_id} if deal_id else known

    aws.say({"OpportunitySummaries": [row("O1"), row("O2", "5001"), row("O3", "50")], "NextToken": "t"})
    aws.say({"OpportunitySummaries": [row("O4", "500"), row("O5", "500")], "NextToken": "u"})
    assert central.find_by_partner_identifier("500", 1_790_000_000_123) == "O4"
    first, second = (body for _, body in aws.requests)
    assert first["Sort"] == {"SortBy": "CreatedDate", "SortOrder": "ASCENDING"}
    assert first["CreatedDate"] == {"AfterCreatedDate": "2026-09-21T14:13:20.123000Z"}
    assert "NextToken" not in first
    assert second["NextToken"] == "t"


def test_an_orphan_whose_summary_leaves_the_identifier_out_is_found_by_reading_it(aws, central):
    rows = [{"Catalog": "Sandbox", "Id": one, "LastModifiedDate": VERSION} for one in ("O1", "O2")]
    aws.say({"OpportunitySummaries": rows})
    aws.say(opportunity(PartnerOpportunityIdentifier="7")).say(opportunity(Id="O2", PartnerOpportunityIdentifier="500"))
    assert central.find_by_partner_identifier("500", 0) == "O2"
    aws.say({"OpportunitySummaries": rows}).refuse("ResourceNotFoundException")
    with pytest.raises(Retryable):
        central.find_by_partner_identifier("500", 0)


def test_no_orphan_is_none_and_a_failed_search_is_not(aws, central):
    aws.say({"OpportunitySummaries": []}).refuse("InternalServerException", 500)
    assert central.find_by_partner_identifier("500", 0) is None
    with pytest.raises(Retryable):
        central.find_by_partner_identifier("500", 0)


@pytest.mark.parametrize(
    ("since", "after"),
    [(1_790_000_000_123, "2026-09-21T14:13:20.123000Z"), (VERSION, VERSION)],
)
def test_changes_are_listed_oldest_first_from_the_watermark(aws, central, since, after):
    row = {"Catalog": "Sandbox", "Id": "O1", "LastModifiedDate": VERSION}
    aws.say({"OpportunitySummaries": [row], "NextToken": "t"}).say({"OpportunitySummaries": []})
    assert central.list_opportunities(since) == {"items": [{"id": "O1", "version": VERSION}], "next": "t"}
    assert central.list_opportunities(since, "t", 10) == {"items": [], "next": None}
    first, second = (body for _, body in aws.requests)
    assert first == {
        "Catalog": "Sandbox",
        "MaxResults": 100,
        "Sort": {"SortBy": "LastModifiedDate", "SortOrder": "ASCENDING"},
        "LastModifiedDate": {"AfterLastModifiedDate": after},
    }
    assert (second["NextToken"], second["MaxResults"]) == ("t", 10)


def test_everything_is_listed_without_a_watermark(aws, central):
    aws.say({"OpportunitySummaries": []})
    central.list_opportunities(None)
    assert "LastModifiedDate" not in aws.requests[0][1]


def test_invitations_that_wait_for_us_are_listed(aws, central):
    row = {
        "Catalog": "Sandbox",
        "Id": "engi-1",
        "EngagementId": "eng-1",
        "PayloadType": "OpportunityInvitation",
        "ExpirationDate": "2026-12-01T00:00:00Z",
    }
    bare = {"Catalog": "Sandbox", "Id": "engi-2"}
    aws.say({"EngagementInvitationSummaries": [row, bare], "NextToken": "t"})
    page = central.list_pending_invitations("s")
    assert page["next"] == "t"
    assert page["items"] == [
        {
            "id": "engi-1",
            "payload_type": "OpportunityInvitation",
            "engagement_id": "eng-1",
            "expires_at": 1_796_083_200_000,
        },
        {"id": "engi-2", "payload_type": None, "engagement_id": None, "expires_at": None},
    ]
    body = aws.requests[0][1]
    assert (body["ParticipantType"], body["Status"], body["NextToken"]) == ("RECEIVER", ["PENDING"], "s")


def test_an_invitation_is_read_decoded(aws, central):
    payload = {"OpportunityInvitation": {"Project": {"Title": "A &amp; B"}}}
    aws.say({"Catalog": "Sandbox", "Id": "engi-1", "Payload": payload, "ExpirationDate": "2026-12-01T00:00:00Z"})
    invitation = central.get_invitation("engi-1")
    assert invitation["Payload"]["OpportunityInvitation"]["Project"]["Title"] == "A & B"
    assert invitation["ExpirationDate"] == "2026-12-01T00:00:00Z"


def test_an_acceptance_is_a_task_that_can_be_asked_for(aws, central):
    begun = {"TaskId": "task-1", "TaskStatus": "IN_PROGRESS", "EngagementInvitationId": "engi-1", "ReasonCode": "null"}
    done = {**begun, "TaskStatus": "COMPLETE", "OpportunityId": "O1", "Message": "Jane Roe"}
    aws.say(begun).say({"TaskSummaries": [done]}).say({"TaskSummaries": []})
    expected = {
        "task_id": "task-1",
        "status": "IN_PROGRESS",
        "opportunity_id": None,
        "invitation_id": "engi-1",
        "reason": None,
    }
    assert central.start_acceptance("token-1", "engi-1") == expected
    assert central.acceptance_task("task-1") == {**expected, "status": "COMPLETE", "opportunity_id": "O1"}
    with pytest.raises(NotFound):
        central.acceptance_task("task-1")
    assert aws.requests[0][1] == {"Catalog": "Sandbox", "ClientToken": "token-1", "Identifier": "engi-1"}
    assert aws.requests[1][1]["TaskIdentifier"] == ["task-1"]


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 400, Throttled),
        ("ServiceQuotaExceededException", 400, Throttled),
        ("SomethingNew", 429, Throttled),
        ("InternalServerException", 500, Retryable),
        ("SomethingNew", 503, Retryable),
        ("ConflictException", 400, Conflict),
        ("ResourceNotFoundException", 400, NotFound),
        ("AccessDeniedException", 400, Unauthorized),
        ("UnrecognizedClientException", 400, Unauthorized),
        ("ExpiredTokenException", 400, Unauthorized),
        ("ValidationException", 400, Rejected),
        ("SomethingNew", 400, Unexpected),
    ],
)
def test_each_code_has_its_class_is_tried_once_and_tells_no_value(aws, central, code, status, expected):
    aws.refuse(code, status)
    with pytest.raises(expected) as raised:
        central.get_opportunity("O1")
    assert type(raised.value) is expected
    assert code in str(raised.value)
    assert "req-1" in str(raised.value)
    assert "Jane" not in str(raised.value)
    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url="https://x"),
        ReadTimeoutError(endpoint_url="https://x"),
        EndpointConnectionError(endpoint_url="https://x"),
    ],
)
def test_no_answer_is_retryable(aws, central, error):
    aws.fail(error)
    with pytest.raises(Retryable, match=type(error).__name__):
        central.get_opportunity("O1")
    assert len(aws.requests) == 1


@pytest.mark.parametrize("page", [b"<html>ok</html>", b"{}", b"[]", b'{"Id": "O1", "LastModifiedDate": "yesterday"}'])
def test_garbage_with_a_good_status_is_unexpected(aws, central, page):
    aws.say(page)
    with pytest.raises(Unexpected):
        central.get_opportunity("O1")


def test_a_proxys_page_with_a_bad_status_is_retryable(aws, central):
    aws.say(b"<html>bad gateway</html>", 502)
    with pytest.raises(Retryable, match="502"):
        central.get_opportunity("O1")


def test_a_malformed_request_is_our_bug_named_without_its_value(central):
    with pytest.raises(Unexpected, match=r"Project.Title") as raised:
        central.create_opportunity("token-1", {"Project": {"Title": 12345}})
    assert "12345" not in str(raised.value)


def test_a_rejection_names_fields_and_codes_and_no_value(aws, central):
    errors = [
        {"FieldName": "project.expectedCustomerSpend.1.amount", "Code": "INVALID_VALUE", "Message": "Jane"},
        {"FieldName": "lifeCycle.targetCloseDate", "Code": "ACTION_NOT_PERMITTED", "Message": "Jane"},
        {"Code": "INVALID_RESOURCE_STATE", "Message": "Jane"},
        {"FieldName": "Jane Roe!", "Code": "Jane Roe!", "Message": "Jane"},
    ]
    aws.refuse("ValidationException", Reason="BUSINESS_VALIDATION_FAILED", ErrorList=errors)
    with pytest.raises(Rejected, match="BUSINESS_VALIDATION_FAILED") as raised:
        central.update_opportunity("O1", VERSION, {})
    assert [(problem.field, problem.message) for problem in raised.value.problems] == [
        (
            "project.expectedcustomerspend.amount",
            "project.expectedcustomerspend.amount has a value that AWS does not accept (INVALID_VALUE).",
        ),
        ("lifecycle.targetclosedate", "lifecycle.targetclosedate may not be changed now (ACTION_NOT_PERMITTED)."),
        ("", "The opportunity cannot be changed in the opportunity's present state (INVALID_RESOURCE_STATE)."),
        ("", "The opportunity was refused."),
    ]
    assert refusal_codes(raised.value) == {"INVALID_VALUE", *LOCK_CODES}


def test_a_pattern_failure_without_a_list_still_names_its_field(aws, central):
    text = "1 validation error detected: Value 'Jane' at 'project.title' failed to satisfy constraint: pattern"
    aws.refuse("ValidationException", Message=text, Reason="REQUEST_VALIDATION_FAILED")
    with pytest.raises(Rejected) as raised:
        central.update_opportunity("O1", VERSION, {})
    assert [problem.field for problem in raised.value.problems] == ["project.title"]
    assert "Jane" not in repr(raised.value.problems)


class Sts:
    """Stands for STS behind every SDK client that is made: its answers in the before-send hook."""

    def __init__(self, monkeypatch, *answers):
        self.bodies = []
        self.urls = []
        self.answers = list(answers)
        from botocore.session import Session

        create = Session.create_client

        def watched(session, service_name, *args, **options):
            client = create(session, service_name, *args, **options)
            if service_name == "sts":
                client.meta.events.register("before-send.sts.AssumeRole", self._send)
            return client

        monkeypatch.setattr(Session, "create_client", watched)

    def _send(self, request, **_options):
        from botocore.awsrequest import AWSResponse

        from tests.unit.adapters.vendor_fakes import _Raw

        self.bodies.append(dict(request.body) if isinstance(request.body, dict) else request.body)
        self.urls.append(request.url)
        status, text = self.answers.pop(0)
        return AWSResponse(request.url, status, {}, _Raw(text.encode()))


def lent(key, expiry):
    return (
        200,
        "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
        f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        f"<Expiration>{expiry}</Expiration></Credentials><AssumedRoleUser>"
        "<Arn>arn:aws:sts::1:assumed-role/r/cosell-sync</Arn><AssumedRoleId>x</AssumedRoleId></AssumedRoleUser>"
        "</AssumeRoleResult></AssumeRoleResponse>",
    )


ROLE = "arn:aws:iam::111111111111:role/HubSpotPartnerCentralServiceRole"


def test_calls_are_signed_as_the_role_and_the_credentials_are_renewed(monkeypatch):
    ends_soon = (datetime.now(UTC) + timedelta(minutes=14)).isoformat()  # the SDK renews from 15 minutes before
    sts = Sts(monkeypatch, lent("AKIDONE", ends_soon), lent("AKIDTWO", "2999-01-01T00:00:00Z"))
    client = make_client(SETTINGS, ROLE, "HubSpotPartnerCentralIntegration")
    assert sts.bodies == []
    aws = AwsScript(client).say(opportunity()).say(opportunity()).say(opportunity())
    for _ in range(3):
        PartnerCentral(client, "Sandbox").get_opportunity("O1")
    signed = [request.headers["Authorization"].decode().split("=")[1].split("/")[0] for request in aws.raw]
    assert signed == ["AKIDONE", "AKIDTWO", "AKIDTWO"]
    assert len(sts.bodies) == 2
    asked = str(sts.bodies[0])
    assert "HubSpotPartnerCentralIntegration" in asked
    assert "cosell-sync" in asked
    assert "eu-central-1" in sts.urls[0]


def test_a_refused_role_is_unauthorized_and_says_so(monkeypatch):
    text = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Jane</Message></Error></ErrorResponse>"
    Sts(monkeypatch, (403, text))
    with pytest.raises(Unauthorized, match="act as the role for Partner Central: AccessDenied") as raised:
        PartnerCentral(make_client(SETTINGS, ROLE), "AWS").get_opportunity("O1")
    assert "Jane" not in str(raised.value)
