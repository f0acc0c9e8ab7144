"""What one run decides for Google: what is sent, held, submitted, closed, and left to a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.google.domain.opportunity import to_create_body
from lambdas.google.domain.partner import Google
from lambdas.shared.errors import Unexpected
from tests.unit.google.google_support import FIELDS, LEGAL, context, deal, google, opportunity, plan

DESCRIPTION = "opportunityInfo.description"


def settled(found: dict[str, Any], **properties: str) -> dict[str, Any]:
    """The base after a run in which both sides were made equal."""
    return dict(plan(deal(**properties), found).base)


def test_a_create_sends_no_tag_no_stage_and_no_attestation() -> None:
    made = plan(deal(dealstage="talks"), None)
    assert made.action == "create"
    assert to_create_body(made.opportunity) == {
        "state": "DRAFT",
        "opportunityInfo": {
            "displayName": "Contoso Migration",
            "opportunityAmount": {"currencyCode": "EUR", "units": "1000", "nanos": 500000000},
        },
    }
    assert "stage" not in made.base


def test_an_attestation_is_sent_only_when_somebody_ticked_it() -> None:
    assert plan(deal(gcp_legal="true"), None).opportunity[LEGAL] is True
    assert LEGAL not in plan(deal(gcp_legal="false"), None).opportunity


@pytest.mark.parametrize("change", [{"default": True}, {"codec": "yes_no"}, {"direction": "both"}])
def test_no_setting_attests_by_itself(change: dict[str, Any]) -> None:
    fields = [{**field, **change} if field["name"] == "legal" else field for field in FIELDS]
    with pytest.raises(Unexpected, match="attestation"):
        Google(google(fields=fields))


def test_a_tick_submits_and_taking_it_off_takes_nothing_back() -> None:
    draft = opportunity()
    base = settled(draft)
    assert plan(deal(gcp_submit="true"), draft, base).opportunity == {"state": "SUBMITTED"}
    assert not plan(deal(), opportunity(state="SUBMITTED"), {**base, "state": "SUBMITTED"}).opportunity
    assert not plan(deal(), opportunity(state="ACCEPTED"), {**base, "state": "SUBMITTED"}).opportunity


def test_a_rejection_is_not_submitted_again_before_the_tick_is_set_anew() -> None:
    rejected = opportunity(state="REJECTED", stateDescription="Too small")
    base = {**settled(opportunity()), "state": "SUBMITTED"}
    still = plan(deal(gcp_submit="true"), rejected, base)
    assert "state" not in still.opportunity
    off = plan(deal(), rejected, base)
    assert not off.opportunity
    assert plan(deal(gcp_submit="true"), rejected, off.base).opportunity == {"state": "SUBMITTED"}


@pytest.mark.parametrize(("ticked", "sent"), [("2026-09-01T10:00:01", True), ("2026-09-01T09:59:59", False)])
def test_a_tick_set_anew_between_two_runs_is_not_lost(ticked: str, sent: bool) -> None:
    rejected = opportunity(state="REJECTED")
    base = {**settled(opportunity()), "state": "SUBMITTED"}
    moment = int(datetime.fromisoformat(ticked).replace(tzinfo=UTC).timestamp() * 1000)
    history = {"gcp_submit": [{"value": "true", "timestamp": moment, "source_type": "CRM_UI", "source_id": "1"}]}
    made = plan({**deal(gcp_submit="true"), "history": history}, rejected, base)
    assert made.opportunity == ({"state": "SUBMITTED"} if sent else {})


def test_a_rejection_reaches_a_person_with_its_reason() -> None:
    facts = Google(google()).facts(opportunity(state="REJECTED", stateDescription="Too small"))
    assert facts.review_needs_us
    assert str(facts.review_note).startswith("Too small")


def test_review_holds_a_change_and_acceptance_sends_it_where_it_is_editable() -> None:
    base = settled(opportunity())
    changed = deal(description="New words", dealname="Another name #GCP")
    held = plan(changed, opportunity(state="SUBMITTED"), base)
    assert not held.opportunity
    assert set(held.blocked) >= {"description", "title"}
    sent = plan(changed, opportunity(state="ACCEPTED"), held.base)
    assert sent.opportunity == {DESCRIPTION: "New words"}
    assert "title" in sent.blocked


def test_the_stage_moves_only_once_accepted() -> None:
    base = settled(opportunity())
    assert "stage" not in plan(deal(dealstage="talks"), opportunity(), base).opportunity
    accepted = opportunity(state="ACCEPTED")
    agreed = plan(deal(), accepted, base).base
    assert agreed["stage"] == "S0"
    assert plan(deal(dealstage="talks"), accepted, agreed).opportunity == {"stage": "S1"}
    assert plan(deal(), opportunity(state="ACCEPTED", stage="S1"), agreed).deal["dealstage"] == "talks"


def test_a_closed_deal_pushes_no_stage_and_tells_a_person() -> None:
    accepted = opportunity(state="ACCEPTED")
    agreed = plan(deal(), accepted, settled(opportunity())).base
    closed = plan(deal(dealstage="won"), accepted, agreed)
    assert not closed.opportunity
    assert "stage" in closed.blocked
    assert "Partner Hub" in repr(closed.tell)
    assert not plan(deal(dealstage="won"), opportunity(state="ACCEPTED", stage="CLOSED"), agreed).opportunity


def test_a_closed_deal_begins_no_opportunity() -> None:
    refused = plan(deal(dealstage="won"), None)
    assert (refused.action, refused.outcome) == ("none", "blocked")
    assert refused.problems[0].property == "dealstage"


def test_a_deal_never_moves_by_a_close_at_google_that_has_no_place() -> None:
    accepted = opportunity(state="ACCEPTED")
    agreed = plan(deal(), accepted, settled(opportunity())).base
    assert "dealstage" not in plan(deal(), opportunity(state="ACCEPTED", stage="CLOSED"), agreed).deal


def test_a_limited_view_empties_nothing() -> None:
    base = settled(opportunity(), description="x")
    seen = {"id": "o1", "name": "opportunities/o1", "state": "ACCEPTED", "updateTime": "2026-09-02T10:00:00.000000000Z"}
    made = plan(deal(), seen, base)
    assert not {"dealname", "amount"} & set(made.deal)
    assert not made.opportunity
    assert {name: made.base[name] for name in ("title", "amount")} == {name: base[name] for name in ("title", "amount")}


def test_an_unknown_product_family_is_a_problem_that_names_it_and_the_allowed() -> None:
    found = plan(deal(gcp_product_family="CLOUD;MAGIC"), None).problems[0]
    assert "'MAGIC'" in found.message
    assert found.allowed == ("CLOUD", "WORKSPACE")


def test_a_change_at_google_reaches_the_deal_with_its_tags_and_currency() -> None:
    base = settled(opportunity())
    info = {"displayName": "Renamed", "opportunityAmount": {"currencyCode": "USD", "units": "7", "nanos": 250000000}}
    made = plan(deal(), opportunity(opportunityInfo=info), base).deal
    assert made["dealname"] == "Renamed #AWS #GCP"
    assert (made["amount"], made["deal_currency_code"]) == ("7.25", "USD")


@pytest.mark.parametrize("state", ["DRAFT", "SUBMITTED", "ACCEPTED", "REJECTED"])
def test_a_second_run_changes_no_field(state: str) -> None:
    found = opportunity(state=state)
    again = plan(deal(), found, settled(found))
    assert not again.opportunity
    assert not again.deal_changes


def test_who_sent_it_is_said_by_the_source() -> None:
    partner = Google(google())
    assert partner.facts(opportunity(source="FROM_GOOGLE")).shared_with_us
    assert not partner.facts(opportunity(source="FROM_US")).shared_with_us


def test_people_come_with_their_phone_as_google_has_it() -> None:
    info = {
        "customerDetails": {
            "organizationName": "Contoso",
            "address": {"regionCode": "DE", "addressLines": ["A 1", "B"]},
        },
        "contact": {"givenName": "Ada", "email": "Ada@Contoso.com", "phone": {"e164Number": "+4930123456"}},
    }
    people = Google(google()).facts(opportunity(customerInfo=info)).people
    assert people.company == {"name": "Contoso", "country": "Germany", "address": "A 1, B"}
    assert people.contacts == ({"firstname": "Ada", "email": "ada@contoso.com", "phone": "+4930123456"},)


def test_every_codec_reads_back_what_it_wrote() -> None:
    partner, setting = Google(google()), context()
    values = {
        "title": "Contoso",
        "amount": {"currencyCode": "JPY", "units": "12", "nanos": 0},
        "close_date": {"year": 2026, "month": 3, "day": 29},
        "family": ["CLOUD", "WORKSPACE"],
        "stage": "S1",
    }
    for rule in partner.rules:
        if rule.name in values:
            codec, before = partner.codecs[rule.codec], deal()
            written = codec.to_properties(values[rule.name], before, rule, setting)
            after = deal(**written)
            assert codec.read(after, rule, setting).value == values[rule.name], rule.name
