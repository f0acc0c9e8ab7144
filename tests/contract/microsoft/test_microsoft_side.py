"""What Microsoft sees and does: consent, incoming referrals, the 14 days (fact sheet 2 to 4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.microsoft.switches import Switches
from tests.contract.microsoft.sim_api import Api, move, operation

Start = Callable[..., Api]
SHARED = {"type": "Shared", "consent__consentToShareReferralWithMicrosoftSellers": True}
TO_MICROSOFT = [{"type": "BusinessProfileLocation", "id": "msft"}]


def seen(api: Api) -> list[str]:
    return [one["name"] for one in api.account.view("msft")]


def test_a_private_deal_never_reaches_a_microsoft_seller(api: Api) -> None:
    api.create(name="private", target=TO_MICROSOFT)
    assert seen(api) == []


def test_a_partner_led_deal_is_seen_once_the_flag_is_patched(api: Api) -> None:
    identifier = api.create(name="led")["id"]
    api.patch(identifier, operation("/consent/consentToShareReferralWithMicrosoftSellers", True))
    assert seen(api) == ["led"]


def test_a_co_sell_deal_takes_two_posts_or_one(start: Start) -> None:
    api = start(cosell_posts=2)
    own = api.create(name="own", target=[{"type": "SolutionProfile", "id": "SOL-1"}], **SHARED)
    assert seen(api) == []
    api.create(name="theirs", engagementId=own["engagementId"], target=TO_MICROSOFT, **SHARED)
    assert seen(api) == ["theirs"]
    api.account.switches.cosell_posts = 1
    assert seen(api) == ["own", "theirs"]


def test_each_organisation_has_a_view_of_its_own(api: Api) -> None:
    api.account.new_incoming_referral(name="lead")
    (ours,) = api.account.view(api.account.referrals.organisation[0])
    (theirs,) = api.account.view("msft")
    assert (ours["direction"], ours["organizationName"]) == ("Incoming", "Example Partner Ltd")
    assert (theirs["direction"], theirs["organizationId"]) == ("Outgoing", "msft")
    with pytest.raises(ValueError, match=r"allowed: .*msft"):
        api.account.view("other")


def test_an_incoming_referral_waits_14_days_for_an_answer(api: Api) -> None:
    one = api.account.new_incoming_referral()
    assert (one["status"], one["substatus"], one["direction"]) == ("New", "Pending", "Incoming")
    assert one["expirationDateTime"][:10] == "2026-10-05"
    assert one["inviteContext"]["invitedBy"]["organizationId"] == "msft"
    api.clock.advance(hours=14 * 24, ms=-1)
    api.account.tick()
    assert api.account.view("msft")[0]["status"] == "New"
    api.clock.advance(ms=1)
    api.account.tick()
    after = api.account.view("msft")[0]
    assert (after["status"], after["substatus"]) == ("Closed", "Expired")
    assert after["closedDateTime"] is not None
    assert after["eTag"] != one["eTag"]


@pytest.mark.parametrize("answer", [("Active", "Accepted"), ("Closed", "Declined"), ("New", "Received")])
def test_what_was_answered_does_not_expire(api: Api, answer: tuple[str, str]) -> None:
    one = api.account.new_incoming_referral()
    assert api.patch(one["id"], *move(*answer)).status_code == 204
    api.clock.advance(hours=15 * 24)
    api.account.tick()
    assert api.account.view("msft")[0]["substatus"] == answer[1]


def test_an_outgoing_referral_does_not_expire(api: Api) -> None:
    api.create(consent__consentToShareReferralWithMicrosoftSellers=True)
    api.clock.advance(hours=15 * 24)
    api.account.tick()
    assert api.account.view("msft")[0]["substatus"] == "Pending"


def test_microsoft_edits_what_a_partner_may_not(api: Api) -> None:
    one = api.account.new_incoming_referral()
    api.account.edit_as_microsoft(one["id"], name="renamed", salesStage="100", customerProfile={"size": None})
    after = api.read(one["id"])
    assert (after["name"], after["salesStage"], after["customerProfile"]["size"]) == ("renamed", "100", None)
    assert after["customerProfile"]["name"] == one["customerProfile"]["name"]
    with pytest.raises(ValueError, match="unknown field 'closeDate'"):
        api.account.edit_as_microsoft(one["id"], closeDate="x")
    with pytest.raises(ValueError, match="'team' of a referral must stay a list"):
        api.account.edit_as_microsoft(one["id"], team=None)
    with pytest.raises(KeyError):
        api.account.edit_as_microsoft("none", name="x")


def test_the_same_seed_gives_the_same_ids_and_etags(start: Start) -> None:
    made = [start({"seed": seed}).create() for seed in (1, 1, 2)]
    assert made[0] == made[1]
    assert made[0]["id"] != made[2]["id"]


def test_every_switch_has_another_reading() -> None:
    usual, other = Switches(), Switches.other_readings()
    alike = {name for name in Switches.__slots__ if getattr(usual, name) == getattr(other, name)}
    assert alike == {"next_link_host"}
