"""A webhook event gives one referral to read, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.microsoft.domain.notification import MAX_BYTES, Notification, OddNotification, parse_notification
from tests.unit.microsoft.microsoft_support import REFERRAL

ADDRESS = f"https://api.partnercenter.microsoft.com/engagements/v1/referrals/{REFERRAL}"


def event(**members: Any) -> bytes:
    said = {
        "EventName": "referral-updated",
        "ResourceUri": ADDRESS,
        "ResourceName": "referral",
        "AuditUri": None,
        "ResourceChangeUtcDate": "2030-01-11T09:30:01.5485487+00:00",
    }
    return json.dumps({**said, **members}).encode()


@pytest.mark.parametrize("name", ["referral-created", "referral-updated"])
@pytest.mark.parametrize("address", [ADDRESS, ADDRESS + "/", ADDRESS.replace(REFERRAL, REFERRAL.upper())])
def test_an_event_of_a_referral_names_it(name: str, address: str) -> None:
    assert parse_notification(event(EventName=name, ResourceUri=address)) == Notification(name, REFERRAL)


def test_the_test_event_names_no_referral() -> None:
    assert parse_notification(event(EventName="test-created", ResourceName="test")) == Notification(
        "test-created", None
    )


@pytest.mark.parametrize(
    "address",
    [
        None,
        7,
        "",
        [ADDRESS],
        ADDRESS.replace("https", "http"),
        ADDRESS.replace("microsoft.com", "microsoft.com.evil.example"),
        ADDRESS.replace("api.", "evil.example/api."),
        ADDRESS.replace("api.partnercenter", "apixpartnercenter"),
        ADDRESS.replace("https://", "https://user@"),
        ADDRESS + "/../x",
        ADDRESS + "?x=1",
        ADDRESS + "#x",
        ADDRESS + "\n",
        ADDRESS[:-1],
        ADDRESS.replace("referrals", "customers"),
        ADDRESS.replace("1111-4111", "١١١١-4111"),
    ],
)
def test_an_address_that_is_not_a_referrals_is_refused(address: Any) -> None:
    with pytest.raises(OddNotification, match="ResourceUri"):
        parse_notification(event(ResourceUri=address))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"\xff\xfe",
        pytest.param(b"[" * 9000, id="nested"),
        event(EventName="subscription-updated"),
        event(EventName=None),
        event(EventName=["referral-created"]),
        event(ResourceName="customer"),
        pytest.param(event(Filler="x" * MAX_BYTES), id="long"),
    ],
)
def test_whatever_else_is_sent_is_refused_and_not_repeated(body: bytes) -> None:
    with pytest.raises(OddNotification) as odd:
        parse_notification(body)
    assert "subscription" not in str(odd.value)
    assert "customer" not in str(odd.value)
