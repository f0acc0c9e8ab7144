"""Opportunities without a deal: whose they are, and the deal that is made of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.domain.domain_support import NOW, link, opportunity, run, settings

INBOUND = {
    "Project.Title": "Referral for BigCorp",
    "LifeCycle.Stage": "Prospect",
    "LifeCycle.TargetCloseDate": "2027-05-31",
    "LifeCycle.NextSteps": "Call them",
    "Customer.Account.CompanyName": "BigCorp",
    "Customer.Account.WebsiteUrl": "https://www.bigcorp.example.com/about",
    "Customer.Account.Address.CountryCode": "DE",
    "Customer.Contacts": [{"Email": "Ann@bigcorp.example.com", "FirstName": "Ann"}, {}],
}


def half(**attributes: object) -> object:
    return link(link_id="oO1", origin="opportunity", deal_id=None, opportunity_id="O1", **attributes)


def test_an_invited_opportunity_becomes_a_tagged_deal_with_company_and_contacts() -> None:
    of = link(link_id="oO1", origin="invitation", deal_id=None, opportunity_id="O1", invitation_id="engi-1")
    plan = run(None, opportunity(INBOUND), of=of)
    assert (plan.action, plan.outcome, plan.creates_deal, plan.writes) == ("none", "synced", True, 0)
    assert plan.deal["dealname"] == "Referral for BigCorp #AWS"
    assert (plan.deal["pipeline"], plan.deal["dealstage"]) == ("default", "appointmentscheduled")
    assert (plan.deal["aws_opportunity_id"], plan.deal["aws_invitation_id"]) == ("O1", "engi-1")
    assert plan.deal["hs_next_step"] == "Call them"
    people = plan.deal_people
    assert people is not None
    assert people.company["domain"] == "bigcorp.example.com"
    assert people.company["country"] == "Germany"
    assert people.contacts == ({"email": "ann@bigcorp.example.com", "firstname": "Ann"},)
    assert people.company_key
    assert "bigcorp" not in people.company_key


def test_the_deal_that_was_made_of_an_opportunity_is_in_sync_with_it() -> None:
    of = half(invitation_id="engi-1")
    made = run(None, opportunity(INBOUND), of=of)
    made_deal = {
        "id": "500",
        "properties": dict(made.deal),
        "history": {},
        "company": {"id": "1", "properties": dict(made.deal_people.company)},
        "contacts": [{"id": "2", "properties": dict(each)} for each in made.deal_people.contacts],
        "archived": False,
        "updated_at": NOW,
    }
    tied_link = link(opportunity_id="O1", invitation_id="engi-1")
    plan = run(made_deal, opportunity(INBOUND), dict(made.base), of=tied_link)
    assert plan.outcome == "synced"
    assert not plan.deal_changes
    assert "Project.Title" not in plan.opportunity
    assert "LifeCycle.Stage" not in plan.opportunity


def test_the_longest_title_of_the_partner_becomes_a_name_that_does_not_shorten_the_title() -> None:
    longest = opportunity({**INBOUND, "Project.Title": "T" * 255})
    made = run(None, longest, of=half(invitation_id="engi-1"))
    made_deal = {"id": "500", "properties": dict(made.deal), "history": {}, "archived": False, "updated_at": NOW}
    plan = run(made_deal, longest, dict(made.base), of=link(opportunity_id="O1", invitation_id="engi-1"))
    assert "title" not in {each.field for each in (*plan.opportunity_changes, *plan.deal_changes)}


@pytest.mark.parametrize(
    ("members", "policy", "outcome"),
    [
        ({}, "invited", "ignored"),
        ({}, "all", "synced"),
        ({"Origin": "AWS Referral"}, "invited", "synced"),
        ({"PartnerOpportunityIdentifier": "500"}, "invited", "adopt"),
        ({"PartnerOpportunityIdentifier": "500", "Origin": "AWS Referral"}, "invited", "synced"),
        ({"PartnerOpportunityIdentifier": "CRM-7"}, "invited", "ignored"),
    ],
)
def test_which_opportunities_become_deals(members: dict, policy: str, outcome: str) -> None:
    inbound = {"opportunities": policy, "pipeline": "default", "stage": "appointmentscheduled"}
    plan = run(None, opportunity(INBOUND, **members), of=half(), document=settings(inbound=inbound))
    assert plan.outcome == outcome
    assert plan.creates_deal == (outcome == "synced")


OPEN = {"token": "t", "at": NOW, "deal_id": "500"}
MINUTE = 60_000


def created(after_ms: int) -> dict:
    """An opportunity that came to be so long after the open create began."""
    moment = datetime.fromtimestamp((NOW + after_ms) / 1000, UTC)
    return opportunity(INBOUND, CreatedDate=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def test_the_event_of_our_own_create_waits_while_the_create_is_open() -> None:
    plan = run(None, opportunity(INBOUND), of=half(), open_creates=[OPEN])
    assert (plan.outcome, plan.reason) == (
        "deferred",
        "it may be the record of a create without an answer, of the deal 500",
    )
    named = opportunity(INBOUND, PartnerOpportunityIdentifier="500")
    assert run(None, named, of=half(), open_creates=[OPEN]).adopt == {"deal_id": "500"}


@pytest.mark.parametrize(
    ("after_ms", "ends_at", "waits"),
    [
        (-3_600 * 1000, None, False),
        (-5 * MINUTE, None, True),
        (0, NOW + 10 * MINUTE, True),
        (9 * MINUTE, NOW + 10 * MINUTE, True),
        (11 * MINUTE, NOW + 10 * MINUTE, False),
        (3_600 * 1000, None, True),  # sent again with its token, it may be made an hour later
    ],
)
def test_only_what_was_created_when_an_open_create_could_have_made_it_waits(
    after_ms: int, ends_at: int | None, waits: bool
) -> None:
    attempt = OPEN if ends_at is None else {**OPEN, "ends_at": ends_at}
    inbound = {"opportunities": "all", "pipeline": "default", "stage": "appointmentscheduled"}
    plan = run(None, created(after_ms), of=half(), document=settings(inbound=inbound), open_creates=[attempt])
    assert (plan.outcome, plan.creates_deal) == (("deferred", False) if waits else ("synced", True))


def test_what_waits_for_one_of_several_creates_names_its_deal_alone() -> None:
    earlier = {**OPEN, "at": NOW - 3_600_000, "ends_at": NOW - 3_000_000, "deal_id": "400"}
    plan = run(None, created(0), of=half(), open_creates=[earlier, OPEN])
    assert plan.reason.endswith("of the deal 500")


def test_a_deal_that_carries_the_opportunitys_id_is_adopted_and_none_is_made() -> None:
    plan = run(
        None, opportunity(INBOUND), of=half(invitation_id="engi-1"), deal_answer={"deal": "none", "carried_by": "77"}
    )
    assert (plan.outcome, plan.adopt, plan.creates_deal) == ("adopt", {"deal_id": "77"}, False)


def test_a_title_of_the_partner_cannot_smuggle_another_partners_tag() -> None:
    of = half(invitation_id="engi-1")
    plan = run(None, opportunity({**INBOUND, "Project.Title": "Big #Microsoft deal"}), of=of)
    assert plan.deal["dealname"] == "Big deal #AWS"


def test_an_invited_opportunity_is_not_kept_waiting_by_a_create_of_ours() -> None:
    assert run(None, opportunity(INBOUND), of=half(invitation_id="engi-1"), open_creates=[OPEN]).creates_deal


ROW = "Project.ExpectedCustomerSpend[TargetCompany=Self]"


@pytest.mark.parametrize("strategy", ["last-write-wins", "hubspot-wins", "partner-wins", "manual"])
def test_the_deal_that_is_made_has_the_opportunitys_currency_whatever_the_account_has(strategy: str) -> None:
    spend = {f"{ROW}.Amount": "500.00", f"{ROW}.CurrencyCode": "EUR", f"{ROW}.Frequency": "None"}
    document = settings(conflict_strategy=strategy)
    plan = run(None, opportunity({**INBOUND, **spend}), of=half(invitation_id="engi-1"), document=document)
    assert (plan.deal["amount"], plan.deal["deal_currency_code"]) == ("500", "EUR")


def test_what_the_opportunity_lacks_is_not_taken_for_agreed() -> None:
    plan = run(None, opportunity({**INBOUND, f"{ROW}.Amount": "500.00"}), of=half(invitation_id="engi-1"))
    assert plan.writes == 0
    assert "spend_currency" not in plan.base
