"""The Partner Central adapter against the strict simulated account, with the SDK in between."""

from __future__ import annotations

import pytest

from lambdas.aws.adapters.partner_central import LOCK_CODES, PartnerCentral, make_client, refusal_codes
from lambdas.aws.domain.opportunity import to_create_body, to_update_body
from lambdas.shared.errors import Conflict, NotFound, Rejected, Retryable, Throttled, Unauthorized, Unexpected
from sandbox.fakes.clock import FakeClock
from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import answer_client
from sandbox.partner_central.switches import Switches, TaskPace

SPEND = "Project.ExpectedCustomerSpend[TargetCompany=AWS]"
PROBLEM = "They run everything: mail & files, on one old machine."
VALUES = {
    "PartnerOpportunityIdentifier": "500",
    "Customer.Account.CompanyName": "BigCorp & Sons: Ltd",
    "Customer.Account.Industry": "Software and Internet",
    "Customer.Account.WebsiteUrl": "bigcorp.example",
    "Customer.Account.Address.CountryCode": "DE",
    "Customer.Contacts": [{"Email": "pat@bigcorp.example", "FirstName": "Pat", "LastName": "Example"}],
    "Project.Title": "BigCorp Cloud Migration",
    "Project.CustomerBusinessProblem": PROBLEM,
    f"{SPEND}.Amount": "100.00",
    f"{SPEND}.CurrencyCode": "USD",
    f"{SPEND}.Frequency": "Monthly",
    "LifeCycle.Stage": "Prospect",
    "LifeCycle.TargetCloseDate": "2027-03-31",
}
READINGS = {
    "plain": Switches(),
    "odd replies": Switches(encode_entities=True, stub_rows=True),
    "coarse times": Switches(last_modified_step_ms=1000, association_moves_last_modified=False),
}


@pytest.fixture(scope="module", autouse=True)
def credentials():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.delenv("AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING", raising=False)
        yield


@pytest.fixture(params=READINGS)
def switches(request):
    return READINGS[request.param]


@pytest.fixture
def clock():
    return FakeClock(1_790_000_000_123)


@pytest.fixture
def account(clock, switches):
    return PartnerCentralAccount(clock, switches=switches, accept_pace=TaskPace(polls=2))


@pytest.fixture
def faults():
    return FaultRules()


class Current:
    """Passes everything on to the object of the running test: one SDK client serves them all."""

    def __init__(self):
        self.target = None

    def __getattr__(self, name):
        return getattr(self.target, name)


@pytest.fixture(scope="module")
def wired(credentials):
    account, faults = Current(), Current()
    client = answer_client(make_client({"region": "us-east-1"}), account, faults, sleep=lambda seconds: None)
    return client, account, faults


@pytest.fixture
def sdk_client(wired, account, faults):
    client, current_account, current_faults = wired
    current_account.target, current_faults.target = account, faults
    return client


@pytest.fixture
def central(sdk_client):
    return PartnerCentral(sdk_client, "Sandbox")


def create(central, clock, attempt="token-1", **changes):
    clock.advance(seconds=2)
    return central.create_opportunity(attempt, to_create_body({**VALUES, **changes}))


def update(central, clock, opportunity_id, changes):
    clock.advance(seconds=2)
    document = central.get_opportunity(opportunity_id)
    body = to_update_body(document, changes)
    return central.update_opportunity(opportunity_id, document["LastModifiedDate"], body)


def test_what_is_created_is_read_as_it_was_written(central, clock):
    made = create(central, clock)
    document = central.get_opportunity(made["id"])
    assert document["Id"] == made["id"]
    assert document["LastModifiedDate"] == made["version"]
    assert document["PartnerOpportunityIdentifier"] == "500"
    assert document["Customer"]["Account"]["CompanyName"] == "BigCorp & Sons: Ltd"
    assert document["Project"]["CustomerBusinessProblem"] == PROBLEM
    assert document["Customer"]["Contacts"] == VALUES["Customer.Contacts"]
    assert [row["Amount"] for row in document["Project"]["ExpectedCustomerSpend"]] == ["100.00"]


def test_an_update_changes_what_it_should_and_keeps_the_rest(central, clock):
    made = create(central, clock)
    before = central.get_opportunity(made["id"])
    changed = update(central, clock, made["id"], {"LifeCycle.TargetCloseDate": "2027-06-30", f"{SPEND}.Amount": "7.00"})
    after = central.get_opportunity(made["id"])
    assert after["LastModifiedDate"] == changed["version"] > made["version"]
    assert after["LifeCycle"].pop("TargetCloseDate") == "2027-06-30"
    assert after["Project"].pop("ExpectedCustomerSpend")[0]["Amount"] == "7.00"
    del before["LifeCycle"]["TargetCloseDate"], before["Project"]["ExpectedCustomerSpend"]
    moved = {"LastModifiedDate": ""}
    assert after | moved == before | moved


def test_an_update_on_an_old_version_is_a_conflict_and_changes_nothing(central, clock, account):
    made = create(central, clock)
    document = central.get_opportunity(made["id"])
    clock.advance(seconds=2)
    account.edit_as_aws(made["id"], next_steps="call them", catalog="Sandbox")
    body = to_update_body(document, {"LifeCycle.NextSteps": "ours"})
    with pytest.raises(Conflict):
        central.update_opportunity(made["id"], document["LastModifiedDate"], body)
    assert central.get_opportunity(made["id"])["LifeCycle"]["NextSteps"] == "call them"
    update(central, clock, made["id"], {"LifeCycle.NextSteps": "ours"})
    assert central.get_opportunity(made["id"])["LifeCycle"]["NextSteps"] == "ours"


def test_one_token_makes_one_opportunity(central, clock):
    made = create(central, clock)
    assert create(central, clock)["id"] == made["id"]
    with pytest.raises(Conflict):
        create(central, clock, **{"Project.Title": "Another"})
    assert create(central, clock, attempt="token-2")["id"] != made["id"]


def test_a_create_whose_answer_was_lost_is_found_by_its_deal(central, clock, faults):
    since = clock.now_ms()
    create(central, clock, attempt="token-0", PartnerOpportunityIdentifier="5001")
    faults.add("CreateOpportunity", status=503, answer_lost=True)
    with pytest.raises(Retryable):
        create(central, clock)
    found = central.find_by_partner_identifier("500", since)
    assert create(central, clock)["id"] == found
    assert central.find_by_partner_identifier("50", since) is None
    assert central.find_by_partner_identifier("500", clock.now_ms() + 1000) is None


def test_a_solution_is_associated_once_and_an_unknown_one_refused(central, clock):
    made = create(central, clock)
    for _ in range(2):
        clock.advance(seconds=2)
        central.associate(made["id"], "Solutions", "S-1234567")
    assert central.get_opportunity(made["id"])["RelatedEntityIdentifiers"] == {"Solutions": ["S-1234567"]}
    clock.advance(seconds=2)
    with pytest.raises((Rejected, NotFound)):
        central.associate(made["id"], "Solutions", "S-7654321")


def test_a_refusal_names_fields_and_no_value(central, clock):
    bad = {"Project.CustomerBusinessProblem": None, "LifeCycle.TargetCloseDate": "2020-01-01"}
    with pytest.raises(Rejected) as raised:
        create(central, clock, **bad)
    assert {problem.field for problem in raised.value.problems} == {
        "project.customerbusinessproblem",
        "lifecycle.targetclosedate",
    }
    assert "2020" not in repr(raised.value.problems) + str(raised.value)


def test_a_review_lock_is_told_apart_from_a_wrong_value(central, clock, account):
    made = create(central, clock)
    account.edit_as_aws(made["id"], review_status="Submitted", catalog="Sandbox")
    with pytest.raises(Rejected) as raised:
        update(central, clock, made["id"], {"Project.Title": "Renamed"})
    assert refusal_codes(raised.value) <= LOCK_CODES
    account.edit_as_aws(made["id"], review_status="Approved", catalog="Sandbox")
    update(central, clock, made["id"], {"LifeCycle.NextSteps": "go on"})
    with pytest.raises(Rejected) as locked:
        update(central, clock, made["id"], {"Project.Title": "Renamed"})
    assert refusal_codes(locked.value) <= LOCK_CODES
    assert {problem.field for problem in locked.value.problems} == {"project.title"}


def test_changes_are_listed_from_the_watermark_on_page_by_page(central, clock):
    made = [create(central, clock, attempt=f"token-{n}") for n in range(3)]
    update(central, clock, made[0]["id"], {"LifeCycle.NextSteps": "first again"})
    since = made[1]["version"]
    first = central.list_opportunities(since, max_results=2)
    second = central.list_opportunities(since, first["next"], max_results=2)
    listed = first["items"] + second["items"]
    assert [one["id"] for one in listed] == [made[1]["id"], made[2]["id"], made[0]["id"]]
    assert listed[0]["version"] == since
    assert second["next"] is None


def test_an_invitation_is_listed_read_accepted_and_becomes_an_opportunity(central, clock, account):
    invitation_id = account.send_invitation(
        catalog="Sandbox",
        title="Shared & shiny",
        business_problem=PROBLEM,
        company="BigCorp",
        industry="Gaming",
        country="DE",
        website="bigcorp.example",
        target_completion_date="2027-03-31",
    )
    (listed,) = central.list_pending_invitations()["items"]
    assert (listed["id"], listed["payload_type"]) == (invitation_id, "OpportunityInvitation")
    assert listed["expires_at"] == clock.now_ms() + 15 * 86_400_000
    invitation = central.get_invitation(invitation_id)
    assert invitation["Payload"]["OpportunityInvitation"]["Project"]["Title"] == "Shared & shiny"
    clock.advance(seconds=2)
    begun = central.start_acceptance("token-9", invitation_id)
    clock.advance(seconds=2)
    assert central.start_acceptance("token-9", invitation_id)["task_id"] == begun["task_id"]
    task = begun
    for _ in range(3):
        clock.advance(seconds=2)
        task = central.acceptance_task(begun["task_id"])
    assert task["status"] == "COMPLETE"
    assert central.get_opportunity(task["opportunity_id"])["Project"]["Title"] == "Shared & shiny"
    assert central.list_pending_invitations()["items"] == []


def test_a_failed_acceptance_tells_its_reason(central, clock, account):
    invitation_id = account.send_invitation(
        catalog="Sandbox",
        title="Shared",
        business_problem=PROBLEM,
        company="BigCorp",
        industry="Gaming",
        country="DE",
        website="bigcorp.example",
        target_completion_date="2027-03-31",
    )
    account.fail_tasks("accept", "InternalError", catalog="Sandbox")
    task = central.start_acceptance("token-9", invitation_id)
    for _ in range(3):
        clock.advance(seconds=2)
        task = central.acceptance_task(task["task_id"])
    assert (task["status"], task["reason"], task["opportunity_id"]) == ("FAILED", "InternalError", None)


def test_writes_beyond_the_accounts_rate_are_throttled_not_lost(central, clock):
    made = create(central, clock)
    document = central.get_opportunity(made["id"])
    clock.advance(seconds=2)
    body = to_update_body(document, {"LifeCycle.NextSteps": "one"})
    version = central.update_opportunity(made["id"], document["LastModifiedDate"], body)["version"]
    with pytest.raises(Throttled):
        central.update_opportunity(made["id"], version, body)
    clock.advance(seconds=2)
    central.update_opportunity(made["id"], version, body)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 503}, Retryable),
        ({"status": 400, "code": "ThrottlingException"}, Throttled),
        ({"status": 400, "code": "AccessDeniedException"}, Unauthorized),
        ({"malformed": True}, Unexpected),
    ],
)
def test_ordered_faults_arrive_as_our_classes_after_one_try(central, clock, account, faults, fault, expected):
    made = create(central, clock)
    faults.add("GetOpportunity", **fault)
    with pytest.raises(expected):
        central.get_opportunity(made["id"])
    assert central.get_opportunity(made["id"])["Id"] == made["id"]


def test_the_other_catalog_and_an_unknown_id_are_not_found(central, sdk_client, clock):
    made = create(central, clock)
    with pytest.raises(NotFound):
        PartnerCentral(sdk_client, "AWS").get_opportunity(made["id"])
    with pytest.raises(NotFound):
        central.get_opportunity("O999")
