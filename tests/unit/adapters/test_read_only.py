"""With ``COSELL_READ_ONLY`` no client writes: refused on the wire, whoever asks, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambdas.google import wiring as google_wiring
from lambdas.google.adapters import sign_in
from lambdas.microsoft import wiring as microsoft_wiring
from lambdas.shared import wiring
from lambdas.shared.adapters import http
from lambdas.shared.adapters.read_only import (
    VARIABLE,
    ReadOnlySession,
    WriteRefused,
    gated,
    gated_client,
    gated_session,
    read_only,
    read_only_client,
    refuse_operation,
)
from lambdas.shared.errors import CosellError

HOST = "https://api.example"
READS = [
    ("GET", "/crm/objects/2026-09/deals/5?properties=dealname"),
    ("POST", "/crm/objects/2026-09/deals/search"),
    ("POST", "/crm/objects/2026-09/contacts/batch/read"),
    ("POST", "/oauth/v2/private-apps/get/access-token-info"),
]
WRITES = [
    ("PATCH", "/crm/objects/2026-09/deals/5"),
    ("POST", "/crm/objects/2026-09/deals"),
    ("POST", "/crm/objects/2026-09/companies/batch/upsert"),
    ("POST", "/engagements/v1.0/referrals"),
    ("DELETE", "/crm/objects/2026-09/deals/5"),
    ("PUT", "/crm/associations/search/default"),
]


class Sent:
    """Whatever is sent through it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def __call__(self, method: str, url: str, headers: Any, body: Any) -> Any:
        self.sent.append((method, url))
        return 200, {}, b"{}"

    def request(self, method: str, url: str, **_more: Any) -> Any:
        self.sent.append((method, url))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The wiring makes its clients anew, for this test alone."""
    made = (wiring.client, wiring.hubspot, wiring.secrets, microsoft_wiring.referrals, google_wiring.channel)
    for each in made:
        each.cache_clear()
    yield
    for each in made:
        each.cache_clear()


@pytest.mark.parametrize(("method", "path"), READS)
def test_reads_are_sent(method: str, path: str) -> None:
    sent = Sent()
    read_only(sent)(method, HOST + path, {}, None)
    ReadOnlySession(sent).request(method, HOST + path)
    assert sent.sent == [(method, HOST + path)] * 2


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_writes_are_refused_before_they_are_sent(method: str, path: str) -> None:
    sent = Sent()
    with pytest.raises(WriteRefused, match=f"a {method} request"):
        read_only(sent)(method, HOST + path, {}, b"{}")
    with pytest.raises(WriteRefused):
        ReadOnlySession(sent).request(method, HOST + path)
    assert not sent.sent


@pytest.mark.parametrize(
    "name",
    ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem", "SendMessage", "CreateOpportunity",
     "UpdateOpportunity", "AssociateOpportunity", "StartEngagementFromOpportunityTask", "PutSecretValue", "PutEvents",
     "AcceptEngagementInvitation", "ReceiveMessage"],
)  # fmt: skip
def test_an_operation_that_is_no_read_by_its_name_is_refused(name: str) -> None:
    with pytest.raises(WriteRefused, match=name):
        refuse_operation(name)


def test_an_sdk_client_refuses_before_the_call() -> None:
    options: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = read_only_client(boto3.client("partnercentral-selling", **options))
    with pytest.raises(WriteRefused, match="AssociateOpportunity"):
        client.associate_opportunity(
            Catalog="Sandbox", OpportunityIdentifier="O1", RelatedEntityType="Solutions", RelatedEntityIdentifier="S-1"
        )


def test_it_is_off_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    sent = Sent()
    assert (gated(sent), gated_session(sent), gated_client(sent)) == (sent, sent, sent)
    monkeypatch.setenv(VARIABLE, "1")
    assert gated(sent) is not sent
    assert isinstance(gated_session(sent), ReadOnlySession)


def test_every_client_that_the_wiring_makes_refuses(monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    sent = Sent()
    for name, text in {
        VARIABLE: "1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "COSELL_HUBSPOT_TOKEN_SECRET": "token",
        "COSELL_HUBSPOT_API_URL": HOST,
        "COSELL_MICROSOFT_ACCESS_SECRET": "access",
    }.items():
        monkeypatch.setenv(name, text)
    google = {"partner_hub_id": "SANDBOX001", "create_partner": "entity", "filters": False}
    settings = {"hubspot": {"time_zone": "UTC"}, "partners": {"microsoft": {}, "google": google}}
    monkeypatch.setattr(wiring, "settings", lambda: settings)
    monkeypatch.setattr(http, "urllib3_transport", lambda: sent)
    monkeypatch.setattr("lambdas.shared.adapters.secrets.token_reader", lambda *_args: lambda _fresh: "t")
    monkeypatch.setattr("lambdas.microsoft.adapters.access_token.AccessToken", lambda *_args: lambda _fresh: "t")
    monkeypatch.setattr(sign_in, "google_session", lambda *_args: sent)
    with pytest.raises(WriteRefused):
        wiring.hubspot().update_deal("5", {"amount": "1"})
    with pytest.raises(WriteRefused):
        wiring.client("dynamodb").put_item(TableName="t", Item={})
    with pytest.raises(WriteRefused):
        microsoft_wiring.referrals().create_referral({"name": "x"})
    with pytest.raises(CosellError):
        google_wiring.channel().create_opportunity({"state": "DRAFT"})
    assert not sent.sent
