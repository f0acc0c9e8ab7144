"""The adapters and bodies hold against the strict simulator, under both readings of what Google has not confirmed."""

from __future__ import annotations

from functools import partial

import pytest

from lambdas.google.adapters.cloud_channel import SCOPE, CloudChannel
from lambdas.google.adapters.crm_partners import SCOPE as CRM_SCOPE
from lambdas.google.adapters.crm_partners import CrmPartners
from lambdas.google.domain.created import fits, mark_of
from lambdas.google.domain.opportunity import to_create_body, to_document, to_patch
from lambdas.shared.errors import Conflict, NotFound, Rejected, Throttled, Unauthorized
from sandbox.fakes.clock import FakeClock
from sandbox.google.account import INTEGRATOR, GoogleAccount
from sandbox.google.switches import Switches, other_reading
from tests.unit.google.google_support import NOW
from tests.unit.google.in_process import InProcess

VALUES = {
    "state": "DRAFT",
    "opportunityInfo.displayName": 'The "big" one',
    "opportunityInfo.productFamily": ["SANDBOX_CLOUD"],
    "opportunityInfo.opportunityAmount": {"currencyCode": "EUR", "units": "1000", "nanos": 500000000},
    "qualificationInfo.estimatedCloseDate": {"year": 2026, "month": 12, "day": 1},
    "customerInfo.customerDetails.organizationName": 'Contoso \\ "Sons"',
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(params=["harder", "other"])
def account(request: pytest.FixtureRequest, clock: FakeClock) -> GoogleAccount:
    return GoogleAccount(clock, switches=Switches() if request.param == "harder" else other_reading())


def channel(account: GoogleAccount) -> CloudChannel:
    other = account.switches.create_partner == "query"
    session = InProcess(account, SCOPE)
    return CloudChannel(session, "SANDBOX001", create_partner="query" if other else "entity", filters=other)


def test_a_deal_goes_from_draft_to_accepted(account: GoogleAccount) -> None:
    api = channel(account)
    made = to_document(api.create_opportunity(to_create_body(VALUES)))
    assert made["state"] == "DRAFT"
    body, mask = to_patch({"state": "SUBMITTED", "opportunityInfo.displayName": "New name"})
    sent = to_document(api.patch_opportunity(made["id"], body, mask, made["updateTime"]))
    assert sent["state"] == "SUBMITTED"
    body, mask = to_patch({"opportunityInfo.description": "x"})
    with pytest.raises(Rejected):
        api.patch_opportunity(made["id"], body, mask, sent["updateTime"])
    account.review(made["name"], accept=True)
    open_again = to_document(api.get_opportunity(made["id"]))
    done = to_document(api.patch_opportunity(made["id"], body, mask, open_again["updateTime"]))
    info = done["opportunityInfo"]
    assert (info["description"], info["displayName"]) == ("x", "New name")
    assert info["opportunityAmount"] == VALUES["opportunityInfo.opportunityAmount"]


def test_an_edit_of_googles_in_between_is_not_overwritten(account: GoogleAccount, clock: FakeClock) -> None:
    api = channel(account)
    made = to_document(api.create_opportunity(to_create_body(VALUES)))
    clock.advance(seconds=1)
    account.edit_as_google(made["name"], {"opportunityInfo.description": "theirs"})
    with pytest.raises(Conflict):
        api.patch_opportunity(made["id"], *to_patch({"opportunityInfo.description": "x"}), made["updateTime"])
    assert to_document(api.get_opportunity(made["id"]))["opportunityInfo"]["description"] == "theirs"


def test_every_page_is_read_from_the_watermark_on(account: GoogleAccount, clock: FakeClock) -> None:
    account.change(settings={"channel_per_minute": None})
    api = channel(account)
    early = to_document(api.create_opportunity(to_create_body(VALUES)))
    clock.advance(seconds=1)
    late = [to_document(api.create_opportunity(to_create_body(VALUES)))["id"] for _ in range(101)]
    items, token = [], None
    while True:
        page = api.query(to_document(api.get_opportunity(late[0]))["updateTime"], token)
        items += page["items"]
        if (token := page["next"]) is None:
            break
    assert sorted(each["id"] for each in items) == sorted(late)
    assert early["id"] not in {each["id"] for each in items}
    assert {each["creator"] for each in items} == {INTEGRATOR}


def test_the_orphan_of_a_lost_create_is_found_by_its_names(account: GoogleAccount) -> None:
    api = channel(account)
    made = to_document(api.create_opportunity(to_create_body(VALUES)))
    ours = partial(fits, mark_of(VALUES))
    assert api.find_created(ours, INTEGRATOR, (NOW - 1000, NOW + 1000)) == [made["id"]]
    assert api.find_created(ours, "else@contoso.com", (NOW - 1000, NOW + 1000)) == []


def test_refusals_are_told_apart(account: GoogleAccount) -> None:
    api = channel(account)
    with pytest.raises(NotFound):
        api.get_opportunity("opportunities/none")
    with pytest.raises(Unauthorized):
        CloudChannel(InProcess(account, SCOPE), "SANDBOX002").query()
    account.change(settings={"channel_per_minute": 1})
    with pytest.raises(Throttled):
        [api.query() for _ in range(3)]


def test_a_lead_is_made_and_read(account: GoogleAccount) -> None:
    api = CrmPartners(InProcess(account, CRM_SCOPE), "0014000000SANDBOX1")
    body = {
        "engagementModel": "SANDBOX_COSELL",
        "dealTransactionType": "SANDBOX_NEW",
        "customer": {"name": "Contoso"},
        "partnerAnnualContractValue": 1000,
        "leadCurrencyCode": "EUR",
        "estimatedCloseDate": {"year": 2026, "month": 12, "day": 1},
        "dealTerm": "12",
        "opportunitySummary": "x",
        "supportLevel": "SANDBOX_FULL",
        "productInterests": ["SANDBOX_CLOUD"],
        "submitterEmail": "a@contoso.com",
    }
    made = api.create_lead(body)
    assert api.get_lead(made["name"])["leadApprovalStatus"] == "SANDBOX_PENDING"
