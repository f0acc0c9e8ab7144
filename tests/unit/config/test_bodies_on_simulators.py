"""What the shipped field maps make of a whole deal is what the strict simulated vendors take."""

from __future__ import annotations

import pytest

from lambdas.google.adapters.cloud_channel import SCOPE, CloudChannel
from lambdas.google.domain.opportunity import to_create_body, to_document, to_patch
from lambdas.google.domain.partner import plan_run as google_plan
from lambdas.microsoft.domain.referral import to_create_body as to_referral
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.situation import Situation
from sandbox.fakes.clock import FakeClock
from sandbox.google.account import GoogleAccount
from sandbox.microsoft.account import PartnerCenterAccount
from tests.unit.config.test_partner_files import NOW, deal, plan, settings
from tests.unit.google.in_process import InProcess

EVERYTHING = {
    "gcp_submit": "true",
    "gcp_legal_language_accepted": "true",
    "gcp_public_tender_attested": "true",
    "gcp_confidential": "false",
    "gcp_public_sector": "true",
    "gcp_contact_requested": "true",
    "hs_next_step": "Call them.",
}


def test_google_takes_a_whole_deal_and_what_may_change_after_acceptance() -> None:
    google = settings()["partners"]["google"]
    account = GoogleAccount(FakeClock(NOW), partner_id=google["partner_hub_id"], crm_partner_id=google["vector_id"])
    channel = CloudChannel(
        InProcess(account, SCOPE),
        google["partner_hub_id"],
        create_partner=google["create_partner"],
        filters=google["filters"],
    )
    made = channel.create_opportunity(to_create_body(plan("google", deal(**EVERYTHING)).opportunity))
    assert made["state"] == "SUBMITTED"
    account.review(made["name"], accept=True)
    accepted = channel.get_opportunity(made["name"])
    body, mask = to_patch(
        {
            "stage": google["stage_map"]["default"]["qualifiedtobuy"],
            "opportunityInfo.description": "More",
            "opportunityInfo.opportunityAmount": {"currencyCode": "EUR", "units": "5", "nanos": 0},
            "qualificationInfo.estimatedCloseDate": {"year": 2027, "month": 1, "day": 31},
            "isvSolutionConnectInfo.nextStep": "Sign",
        }
    )
    assert set(mask) == set(google["accepted_editable"])
    assert channel.patch_opportunity(made["name"], body, mask, accepted["updateTime"])["stage"] == body["stage"]


@pytest.mark.parametrize(
    ("kind", "shared", "assistance"),
    [("private", "false", None), ("partner-led", "true", None), ("co-sell", "true", "ProofOfConceptOrDemo")],
)
def test_microsoft_takes_a_whole_deal_of_every_kind(kind: str, shared: str, assistance: str | None) -> None:
    account = PartnerCenterAccount(FakeClock(NOW))
    document = deal(microsoft_deal_kind=kind, microsoft_share_sellers=shared, microsoft_assistance=assistance)
    made = plan("microsoft", document)
    assert made.problems == ()
    names = settings()["partners"]["microsoft"]["solution_names"]
    referral = account.referrals.create(to_referral(made.opportunity, "500", names=names), NOW)
    assert referral["externalReferenceId"] == "500"
    assert referral["details"]["requirements"]["solutions"][0]["name"] == "Sandbox solution"


def test_acceptance_by_google_moves_the_opportunity_to_the_deal_and_not_the_deal_back() -> None:
    google = settings()["partners"]["google"]
    account = GoogleAccount(FakeClock(NOW), partner_id=google["partner_hub_id"])
    channel = CloudChannel(InProcess(account, SCOPE), google["partner_hub_id"])
    document = deal(dealstage="contractsent", gcp_submit="true", gcp_confidential="false")
    first = plan("google", document)
    made = channel.create_opportunity(to_create_body(first.opportunity))
    account.review(made["name"], accept=True)
    accepted = to_document(channel.get_opportunity(made["name"]))
    link = Link("google", "d500", "deal", deal_id="500", opportunity_id=accepted["id"])
    base = {"fields": dict(first.base), "opportunity_seen_at": NOW}
    now = Situation(link, {"deal": "current"}, document, {"opportunity": "current"}, accepted, base)
    then = google_plan(now, settings(), NOW)
    assert then.opportunity == {"stage": google["stage_map"]["default"]["contractsent"]}
    assert "dealstage" not in then.deal
    assert "gcp_confidential" not in then.deal, "Google leaves a no out of its answers"
