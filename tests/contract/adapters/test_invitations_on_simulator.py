"""Answers to invitations, and leads, against the strict simulated account, with the SDK in between."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.adapters.invitations import InvitationAnswers
from lambdas.aws.adapters.leads import Leads
from lambdas.aws.adapters.partner_central import PartnerCentral, make_client
from lambdas.aws.domain.invitation_document import REJECT_REASONS, as_opportunity, ends_at, mark_of_invitation
from lambdas.aws.domain.lead import words_of_lead
from lambdas.shared.errors import Conflict, NotFound, Rejected
from sandbox.fakes.clock import FakeClock
from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.in_process import answer_client
from sandbox.partner_central.switches import Switches, TaskPace

ORDER: dict[str, Any] = {
    "title": "Shared: harbour & port",
    "business_problem": "The customer wants to move its ERP to the cloud.",
    "company": "BigCorp",
    "industry": "Gaming",
    "country": "DE",
    "website": "bigcorp.example",
    "target_completion_date": "2027-03-31",
    "contacts": [{"FirstName": "Ann", "LastName": "Lead", "Email": "Ann@BigCorp.example", "BusinessTitle": "CIO"}],
    "catalog": "Sandbox",
}


@pytest.fixture(scope="module", autouse=True)
def credentials():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.delenv("AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING", raising=False)
        yield


class Bench:
    def __init__(self, switches: Switches) -> None:
        self.clock = FakeClock(1_790_000_000_123)
        self.account = PartnerCentralAccount(
            self.clock, catalogs=("Sandbox",), switches=switches, accept_pace=TaskPace(polls=1)
        )
        client = make_client({"region": "us-east-1"}, None, None)
        answer_client(client, self.account, FaultRules(), lambda _seconds: None)
        self.central, self.answers = PartnerCentral(client, "Sandbox"), InvitationAnswers(client, "Sandbox")
        self.leads = Leads(client, "Sandbox")

    def invited(self, **more: Any) -> str:
        return self.account.send_invitation(**{**ORDER, **more})

    def joined(self) -> str:
        """The engagement of a lead that was accepted."""
        invitation = self.invited(lead=True)
        self.answers.join(invitation)
        self.clock.advance(seconds=2)
        return self.account.catalogs["Sandbox"].invitations[invitation].engagement_id


@pytest.fixture(params=["plain", "other readings"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(Switches() if request.param == "plain" else Switches.other_readings())


@pytest.mark.parametrize("reason", REJECT_REASONS)
def test_every_reason_is_taken_and_shown(bench: Bench, reason: str) -> None:
    invitation = bench.invited()
    bench.answers.reject(invitation, reason)
    found = bench.central.get_invitation(invitation)
    assert (found["Status"], found["RejectionReason"]) == ("REJECTED", reason)


def test_what_is_answered_already_is_a_conflict_and_what_expired_a_refusal(bench: Bench) -> None:
    invitation = bench.invited()
    bench.answers.reject(invitation, "Other")
    bench.clock.advance(seconds=2)
    with pytest.raises(Conflict):
        bench.answers.reject(invitation, "Other")
    late = bench.invited(expires_in_days=1)
    bench.clock.advance(seconds=90_000)
    with pytest.raises(Rejected):
        bench.answers.reject(late, "Other")
    with pytest.raises(NotFound):
        bench.answers.join("engi-0000000000000")


def test_an_acceptance_of_anybody_names_its_opportunity(bench: Bench) -> None:
    invitation = bench.invited()
    assert bench.answers.opportunity_of(invitation) is None
    task = bench.central.start_acceptance("token", invitation)
    bench.central.acceptance_task(task["task_id"])
    found = bench.answers.opportunity_of(invitation)
    assert found is not None
    bench.clock.advance(seconds=5)
    opportunity = bench.central.get_opportunity(found)
    assert opportunity["Project"]["Title"] == "Shared: harbour & port"


def test_an_invitation_reads_alike_under_every_reading(bench: Bench) -> None:
    invitation = bench.central.get_invitation(bench.invited())
    document = as_opportunity(invitation)
    assert document["Project"]["Title"] == "Shared: harbour & port"
    assert document["Customer"]["Account"]["CompanyName"] == "BigCorp"
    assert ends_at(invitation) == 1_790_000_000_123 + 15 * 86_400_000
    assert mark_of_invitation(invitation)


def test_a_lead_shows_its_contact_to_members_only_and_is_qualified_with_its_customer_kept(bench: Bench) -> None:
    hidden = bench.account.catalogs["Sandbox"].invitations[bench.invited(lead=True)].engagement_id
    with pytest.raises(NotFound):
        bench.leads.read(hidden)
    engagement = bench.joined()
    read = bench.leads.read(engagement)
    words = words_of_lead(read["lead"])
    assert [one["email"] for one in words.contacts] == ["ann@bigcorp.example"]
    assert words.problem == ORDER["business_problem"]
    bench.leads.qualify(engagement, read, "Under evaluation")
    after = bench.leads.read(engagement)
    assert after["lead"]["QualificationStatus"] == "Under evaluation"
    assert after["lead"]["Customer"] == read["lead"]["Customer"]
    assert after["modified_at"] != read["modified_at"]
    with pytest.raises(Conflict):
        bench.leads.qualify(engagement, read, "Qualified")


def test_a_qualified_lead_becomes_an_opportunity_once_for_its_token(bench: Bench) -> None:
    engagement = bench.joined()
    bench.leads.qualify(engagement, bench.leads.read(engagement), "Qualified")
    task = bench.leads.start_opportunity("token", engagement, "1")
    assert task["status"] == "IN_PROGRESS"
    done = bench.leads.opportunity_task(task["task_id"])
    assert (done["status"], done["reason"]) == ("COMPLETE", None)
    again = bench.leads.start_opportunity("token", engagement, "1")
    assert again["opportunity_id"] == done["opportunity_id"]
    bench.clock.advance(seconds=5)
    assert bench.central.get_opportunity(str(done["opportunity_id"]))["LifeCycle"]["Stage"] == "Prospect"
    assert list(bench.account.catalogs["Sandbox"].opportunities) == [done["opportunity_id"]]


def test_a_disqualified_lead_becomes_none_and_says_why(bench: Bench) -> None:
    engagement = bench.joined()
    bench.leads.qualify(engagement, bench.leads.read(engagement), "Disqualified")
    task = bench.leads.start_opportunity("token", engagement, "1")
    done = bench.leads.opportunity_task(task["task_id"])
    assert (done["status"], done["reason"], done["opportunity_id"]) == ("FAILED", "DisqualifiedLeadNotPermitted", None)
    with pytest.raises(NotFound):
        bench.leads.start_opportunity("other", engagement, "9")
    with pytest.raises(NotFound):
        bench.leads.opportunity_task("task-0000000000000")
