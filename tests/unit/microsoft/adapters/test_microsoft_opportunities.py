"""Microsoft's referrals behind the port: what is sent, which version is remembered, what a refusal says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.microsoft.adapters.opportunities import MicrosoftOpportunities
from lambdas.shared.adapters.opportunities import Opportunities, Step, Written
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.errors import Conflict, Rejected, Unexpected
from tests.unit.microsoft.microsoft_support import (
    NOW,
    REFERRAL,
    SHARE,
    PartnerCenterScript,
    incoming,
    row,
    run,
    settings,
    tied,
)
from tests.unit.microsoft.microsoft_support import deal as complete_deal

ATTEMPT = {"token": "t", "at": NOW, "deal_id": "500"}
CREATED = {"id": REFERRAL, "eTag": '"1"', "updatedDateTime": "2026-09-21T10:00:00.5Z"}
VERSION = "2026-09-21T10:00:00.5000000Z"


class Nothing:
    """A link that remembers nothing, and is asked to remember nothing."""

    known: tuple[str, ...] = ()


MEMORY: Any = Nothing()


@pytest.fixture
def vendor() -> PartnerCenterScript:
    return PartnerCenterScript()


def port(vendor: PartnerCenterScript, **options: Any) -> Opportunities:
    return MicrosoftOpportunities(vendor.referrals(), parse_rules(settings()), **options)


def create_plan() -> dict[str, Any]:
    return run(complete_deal()).as_dict()


def test_a_read_has_the_version_that_the_list_shows(vendor: PartnerCenterScript) -> None:
    vendor.say(CREATED).say({"value": [row(1, "2026-09-21T10:00:00.5Z")]})
    read = port(vendor).read(REFERRAL)
    assert (read.document, read.version) == (CREATED, VERSION)
    (listed,) = port(vendor).list_changed("2026-09-21T10:00:00Z", None)["items"]
    assert listed["version"] == VERSION


def test_a_referral_without_a_time_of_change_has_no_version(vendor: PartnerCenterScript) -> None:
    with pytest.raises(Unexpected, match="updatedDateTime"):
        port(vendor.say({"id": REFERRAL, "eTag": '"1"'})).read(REFERRAL)


def test_a_create_names_the_attempts_deal_and_states_a_standing_only_if_told_to(vendor: PartnerCenterScript) -> None:
    vendor.say(CREATED).say(CREATED)
    assert port(vendor).create(ATTEMPT | {"deal_id": "77"}, create_plan(), MEMORY) == Written(REFERRAL, VERSION)
    port(vendor, send_status=True, names={"SOL-00000-AAA": "Ours"}).create(ATTEMPT, create_plan(), MEMORY)
    plain, told = (each.body for each in vendor.requests)
    assert (plain["externalReferenceId"], plain.get("status")) == ("77", None)
    assert (told["externalReferenceId"], told["status"], told["substatus"]) == ("500", "Active", "Accepted")
    assert told["details"]["requirements"]["solutions"] == [{"type": "Name", "id": "SOL-00000-AAA", "name": "Ours"}]


def test_a_create_of_which_nobody_said_what_is_shared_is_never_sent(vendor: PartnerCenterScript) -> None:
    plan = create_plan()
    plan["opportunity"].pop(SHARE)
    with pytest.raises(Rejected) as caught:
        port(vendor).create(ATTEMPT, plan, MEMORY)
    assert [each.property for each in caught.value.problems] == ["microsoft_share_sellers"]
    assert (vendor.requests, caught.value.problems[0].allowed) == ([], ("true", "false"))


@pytest.mark.parametrize(("minutes", "found"), [(9, [REFERRAL]), (11, [])])
def test_a_record_is_looked_for_since_the_attempt_and_a_little_before(
    vendor: PartnerCenterScript, minutes: int, found: list[str]
) -> None:
    moment = datetime.fromtimestamp(NOW / 1000 - minutes * 60, UTC).isoformat()
    vendor.say({"value": [row(1, moment, id=REFERRAL, externalReferenceId="500")]})
    assert port(vendor).find_created(ATTEMPT) == found


def test_an_update_goes_to_the_version_that_was_read(vendor: PartnerCenterScript) -> None:
    _, referral, _ = tied()
    plan = {"opportunity": {"details.dealValue": "60000.00"}}
    assert port(vendor.say(CREATED)).update(referral, plan) == Written(REFERRAL, VERSION)
    (sent,) = vendor.requests
    assert (sent.method, sent.headers["if-match"]) == ("PATCH", '"1"')
    assert sent.body == [{"op": "replace", "path": "/details/dealValue", "value": 60000}]


def test_a_refused_update_names_the_property_and_no_value(vendor: PartnerCenterScript) -> None:
    _, referral, _ = tied()
    with pytest.raises(Rejected) as caught:
        port(vendor.refuse(400, "invalidRequest")).update(referral, {"opportunity": {"details.dealValue": "1.00"}})
    (problem,) = caught.value.problems
    assert (problem.field, problem.object, problem.property) == ("deal_value", "deal", "amount")
    assert problem.message == "The deal's property amount is not taken by Microsoft as it is (invalidRequest)."
    assert "Jane" not in str(caught.value) + problem.message


@pytest.mark.parametrize(
    ("step", "status", "substatus"), [("accept", "Active", "Accepted"), ("decline", "Closed", "Declined")]
)
def test_an_answer_moves_status_and_substatus_at_the_version_that_waits(
    vendor: PartnerCenterScript, step: str, status: str, substatus: str
) -> None:
    vendor.say(incoming()).say(incoming(status=status, substatus=substatus))
    port(vendor).complete(REFERRAL, step)
    sent = vendor.requests[1]
    assert (sent.method, sent.headers["if-match"]) == ("PATCH", '"1"')
    assert [(each["path"], each["value"]) for each in sent.body] == [("/status", status), ("/substatus", substatus)]


def test_an_answer_that_was_given_already_is_a_success_and_not_sent_again(vendor: PartnerCenterScript) -> None:
    port(vendor.say(incoming(status="Active", substatus="Accepted"))).complete(REFERRAL, "accept")
    assert [each.method for each in vendor.requests] == ["GET"]


@pytest.mark.parametrize(
    ("step", "members"),
    [
        ("accept", {"status": "Closed", "substatus": "Expired"}),
        ("accept", {"status": "Closed", "substatus": "Declined"}),
        ("decline", {"status": "Active", "substatus": "Accepted"}),
        ("accept", {"direction": "Outgoing"}),
    ],
)
def test_what_waits_for_no_answer_any_more_is_read_and_planned_again(
    vendor: PartnerCenterScript, step: str, members: dict[str, str]
) -> None:
    with pytest.raises(Conflict, match="waits for no answer"):
        port(vendor.say(incoming(**members))).complete(REFERRAL, step)
    assert len(vendor.requests) == 1


def test_an_answer_that_is_overtaken_is_a_conflict(vendor: PartnerCenterScript) -> None:
    with pytest.raises(Conflict):
        port(vendor.say(incoming()).refuse(412, "preconditionFailed")).complete(REFERRAL, "accept")


def test_an_answer_goes_on_record_as_the_change_that_it_makes(vendor: PartnerCenterScript) -> None:
    change = {"field": "status", "before": "New/Pending", "after": "Closed/Declined"}
    assert port(vendor).step("decline") == Step("AnswerReferral", change)


def test_a_create_may_not_be_repeated_and_its_record_names_the_deal_by_itself(vendor: PartnerCenterScript) -> None:
    made = port(vendor)
    assert (made.repeatable_create, made.own_reference, made.mark(create_plan())) == (False, None, None)
    assert made.create_shows_after_ms >= 60_000
