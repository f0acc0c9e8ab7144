"""Every line of the shipped field maps: what a deal with everything in it becomes, and what is shown of a record."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import config
from lambdas.google.domain.lead import to_lead_body
from lambdas.google.domain.lead_plan import plan_lead
from lambdas.google.domain.opportunity import to_create_body as google_body
from lambdas.microsoft.domain.referral import to_create_body as microsoft_body
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Context
from tests.unit.config.test_partner_files import NOW, PLANS, deal, plan, settings

YES = ("gcp_submit", "gcp_legal_language_accepted", "gcp_public_tender_attested", "gcp_public_sector")


def full_deal() -> dict[str, Any]:
    """A deal in which nothing that any map reads is empty."""
    made = deal(
        hs_next_step="Call them.",
        microsoft_deal_kind="co-sell",
        microsoft_share_sellers="true",
        microsoft_assistance="ProofOfConceptOrDemo",
        microsoft_may_contact="false",
        gcp_confidential="false",
        gcp_contact_requested="true",
        gcp_annual_contract_value="12000",
        gcp_deal_term="12 months",
        gcp_engagement_model="Co-sell",
        gcp_transaction_type="New",
        gcp_support_level="Full",
        **dict.fromkeys(YES, "true"),
    )
    made["company"]["properties"] |= {"state": "Berlin", "zip": "10115", "address": "1 Example Street"}
    made["contacts"][0]["properties"] |= {"firstname": "Ann", "lastname": "Buyer"}
    return made


def test_every_line_of_microsofts_map_is_sent_with_what_the_deal_says() -> None:
    made = plan("microsoft", full_deal())
    assert made.problems == ()
    assert microsoft_body(made.opportunity, "500", names={"SOL-00000-AAA": "Sandbox solution"}, send_status=True) == {
        "name": "Contoso Migration",
        "externalReferenceId": "500",
        "type": "Shared",
        "qualification": "SalesQualified",
        "target": [],
        "status": "Active",
        "substatus": "Accepted",
        "salesStage": "Qualify",
        "inviteContext": {"assistanceRequestCode": "ProofOfConceptOrDemo"},
        "consent": {
            "consentToShareReferralWithMicrosoftSellers": True,
            "consentToToShareInfoWithOthers": True,
            "consentToContact": False,
        },
        "customerProfile": {
            "name": "Contoso",
            "size": "51to250employees",
            "address": {
                "addressLine1": "1 Example Street",
                "city": "Berlin",
                "state": "Berlin",
                "postalCode": "10115",
                "country": "DE",
            },
            "team": [
                {
                    "email": "ann@contoso.example",
                    "firstName": "Ann",
                    "lastName": "Buyer",
                    "phoneNumber": "+49 30 1234567",
                }
            ],
        },
        "details": {
            "notes": "They move their data center.",
            "dealValue": 50000,
            "currency": "EUR",
            "closingDateTime": "2027-06-30T00:00:00Z",
            "requirements": {
                "industries": [{"id": "Financial Services"}],
                "solutions": [{"type": "Name", "id": "SOL-00000-AAA", "name": "Sandbox solution"}],
            },
        },
        "team": [{"email": "pat@partner.example", "firstName": "Pat", "lastName": "Seller"}],
    }


def test_every_line_of_googles_map_is_sent_with_what_the_deal_says() -> None:
    made = plan("google", full_deal())
    assert made.problems == ()
    assert google_body(made.opportunity) == {
        "state": "SUBMITTED",
        "opportunityInfo": {
            "displayName": "Contoso Migration",
            "description": "They move their data center.",
            "opportunityAmount": {"currencyCode": "EUR", "units": "50000", "nanos": 0},
            "productFamily": ["SANDBOX_CLOUD", "SANDBOX_WORKSPACE"],
            "confidential": False,
        },
        "qualificationInfo": {
            "estimatedCloseDate": {"year": 2027, "month": 6, "day": 30},
            "publicSector": True,
            "legalLanguageAccepted": True,
            "publicTenderAttestation": True,
        },
        "isvSolutionConnectInfo": {"nextStep": "Call them.", "customerContactRequested": True},
        "customerInfo": {
            "customerDetails": {
                "organizationName": "Contoso",
                "domain": "contoso.example",
                "address": {
                    "regionCode": "DE",
                    "administrativeArea": "Berlin",
                    "postalCode": "10115",
                    "locality": "Berlin",
                },
            },
            "contact": {
                "email": "ann@contoso.example",
                "givenName": "Ann",
                "familyName": "Buyer",
                "phone": {"e164Number": "+49301234567"},
            },
        },
    }


def test_every_line_of_the_leads_map_is_sent_with_what_the_deal_says(tmp_path: Path) -> None:
    for path in Path(config.__file__).parent.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    for name, old, new in (
        ("google.yaml", "  enabled: false", "  enabled: true"),
        ("stages.yaml", "hub_id: EXAMPLE001\n", "hub_id: EXAMPLE001\n      vector_id: 0014EXAMPLEEXAMPLE\n"),
    ):
        (tmp_path / name).write_text((tmp_path / name).read_text().replace(old, new, 1))
    rendered = config.render_settings(config.load(tmp_path), "sandbox")
    document = full_deal()
    document["properties"]["gcp_product_family"] = "Google Workspace"
    lead = plan_lead(document, (), Context(NOW, rendered["partners"]["google"], rendered["hubspot"]))
    assert lead.problems == ()
    assert to_lead_body({path.removeprefix("lead:"): value for path, value in lead.values.items()}) == {
        "title": "Contoso Migration",
        "opportunitySummary": "They move their data center.",
        "customer": {"companyName": "Contoso"},
        "estimatedCloseDate": {"year": 2027, "month": 6, "day": 30},
        "partnerAnnualContractValue": 12000,
        "leadCurrencyCode": "EUR",
        "dealTerm": "12 months",
        "submitterEmail": "pat@partner.example",
        "engagementModel": "SANDBOX_COSELL",
        "dealTransactionType": "SANDBOX_NEW",
        "supportLevel": "SANDBOX_FULL",
        "productInterests": ["SANDBOX_WORKSPACE"],
    }


def shown_of(partner: str, document: dict[str, Any]) -> dict[str, str]:
    """What the deal shows of a record that says ``document``."""
    link = Link(partner, "d500", "deal", deal_id="500", opportunity_id=document["id"])
    now = Situation(link, {"deal": "current"}, full_deal(), {"opportunity": "current"}, document, None)
    return dict(PLANS[partner](now, settings(), NOW).deal)


def test_what_only_a_partner_says_is_shown_on_the_deal() -> None:
    time = "2026-09-01T10:00:00.0000000Z"
    referral = {"id": "7f1b3c0e-1111-4222-8333-444455556666", "status": "Closed", "substatus": "Lost"}
    microsoft = shown_of("microsoft", {**referral, "statusReason": "Price", "updatedDateTime": time, "eTag": '"1"'})
    assert (microsoft["microsoft_status"], microsoft["microsoft_substatus"]) == ("Closed", "Lost")
    assert microsoft["microsoft_status_reason"] == "Price"
    draft = {"id": "o1", "name": "opportunities/o1", "state": "REJECTED", "updateTime": time}
    google = shown_of("google", {**draft, "stateDescription": "Too small", "ownerEmail": "sam@google.example"})
    assert (google["gcp_review_status"], google["gcp_review_reason"]) == ("REJECTED", "Too small")
    assert google["gcp_owner_email"] == "sam@google.example"
