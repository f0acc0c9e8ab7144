"""The shipped files of Microsoft and Google say what their rooms read, and a whole deal goes out by them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import config
from config.rooms import ROOMS
from lambdas.aws.domain.codecs import CODECS as AWS_CODECS
from lambdas.google.domain.codecs import CODECS as GOOGLE_CODECS
from lambdas.google.domain.enums import check_settings
from lambdas.google.domain.lead_plan import plan_lead
from lambdas.google.domain.opportunity import to_create_body as google_body
from lambdas.google.domain.partner import plan_run as google_plan
from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.codecs import CODECS as MICROSOFT_CODECS
from lambdas.microsoft.domain.codecs import SIZES
from lambdas.microsoft.domain.partner import plan_run as microsoft_plan
from lambdas.microsoft.domain.referral import DEAL_KINDS
from lambdas.microsoft.domain.referral import to_create_body as microsoft_body
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.status import STATUSES
from lambdas.shared.domain.values import Context
from tests.unit.google import google_support
from tests.unit.microsoft import microsoft_support

NOW = 1_790_000_000_000  # 2026-09-21
REGISTRIES = {"aws": AWS_CODECS, "microsoft": MICROSOFT_CODECS, "google": GOOGLE_CODECS}
PLANS = {"microsoft": microsoft_plan, "google": google_plan}


def settings(stage: str = "sandbox") -> dict[str, Any]:
    return config.render_settings(config.load(), stage)


def deal(**changes: Any) -> dict[str, Any]:
    properties = {
        "dealname": "Contoso Migration #AWS #Microsoft #GCP",
        "description": "They move their data center.",
        "dealstage": "qualifiedtobuy",
        "pipeline": "default",
        "amount": "50000",
        "deal_currency_code": "EUR",
        "closedate": "2027-06-30T10:00:00Z",
        "microsoft_deal_kind": "private",
        "microsoft_share_sellers": "false",
        "microsoft_share_others": "true",
        "microsoft_may_contact": "true",
        "gcp_product_family": "Google Workspace;Google Cloud Platform",
        **changes,
    }
    company = {
        "name": "Contoso",
        "domain": "contoso.example",
        "numberofemployees": "120",
        "country": "Germany",
        "city": "Berlin",
        "industry": "BANKING",
    }
    return {
        "id": "500",
        "properties": {name: text for name, text in properties.items() if text is not None},
        "history": {},
        "company": {"id": "1", "properties": company},
        "contacts": [{"id": "2", "properties": {"email": "ann@contoso.example", "phone": "+49 30 1234567"}}],
        "owner": {"email": "pat@partner.example", "firstName": "Pat", "lastName": "Seller"},
        "archived": False,
        "updated_at": NOW,
    }


def plan(partner: str, document: Mapping[str, Any]) -> Plan:
    link = Link(partner, "d500", "deal", deal_id="500")
    now = Situation(link, {"deal": "current"}, document, {"opportunity": "none"}, None, None)
    return PLANS[partner](now, settings(), NOW)


@pytest.mark.parametrize("partner", list(ROOMS))
def test_the_configuration_knows_exactly_the_codecs_that_each_room_has(partner: str) -> None:
    assert set(ROOMS[partner].codecs) == set(REGISTRIES[partner])


@pytest.mark.parametrize("partner", list(ROOMS))
def test_every_rule_of_the_shipped_files_is_one_that_its_room_takes(partner: str) -> None:
    rules = parse_rules(settings()["partners"][partner])
    assert rules
    assert {rule.codec for rule in rules} <= set(REGISTRIES[partner])


def test_microsofts_settings_have_what_its_room_is_tested_with() -> None:
    shipped = settings()["partners"]["microsoft"]
    assert set(microsoft_support.SETTINGS) <= set(shipped)
    assert set(microsoft_support.SETTINGS["status_properties"]) <= set(shipped["status_properties"])
    tested = {(each["path"], each["codec"]) for each in microsoft_support.FIELDS}
    assert tested <= {(each["path"], each["codec"]) for each in shipped["fields"]}


def test_googles_settings_have_what_its_room_is_tested_with() -> None:
    tested, shipped = google_support.SETTINGS["partners"]["google"], settings()["partners"]["google"]
    assert set(tested) <= set(shipped)
    # The opportunity takes no entities, so nothing is shown in a role for them.
    assert set(tested["status_properties"]) - {"solution_ids"} <= set(shipped["status_properties"])
    known = {(each["path"], each["codec"]) for each in shipped["fields"]}
    assert {(each["path"], each["codec"]) for each in google_support.FIELDS} <= known


def test_a_whole_deal_becomes_a_referral() -> None:
    made = plan("microsoft", deal())
    assert (made.action, made.problems) == ("create", ())
    body = microsoft_body(made.opportunity, "500")
    assert body["name"] == "Contoso Migration"
    assert body["details"]["requirements"] == {
        "solutions": [{"type": "Name", "id": "SOL-00000-AAA"}],
        "industries": [{"id": "Financial Services"}],
    }
    assert body["salesStage"] == "Qualify"
    assert body["consent"]["consentToShareReferralWithMicrosoftSellers"] is False
    assert body["customerProfile"]["address"]["country"] == "DE"


def test_a_whole_deal_becomes_a_draft_at_google() -> None:
    made = plan("google", deal())
    assert (made.action, made.problems) == ("create", ())
    body = google_body(made.opportunity)
    assert body["opportunityInfo"]["displayName"] == "Contoso Migration"
    assert body["opportunityInfo"]["productFamily"] == ["SANDBOX_CLOUD", "SANDBOX_WORKSPACE"]
    assert body["state"] == "DRAFT"
    assert body["customerInfo"]["customerDetails"]["address"]["regionCode"] == "DE"
    assert "legalLanguageAccepted" not in body["qualificationInfo"]


@pytest.mark.parametrize(
    ("partner", "missing"),
    [
        ("microsoft", "microsoft_deal_kind"),
        ("microsoft", "microsoft_share_sellers"),
        ("microsoft", "microsoft_share_others"),
        ("microsoft", "microsoft_may_contact"),
        ("microsoft", "amount"),
        ("google", "gcp_product_family"),
        ("google", "closedate"),
    ],
)
def test_what_an_incomplete_deal_lacks_is_named_and_nothing_is_sent(partner: str, missing: str) -> None:
    made = plan(partner, deal(**{missing: None}))
    assert made.action == "none"
    assert missing in {each.property for each in made.problems}


def test_a_person_submits_to_google_by_saying_yes_and_attests_by_saying_yes() -> None:
    made = plan(
        "google", deal(gcp_submit="true", gcp_legal_language_accepted="true", gcp_public_tender_attested="false")
    )
    assert made.opportunity["state"] == "SUBMITTED"
    assert made.opportunity["qualificationInfo.legalLanguageAccepted"] is True
    assert "qualificationInfo.publicTenderAttestation" not in made.opportunity


def test_a_close_at_microsoft_moves_the_deal_only_where_the_file_says_so() -> None:
    inbound = settings()["partners"]["microsoft"]["inbound_stage_map"]["default"]
    assert "Closed/Won" not in inbound
    assert inbound["Closed/Declined"] == "closedlost"


def test_a_close_at_google_moves_no_deal_and_no_deal_sends_one() -> None:
    google = settings()["partners"]["google"]
    assert "CLOSED" not in google["inbound_stage_map"]["default"]
    assert "CLOSED" not in google["stage_map"]["default"].values()
    assert google["closed_stages"]["default"] == ["closedwon", "closedlost"]


def test_googles_members_pass_the_rooms_own_check_and_are_the_simulators() -> None:
    google = settings()["partners"]["google"]
    check_settings(google)
    known = json.loads(files("sandbox.google").joinpath("enum_values.json").read_text())
    for name, members in google["enums"].items():
        assert set(members) <= {*known["sandbox"][name], *known["documented"].get(name, ())}, name


def test_microsofts_words_are_those_of_its_room_and_its_documentation() -> None:
    values = config.load().values["microsoft"]["enums"]
    facts = json.loads(files("sandbox.microsoft").joinpath("facts.json").read_text())["enums"]
    assert tuple(values["Standing"]) == status.STANDINGS
    assert values["SalesStage"] == facts["sales_stage"]
    assert values["Industry"] == facts["industry"]
    assert set(values["AssistanceRequest"]) == set(facts["assistance"]) - {"Unknown"}
    assert {name for _most, name in SIZES} <= set(facts["size"])


def test_every_industry_that_goes_to_aws_goes_to_microsoft() -> None:
    partners = settings()["partners"]
    assert set(partners["microsoft"]["tables"]["industries"]) == set(partners["aws"]["tables"]["industries"])


def test_what_people_choose_from_is_what_the_rooms_take() -> None:
    loaded = config.load()
    options = {
        each["name"]: [option["value"] for option in each.get("options", ())]
        for each in config.property_definitions(loaded, "deal")
    }
    assert set(options["microsoft_deal_kind"]) == set(DEAL_KINDS)
    assert options["microsoft_acceptance"] == ["accept", "decline"]
    assert options["gcp_product_family"] == ["Google Cloud Platform", "Google Workspace", "Google Security"]
    for name in ("aws_sync_status", "microsoft_sync_status", "gcp_sync_status"):
        assert set(options[name]) == set(STATUSES)
    for rule in settings()["partners"]["google"]["fields"]:
        if rule["codec"] in ("yes_no", "attestation", "submission"):
            assert options[rule["properties"][0]] == ["true", "false"], rule["name"]


def test_no_request_of_a_partner_can_hold_anothers_tag() -> None:
    for name, partner in settings()["partners"].items():
        assert set(partner["all_tags"]) == {"#AWS", "#Microsoft", "#GCP"}, name


def test_a_lead_where_leads_are_on_is_made_of_the_deal_and_says_what_is_missing(tmp_path: Path) -> None:
    for path in Path(config.__file__).parent.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    for name, old, new in (
        ("google.yaml", "  enabled: false", "  enabled: true"),
        ("stages.yaml", "hub_id: EXAMPLE001\n", "hub_id: EXAMPLE001\n      vector_id: 0014EXAMPLEEXAMPLE\n"),
    ):
        text = (tmp_path / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1))
    google = config.render_settings(config.load(tmp_path), "sandbox")["partners"]["google"]
    context = Context(NOW, google, settings()["hubspot"])
    needed = {
        "gcp_product_family": "Google Workspace",
        "gcp_annual_contract_value": "50000",
        "gcp_deal_term": "12 months",
        "gcp_engagement_model": "Co-sell",
        "gcp_transaction_type": "New",
        "gcp_support_level": "Full",
    }
    lead = plan_lead(deal(**needed), (), context)
    assert lead.problems == ()
    assert lead.values["lead:submitterEmail"] == "pat@partner.example"
    assert lead.values["lead:engagementModel"] == "SANDBOX_COSELL"
    without = plan_lead(deal(**{**needed, "gcp_deal_term": None}), (), context)
    assert [each.property for each in without.problems] == ["gcp_deal_term"]
