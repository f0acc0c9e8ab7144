"""Plans of the shipped field map, sent to the strict simulated account: nothing refused, and in sync afterwards."""

from __future__ import annotations

import pytest

from lambdas.aws.adapters.partner_central import PartnerCentral, make_client
from lambdas.aws.domain.opportunity import to_create_body, to_update_body
from lambdas.shared.domain.documents import apply_to_deal
from sandbox.fakes.clock import FakeClock
from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import answer_client
from sandbox.partner_central.switches import Switches
from tests.unit.domain.domain_support import NOW, deal, link, run

READINGS = {
    "plain": Switches(),
    "odd replies": Switches(encode_entities=True, stub_rows=True, partner_identifier_null_rate=1.0),
    "spreadsheet": Switches(approved_locks="X", last_modified_step_ms=1000),
    "locked where unsure": Switches(unverified_fields_locked=True),
}


class World:
    """One deal, one opportunity, and runs between them."""

    def __init__(self, switches: Switches) -> None:
        self.clock = FakeClock(NOW)
        self.account = PartnerCentralAccount(self.clock, switches=switches)
        client = answer_client(make_client({"region": "us-east-1"}), self.account, FaultRules(), sleep=lambda _: None)
        self.central = PartnerCentral(client, "Sandbox")
        self.deal = deal(
            contacts=[{"id": "2", "properties": {"email": "Ann@BigCorp.example.com", "phone": "+49 30 1234567"}}]
        )
        self.base: dict | None = None
        self.opportunity_id: str | None = None

    def run(self):
        """Read, plan, write, as one execution does."""
        self.clock.advance(seconds=2)
        document = self.central.get_opportunity(self.opportunity_id) if self.opportunity_id else None
        plan = run(self.deal, document, self.base, of=link(opportunity_id=self.opportunity_id))
        assert not plan.problems, plan.problems
        if plan.action == "create":
            self.opportunity_id = self.central.create_opportunity("token", to_create_body(plan.opportunity))["id"]
        elif plan.action == "update":
            body = to_update_body(document, plan.opportunity)
            self.central.update_opportunity(self.opportunity_id, document["LastModifiedDate"], body)
        for each in plan.steps:
            self.clock.advance(seconds=2)
            self.central.associate(self.opportunity_id, "Solutions", each)
        self.deal = apply_to_deal(self.deal, plan.deal)
        self.base = dict(plan.base)
        return plan

    def settled(self) -> None:
        """Nothing is left to write; the id, which ``write_deal`` adds, may be."""
        self.run()
        plan = self.run()
        assert (plan.writes, plan.deal) == (0, {})

    def edit(self, **edits) -> None:
        self.clock.advance(seconds=2)
        self.account.edit_as_aws(self.opportunity_id, catalog="Sandbox", **edits)


@pytest.fixture(params=READINGS)
def world(request, monkeypatch) -> World:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING", raising=False)
    return World(READINGS[request.param])


def test_a_created_opportunity_is_in_sync_with_its_deal(world):
    assert world.run().action == "create"
    world.settled()


def test_changes_of_both_sides_arrive_and_settle(world):
    world.run()
    world.deal["properties"] |= {
        "amount": "99.50",
        "closedate": "2027-08-31T10:00:00Z",
        "hs_next_step": "Call & ask: now",
    }
    world.settled()
    document = world.central.get_opportunity(world.opportunity_id)
    assert document["LifeCycle"]["TargetCloseDate"] == "2027-08-31"
    assert document["LifeCycle"]["NextSteps"] == "Call & ask: now"
    world.edit(stage="Technical Validation", next_steps="Theirs: demo & talk")
    world.settled()
    assert world.deal["properties"]["dealstage"] == "presentationscheduled"
    assert world.deal["properties"]["hs_next_step"] == "Theirs: demo & talk"


def test_a_value_that_a_person_empties_is_gone_at_aws(world):
    world.deal["properties"]["hs_next_step"] = "Call"
    world.run()
    world.deal["properties"]["hs_next_step"] = None
    world.settled()
    assert "NextSteps" not in world.central.get_opportunity(world.opportunity_id)["LifeCycle"]


def test_a_company_that_moves_out_of_the_us_is_taken(world):
    world.run()
    world.deal["company"]["properties"] |= {"country": "Germany", "state": "Bavaria", "zip": "80331"}
    world.settled()
    address = world.central.get_opportunity(world.opportunity_id)["Customer"]["Account"]["Address"]
    assert address == {"CountryCode": "DE", "PostalCode": "80331"}


@pytest.mark.parametrize("status", ["Submitted", "Approved", "Action Required"])
def test_no_change_of_a_deal_is_refused_by_a_lock_and_none_is_lost_when_it_opens(world, status):
    world.run()
    world.settled()
    world.edit(review_status=status)
    world.deal["properties"] |= {
        "dealname": "BigCorp, another name #AWS",
        "description": "Something else entirely, said at length.",
        "dealstage": "presentationscheduled",
        "amount": "7",
        "aws_contract_months": "24",
        "closedate": "2027-09-30T10:00:00Z",
        "hs_next_step": "Another",
        "dealtype": "existingbusiness",
    }
    world.deal["company"]["properties"] |= {
        "name": "BigCorp SE",
        "industry": "RETAIL",
        "website": "other.example.com",
        "zip": "98102",
    }
    assert world.run().blocked
    world.settled()
    world.edit(review_status="Pending Submission")
    world.settled()
    document = world.central.get_opportunity(world.opportunity_id)
    assert document["Project"]["Title"] == "BigCorp, another name"
    assert document["Project"]["ExpectedContractDuration"]["Value"] == "24"
    assert document["Customer"]["Account"]["Industry"] == "Retail"


def test_a_won_deal_is_committed_once_its_solution_is_there_and_stays_when_aws_launches(world):
    world.run()
    world.deal["properties"]["dealstage"] = "closedwon"
    world.settled()
    assert world.central.get_opportunity(world.opportunity_id)["LifeCycle"]["Stage"] == "Committed"
    world.edit(stage="Launched")
    world.settled()
    assert world.deal["properties"]["dealstage"] == "closedwon"


@pytest.mark.parametrize("spend", ["900.00", None])
def test_an_accepted_referral_becomes_a_deal_that_is_in_sync_and_follows(world, spend):
    invitation = world.account.send_invitation(
        catalog="Sandbox",
        title="Referral: data & AI for SmallCorp",
        business_problem="They want to leave their own machines and need help.",
        company="SmallCorp Ltd",
        industry="Retail",
        country="US",
        website="https://www.smallcorp.example.com",
        target_completion_date="2027-05-31",
        monthly_spend=spend,
    )
    world.clock.advance(seconds=2)
    task = world.central.start_acceptance("accept-1", invitation)
    for _ in range(5):
        world.clock.advance(seconds=2)
        task = world.central.acceptance_task(task["task_id"])
        if task["opportunity_id"]:
            break
    world.opportunity_id = task["opportunity_id"]
    document = world.central.get_opportunity(world.opportunity_id)
    half = link(
        link_id="oX", origin="invitation", deal_id=None, opportunity_id=world.opportunity_id, invitation_id=invitation
    )
    made = run(None, document, None, of=half)
    assert made.creates_deal
    assert made.deal["dealname"].endswith(" #AWS")
    world.deal = {
        "id": "500",
        "properties": dict(made.deal),
        "history": {},
        "company": {"id": "1", "properties": dict(made.deal_people.company)},
        "contacts": [{"id": str(at), "properties": dict(each)} for at, each in enumerate(made.deal_people.contacts)],
        "archived": False,
        "updated_at": NOW,
    }
    world.base = dict(made.base)
    world.settled()
    if spend is None:  # AWS takes no update of a record without spend, so nothing may be sent unasked
        return
    world.deal["properties"]["hs_next_step"] = "We called them"
    world.settled()
    assert world.central.get_opportunity(world.opportunity_id)["LifeCycle"]["NextSteps"] == "We called them"
