"""What becomes of a Microsoft link: creates, updates, closes, and referrals that come in."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from lambdas.microsoft.domain import acceptance
from lambdas.microsoft.domain.json_patch import to_operations
from lambdas.microsoft.domain.partner import Microsoft
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.partner_view import Partner
from tests.unit.microsoft.microsoft_support import NOW, REFERRAL, context, deal, incoming, run, settings, tied

DAY = 86_400_000


def in_sync(**properties: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    document, referral, base = tied(**properties)
    plan = run(document, referral, base)
    return apply_to_deal(document, plan.deal), referral, dict(plan.base)


def closed(referral: dict[str, Any], substatus: str, **members: Any) -> dict[str, Any]:
    return {**referral, "status": "Closed", "substatus": substatus, **members}


def test_the_room_has_every_part_that_the_decision_asks_for() -> None:
    partner: Partner = Microsoft(settings())
    assert (partner.name, partner.label, partner.first_review_status) == ("microsoft", "Microsoft", None)
    assert partner.entities(deal(), context()) == ([], [])
    assert partner.is_opportunity_id(REFERRAL)
    assert partner.is_opportunity_id(REFERRAL.upper())
    assert not any(partner.is_opportunity_id(text) for text in ("O123", REFERRAL + "0", f"{REFERRAL}/x", ""))


def test_a_complete_deal_is_created_and_no_status_is_shown_before_the_answer() -> None:
    plan = run(deal())
    assert (plan.action, plan.outcome, plan.writes) == ("create", "synced", 1)
    assert "microsoft_status" not in plan.deal
    assert plan.deal["microsoft_sync_status"] == "synced"


@pytest.mark.parametrize(("send_status", "begins"), [(False, "New/Pending"), (True, "Active/Accepted")])
def test_a_create_that_states_no_standing_leaves_the_deals_to_go_out_next(send_status: bool, begins: str) -> None:
    plan = run(deal(), send_status=send_status)
    assert (plan.base["stage"], plan.look_again) == (begins, True)
    _, referral, _ = tied()
    after = run(deal(), {**referral, "status": "New", "substatus": "Pending"}, plan.base, send_status=send_status)
    assert after.opportunity == ({} if send_status else {"status": "Active/Accepted"})


def test_a_deal_of_which_nobody_said_what_may_be_shared_is_told_and_not_sent() -> None:
    names = ("microsoft_deal_kind", "microsoft_share_sellers", "microsoft_share_others", "microsoft_may_contact")
    plan = run(deal(**dict.fromkeys(names)))
    assert (plan.action, plan.outcome) == ("none", "blocked")
    assert {each.property for each in plan.problems} == set(names)


@pytest.mark.parametrize(
    ("properties", "wrong"),
    [
        ({"microsoft_share_sellers": "true"}, "microsoft_share_sellers"),
        ({"microsoft_deal_kind": "co-sell", "microsoft_share_sellers": "true"}, "microsoft_assistance"),
        ({"microsoft_assistance": "GeneralOrOther"}, "microsoft_assistance"),
        ({"dealstage": "closedwon"}, "dealstage"),
    ],
)
def test_what_does_not_go_together_is_told_with_the_property_to_correct(properties: dict[str, str], wrong: str) -> None:
    plan = run(deal(**properties))
    assert (plan.action, [each.property for each in plan.problems]) == ("none", [wrong])


def test_a_deal_in_sync_writes_nothing_anywhere() -> None:
    document, referral, base = in_sync()
    plan = run(document, referral, base)
    assert (plan.action, plan.outcome, plan.deal, plan.tell) == ("none", "synced", {}, ())
    assert document["properties"]["microsoft_status"] == "Active"
    assert document["properties"]["microsoft_substatus"] == "Accepted"


def test_changes_of_the_deal_become_a_patch() -> None:
    document, referral, base = in_sync()
    plan = run(apply_to_deal(document, {"amount": "60000", "dealstage": "closedlost"}), referral, base)
    assert (plan.action, plan.outcome) == ("update", "synced")
    assert [(each["path"], each["value"]) for each in to_operations(plan.opportunity, referral)] == [
        ("/details/dealValue", 60000),
        ("/status", "Closed"),
        ("/substatus", "Lost"),
    ]


def test_a_further_stage_of_an_active_deal_moves_the_sales_stage_only() -> None:
    document, referral, base = in_sync()
    plan = run(apply_to_deal(document, {"dealstage": "proposal"}), referral, base)
    assert plan.opportunity == {"salesStage": "Propose"}


def test_what_cannot_be_changed_at_microsoft_is_told_and_never_sent() -> None:
    document, referral, base = in_sync()
    plan = run(apply_to_deal(document, {"dealname": "Renamed #Microsoft", "amount": "1"}), referral, base)
    assert plan.opportunity == {"details.dealValue": "1.00"}
    assert (plan.blocked, [fact.kind for fact in plan.tell]) == (("title",), ["note"])
    assert to_operations(plan.opportunity, referral)


def test_a_change_at_microsoft_reaches_the_deal() -> None:
    document, referral, base = in_sync()
    details = {**referral["details"], "dealValue": 70000, "closingDateTime": "2028-01-01T00:00:00.0000000Z"}
    plan = run(document, {**referral, "details": details}, base)
    assert (plan.action, plan.deal["amount"], plan.deal["closedate"]) == ("none", "70000", "2028-01-01T12:00:00Z")


def test_a_close_at_microsoft_is_shown_and_told_and_moves_the_deal_only_by_the_map() -> None:
    document, referral, base = in_sync()
    plan = run(document, closed(referral, "Won"), base)
    assert (plan.action, plan.outcome) == ("none", "synced")
    assert (plan.deal["microsoft_status"], plan.deal["microsoft_substatus"]) == ("Closed", "Won")
    assert "dealstage" not in plan.deal
    assert [fact.kind for fact in plan.tell] == ["task"]
    plan = run(document, closed(referral, "Lost", statusReason="<b>price</b>"), base)
    assert plan.deal["dealstage"] == "closedlost"
    assert "<b>price" not in plan.tell[0].body
    assert "price" in plan.tell[0].body


def test_a_close_that_the_deal_shares_is_no_news() -> None:
    document, referral, base = in_sync()
    document = apply_to_deal(document, {"dealstage": "closedlost"})
    for substatus in ("Lost", "Declined", "Expired"):
        plan = run(document, closed(referral, substatus), base)
        assert (plan.action, plan.outcome, plan.tell) == ("none", "synced", ())
        assert "dealstage" not in plan.deal


@pytest.mark.parametrize("agreed", ["Closed/Lost", "Active/Accepted"])
def test_a_deal_against_its_closed_referral_is_a_conflict_for_a_person(agreed: str) -> None:
    document, referral, base = in_sync()
    stage = "qualified" if agreed == "Closed/Lost" else "closedwon"
    moved, gone = apply_to_deal(document, {"dealstage": stage}), closed(referral, "Lost")
    plan = run(moved, gone, {**base, "stage": agreed})
    assert (plan.action, plan.outcome, plan.opportunity) == ("none", "conflict", {})
    assert [each.field for each in plan.conflicts] == ["stage"]
    assert "dealstage" not in plan.deal
    again = run(apply_to_deal(moved, plan.deal), gone, plan.base)
    assert (again.outcome, again.deal) == ("conflict", {})
    assert {fact.key for fact in again.tell} == {fact.key for fact in plan.tell}
    back = run(apply_to_deal(moved, {**plan.deal, "dealstage": "closedlost"}), gone, again.base)
    assert (back.action, back.outcome) == ("none", "synced")


def test_nothing_at_all_is_written_to_a_closed_referral() -> None:
    document, referral, base = in_sync()
    document = apply_to_deal(document, {"dealstage": "closedlost", "amount": "1", "description": "Other."})
    plan = run(document, closed(referral, "Lost"), {**base, "stage": "Closed/Lost"})
    assert (plan.action, set(plan.blocked)) == ("none", {"deal_value", "notes"})


def test_a_referral_that_comes_in_becomes_a_deal_in_review_at_once() -> None:
    plan = run(None, incoming())
    assert plan.creates_deal
    assert (plan.deal["dealname"], plan.deal["dealstage"]) == ("From Microsoft #Microsoft", "review")
    assert (plan.deal["microsoft_referral_id"], plan.deal["microsoft_status"]) == (REFERRAL, "New")
    assert plan.deal["microsoft_substatus"] == "Pending"
    assert plan.deal_people is not None
    assert plan.deal_people.company == {"name": "BigCorp", "country": "Germany"}
    assert plan.deal_people.contacts == ({"email": "ann@bigcorp.example", "firstname": "Ann"},)


def test_the_reference_of_another_ones_crm_is_no_deal_of_ours() -> None:
    assert Microsoft(settings()).facts(incoming()).claimed_deal is None
    ours = Microsoft(settings()).facts(incoming(direction="Outgoing"))
    assert (ours.claimed_deal, ours.shared_with_us) == ("77", False)


def test_nothing_is_written_to_a_referral_that_nobody_has_accepted() -> None:
    document = deal(dealstage="qualified", microsoft_referral_id=REFERRAL)
    plan = run(document, incoming(), {"stage": "New/Pending", "title": "From Microsoft"})
    assert (plan.action, plan.opportunity, plan.deal["microsoft_sync_status"]) == ("none", {}, "waiting")
    assert "stage" in plan.blocked
    assert "accept or decline" in plan.tell[0].body


def test_a_warning_comes_well_before_it_expires_and_is_new() -> None:
    document, referral = deal(dealstage="review"), incoming()
    created = 1_789_862_400_000  # 2026-09-20
    early = run(document, referral, {}, now_ms=created + 9 * DAY).tell
    late = run(document, referral, {}, now_ms=created + 10 * DAY).tell
    assert "2026-10-04" in early[0].body
    assert ("about to expire" in early[0].subject, "about to expire" in late[0].subject) == (False, True)
    assert early[0].key != late[0].key
    assert "about to expire" in run(document, referral, {}, now_ms=created + 9 * DAY, warning_days=5).tell[0].subject


@pytest.mark.parametrize(
    ("members", "end"),
    [
        ({}, 1_789_862_400_000 + 14 * DAY),
        ({"expirationDateTime": "2026-09-25T00:00:00Z"}, 1_789_862_400_000 + 5 * DAY),
        ({"createdDateTime": None}, None),
    ],
)
def test_a_referral_expires_when_it_says_else_after_fourteen_days(members: dict[str, Any], end: int | None) -> None:
    assert acceptance.expires_at(incoming(**members)) == end
    assert acceptance.warn_at(incoming(**members)) == (None if end is None else end - 4 * DAY)
    assert acceptance.warn_at(incoming(**members, status="Active", substatus="Accepted")) is None


@pytest.mark.parametrize(
    ("rule", "said", "answer"),
    [
        ("manual", None, None),
        ("manual", "accept", "accept"),
        ("manual", "decline", "decline"),
        ("accept-all", None, "accept"),
        ("accept-all", "decline", "decline"),
    ],
)
def test_a_person_or_else_a_rule_answers_a_referral(rule: str, said: str | None, answer: str | None) -> None:
    found = acceptance.answer_to(incoming(), deal(microsoft_acceptance=said), context(referrals=rule))
    assert found == (answer, [])
    accepted = incoming(status="Active", substatus="Accepted")
    assert acceptance.answer_to(accepted, deal(microsoft_acceptance=said), context(referrals=rule))[0] is None


def test_an_unknown_answer_or_rule_is_named_and_nothing_is_answered() -> None:
    answer, problems = acceptance.answer_to(
        incoming(), deal(microsoft_acceptance="yes"), context(referrals="accept-all")
    )
    assert answer is None
    assert problems[0].allowed == ("accept", "decline")
    with pytest.raises(ValueError, match="allowed: manual, accept-all"):
        acceptance.answer_to(incoming(), None, context(referrals="whatever"))
    assert acceptance.answer_to(incoming(), None, context()) == (None, [])


def test_times_of_the_tests_are_what_they_say() -> None:
    assert acceptance.expires_at(incoming(expirationDateTime="2026-09-21T14:13:20Z")) == NOW


def test_the_domain_loads_no_http_client_and_no_sdk() -> None:
    program = "import sys, json, lambdas.microsoft.domain.partner; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(json.loads(out.stdout)) & {"boto3", "botocore", "urllib3", "requests", "msal", "yaml", "lambdas.aws"}
